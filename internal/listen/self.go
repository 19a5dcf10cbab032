package listen

// Targets that are the listener itself.

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/target"
)

// lookupTime bounds how long a start waits for the addresses of a target's name.
const lookupTime = 2 * time.Second

// Network answers questions about names and addresses.
type Network struct {
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	Local  func() ([]netip.Addr, error) // the addresses of this machine's interfaces
}

// SystemNetwork answers as the system does.
func SystemNetwork() Network {
	return Network{
		Lookup: func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		},
		Local: func() ([]netip.Addr, error) {
			all, err := net.InterfaceAddrs()
			var out []netip.Addr
			for _, a := range all {
				if p, perr := netip.ParsePrefix(a.String()); perr == nil {
					out = append(out, p.Addr())
				}
			}
			return out, err
		},
	}
}

// CheckCircle gives an error when a target is the listener itself, which is bound to bound; people know that address as shown. It compares the
// addresses that would be dialled, not their spelling. A name that does not resolve passes.
func CheckCircle(ctx context.Context, bound net.Addr, shown string, targets []target.Target, n Network) error {
	at, err := netip.ParseAddrPort(bound.String())
	if err != nil {
		return nil // not a TCP address, so no target can be it
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	for _, t := range targets {
		for _, addr := range n.dialled(ctx, t, at.Port()) {
			if n.reaches(addr, at.Addr()) {
				return fault.Hint(fault.New(fault.Usage, "cannot forward to %s: that is this listener itself, at %s", t.Name, shown),
					"name the port of your own program, such as --forward localhost:3000, or move the listener with --addr 127.0.0.1:0")
			}
		}
	}
	return nil
}

// dialled are the addresses of a target's hosts that have a port.
func (n Network) dialled(ctx context.Context, t target.Target, port uint16) (all []netip.Addr) {
	for _, hostPort := range t.Hosts() {
		host, text, _ := net.SplitHostPort(hostPort)
		if number, err := strconv.ParseUint(text, 10, 16); err == nil && uint16(number) == port {
			all = append(all, n.resolve(ctx, host)...)
		}
	}
	return all
}

func (n Network) resolve(ctx context.Context, host string) []netip.Addr {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}
	}
	found, _ := n.Lookup(ctx, host)
	return found
}

// reaches says whether dialling addr reaches a socket that is bound to at.
func (n Network) reaches(addr, at netip.Addr) bool {
	addr, at = addr.Unmap().WithZone(""), at.Unmap().WithZone("")
	switch {
	case addr.IsUnspecified(): // the kernel takes this for the machine itself
		return at.IsUnspecified() || netname.LoopbackIP(at)
	case !at.IsUnspecified():
		return addr == at
	case netname.LoopbackIP(addr):
		return true
	}
	local, _ := n.Local()
	return slices.ContainsFunc(local, func(a netip.Addr) bool { return a.Unmap().WithZone("") == addr })
}
