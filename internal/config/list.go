package config

// The settings as lists show them, with where each comes from.

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/near"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// origin says where a setting comes from.
type origin struct {
	kind string // one of those below; "" is a file
	name string // of the flag, the variable or the file
	line int    // in the file
}

const (
	byDefault = "default"
	builtIn   = "built in"
	byEnv     = "env"
	byFlag    = "flag"
)

// String returns the origin as Settings.Origin does.
func (o origin) String() string {
	switch {
	case o == origin{}:
		return byDefault
	case o.kind == "":
		return o.name + ":" + strconv.Itoa(o.line)
	default:
		return strings.TrimSpace(o.kind + " " + o.name)
	}
}

// given is what an error calls the place: the flag, the variable, or the file and line.
func (o origin) given() string {
	if o.kind == byFlag || o.kind == byEnv {
		return o.name
	}
	return o.String()
}

// Origin returns where a setting comes from: "flag --api-url", "env WHCTL_API_URL", "/path/file.yaml:3", "built in" or "default".
// Keys are those of the config file, with dots: "api_url", "headers.x-client-key", "listen.addr", "schemes.NAME".
func (s *Settings) Origin(key string) string { return s.origins[key].String() }

// Given is what a message calls a setting: the flag or the variable that gives it, or its name in a config file.
func (s *Settings) Given(key string) string {
	if from := s.origins[key]; from.kind == byFlag || from.kind == byEnv {
		return from.name
	}
	return key
}

// FromFile is the first of these settings that a config file gives; "" when none does.
func (s *Settings) FromFile(keys ...string) string {
	for _, key := range keys {
		if from := s.origins[key]; from.kind == "" && from.name != "" {
			return key
		}
	}
	return ""
}

// List returns every setting that has a value, sorted by key.
func (s *Settings) List() []Value {
	var list []Value
	add := func(key, value string) { list = append(list, Value{Key: key, Value: value, Origin: s.Origin(key)}) }
	f := Flags{Values: s.Values}
	for _, st := range s.table {
		if _, there := s.origins[st.key]; there {
			add(st.key, text(get(st.field(&f))))
		}
	}
	for name, value := range s.Headers {
		add("headers."+name, value)
	}
	for name := range s.Schemes {
		add("schemes."+name, ownScheme)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Key < list[j].Key })
	return list
}

// ListenOrDefault returns the settings of the listener. Settings that were not given have their defaults.
func (s *Settings) ListenOrDefault() ListenSettings {
	f := Flags{Values: s.Values}
	for _, st := range s.table {
		if _, there := s.origins[st.key]; !there && st.on == Listening {
			st.setDefault(&f)
		}
	}
	return f.Listen
}

// FromProject reports whether a setting's value comes from the project file.
func (s *Settings) FromProject(key string) bool {
	from := s.origins[key]
	return from.kind == "" && from.name != "" && from.name == s.ProjectFile
}

// Chosen reports whether a flag, the environment or a file gives a setting's value.
func (s *Settings) Chosen(key string) bool {
	from := s.origins[key]
	return from != origin{} && from.kind != byDefault && from.kind != builtIn
}

// Taken returns the settings that come from the project file, sorted by key.
func (s *Settings) Taken() []Value {
	if s.ProjectFile == "" {
		return nil
	}
	return slices.DeleteFunc(s.List(), func(v Value) bool { return !s.FromProject(v.Key) })
}

// list returns what one file sets, sorted by key. A stronger source may overrule it.
func (l *layer) list() []Value {
	var list []Value
	add := func(prefix string, b *block) {
		for key, f := range b.values {
			list = append(list, Value{Key: prefix + key, Value: text(f.value), Origin: f.from.String()})
		}
	}
	add("", &l.top)
	for name, b := range l.profiles {
		add("profiles."+name+".", b)
	}
	for name, place := range l.places {
		list = append(list, Value{Key: "schemes." + name, Value: ownScheme, Origin: place.String()})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Key < list[j].Key })
	return list
}

// ownScheme stands for a scheme where settings are listed.
const ownScheme = "(a scheme of your own)"

// Get returns one setting by its key. Its value is "" when nothing set it. An unknown key is a usage fault that names the nearest.
func (s *Settings) Get(key string) (Value, error) {
	list := s.List()
	if i := slices.IndexFunc(list, func(v Value) bool { return v.Key == key }); i >= 0 {
		return list[i], nil
	}
	if _, err := s.table.parseKey(key); err != nil {
		return Value{}, err
	}
	for _, l := range slices.Backward(s.layers) { // the strongest file first
		for _, v := range l.list() {
			if v.Key == key && strings.HasPrefix(key, "profiles.") {
				return v, nil
			}
		}
	}
	return Value{Key: key, Origin: byDefault}, nil
}

// Profiles returns the built-in profiles and those of the files, sorted by name.
func (s *Settings) Profiles() (list []ProfileInfo) {
	for _, name := range s.profileNames() {
		info := ProfileInfo{
			Name: name, APIURL: BaanxURL, Scheme: DefaultScheme, Origin: builtIn,
			BuiltIn: name == ProfileBaanx || name == ProfileSandbox, Active: name == s.Profile,
		}
		if name == ProfileSandbox {
			info.APIURL = SandboxURL
		}
		for _, l := range s.layers {
			if b := l.profiles[name]; b != nil {
				info.Origin = b.place.String()
			}
		}
		v := ofFiles(s.layers, name)
		for key, to := range map[string]*string{"api_url": &info.APIURL, "scheme": &info.Scheme} {
			if f, ok := v.Get(key).(found); ok {
				*to = text(f.value)
			}
		}
		list = append(list, info)
	}
	return list
}

// profileNames returns the names of all profiles, sorted.
func (s *Settings) profileNames() []string {
	names := []string{ProfileBaanx, ProfileSandbox}
	for _, l := range s.layers {
		names = append(names, l.order...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// LookupScheme returns a scheme of the user's own, or else a built-in one. An unknown name is a usage fault that names the nearest.
func (s *Settings) LookupScheme(name string) (*scheme.Scheme, error) {
	if own := s.Schemes[name]; own != nil {
		return own, nil
	}
	found, err := scheme.Builtin(name)
	if err == nil {
		return found, nil
	}
	if _, unknown := errors.AsType[*scheme.UnknownError](err); !unknown {
		return nil, fault.Wrap(fault.Internal, err, "scheme %s", name)
	}
	err = fault.New(fault.Usage, "%s: there is no scheme %s", s.schemeSource(name), quoted(name))
	if word := s.NearestScheme(name); word != "" {
		return nil, fault.Hint(err, "did you mean %s?", fault.Word(word))
	}
	return nil, fault.Hint(err, "whctl schemes list")
}

// NearestScheme is the name of a scheme that a wrong one probably stands for, "" for none.
func (s *Settings) NearestScheme(name string) string {
	return cmp.Or(near.Word(name, slices.Sorted(maps.Keys(s.Schemes))), scheme.Nearest(name))
}

// schemeSource returns where the name of a scheme comes from, for errors.
func (s *Settings) schemeSource(name string) string {
	switch from := s.origins["scheme"]; {
	case name != s.Scheme || from.kind == byDefault:
		return "scheme"
	case from.kind != "":
		return from.name
	default:
		return from.String()
	}
}

// BuiltinToken returns the sandbox's own token if the profile is sandbox and its API is on loopback, else "".
func (s *Settings) BuiltinToken() string {
	if s.Profile != ProfileSandbox {
		return ""
	}
	if u, err := netname.ParseURL(s.APIURL); err != nil || !netname.Loopback(u.Hostname()) {
		return ""
	}
	return api.SandboxToken
}
