package config

import (
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
	v, env, standard := ofFiles(layers, profile), map[string]any{}, o.standard(profile)
	for _, st := range o.table {
		if st.key == "" || st.field == nil {
			continue
		}
		if st.on != Listening { // see ListenOrDefault
			v.SetDefault(st.key, found{get(st.field(&standard)), origin{kind: byDefault}})
		}
		if value := o.variable(st); value != nil {
			env[st.key] = found{value, origin{kind: byEnv, name: st.env}}
		}
		if field := st.field(&o.Flags); st.flag != "" && (!isZero(field) || slices.Contains(o.Flags.Given, st.flag)) {
			v.Set(st.key, found{get(field), origin{kind: byFlag, name: "--" + st.flag}})
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

// variable is what the environment says about a setting; nil is nothing. A switch is turned on by any text but a plain no.
func (o Options) variable(st setting) any {
	if st.env == "" {
		return nil
	}
	switch text := o.Getenv(st.env); {
	case text == "", st.isSwitch() && slices.Contains([]string{"0", "false", "no"}, strings.ToLower(text)):
		return nil
	case st.isSwitch():
		return true
	default:
		return text
	}
}

// standard are the defaults.
func (o Options) standard(profile string) (f Flags) {
	for _, st := range o.table {
		if st.on != Listening {
			st.setDefault(&f)
		}
	}
	f.APIURL, f.DataDir = BaanxURL, o.dataDir()
	if profile == ProfileSandbox {
		f.APIURL = SandboxURL
	}
	return f
}

// take takes over the value of each setting, and where it comes from.
func (s *Settings) take(v *viper.Viper) error {
	var flags Flags
	for _, st := range s.table {
		f, there := v.Get(st.key).(found)
		if !there {
			continue
		}
		if text, is := f.value.(string); is && (f.from.kind == byFlag || f.from.kind == byEnv) { // what files say is checked as it is read
			if text == "" {
				return fault.New(fault.Usage, "%s is empty", f.from.name)
			}
			var err error
			if f.value, err = st.checked(text); err != nil {
				return fault.Wrap(fault.Usage, err, "%s", f.from.name)
			}
		}
		put(st.field(&flags), f.value)
		s.origins[st.key] = f.from
	}
	s.Values = flags.Values
	return nil
}

// profile decides which profile it is, before anything that depends on it.
func (o Options) profile(s *Settings) error {
	row, _ := o.table.find("profile")
	only := o
	only.table = table{row}
	from, _ := only.sources(s.layers, "").Get(row.key).(found)
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
	add := func(b *block) {
		for _, name := range b.headers {
			for other := range s.Headers {
				if strings.EqualFold(name, other) {
					delete(s.Headers, other)
					delete(s.origins, "headers."+other)
				}
			}
			if s.Headers == nil {
				s.Headers = map[string]string{}
			}
			f := b.values["headers."+name]
			s.Headers[name], s.origins["headers."+name] = text(f.value), f.from
		}
	}
	for _, l := range s.layers {
		if s.Profile != ProfileSandbox {
			add(&l.top)
		}
	}
	for _, l := range s.layers {
		if b := l.profiles[s.Profile]; b != nil {
			add(b)
		}
	}
}
