package journal

import (
	"strings"
	"testing"
)

// No test machine has these mounted; the numbers are those of statfs(2).
func TestNetworkFileSystemsAreKnown(t *testing.T) {
	t.Parallel()
	for magic, want := range map[uint32]string{
		0x6969: "nfs", 0x517b: "smb", 0xff534d42: "smb", 0xfe534d42: "smb", 0x01021997: "9p", 0xef53: "", 0x9123683e: "", 0x01021994: "",
	} {
		if got := kindOf(magic); got != want {
			t.Errorf("%#x is %q, want %q", magic, got, want)
		}
	}
	w := networkWarning("/n/journal.db", "nfs")
	if !strings.Contains(w, "/n/journal.db") || !strings.Contains(w, "nfs") || !strings.Contains(w, "WHCTL_DATA_DIR") {
		t.Error(w)
	}
}
