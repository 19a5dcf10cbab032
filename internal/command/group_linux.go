package command

// Process groups: what only Linux has.

import "syscall"

// ownGroup starts a process in a group of its own, which is killed if whctl is.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// adopt makes whctl the parent of processes whose own parent ends, so that bury can wait for them. In a container there may be nobody else
// who does, and then they would look as if they ran.
func adopt() {
	const setChildSubreaper = 36 // PR_SET_CHILD_SUBREAPER, prctl(2)
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0)
}

// bury waits for those of the group that have ended.
func (g group) bury() {
	for {
		if pid, err := syscall.Wait4(-int(g), nil, syscall.WNOHANG, nil); err != nil || pid <= 0 {
			return
		}
	}
}
