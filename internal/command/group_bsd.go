//go:build unix && !linux

package command

// Process groups: what takes their place where there is no Linux.

import "syscall"

// ownGroup starts a process in a group of its own.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// adopt does nothing: there, the first process of the system waits for those whose parent has ended.
func adopt() {}

func (g group) bury() {}
