//go:build !unix

package secret_test

// forbidWriting cannot be done here; the test that needs it then fails and says so.
func forbidWriting() {}
