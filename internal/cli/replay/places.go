package replay

// Where deliveries are sent to.

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// place is where some of the deliveries go.
type place struct {
	target.Target
	label  string // in records
	known  bool   // its address is known here
	before bool   // they went there before
}

// shown is the URL of a request as people see it. The query of the target itself may hold a secret.
func (p *place) shown(path string) string {
	if !p.known {
		return netname.ShortTarget(p.label)
	}
	plain := p.Target
	plain.Query = ""
	return plain.Address(masking.RequestTarget(path))
}

// places finds them. Each has a number, from 0.
type places struct {
	o          *options
	list       []place
	configured []target.Target
	header     http.Header // of --header
}

func newPlaces(o *options) (*places, error) {
	s, err := o.env.Settings()
	if err != nil {
		return nil, err
	}
	p := &places{o: o, configured: cmdkit.TargetsOf(s)}
	p.header, err = o.env.OwnHeaders(o.headers)
	if err != nil || o.to == "" {
		return p, err
	}
	t, err := target.ParseHTTP(o.to)
	if err != nil {
		return p, err
	}
	p.add(place{Target: t, label: t.Label(), known: true})
	return p, nil
}

// add adds a place, unless it is known, and gives its number.
func (p *places) add(to place) int {
	if i := slices.IndexFunc(p.list, func(known place) bool { return known.label == to.label }); i >= 0 {
		return i
	}
	p.list = append(p.list, to)
	return len(p.list) - 1
}

// of gives the number of the place for a delivery.
func (p *places) of(ctx context.Context, j *journal.Journal, d *record.Delivery) (int, error) {
	switch {
	case p.o.to != "":
		return 0, nil
	case p.o.lane():
		return p.lane(ctx, j, d)
	}
	labels, err := p.labels(ctx, j, d)
	switch {
	case err != nil:
		return 0, err
	case len(labels) == 0:
		return 0, fault.Hint(fault.New(fault.Usage, "delivery %s went to no target", d.ID), "say where to send it: --to URL")
	case len(labels) > 1:
		return 0, fault.Hint(fault.New(fault.Usage, "delivery %s went to %d targets: %s", d.ID, len(labels), strings.Join(labels, ", ")),
			"name one of them with --target NAME, or a URL with --to URL")
	}
	to := p.placeOf(labels[0])
	if !to.known {
		return 0, fault.Hint(fault.New(fault.Usage, "the address of target %s is not known here, as it is no setting", labels[0]),
			"send it through the lane of its listener with %s, or to a URL with --to URL", fault.Command("").Flag("--target", labels[0]))
	}
	to.before = true
	return p.add(to), nil
}

// labels are the targets that a delivery went to. Where an outcome was asked for, they are those with that outcome.
func (p *places) labels(ctx context.Context, j *journal.Journal, d *record.Delivery) (list []string, err error) {
	jobs, err := j.Jobs(ctx, journal.JobFilter{Delivery: d.ID})
	for i := range jobs {
		if p.o.choice.wants(jobs[i].State) {
			list = append(list, jobs[i].Target)
		}
	}
	return list, err
}

// placeOf is the place of a label: a target of the settings, or the URL that the label is.
func (p *places) placeOf(label string) place {
	for _, t := range p.configured {
		if t.Label() == label {
			return place{Target: t, label: label, known: !t.Broker()}
		}
	}
	t, err := target.Parse(label)
	known := err == nil && t.Label() == label && !t.Named && !t.Broker()
	return place{Target: t, label: label, known: known}
}

// lane is the place of --target.
func (p *places) lane(ctx context.Context, j *journal.Journal, d *record.Delivery) (int, error) {
	if len(p.list) > 0 && p.list[0].label != "" {
		return 0, nil
	}
	name, err := p.o.env.Lane(ctx, j, d.Profile, p.o.choice.filter.Target)
	if err != nil {
		return 0, err
	}
	return p.add(p.placeOf(name)), nil
}

// open makes the senders of all places. close lets go of them.
func (p *places) open(secrets, signatures []string) (senders []target.Sender, closeAll func()) {
	o := deliver.Options{
		Insecure: p.o.insecure, Trace: p.o.env.TraceLines(), SignatureHeaders: signatures, SecretHeaders: secrets,
	}
	for name := range p.header { // the user's headers usually are credentials
		o.SecretHeaders = append(o.SecretHeaders, name)
	}
	anywhere := deliver.New(o)
	o.DialCheck = cmdkit.OnlyHere
	here := deliver.New(o)
	for _, to := range p.list {
		t := to.Target
		t.Header, t.Timeout = p.header, p.o.timeout
		client := anywhere
		if cmdkit.Here(to.URL) {
			client = here
		}
		senders = append(senders, target.NewHTTP(t, client, p.o.env.Now))
	}
	return senders, func() { anywhere.Close(); here.Close() }
}

// ask asks before deliveries leave this machine.
func (p *places) ask(n int) error {
	var urls []string
	for i := range p.list {
		if p.list[i].known {
			urls = append(urls, p.list[i].URL)
		}
	}
	return p.o.env.ConfirmElsewhere(p.o.yes, fault.Plural(n, "delivery"), urls...)
}
