package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDiagnoseLost has whctl verify look at bodies that Node.js or Python parsed and wrote anew after they were signed, so that
// nothing matches: what may have happened is said, and not as if it were certain.
func TestDiagnoseLost(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join("..", "..", "internal", "sign", "testdata", "lost.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); tried++ {
		var c struct {
			ID, Scheme, Key, Finding, Next string
			Now                            int64
			Headers                        map[string]string
			Body                           []byte `json:"body_base64"`
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		w := newWorld(t)
		args := []string{"verify", w.write("body", string(c.Body)), "--scheme", c.Scheme, "--secret-file", w.write("secret", c.Key), "--at", fmt.Sprint(c.Now)}
		for k, v := range c.Headers {
			args = append(args, "-H", k+": "+v)
		}
		if r := w.must(3, args...); !strings.Contains(r.out, "next: ") || !strings.Contains(r.out, c.Next) {
			t.Errorf("%s: %s", c.ID, r.out)
		}
		found := ""
		for _, f := range findingsOf(t, jsonOf[object](t, w.must(3, append(args, "-o", "json")...))) {
			if found += f.ID; f.Certain {
				t.Errorf("%s: %s is certain", c.ID, f.ID)
			}
		}
		if found != c.Finding {
			t.Errorf("%s: found %q, want %q", c.ID, found, c.Finding)
		}
	}
	if tried < 12 {
		t.Fatalf("only %d bodies", tried)
	}
}
