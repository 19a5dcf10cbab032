package cmdkit

// Sending to another machine.

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/whctl/whctl/internal/netname"
)

// Here says whether a URL is on this machine as it is written.
func Here(address string) bool {
	u, err := url.Parse(address)
	return err == nil && netname.Loopback(u.Hostname())
}

// OnlyHere is the check of addresses that are dialled for a URL that is Here: a name may resolve to anything.
func OnlyHere(ip netip.Addr) error {
	if netname.LoopbackIP(ip) {
		return nil
	}
	return &netname.ElsewhereError{Addr: ip.String()}
}

// ConfirmElsewhere asks before something is sent to URLs of which some are not Here. yes skips the question. what is a few words,
// such as "3 deliveries".
func (e *Env) ConfirmElsewhere(yes bool, what string, urls ...string) error {
	var far []string
	for _, u := range urls {
		if !Here(u) {
			far = append(far, netname.ShortTarget(u))
		}
	}
	if len(far) == 0 {
		return nil
	}
	return e.Confirm(yes, "Send "+what+" to "+strings.Join(far, ", ")+"? That is not this machine.")
}
