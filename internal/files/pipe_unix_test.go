//go:build unix

package files_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/whctl/whctl/internal/files"
)

// TestOpenUntil: a pipe that nobody writes to is waited for until the stop, and one that somebody writes to is read.
func TestOpenUntil(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	close(stop)
	if _, err := files.OpenUntil(stop, pipe); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody writes: %v", err)
	}
	wrote := make(chan error, 1)
	go func() { wrote <- os.WriteFile(pipe, []byte("text"), 0o600) }()
	f, err := files.OpenUntil(nil, pipe)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if text, err := io.ReadAll(f); string(text) != "text" || err != nil || <-wrote != nil {
		t.Errorf("%q, %v", text, err)
	}
}
