package cmdkit

// What is said once, and not each time that a command runs.

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/secret"
)

const (
	toldFile = "told"
	maxTold  = 500 // texts; beyond that the file starts empty
)

// SayOnce tells a person something, unless this user has been told before. A data folder that cannot be written to is no reason to be
// silent.
func (e *Env) SayOnce(text string) {
	if e.Quiet() || e.told(text) {
		return
	}
	e.Say("%s", text)
}

// warnOfKeys prints the warnings of reading keys. One about how a file is kept comes once a day, and not with --quiet.
func (e *Env) warnOfKeys(warnings []secret.Warning) {
	for _, w := range warnings {
		if w.File == "" || !e.Quiet() && !e.told(strings.Join([]string{e.Now().Format(time.DateOnly), filepath.Join(e.Dir, w.File), w.Text}, "\x00")) {
			e.Warn("%s", w.Text)
		}
	}
}

// told reports whether a text was said already, and from now on it was.
func (e *Env) told(text string) bool {
	s, err := e.Settings()
	if err != nil || s.DataDir == "" {
		return false
	}
	sum := sha256.Sum256([]byte(text))
	mark := hex.EncodeToString(sum[:8])
	path := filepath.Join(s.DataDir, toldFile)
	var told []string
	if f, err := files.Me().Open(path); err == nil {
		b, _ := io.ReadAll(io.LimitReader(f, maxTold*int64(len(mark)+1)))
		_ = f.Close()
		told = strings.Fields(string(b))
	}
	if slices.Contains(told, mark) {
		return true
	}
	if len(told) >= maxTold {
		told = nil
	}
	if os.MkdirAll(s.DataDir, 0o700) == nil {
		_ = files.Me().Replace(path, []byte(strings.Join(append(told, mark), "\n")+"\n"))
	}
	return false
}
