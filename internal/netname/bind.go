package netname

// Addresses to listen on, as people type them.

import (
	"net"
	"net/netip"
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

// BoundAddr is the address of a socket as people asked for it, with the port that it has: a system says [::] where it was asked for 0.0.0.0.
func BoundAddr(asked, bound string) string {
	host, _, _ := net.SplitHostPort(asked)
	_, port, err := net.SplitHostPort(bound)
	if err != nil || !everyAddress(host) {
		return bound
	}
	return net.JoinHostPort(host, port)
}

// ReachedAt is an address at which this machine reaches a socket. One that is bound to every address says none of them.
func ReachedAt(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || !everyAddress(host) {
		return addr
	}
	return net.JoinHostPort("localhost", port)
}

// everyAddress says whether a host stands for every address of the machine.
func everyAddress(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsUnspecified()
}
