// Recording draws docs/recording.svg: whctl listen, why and check, as they look in a terminal. It runs the real program beside a
// handler that makes the classic mistake, and draws what arrived on a pseudo-terminal. Nothing leaves the machine.
//
//	go run ./tests/recording -whctl PATH -o FILE
package main

import (
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
)

const (
	columns  = 104
	rows     = 27
	patience = time.Minute
	key      = "a-key-of-the-recording"

	shownHome = "/home/you"
)

// scene is one command and how long it is shown.
type scene struct {
	command string         // as it is typed
	until   string         // ^C once this was printed; "" for a command that ends by itself
	times   int            // how often it has to be printed
	seconds float64        // on the screen
	last    bool           // shows the last rows of a long output, and not the first
	before  func(*handler) // changes the handler
}

func scenes() []scene {
	return []scene{
		{command: "whctl listen --sandbox --trigger all --body none --forward localhost:3000/hooks --secret-file key.txt", until: "→", times: 3, seconds: 7},
		{command: "whctl why --profile sandbox --secret-file key.txt", seconds: 8},
		{command: "whctl check localhost:3000/hooks --secret-file key.txt --only body-spaces,body-key-order,time-old", seconds: 7},
		{command: "whctl check localhost:3000/hooks --secret-file key.txt", seconds: 6, last: true, before: func(h *handler) { h.mended.Store(true) }},
	}
}

func main() {
	whctl := flag.String("whctl", "", "the program")
	out := flag.String("o", "", "the file to write")
	flag.Parse()
	if err := record(context.Background(), *whctl, *out); err != nil {
		fmt.Fprintln(os.Stderr, "recording:", err)
		os.Exit(1)
	}
}

func record(ctx context.Context, whctl, out string) error {
	if whctl == "" || out == "" {
		return errors.New("give -whctl and -o")
	}
	whctl, err := filepath.Abs(whctl)
	if err != nil {
		return err
	}
	home, err := folder()
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(home) }()
	if err := os.WriteFile(filepath.Join(home, "key.txt"), []byte(key), 0o600); err != nil {
		return err
	}
	h, err := serve(ctx, key)
	if err != nil {
		return err
	}
	defer h.close()
	// Addresses of this run, and what stands in their place: as many characters.
	names := strings.NewReplacer(h.addr(), "localhost:3000", home, shownHome)
	var shown []screen
	for _, s := range scenes() {
		if s.before != nil {
			s.before(h)
		}
		text, err := run(ctx, whctl, home, strings.ReplaceAll(s.command, "localhost:3000", h.addr()), s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.command, err)
		}
		shown = append(shown, screen{command: s.command, lines: crop(lines(names.Replace(text)), s.last), seconds: s.seconds})
	}
	picture := draw(shown)
	if err := xml.Unmarshal([]byte(picture), new(struct{})); err != nil {
		return fmt.Errorf("what was drawn is no XML: %w", err)
	}
	return os.WriteFile(out, []byte(picture), 0o644) //nolint:gosec // a page of the documentation
}

// folder makes a folder whose name is as long as the one that is shown in its place, so that boxes stay whole.
func folder() (string, error) {
	for n := range 1000 {
		name := fmt.Sprintf("/tmp/%04d", n)
		switch err := os.Mkdir(name, 0o700); {
		case err == nil:
			return name, nil
		case !errors.Is(err, os.ErrExist):
			return "", err
		}
	}
	return "", errors.New("/tmp is full of folders")
}

// crop leaves as many rows as the screen has below the command.
func crop(all []line, last bool) []line {
	room := rows - 2
	switch {
	case len(all) <= room:
		return all
	case last:
		return all[len(all)-room:]
	default:
		return append(all[:room-1:room-1], line{{text: "…", style: "d"}})
	}
}

// run runs a command on a pseudo-terminal and gives what arrived there.
func run(ctx context.Context, whctl, home, command string, s scene) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, whctl, strings.Fields(command)[1:]...)
	cmd.Dir = home
	cmd.Env = []string{"HOME=" + home, "TERM=xterm", "WHCTL_KEYRING=file", "LANG=C.UTF-8", "PATH=" + os.Getenv("PATH")}
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: rows, Cols: columns})
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	var all strings.Builder
	b := make([]byte, 64<<10)
	for stopped := false; ; {
		n, err := f.Read(b)
		all.Write(b[:n])
		if s.until != "" && !stopped && strings.Count(all.String(), s.until) >= s.times && strings.HasSuffix(all.String(), "\n") {
			stopped = true
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				return "", err
			}
		}
		if err != nil { // EIO once the last process has let go of the other side
			break
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	// why and check end with 3 where they found something.
	if errors.As(err, &exit) && exit.ExitCode() == 3 {
		err = nil
	}
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, &all)
	}
	return all.String(), nil
}
