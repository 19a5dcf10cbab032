package command

// What takes the place of process groups on Windows: the process alone.

import (
	"os"
	"syscall"
)

// group is the first process. Windows cannot ask a process to end.
type group struct{ *os.Process }

func groupOf(p *os.Process) group { return group{p} }

// ownGroup keeps ^C from the process, which whctl ends.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// killGroup kills a process. Its number may have been given anew, if it has ended.
func killGroup(id int) {
	if p, err := os.FindProcess(id); err == nil {
		_ = p.Kill()
	}
}

func minderGroup() *syscall.SysProcAttr { return ownGroup() }

func (g group) ask()        { _ = g.Kill() }
func (g group) kill()       { _ = g.Kill() }
func (g group) empty() bool { return true }
