package config

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/viper"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// Load makes the settings. Problems in files, flags and environment are usage faults that name their place; a file
// that cannot be read is one too. Without any file it parses nothing.
func Load(o Options) (*Settings, error) {
	o.table = settings()
	return o.load()
}

func (o Options) load() (*Settings, error) {
	for _, st := range o.table {
		if text, is := st.fieldOf(o.Flags).(string); is && text == "" && slices.Contains(o.Flags.Given, st.flag) {
			return nil, fault.New(fault.Usage, "--%s is empty", st.flag)
		}
	}
	s := &Settings{table: o.table, ConfigDir: o.configDir(), origins: map[string]origin{}}
	var err error
	if s.layers, err = o.layers(s); err != nil {
		return nil, err
	}
	if err := o.profile(s); err != nil {
		return nil, err
	}
	if err := s.take(o.sources(s.layers, s.Profile)); err != nil {
		return nil, err
	}
	o.places(s)
	s.headers()
	for _, l := range s.layers { // a project's schemes win over the user's of the same name
		if s.Schemes == nil && len(l.schemes) > 0 {
			s.Schemes = map[string]*scheme.Scheme{}
		}
		maps.Copy(s.Schemes, l.schemes)
		for name, place := range l.places {
			s.origins["schemes."+name] = place
		}
	}
	return s, nil
}

// layers reads the files, the weakest first: the user's own, then the project's; or only the one that was named.
func (o Options) layers(s *Settings) (layers []*layer, err error) {
	own, path, err := o.userLayer()
	if s.UserFile = path; own != nil {
		layers = append(layers, own)
	}
	if named, _ := o.named(); err != nil || named != "" {
		return layers, err
	}
	if path = o.findProject(); path == "" {
		return layers, nil
	}
	project, notUsed, err := o.projectLayer(path, own)
	if notUsed != nil {
		s.Warnings = append(s.Warnings, "the project file is not read: "+notUsed.Error()+"; "+nextStep(notUsed).String())
	}
	if err == nil && project != nil {
		layers = append(layers, project)
		s.ProjectFile, s.ProjectTrusted = path, project.file.trusted
	}
	return layers, err
}

// userLayer reads the user's own file, or the one that was named in its place. The layer is nil when there is none.
func (o Options) userLayer() (l *layer, path string, err error) {
	path, origin := o.named()
	if path == "" {
		if dir := o.configDir(); dir != "" {
			path = filepath.Join(dir, userName)
		}
	}
	if path == "" {
		return nil, "", nil
	}
	f, found, err := o.table.readFile(path, func(path string) (*os.File, error) { return openOwn(o.user(), path, origin != "") })
	switch {
	case err != nil:
		return nil, path, err
	case found:
		l, err = f.decode()
		return l, path, err
	case origin != "":
		return nil, path, fault.New(fault.Usage, "%s: there is no config file %s", origin, fault.Quote(path))
	default:
		return nil, path, nil
	}
}

// user is who must own config files.
func (o Options) user() files.User { return files.User{UID: o.UID, Owner: o.Owner} }

// openOwn opens a config file of the user's own, or one that root laid down. One that was named may also be a pipe, as of
// a shell's <(…), or /dev/null.
func openOwn(u files.User, path string, named bool) (*os.File, error) {
	switch fi, err := os.Stat(path); {
	case err != nil: // a link to nothing too is a file that is not there
		return nil, err
	case named && !fi.Mode().IsRegular():
		return os.Open(path)
	}
	u.OrRoot = true
	return u.Open(path)
}

// sources lays what is said about each setting over each other. Viper picks the strongest: a flag, else the environment,
// else the files, else the default.
func (o Options) sources(layers []*layer, profile string) *viper.Viper {
	v := ofFiles(layers, profile)
	env := map[string]any{}
	for _, st := range o.table {
		if st.key == "" || st.field == nil {
			continue
		}
		if st.on != Listening { // a command fills in its own where nothing was said
			v.SetDefault(st.key, found{value: o.standard(st, profile), from: origin{kind: byDefault}})
		}
		if text := o.variable(st); text != "" {
			var value any = text
			if st.isSwitch() {
				value = true
			}
			env[st.key] = found{value: value, from: origin{kind: byEnv, name: st.env}}
		}
		if value := st.field(&o.Flags); st.flag != "" && (!isZero(value) || slices.Contains(o.Flags.Given, st.flag)) {
			v.Set(st.key, found{value: get(value), from: origin{kind: byFlag, name: "--" + st.flag}})
		}
	}
	_ = v.MergeConfigMap(env) // a plain map cannot fail to merge
	return v
}

// ofFiles lays the files over each other: in each its profile's block over its top. What the top of a file says of the
// API's address for all profiles does not go for the sandbox, since a sandbox that is elsewhere is none.
func ofFiles(layers []*layer, profile string) *viper.Viper {
	v := viper.NewWithOptions(viper.KeyDelimiter("\x00")) // a dot in a key is part of its name
	for _, l := range layers {
		for _, b := range []*block{&l.top, l.profiles[profile]} {
			if b == nil {
				continue
			}
			values := map[string]any{}
			for key, f := range b.values {
				if b != &l.top || profile != ProfileSandbox || key != "api_url" {
					values[key] = f
				}
			}
			_ = v.MergeConfigMap(values)
		}
	}
	return v
}

// variable is what the environment says about a setting; "" is nothing. A switch is turned on by any text but a plain no.
func (o Options) variable(st setting) string {
	if st.env == "" {
		return ""
	}
	text := o.Getenv(st.env)
	if st.isSwitch() && slices.Contains([]string{"0", "false", "no"}, strings.ToLower(text)) {
		return ""
	}
	return text
}

// standard is a setting's default.
func (o Options) standard(st setting, profile string) any {
	var f Flags
	field := st.field(&f)
	switch field {
	case &f.APIURL:
		f.APIURL = BaanxURL
		if profile == ProfileSandbox {
			f.APIURL = SandboxURL
		}
	case &f.DataDir:
		f.DataDir = o.dataDir()
	default:
		st.setDefault(field)
	}
	return get(field)
}

// take takes over the value of each setting, and where it comes from.
func (s *Settings) take(v *viper.Viper) error {
	var f Flags
	for _, st := range s.table {
		from, there := v.Get(st.key).(found)
		if !there {
			continue
		}
		if (from.from.kind == byFlag || from.from.kind == byEnv) && st.check != nil { // those of files are checked as they are read
			text, err := st.check(fmt.Sprint(from.value))
			if err != nil {
				return fault.Wrap(fault.Usage, err, "%s", from.from.name)
			}
			from.value = text
		}
		put(st.field(&f), from.value)
		s.origins[st.key] = from.from
	}
	s.Values = f.Values
	return nil
}

// profile decides which profile it is, before anything that depends on it.
func (o Options) profile(s *Settings) error {
	from, _ := o.sources(s.layers, "").Get("profile").(found)
	s.Profile, _ = from.value.(string)
	known := []string{ProfileBaanx, ProfileSandbox}
	for _, l := range s.layers {
		known = append(known, l.order...)
	}
	if o.AnyProfile || slices.Contains(known, s.Profile) {
		return nil
	}
	slices.Sort(known)
	err := fault.New(fault.Usage, "%s: there is no profile %s", from.from, quoted(s.Profile))
	return didYouMean(err, "", s.Profile, slices.Compact(known))
}

// places finishes what the outcome of several settings decides.
func (o Options) places(s *Settings) {
	if s.origins["api_url"].kind == byDefault {
		s.origins["api_url"] = origin{kind: builtIn}
	}
	if rest, ok := strings.CutPrefix(s.DataDir, "~/"); ok {
		s.DataDir = filepath.Join(o.home(), rest)
	}
	if s.DataDir != "" {
		s.DataDir = o.absolute(s.DataDir)
		s.JournalPath = filepath.Join(s.DataDir, journalName)
	}
	if from := s.origins["color"].kind; from == byDefault || from == byFlag {
		return
	}
	// The terminal's own variables win over a file, as an environment does; term reads them itself.
	for _, name := range []string{"NO_COLOR", "CLICOLOR_FORCE"} {
		if o.Getenv(name) != "" {
			s.Color, s.origins["color"] = "auto", origin{kind: byEnv, name: name}
			return
		}
	}
}

// headers lays the profile's headers over those for all profiles. The sandbox gets only its own.
func (s *Settings) headers() {
	add := func(list []header) {
		for _, h := range list {
			for name := range s.Headers {
				if strings.EqualFold(name, h.name) {
					delete(s.Headers, name)
					delete(s.origins, "headers."+name)
				}
			}
			if s.Headers == nil {
				s.Headers = map[string]string{}
			}
			s.Headers[h.name], s.origins["headers."+h.name] = h.value, h.place
		}
	}
	for _, l := range s.layers {
		if s.Profile != ProfileSandbox {
			add(l.top.headers)
		}
	}
	for _, l := range s.layers {
		if b := l.profiles[s.Profile]; b != nil {
			add(b.headers)
		}
	}
}
