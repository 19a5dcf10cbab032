package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Origin tells where a setting came from: "flag --api-url", "env WHCTL_API_URL", "/path/file.yaml:3", "built in" or "default".
// Keys are those of the config file, with dots: "api_url", "headers.x-client-key", "listen.addr", "schemes.NAME".
func (s *Settings) Origin(key string) string { return cmp.Or(s.origins[key], originDefault) }

// Values lists every setting that has a value, sorted by key.
func (s *Settings) Values() []Value {
	values := map[string]string{
		"profile": s.Profile, "api_url": s.APIURL, "output": s.Output, "color": s.Color, "scheme": s.Scheme, "data_dir": s.DataDir,
		"quiet": strconv.FormatBool(s.Quiet), "debug": strconv.FormatBool(s.Debug), "no_input": strconv.FormatBool(s.NoInput),
	}
	for name, value := range s.Headers {
		values["headers."+name] = value
	}
	for name := range s.Schemes {
		values["schemes."+name] = ownScheme
	}
	for name, value := range s.Listen.values() {
		if _, ok := s.origins["listen."+name]; ok {
			values["listen."+name] = value
		}
	}
	var list []Value
	for _, key := range slices.Sorted(maps.Keys(values)) {
		list = append(list, Value{Key: key, Value: values[key], Origin: s.Origin(key)})
	}
	return list
}

// FromProject says whether a setting's value came from the project file.
func (s *Settings) FromProject(key string) bool {
	return s.ProjectFile != "" && strings.HasPrefix(s.Origin(key), s.ProjectFile+":")
}

// Taken lists the settings whose values came from the project file, sorted by key.
func (s *Settings) Taken() []Value {
	return slices.DeleteFunc(s.Values(), func(v Value) bool { return !s.FromProject(v.Key) })
}

// values lists what one file sets, whether it comes to count or not, sorted by key.
func (l *layer) values() []Value {
	var list []Value
	add := func(key, value, place string) { list = append(list, Value{Key: key, Value: value, Origin: place}) }
	block := func(prefix string, b *block) {
		for name, sc := range b.scalars {
			add(prefix+name, fmt.Sprint(sc.value), sc.place)
		}
		for _, h := range b.headers {
			add(prefix+"headers."+h.name, h.value, h.place)
		}
	}
	block("", &l.top)
	for name, b := range l.profiles {
		block("profiles."+name+".", b)
	}
	texts := l.listen.values()
	for name, place := range l.lines {
		add("listen."+name, texts[name], place)
	}
	for name, place := range l.places {
		add("schemes."+name, ownScheme, place)
	}
	slices.SortFunc(list, func(a, b Value) int { return strings.Compare(a.Key, b.Key) })
	return list
}

// ownScheme stands for a scheme where settings are listed.
const ownScheme = "(a scheme of your own)"

// values gives every listen setting as text.
func (l ListenSettings) values() map[string]string {
	dur := func(d *time.Duration) string {
		if d == nil {
			return ""
		}
		return d.String()
	}
	return map[string]string{
		"forward": strings.Join(l.Forward, ","), "addr": l.Addr, "tolerance": dur(l.Tolerance),
		"timeout": dur(l.Timeout), "max_body": strconv.FormatInt(l.MaxBody, 10), "body": l.Body,
		"on_invalid": l.OnInvalid, "events": strings.Join(l.Events, ","), "headers": strings.Join(l.Headers, ", "),
		"public_url": l.PublicURL, "insecure": strconv.FormatBool(l.Insecure), "no_verify": strconv.FormatBool(l.NoVerify),
	}
}

// Get is one setting's value by its key, empty when it is not set; an unknown key is a usage fault that names the nearest one.
func (s *Settings) Get(key string) (Value, error) {
	list := s.Values()
	if i := slices.IndexFunc(list, func(v Value) bool { return v.Key == key }); i >= 0 {
		return list[i], nil
	}
	if _, err := parseKey(key); err != nil {
		return Value{}, err
	}
	if rest, ok := strings.CutPrefix(key, "profiles."); ok {
		return s.profileValue(key, rest), nil
	}
	return Value{Key: key, Origin: originDefault}, nil
}

// profileValue is what the files say in one profile's block, the strongest file first.
func (s *Settings) profileValue(key, rest string) Value {
	value := Value{Key: key, Origin: originDefault}
	for _, l := range s.layers {
		for name, b := range l.profiles {
			field, ok := strings.CutPrefix(rest, name+".")
			if !ok {
				continue
			}
			if sc, ok := b.scalars[field]; ok {
				text, _ := sc.value.(string)
				value.Value, value.Origin = text, sc.place
			}
			for _, h := range b.headers {
				if "headers."+h.name == field {
					value.Value, value.Origin = h.value, h.place
				}
			}
		}
	}
	return value
}

// Profiles lists the built-in profiles and those of the files, sorted by name.
func (s *Settings) Profiles() []ProfileInfo {
	infos := map[string]*ProfileInfo{
		ProfileBaanx:   {Name: ProfileBaanx, APIURL: BaanxURL, Scheme: DefaultScheme, Origin: originBuiltIn, BuiltIn: true},
		ProfileSandbox: {Name: ProfileSandbox, APIURL: SandboxURL, Scheme: DefaultScheme, Origin: originBuiltIn, BuiltIn: true},
	}
	for _, l := range s.layers {
		for _, name := range l.order {
			if infos[name] == nil {
				infos[name] = &ProfileInfo{Name: name, APIURL: BaanxURL, Scheme: DefaultScheme}
			}
			infos[name].Origin = l.profiles[name].place
		}
	}
	var list []ProfileInfo
	for _, name := range slices.Sorted(maps.Keys(infos)) {
		info := infos[name]
		info.Active = name == s.Profile
		if fs := scalars(s.layers, name); fs != nil {
			info.APIURL = cmp.Or(fs.v.GetString("api_url"), info.APIURL)
			info.Scheme = cmp.Or(fs.v.GetString("scheme"), info.Scheme)
		}
		list = append(list, *info)
	}
	return list
}

// LookupScheme finds a scheme among the user's own and the built-in ones; an unknown one is a usage fault that names the nearest.
func (s *Settings) LookupScheme(name string) (*scheme.Scheme, error) {
	if own := s.Schemes[name]; own != nil {
		return own, nil
	}
	found, err := scheme.Builtin(name)
	if err == nil {
		return found, nil
	}
	var unknown *scheme.UnknownError
	if !errors.As(err, &unknown) {
		return nil, fault.Wrap(fault.Internal, err, "scheme %s", name)
	}
	err = fault.New(fault.Usage, "%s: there is no scheme %s", s.schemeSource(name), quoted(name))
	if near := cmp.Or(nearest(name, slices.Sorted(maps.Keys(s.Schemes))), unknown.Nearest); near != "" {
		return nil, fault.Hint(err, "did you mean %s?", fault.Word(near))
	}
	return nil, fault.Hint(err, "whctl schemes list")
}

// schemeSource says where the name of a scheme came from, for errors.
func (s *Settings) schemeSource(name string) string {
	origin := s.Origin("scheme")
	if name != s.Scheme || origin == originDefault {
		return "scheme"
	}
	_, bare, found := strings.Cut(origin, " ") // "flag --scheme" → "--scheme"
	if found && (strings.HasPrefix(origin, "flag ") || strings.HasPrefix(origin, "env ")) {
		return bare
	}
	return origin
}

// BuiltinToken is the sandbox's own token when the profile is sandbox and its API is on loopback, else "".
func (s *Settings) BuiltinToken() string {
	if s.Profile != ProfileSandbox {
		return ""
	}
	if u, err := netname.ParseURL(s.APIURL); err != nil || !netname.Loopback(u.Hostname()) {
		return ""
	}
	return api.SandboxToken
}

// listen lays the project's listen: block over the user's, setting by setting.
func (r *resolver) listen() {
	to := &r.s.Listen
	for _, l := range r.layers {
		for name, place := range l.lines {
			r.s.origins["listen."+name] = place
			to.copy(name, l.listen)
		}
	}
}

// copy takes one setting from another block.
func (l *ListenSettings) copy(name string, from ListenSettings) {
	switch name {
	case "forward":
		l.Forward = from.Forward
	case "addr":
		l.Addr = from.Addr
	case "tolerance":
		l.Tolerance = from.Tolerance
	case "timeout":
		l.Timeout = from.Timeout
	case "max_body":
		l.MaxBody = from.MaxBody
	case "body":
		l.Body = from.Body
	case "on_invalid":
		l.OnInvalid = from.OnInvalid
	case "events":
		l.Events = from.Events
	case "headers":
		l.Headers = from.Headers
	case "public_url":
		l.PublicURL = from.PublicURL
	case "insecure":
		l.Insecure = from.Insecure
	case "no_verify":
		l.NoVerify = from.NoVerify
	}
}
