package command

// A process that ends a program's group if whctl is killed and cannot.

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"strconv"
)

// Mind is what that process does. It reads the group's id from the first line of r. If r ends after it, whoever wrote is gone, and the
// group is killed. If another line comes, all is well. The error is for a first line that is no id.
func Mind(r io.Reader) error {
	lines := bufio.NewScanner(r)
	if !lines.Scan() {
		return nil // nothing was started
	}
	id, err := strconv.Atoi(lines.Text())
	if err != nil || id <= 1 {
		return fmt.Errorf("no process group: %q", lines.Text())
	}
	if !lines.Scan() {
		killGroup(id)
	}
	return nil
}

// minder is such a process, seen from whctl. Without one, it does nothing.
type minder struct {
	process *exec.Cmd
	to      io.WriteCloser
}

// newMinder starts one, whose words are given. Where that fails there is none: it is for an end that is none of whctl's.
func newMinder(words []string) minder {
	if len(words) == 0 {
		return minder{}
	}
	c := exec.Command(words[0], words[1:]...) //nolint:gosec,noctx // whctl itself; over ends it
	c.Env, c.SysProcAttr = []string{}, minderGroup()
	to, err := c.StdinPipe()
	if err != nil || c.Start() != nil {
		return minder{}
	}
	return minder{c, to}
}

// mind says which group to mind.
func (m minder) mind(id int) {
	if m.to != nil {
		_, _ = fmt.Fprintln(m.to, id)
	}
}

// over ends the process: there is nothing more to mind.
func (m minder) over() {
	if m.to != nil {
		_, _ = fmt.Fprintln(m.to, "over")
		_ = m.to.Close()
		_ = m.process.Wait()
	}
}
