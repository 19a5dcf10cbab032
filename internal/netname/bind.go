package netname

// Addresses to listen on, as people type them.

import (
	"net"
	"strconv"
)

// ListenAddr makes HOST:PORT of an address to listen on. A bare port is on 127.0.0.1. The error is that of net.SplitHostPort.
func ListenAddr(text string) (string, error) {
	if _, err := strconv.Atoi(text); err == nil {
		text = net.JoinHostPort("127.0.0.1", text)
	}
	_, _, err := net.SplitHostPort(text)
	return text, err
}
