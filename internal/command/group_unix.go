//go:build unix

package command

// Process groups.

import (
	"errors"
	"os"
	"syscall"
)

// group is a process group, by the id of its first process.
type group int

func groupOf(p *os.Process) group {
	adopt()
	return group(p.Pid)
}

// ask tells each of the group to end. One that was stopped goes on, so that it can.
func (g group) ask() {
	_ = syscall.Kill(-int(g), syscall.SIGTERM)
	_ = syscall.Kill(-int(g), syscall.SIGCONT)
}

func (g group) kill() { killGroup(int(g)) }

func killGroup(id int) { _ = syscall.Kill(-id, syscall.SIGKILL) }

// minderGroup keeps ^C from a process.
func minderGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// empty says whether none of the group is left. The first process has been waited for.
func (g group) empty() bool {
	g.bury()
	return errors.Is(syscall.Kill(-int(g), 0), syscall.ESRCH)
}
