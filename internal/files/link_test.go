//go:build unix

package files_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/files"
)

// TestAdviceIsAboutTheLinkNotItsTarget: nobody is told to move a device or another's file away because a link leads there.
func TestAdviceIsAboutTheLinkNotItsTarget(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i, target := range []string{"/dev/null", "/dev/zero", t.TempDir()} {
		link := filepath.Join(dir, string(rune('a'+i)))
		second := link + "2"
		if err := errors.Join(os.Symlink(target, link), os.Symlink(link, second)); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{link, second} {
			_, err := files.Me().Plain(path)
			_, opened := files.Me().Open(path)
			for _, err := range []error{err, opened} {
				refused, ok := errors.AsType[*files.NotUsedError](err)
				if !ok || !slices.Equal(refused.Command, []string{"rm", path}) || !strings.Contains(refused.Error(), "a link to "+target) {
					t.Errorf("%s: %v, %+v", path, err, refused)
				}
			}
		}
	}
}
