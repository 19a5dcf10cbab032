package config

// What one file sets.

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// layer is what one file sets.
type layer struct {
	file     *file
	top      block
	profiles map[string]*block
	order    []string // names of the profiles in the order of the file
	schemes  map[string]*scheme.Scheme
	places   map[string]origin // of the schemes
}

// block is the settings of a file, or of one profile in it.
type block struct {
	place   origin
	values  map[string]found // by key
	headers []string         // names of headers in the order of the file; their values are in values
}

// found is a value and its origin.
type found struct {
	value any
	from  origin
}

// decode reads what a file sets and refuses what it may not.
func (f *file) decode() (*layer, error) {
	l := &layer{
		file: f, top: block{place: origin{name: f.path}, values: map[string]found{}}, profiles: map[string]*block{},
		schemes: map[string]*scheme.Scheme{}, places: map[string]origin{},
	}
	return l, l.decodeBlock(f.root, "", &l.top)
}

// decodeBlock reads the settings of a block. "" is the file itself.
func (l *layer) decodeBlock(n *yaml.Node, name string, to *block) error {
	return l.file.each(n, name, l.file.table.keys(name), func(key, val *yaml.Node) error {
		return l.setting(to, strings.TrimPrefix(name+"."+key.Value, "."), key, val)
	})
}

func (l *layer) decodeProfiles(_ *block, n *yaml.Node) error {
	f := l.file
	return f.each(n, "profiles", nil, func(key, val *yaml.Node) error {
		name := key.Value
		if err := checkProfileName(name); err != nil {
			return f.at(key, err)
		}
		b := &block{place: f.place(key), values: map[string]found{}}
		l.profiles[name] = b
		l.order = append(l.order, name)
		return f.each(val, "profiles."+name, f.table.ofProfile(), func(key, val *yaml.Node) error {
			return l.setting(b, key.Value, key, val)
		})
	})
}

func (l *layer) decodeHeaders(to *block, n *yaml.Node) error {
	return l.file.each(n, "headers", nil, func(key, val *yaml.Node) error {
		value, err := l.file.text(val, "header "+key.Value)
		if err != nil {
			return err
		}
		to.headers = append(to.headers, key.Value)
		to.values["headers."+key.Value] = found{value: value, from: l.file.place(key)}
		return l.file.at(key, checkHeader(key.Value, value))
	})
}

// setting reads one setting of the file or of a profile.
func (l *layer) setting(to *block, name string, key, val *yaml.Node) error {
	s, _ := l.file.table.find(name)
	if err := l.file.permit(s, key, val); err != nil {
		return err
	}
	if s.block != nil {
		return s.block(l, to, val)
	}
	value, err := l.file.value(s, val)
	to.values[name] = found{value: value, from: l.file.place(key)}
	return err
}

// value reads the value of a setting.
func (f *file) value(s setting, n *yaml.Node) (any, error) {
	var flags Flags
	switch s.field(&flags).(type) {
	case *bool:
		return f.boolean(n, s.key)
	case *Lines:
		return f.headerLines(n, s.key)
	case *Pairs:
		return f.pairs(n, s)
	case *[]string:
		var list []string
		err := f.texts(n, s.key, func(n *yaml.Node, text string) error {
			list = append(list, text)
			if s.inFile == nil {
				return nil
			}
			return f.at(n, s.inFile(s.key, text))
		})
		return list, err
	default:
		text, err := f.text(n, s.key)
		if err != nil {
			return nil, err
		}
		if text, err = s.checked(s.key, text); err == nil && s.inFile != nil {
			err = s.inFile(s.key, text)
		}
		var value any
		if err == nil {
			value, err = s.parse(text)
		}
		return value, f.at(n, err)
	}
}

// checked returns a text in its final form, or an error if the setting cannot have it.
func (s setting) checked(from, text string) (string, error) {
	if s.check == nil {
		return text, nil
	}
	return s.check(from, text)
}

// headerLines reads NAME: VALUE lines, or a list of 'NAME: VALUE' as --header takes them.
func (f *file) headerLines(n *yaml.Node, what string) (list Lines, err error) {
	add := func(n *yaml.Node, name, value string) error {
		list = append(list, name+": "+value)
		return f.at(n, checkHeader(name, value))
	}
	if n.Kind == yaml.SequenceNode {
		err = f.texts(n, what, func(n *yaml.Node, text string) error {
			name, value, _ := strings.Cut(text, ":")
			return add(n, name, strings.TrimSpace(value))
		})
		return list, err
	}
	err = f.each(n, what, nil, func(key, val *yaml.Node) error {
		value, err := f.text(val, "a header")
		if err != nil {
			return err
		}
		return add(key, key.Value, value)
	})
	return list, err
}
