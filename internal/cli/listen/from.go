package listen

// --from: the sources of a run, and what does not go with them.

import (
	"context"
	"net"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/broker"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/queue"
	"github.com/whctl/whctl/internal/target"
)

// readSources reads what --from names. Its errors are usage faults.
func (o *options) readSources() error {
	for _, text := range o.set.From {
		source, err := target.ParseSource(text)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(o.sources, func(other target.Source) bool { return other.URL == source.URL && other.Group == source.Group }) {
			return fault.Hint(fault.New(fault.Usage, "--from names %s twice", source.Name), "leave one of them out")
		}
		o.sources = append(o.sources, source)
	}
	if len(o.sources) == 0 {
		return nil
	}
	var err error
	if o.sandbox {
		err = fault.Hint(fault.New(fault.Usage, "--sandbox delivers to a socket, and with --from there is none"), "leave one of them out")
	} else if o.respondText != "" || o.respond.Delay > 0 {
		err = fault.Hint(fault.New(fault.Usage, "--respond and --delay are answers to requests, and messages get none"), "leave them out, or leave --from out")
	}
	if key := o.settled.FromFile("listen.from"); err != nil && key != "" {
		return takeOut(err, key)
	}
	return err
}

// checkLoop refuses a target that a source takes from: each delivery would go round for ever.
func (o *options) checkLoop(to *directions) error {
	for _, source := range o.sources {
		for _, t := range to.used() {
			if source.Feeds(t.Target) {
				return fault.Hint(fault.New(fault.Usage, "cannot forward to %s: --from takes deliveries from there", t.Name), "name another subject, which no stream of --from has")
			}
		}
	}
	return nil
}

// door is the socket of a run. With --from there is none unless somebody set its address.
type door struct {
	ln    net.Listener
	asked string // the address that it was asked for
}

// openDoor binds the address to listen on, where there is to be a socket. No target may be that socket.
func (o *options) openDoor(ctx context.Context, to *directions) (door, error) {
	settings, err := o.env.Settings()
	if err != nil {
		return door{}, err
	}
	if len(o.sources) > 0 && !settings.Chosen("listen.addr") {
		return door{}, nil
	}
	ln, err := o.open(ctx)
	if err != nil {
		return door{}, err
	}
	d := door{ln, o.set.Addr}
	if err := listen.CheckCircle(ctx, ln.Addr(), d.addr(), to.targets(), listen.SystemNetwork()); err != nil {
		d.close()
		return door{}, err
	}
	return d, nil
}

func (d door) isOpen() bool { return d.ln != nil }

func (d door) close() {
	if d.isOpen() {
		_ = d.ln.Close()
	}
}

// addr is the address of the socket; "" without one.
func (d door) addr() string {
	if !d.isOpen() {
		return ""
	}
	return netname.BoundAddr(d.asked, d.ln.Addr().String())
}

// place is where deliveries come from: the address of the socket, else the first source.
func (s *session) place() string {
	if s.door.isOpen() {
		return s.door.addr()
	}
	return s.sources[0].URL
}

// makeSources makes the sources of the run.
func (s *session) makeSources(timeout time.Duration) {
	for _, source := range s.sources {
		source.Access = s.accessTo(source.Target)
		s.from = append(s.from, broker.NewSource(broker.SourceOptions{
			Source: source, Width: int(s.set.LaneWidth), Timeout: timeout, Now: s.env.Now, After: time.After, Rand: queue.Jitter,
		}))
	}
}

// ways are the ways on which deliveries come.
func (s *session) ways(l *listen.Listener) (all []listen.Way) {
	if s.door.isOpen() {
		all = append(all, l.Socket(s.door.ln))
	}
	for _, source := range s.from {
		all = append(all, l.Source(source))
	}
	return all
}

// lag is how many messages of all sources nobody has been given yet; negative where that is not known.
func (s *session) lag() (sum int64) {
	for _, source := range s.from {
		n := source.Lag()
		if n < 0 {
			return n
		}
		sum += n
	}
	return sum
}
