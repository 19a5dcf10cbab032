package config

import (
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// layer is what one file sets.
type layer struct {
	file     *file
	top      block
	profiles map[string]*block
	order    []string // of the profiles, as they stand in the file
	listen   ListenSettings
	lines    map[string]string // listen field → file:line
	schemes  map[string]*scheme.Scheme
	places   map[string]string // scheme → file:line
}

// block is the settings of a file, or of one profile in it.
type block struct {
	place   string
	scalars map[string]scalar
	headers []header
}

// scalar is a string or bool with where it stands.
type scalar struct {
	value any
	place string
}

// header is sent with every call of the management API.
type header struct{ name, value, place string }

// The keys a file may have.
func topKeys() []string {
	return append(profileKeys(), "profile", "quiet", "debug", "no_input", "profiles", "schemes", "listen")
}

func profileKeys() []string {
	return []string{"api_url", "scheme", "headers", "output", "color", "data_dir"}
}

// decode reads what a file sets and refuses what it may not.
func (f *file) decode() (*layer, error) {
	l := &layer{file: f, top: newBlock(f.path), profiles: map[string]*block{}}
	err := f.each(f.root, "", topKeys(), func(key, val *yaml.Node) error {
		if key.Value != "listen" { // its settings are looked at one by one
			if err := f.permit(key.Value, key, val); err != nil {
				return err
			}
		}
		switch key.Value {
		case "profiles":
			return l.decodeProfiles(val)
		case "schemes":
			return l.decodeSchemes(val)
		case "listen":
			return l.decodeListen(val)
		default:
			return f.setting(&l.top, key, val)
		}
	})
	return l, err
}

func newBlock(place string) block { return block{place: place, scalars: map[string]scalar{}} }

func (l *layer) decodeProfiles(n *yaml.Node) error {
	f := l.file
	return f.each(n, "profiles", nil, func(key, val *yaml.Node) error {
		if err := checkProfileName(key.Value); err != nil {
			return f.at(key, err)
		}
		b := newBlock(f.place(key))
		l.profiles[key.Value] = &b
		l.order = append(l.order, key.Value)
		return f.each(val, "profiles."+key.Value, profileKeys(), func(key, val *yaml.Node) error {
			return f.setting(&b, key, val)
		})
	})
}

// checkProfileName keeps names easy to type and safe to print.
func checkProfileName(name string) error {
	const longest = 64
	bad := func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.", c)
	}
	if name == "" || len(name) > longest || strings.ContainsFunc(name, bad) || strings.HasPrefix(name, "-") {
		return fault.Hint(fault.New(fault.Usage, "%s is no name for a profile", quoted(name)),
			"use up to %s letters, digits, and - _ . in it", fault.Number(longest))
	}
	return nil
}

// setting reads one key of the file or of a profile.
func (f *file) setting(b *block, key, val *yaml.Node) error {
	name := key.Value
	switch name {
	case "headers":
		return f.each(val, "headers", nil, func(key, val *yaml.Node) error {
			return f.header(b, key, val)
		})
	case "quiet", "debug", "no_input":
		on, err := f.boolean(val, name)
		b.scalars[name] = scalar{value: on, place: f.place(key)}
		return err
	default:
		s, err := f.text(val, name)
		if err != nil {
			return err
		}
		if s, err = f.checked(name, s); err != nil {
			return f.at(val, err)
		}
		b.scalars[name] = scalar{value: s, place: f.place(key)}
		return nil
	}
}

func (f *file) header(b *block, key, val *yaml.Node) error {
	value, err := f.text(val, "header "+key.Value)
	if err != nil {
		return err
	}
	if secretHeader(key.Value) {
		return f.secret(key, "header "+quoted(key.Value)+" carries one")
	}
	if err := checkHeader(key.Value, value); err != nil {
		return f.at(key, err)
	}
	b.headers = append(b.headers, header{name: key.Value, value: value, place: f.place(key)})
	return nil
}

// checked validates a string setting and gives it in its final form.
func (f *file) checked(name, s string) (string, error) {
	switch name {
	case "api_url":
		return CheckAPIURL(s)
	case "output":
		return s, checkOutput(s)
	case "color":
		return s, checkColor(s)
	case "data_dir":
		return checkDir(s)
	case "profile":
		return s, checkProfileName(s)
	default:
		return s, checkName(name, s)
	}
}

// checkName refuses an empty name, and one that no scheme can have.
func checkName(what, s string) error {
	const longest = 128
	if s == "" || len(s) > longest || strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
		return fault.New(fault.Usage, "%s needs a name, and %s is none", what, quoted(s))
	}
	return nil
}

// checkDir wants a folder that does not depend on where the command is typed. "~/" stays and is replaced when it is used.
func checkDir(s string) (string, error) {
	if !filepath.IsAbs(s) && !strings.HasPrefix(s, "~/") {
		return "", fault.Hint(fault.New(fault.Usage, "data_dir is not an absolute path"), "begin it with / or ~/")
	}
	return s, nil
}
