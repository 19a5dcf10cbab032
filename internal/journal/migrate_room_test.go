//go:build unix

package journal

// A migration in a process of its own, without the room that it needs. A limit on the size of files (getrlimit(2)) stands in for a
// full disk.

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/fault"
)

// A migration that has no room ends with 7 and leaves the file as it was, byte for byte. With enough room it comes to its end.
func TestMigrationWithoutRoom(t *testing.T) {
	t.Parallel()
	for format := 1; format < schemaVersion; format++ {
		path := bigOldFile(t, format)
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		before, failed := read(t, path), 0
		for blocks := 16; ; blocks *= 2 {
			name := fmt.Sprintf("format %d, room for %d blocks", format, blocks)
			cmd := migrator(t, path, "")
			limit := fmt.Sprintf(`ulimit -f %d && exec "$0" "$@"`, blocks)
			cmd.Path, cmd.Args = "/bin/sh", append([]string{"sh", "-c", limit, cmd.Path}, cmd.Args[1:]...)
			said, _ := cmd.Output()
			if code := cmd.ProcessState.ExitCode(); code == 0 {
				break
			} else if code != fault.Storage.ExitCode() || !strings.Contains(string(said), path) || blocks > 1<<20 {
				t.Fatalf("%s: exit code %d, %s", name, code, said)
			}
			failed++
			checkHolds(t, name, path, before, format)
			if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, file) {
				t.Errorf("%s: the file was changed, %v", name, err)
			}
		}
		checkHolds(t, fmt.Sprintf("format %d, migrated", format), path, before, schemaVersion)
		if failed < 2 {
			t.Errorf("format %d: the room was missing %d times", format, failed)
		}
	}
}
