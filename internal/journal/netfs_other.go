//go:build !linux && !darwin && !windows

package journal

// Systems that do not tell of network file systems.

// fileSystem names the kind of file system that holds path when it is one over a network, or "".
func fileSystem(string) string { return "" }
