//go:build unix

package secret_test

import "syscall"

// forbidWriting makes every write to a file of this process fail, as a full disk does.
func forbidWriting() {
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 0, Max: 0}); err != nil {
		panic(err)
	}
}
