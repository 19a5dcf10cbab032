package masking_test

import (
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/masking"
)

// TestTextCost gives texts that a screen could take long over. Each is 64 KiB, as much as is ever screened at once.
func TestTextCost(t *testing.T) {
	t.Parallel()
	const size, most = 64 << 10, 3 * time.Second
	for _, unit := range []string{":", "/", "=", "-", "_", ".", "a", "a:", "sk-", "whk_", "eyJ.", "://", "@", "u:p@", "-----BEGIN ", "a=b&", `"a":"`, "A1b", "key=", "sha256:", " ", "Bearer ", "é", "\x00"} {
		started := time.Now()
		masking.Text(strings.Repeat(unit, size/len(unit)), "secret-one", "secret-two")
		if took := time.Since(started); took > most {
			t.Errorf("%q again and again takes %s", unit, took)
		}
	}
}
