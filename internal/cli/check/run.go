package check

// The run: the receiver, the clock and the probe that the cases are tried with.

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/check"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/command"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/near"
)

const (
	longest = 30 * time.Second
	// A probe is asked until it prints the same twice, for as long as probeTime.
	probeTime = 5 * time.Second
	probeStep = 100 * time.Millisecond
	probeMost = 64 << 10
)

// try runs the cases and prints what comes of them.
func (o *options) try(ctx context.Context, keys *cmdkit.KeySet, known []string) (check.Report, error) {
	u, err := url.Parse(o.to)
	if err != nil {
		return check.Report{}, fault.Wrap(fault.Usage, err, "the URL")
	}
	if err := o.env.ConfirmElsewhere(o.yes, "forged and broken requests", o.to); err != nil {
		return check.Report{}, err
	}
	header, err := o.env.OwnHeaders(o.headers)
	if err != nil {
		return check.Report{}, err
	}
	probe, err := o.prober(ctx)
	if err != nil {
		return check.Report{}, err
	}
	client := deliver.New(deliver.Options{Insecure: o.insecure, Trace: o.env.TraceLines(), SecretHeaders: keys.Rules.SecretHeaders(), SignatureHeaders: keys.Rules.SignatureHeaders()})
	defer client.Close()
	p := o.printer(keys)
	report, err := check.Run(ctx, check.Options{
		Rules: keys.Rules, Keys: keys.Keys, Params: keys.Params, URL: o.to, SignURL: o.url, Header: header, Agent: "whctl/" + o.env.Version,
		Types: o.types, Timeout: o.patience(keys), VerifyToken: o.verifyToken, Only: trimmed(o.only), Skip: trimmed(o.skip), Remote: !cmdkit.Here(o.to), Known: known,
		Send: client.Do, Dial: o.dialer(u), Probe: probe, Now: o.env.Now, Wait: cmdkit.Wait, Rand: o.random(), Secret: o.env.Secret,
		Begin: p.begin, Tell: p.tell,
	})
	return report, p.end(report, err)
}

// patience is how long an answer is waited for.
func (o *options) patience(keys *cmdkit.KeySet) time.Duration {
	if o.timeout > 0 {
		return o.timeout
	}
	if limit := time.Duration(keys.Rules.Scheme().AnswerTimeout * float64(time.Second)); limit > 0 {
		return min(limit, longest)
	}
	return longest
}

// dialer connects to the receiver.
func (o *options) dialer(u *url.URL) check.Dial {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	addr := net.JoinHostPort(u.Hostname(), port)
	return func(ctx context.Context, c *tls.Config) (net.Conn, error) {
		d := net.Dialer{Timeout: deliver.DefaultDialTimeout}
		if c == nil {
			return d.DialContext(ctx, "tcp", addr)
		}
		c.InsecureSkipVerify = c.InsecureSkipVerify || o.insecure
		return (&tls.Dialer{NetDialer: &d, Config: c}).DialContext(ctx, "tcp", addr)
	}
}

// random is where ids come from. With --seed they are the same in each run.
func (o *options) random() io.Reader {
	if !o.seeded {
		return o.env.Rand
	}
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], o.seed)
	return rand.NewChaCha8(seed)
}

// prober makes the probe of --probe; nil without it. One that fails before anything is sent would leave out what it was given for.
func (o *options) prober(ctx context.Context) (check.Probe, error) {
	if o.probe == "" {
		return nil, nil
	}
	words, err := command.Split(o.probe)
	if err == nil {
		err = command.Find(words[0])
	}
	if err != nil {
		return nil, fault.Hint(fault.Wrap(fault.Usage, err, "--probe"), "write the program and its arguments as in a shell; none is used, so a pipe needs sh -c '…'")
	}
	once := func(ctx context.Context) (string, error) {
		out, said, err := command.Program{Words: words, Limit: probeTime, Most: probeMost, Keep: func(string) bool { return true }}.Run(ctx)
		switch {
		case err != nil && said != "":
			return "", fmt.Errorf("%w: %s", err, said)
		case err != nil:
			return "", err
		}
		return string(bytes.TrimSpace(out)), nil
	}
	if _, err := once(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fault.Hint(fault.New(fault.Usage, "--probe fails before anything is sent: %s", err), "run it alone; it has to end with 0 and print what events change")
	}
	return func(ctx context.Context) (string, error) { return o.stable(ctx, once) }, nil
}

// stable asks until the same is printed twice.
func (o *options) stable(ctx context.Context, once func(context.Context) (string, error)) (string, error) {
	end := o.env.Now().Add(probeTime)
	last, err := once(ctx)
	for err == nil && o.env.Now().Before(end) {
		if err = cmdkit.Wait(ctx, probeStep); err != nil {
			break
		}
		var text string
		if text, err = once(ctx); err == nil && text == last {
			return text, nil
		}
		last = text
	}
	return last, err
}

func trimmed(words []string) (out []string) {
	for _, w := range words {
		out = append(out, strings.TrimSpace(w))
	}
	return out
}

func unknownCase(flag, id string, ids []string) error {
	err := fault.New(fault.Usage, "%s %q is no case and no group", flag, id)
	if nearest := near.Word(id, ids); nearest != "" {
		return fault.Hint(err, "did you mean %s?", fault.Word(nearest))
	}
	return fault.Hint(err, "whctl check --list prints them")
}

// addSummary appends a report to the summary of a step of GitHub Actions, where there is one.
func (o *options) addSummary(text string) error {
	name := o.env.Getenv("GITHUB_STEP_SUMMARY")
	if name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fault.Wrap(fault.Storage, err, "cannot write the summary of the step")
	}
	return nil
}
