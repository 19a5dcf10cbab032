//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package term

// stopEcho does nothing here: reading without echo begins with ReadPassword.
func stopEcho(int) error { return nil }
