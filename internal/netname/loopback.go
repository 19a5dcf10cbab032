package netname

// Hosts and addresses of this machine.

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
)

// Loopback says whether a host, without port, means this machine as it is written: localhost, or a loopback address in
// its usual form. Other spellings of an address (2130706433, 0x7f.1, 127.1) and all other names, also those that end
// in .localhost, mean what a resolver makes of them. A name may resolve to anything, so what must stay on this machine is also
// checked with OnlyLoopback when it is dialled or bound.
func Loopback(host string) bool {
	if Localhost(host) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && LoopbackIP(ip)
}

// Localhost says whether a host, without port, is the name localhost.
func Localhost(host string) bool {
	return strings.ToLower(strings.TrimSuffix(host, ".")) == "localhost" // EqualFold would take localhoſt as well
}

// LoopbackIP says whether an address is loopback, also as IPv4 within IPv6.
func LoopbackIP(ip netip.Addr) bool { return ip.Unmap().IsLoopback() }

// LoopbackAddr says whether an address to listen on, HOST:PORT, is reached from this machine only. An empty host is every
// address of the machine.
func LoopbackAddr(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && Loopback(host)
}

// LoopbackHost says whether a Host header, with or without port, names this machine.
func LoopbackHost(host string) bool { return Loopback(hostOf(host)) }

// SameHost says whether two texts HOST:PORT mean one place as they are written. All names of this machine are one.
func SameHost(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	return errA == nil && errB == nil && portA == portB && (strings.EqualFold(hostA, hostB) || Loopback(hostA) && Loopback(hostB))
}

// hostOf is the host of a Host header, without port and brackets.
func hostOf(header string) string {
	if h, _, err := net.SplitHostPort(header); err == nil {
		return h
	}
	if strings.HasPrefix(header, "[") && strings.HasSuffix(header, "]") {
		return header[1 : len(header)-1]
	}
	return header
}

// ServedHost says whether a Host header, with or without port, can be of somebody who wants what is served at addr, HOST:PORT. A
// page whose name points here (DNS rebinding) cannot have it: at a loopback address it must be a loopback name, elsewhere an
// address in numbers, or the host of addr.
func ServedHost(host, addr string) bool {
	if LoopbackAddr(addr) {
		return LoopbackHost(host)
	}
	name := hostOf(host)
	if _, err := netip.ParseAddr(name); err == nil || Localhost(name) {
		return true
	}
	asked, _, err := net.SplitHostPort(addr)
	return err == nil && asked != "" && strings.EqualFold(name, asked)
}

// ElsewhereError says that an address to dial or bind is not loopback.
type ElsewhereError struct {
	Addr string // with or without port
}

// Error names the address.
func (e *ElsewhereError) Error() string { return fmt.Sprintf("%s is not a loopback address", e.Addr) }

// OnlyLoopback is a Control of net.Dialer and net.ListenConfig that lets loopback addresses pass. It sees the address
// after names were resolved.
func OnlyLoopback(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !LoopbackIP(ap.Addr()) {
		return &ElsewhereError{Addr: address}
	}
	return nil
}
