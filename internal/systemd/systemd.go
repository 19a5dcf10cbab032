// Package systemd speaks to a service manager as sd_notify(3) has it: one datagram of NAME=VALUE lines at a time.
package systemd

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"
)

// What is told.
const (
	Ready    = "READY=1"
	Stopping = "STOPPING=1"
	Watchdog = "WATCHDOG=1"
)

// Status is a line for people. Line breaks in it become blanks: none of them begins a line of its own.
func Status(text string) string {
	return "STATUS=" + strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, text)
}

// Manager is the service manager that started this process, if one did.
type Manager struct {
	socket   string // "" when none did
	watchdog time.Duration
}

// New reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. A watchdog of another process than pid is none.
func New(getenv func(string) string, pid int) Manager {
	m := Manager{socket: getenv("NOTIFY_SOCKET")}
	usec, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64)
	if wanted := getenv("WATCHDOG_PID"); err == nil && usec > 0 && usec < int64(time.Duration(1<<63-1)/time.Microsecond) && (wanted == "" || wanted == strconv.Itoa(pid)) {
		m.watchdog = time.Duration(usec) * time.Microsecond
	}
	return m
}

// Listens says whether there is a manager to tell.
func (m Manager) Listens() bool { return m.socket != "" }

// Patience is how long the manager waits for the next Watchdog before it ends this process, 0 for ever.
func (m Manager) Patience() time.Duration {
	if m.socket == "" {
		return 0
	}
	return m.watchdog
}

// Tell sends lines. It does not wait for a manager that does not read. Without a manager it does nothing.
func (m Manager) Tell(ctx context.Context, lines ...string) error {
	if m.socket == "" {
		return nil
	}
	// A name that begins with @ is an abstract one (unix(7)), to package net too.
	conn, err := new(net.Dialer).DialContext(ctx, "unixgram", m.socket)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	_, err = conn.Write([]byte(strings.Join(lines, "\n") + "\n"))
	return err
}
