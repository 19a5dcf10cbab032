// The promises of SECURITY.md name tests that exist.
package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestSecurityPageNamesItsTests(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	there := testNames(t, "../..")
	named := 0
	for line := range strings.Lines(string(page)) {
		names := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`").FindAllStringSubmatch(line, -1)
		for _, m := range names {
			named++
			if !there[m[1]] {
				t.Errorf("no test %s: %s", m[1], line)
			}
		}
		if strings.HasPrefix(line, "- ") && len(names) == 0 && strings.Contains(line, "(`") {
			t.Errorf("a promise without a test: %s", line)
		}
	}
	if named < 50 {
		t.Errorf("%d tests are named", named)
	}
}

// testNames are the tests and fuzz targets under a folder.
func testNames(t *testing.T, root string) map[string]bool {
	t.Helper()
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9]+)\(`)
	names := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range function.FindAllSubmatch(text, -1) {
			names[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
