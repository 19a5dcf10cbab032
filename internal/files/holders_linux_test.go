package files

import "testing"

func TestHolderOfALock(t *testing.T) {
	t.Parallel()
	const dev, inode = 0x801, 5678
	for line, want := range map[string]int{
		"1: POSIX  ADVISORY  WRITE 1234 08:01:5678 0 EOF":   1234,
		"2: FLOCK  ADVISORY  WRITE 1235 08:01:5678 0 EOF":   1235,
		"3: POSIX  ADVISORY  READ  1234 08:01:56789 0 EOF":  0,
		"4: POSIX  ADVISORY  READ  1234 00:2f:5678 0 EOF":   0, // another device, and nothing open
		"4: POSIX  ADVISORY  READ  77 00:2f:5678 0 EOF":     77,
		"5: OFDLCK ADVISORY  WRITE -1 08:01:5678 0 EOF":     0,
		"5: -> FLOCK ADVISORY  WRITE 1236 08:01:5678 0 EOF": 0,
		"6: LEASE  ACTIVE    READ  12 08:01 0 EOF":          0,
		"6: POSIX  ADVISORY  READ  x 08:01:5678 0 EOF":      0,
		"": 0, "nonsense": 0,
	} {
		pid, ok := holder(line, dev, inode, func(pid int) bool { return pid == 77 })
		if !ok {
			pid = 0
		}
		if pid != want {
			t.Errorf("%q is of %d, want %d", line, pid, want)
		}
	}
}

func TestLocksOnSomeBytes(t *testing.T) {
	t.Parallel()
	const head = "1: POSIX  ADVISORY  READ 1234 08:01:5678 "
	for line, want := range map[string]bool{
		head + "123 123": true, head + "127 128": true, head + "120 EOF": true, head + "0 EOF": true, head + "128 128": false, head + "0 122": false,
		head + "x 125": false, head: false, "": false,
	} {
		if within(line, 123, 127) != want {
			t.Errorf("%q", line)
		}
	}
}
