package main

// A program that runs for a while, and what the system says it has used.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	startTime = 10 * time.Second // for a program to open its port
	endTime   = 10 * time.Second // for a program to end when it is asked to
	lookEvery = 200 * time.Microsecond
	tick      = 10 * time.Millisecond // in which Linux counts the time of processes
)

// process is a program under way.
type process struct {
	cmd  *exec.Cmd
	log  string
	over chan struct{}
	err  error
}

// start runs a program with its output in files of dir. env is added to that of this process.
func start(ctx context.Context, dir, name string, env []string, path string, args ...string) (*process, error) {
	out, err := os.Create(filepath.Join(dir, name+".out"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }()
	return startInto(ctx, dir, name, out, env, path, args...)
}

// startInto gives a program another standard output.
func startInto(ctx context.Context, dir, name string, out *os.File, env []string, path string, args ...string) (*process, error) {
	p := &process{log: filepath.Join(dir, name+".err"), over: make(chan struct{})}
	errs, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = errs.Close() }()
	p.cmd = exec.CommandContext(ctx, path, args...)
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = out, errs
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = endTime
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.err = p.cmd.Wait(); close(p.over) }()
	return p, nil
}

// stop asks the program to end, and sees that it does.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.over:
	case <-time.After(endTime):
		_ = p.cmd.Process.Kill()
		<-p.over
	}
}

// opened waits until the program's port takes a connection.
func (p *process) opened(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err == nil {
			return c.Close()
		}
		select {
		case <-tick.C:
		case <-p.over:
			said, _ := os.ReadFile(p.log)
			return fmt.Errorf("%s ended before its port was open: %w: %s", filepath.Base(p.cmd.Path), errors.Join(p.err), bytes.TrimSpace(said))
		case <-ctx.Done():
			return fmt.Errorf("%s does not open %s", filepath.Base(p.cmd.Path), addr)
		}
	}
}

// family are the ids of the process and of its children.
func (p *process) family() []int { return familyOf(p.cmd.Process.Pid) }

func familyOf(pid int) []int {
	all := []int{pid}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, t := range tasks {
		text, _ := os.ReadFile(t)
		for field := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				all = append(all, familyOf(child)...)
			}
		}
	}
	return all
}

// used is the processor time that the family has taken.
func (p *process) used() time.Duration {
	sum := 0
	for _, pid := range p.family() {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		for i := 11; i <= 14 && i < len(fields); i++ { // utime, stime, cutime, cstime: proc(5)
			n, _ := strconv.Atoi(fields[i])
			sum += n
		}
	}
	return time.Duration(sum) * tick
}

// peak is the most memory that the family had resident, in MiB.
func (p *process) peak() float64 {
	sum := 0
	for _, pid := range p.family() {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		for line := range strings.Lines(string(text)) {
			if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
				n, _ := strconv.Atoi(strings.Fields(rest)[0])
				sum += n
			}
		}
	}
	return float64(sum) / 1024
}

// freeAddr is an address on loopback that nothing listens on.
func freeAddr(ctx context.Context) (string, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}
