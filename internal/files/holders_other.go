//go:build !linux

package files

// Holders does not know: this system does not say who holds a lock.
func Holders(string) []Process { return nil }

// HoldersOf does not know either.
func HoldersOf(string, int64, int64) []Process { return nil }
