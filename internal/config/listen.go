package config

import (
	"errors"
	"math"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
)

// listenKeys are those of the listen: block, named like the flags of `whctl listen`.
func listenKeys() []string {
	return []string{
		"forward", "addr", "tolerance", "timeout", "max_body", "body", "on_invalid", "events", "headers", "public_url",
		"insecure", "no_verify",
	}
}

// laterKeys are settings the listener does not have yet. They are refused: one that is taken and does nothing is worse.
func laterKeys() []string { return []string{"ack", "retries", "routes", "targets", "filter", "notify"} }

func notYet(name string) error {
	return fault.Hint(fault.New(fault.Usage, "listen.%s is not available in this version", name), "leave it out")
}

// decodeListen reads the listen: block.
func (l *layer) decodeListen(n *yaml.Node) error {
	l.lines = map[string]string{}
	return l.file.each(n, "listen", listenKeys(), func(key, val *yaml.Node) error {
		if err := l.file.permit("listen."+key.Value, key, val); err != nil {
			return err
		}
		l.lines[key.Value] = l.file.place(key)
		return l.file.listenSetting(&l.listen, key, val)
	})
}

func (f *file) listenSetting(s *ListenSettings, key, val *yaml.Node) (err error) {
	switch name := key.Value; name {
	case "headers":
		s.Headers, err = f.listenHeaders(val)
	case "forward":
		s.Forward, err = f.texts(val, name)
		for i := 0; err == nil && i < len(s.Forward); i++ {
			err = f.checkTarget(val, s.Forward[i])
		}
	case "events":
		s.Events, err = f.texts(val, name)
	case "insecure", "no_verify":
		var on bool
		on, err = f.boolean(val, name)
		if name == "insecure" {
			s.Insecure = on
		} else {
			s.NoVerify = on
		}
	default:
		var text string
		if text, err = f.text(val, "listen."+name); err != nil {
			return err
		}
		err = f.at(val, s.scalar(name, text))
	}
	return err
}

// scalar reads the settings that are one value.
func (s *ListenSettings) scalar(name, text string) (err error) {
	switch name {
	case "addr":
		s.Addr = text
		if _, _, err := net.SplitHostPort(text); err != nil {
			return fault.Hint(fault.New(fault.Usage, "listen.addr is HOST:PORT, and %s is not", quoted(text)), "addr: 127.0.0.1:4140")
		}
	case "tolerance":
		s.Tolerance, err = duration(name, text)
	case "timeout":
		s.Timeout, err = duration(name, text)
	case "max_body":
		s.MaxBody, err = ParseSize(text)
	case "body":
		s.Body, err = text, oneOf("listen.body", text, "pretty", "raw", "none")
	case "on_invalid":
		s.OnInvalid, err = text, oneOf("listen.on_invalid", text, "reject", "forward")
	case "public_url":
		u, perr := url.Parse(text)
		if s.PublicURL = text; perr != nil || u.Hostname() == "" || u.User != nil {
			return fault.Hint(fault.New(fault.Usage, "listen.public_url is not an absolute URL"), "public_url: https://hooks.example.com")
		}
	}
	return err
}

// duration reads a Go duration that is not negative.
func duration(name, text string) (*time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return nil, fault.Hint(fault.New(fault.Usage, "listen.%s is a duration, and %s is none", name, quoted(text)), "%s: 90s", fault.Word(name))
	}
	return &d, nil
}

// ParseSize reads a number of bytes, bare or with a unit: B, KB, MB, GB (thousands), KiB, MiB, GiB or K, M, G (1024s).
// It must be more than 0. Errors are usage faults.
func ParseSize(text string) (int64, error) {
	bad := fault.Hint(fault.New(fault.Usage, "%s is no size in bytes", quoted(text)), "write one like 5MiB or 65536")
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || strings.ContainsAny(digits, "eExXpP_+-") {
		return 0, bad
	}
	scale := 0.0
	switch strings.ToLower(strings.TrimSpace(text[len(digits):])) {
	case "", "b":
		scale = 1
	case "kb":
		scale = 1e3
	case "mb":
		scale = 1e6
	case "gb":
		scale = 1e9
	case "k", "kib":
		scale = 1 << 10
	case "m", "mib":
		scale = 1 << 20
	case "g", "gib":
		scale = 1 << 30
	}
	if size := n * scale; size >= 1 && size <= math.MaxInt64/2 {
		return int64(size), nil
	}
	return 0, bad
}

// checkTarget refuses what is no target.
func (f *file) checkTarget(n *yaml.Node, to string) error {
	_, address := netname.CutName(to)
	_, err := netname.ParseTarget(address)
	switch {
	case errors.Is(err, netname.ErrUserInfo):
		return f.secret(n, "user info in a URL is one")
	case err != nil:
		return fault.Hint(f.errorf(n, "%s is no target to forward to: %s", quoted(to), err), "write a URL, HOST:PORT or PORT")
	}
	return nil
}

// listenHeaders reads NAME: VALUE lines, or a list of 'NAME: VALUE' as --header takes them.
func (f *file) listenHeaders(n *yaml.Node) (list []string, err error) {
	add := func(n *yaml.Node, name, value string) error {
		if secretHeader(name) {
			return f.secret(n, "header "+quoted(name)+" carries one")
		}
		list = append(list, name+": "+value)
		return f.at(n, checkHeader(name, value))
	}
	if n.Kind != yaml.SequenceNode {
		err = f.each(n, "listen.headers", nil, func(key, val *yaml.Node) error {
			value, err := f.text(val, "a header")
			if err != nil {
				return err
			}
			return add(key, key.Value, value)
		})
		return list, err
	}
	for _, c := range n.Content {
		text, err := f.text(c, "each of listen.headers")
		if err != nil {
			return nil, err
		}
		name, value, _ := strings.Cut(text, ":")
		if err := add(c, name, strings.TrimSpace(value)); err != nil {
			return nil, err
		}
	}
	return list, nil
}
