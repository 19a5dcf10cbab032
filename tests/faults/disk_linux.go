package main

// A disk for the journal that can be filled.

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// diskSize is the room for the journal, in bytes.
const diskSize = 24 << 20

// disk is what the journal is on.
type disk struct {
	dir     string
	mounted bool // else the size of files is limited
}

// disk gives the journal a small disk of its own where that is allowed.
func (w *world) disk() (*disk, error) {
	d := &disk{dir: w.data}
	if err := os.MkdirAll(w.data, 0o700); err != nil {
		return nil, err
	}
	err := syscall.Mount("tmpfs", w.data, "tmpfs", 0, fmt.Sprintf("size=%d,mode=0700", diskSize))
	if d.mounted = err == nil; d.mounted {
		w.say("the journal is on a disk of %d MiB", diskSize>>20)
	} else {
		w.say("no disk can be mounted here (%s): the size of the listener's files is limited instead", err)
	}
	return d, nil
}

func (d *disk) filler() string { return filepath.Join(d.dir, "filler") }

// fill leaves no room.
func (d *disk) fill(pid int) error {
	if !d.mounted {
		return limitFiles(pid, 4096)
	}
	f, err := os.Create(d.filler())
	if err != nil {
		return err
	}
	block := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(block)
	}
	if errors.Is(err, syscall.ENOSPC) {
		err = nil
	}
	return errors.Join(err, f.Close())
}

// clear gives the room back.
func (d *disk) clear(pid int) error {
	if !d.mounted {
		return limitFiles(pid, math.MaxUint64)
	}
	return os.Remove(d.filler())
}

// limitFiles sets how large a file of a process may become, in bytes. It needs no privilege.
func limitFiles(pid int, size uint64) error {
	return unix.Prlimit(pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: math.MaxUint64}, nil)
}

func (d *disk) close() {
	if d.mounted {
		_ = syscall.Unmount(d.dir, syscall.MNT_DETACH)
	}
}
