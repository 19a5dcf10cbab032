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

func (g group) ask()        { _ = g.Kill() }
func (g group) kill()       { _ = g.Kill() }
func (g group) empty() bool { return true }
