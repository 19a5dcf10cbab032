package config

// From flags, environment and files to the settings of a run.

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

// Load returns the settings of a run. Errors are usage faults that name the file and line, the flag or the variable.
func Load(o Options) (*Settings, error) {
	o.table = o.Flags.rows()
	return o.load()
}

func (o *Options) load() (*Settings, error) {
	s := &Settings{table: o.table, ConfigDir: o.configDir(), origins: map[string]origin{}}
	var err error
	if s.layers, err = o.layers(s); err != nil {
		return nil, err
	}
	if err := o.profile(s); err != nil {
		return nil, err
	}
	if err := s.take(o.sources(o.table, s.layers, s.Profile)); err != nil {
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

// layers reads the files, the weakest first: the user's own, then the project's. A file that was named replaces both.
func (o *Options) layers(s *Settings) (layers []*layer, err error) {
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

// userLayer reads the user's own file, or the one that was named instead. The layer is nil when there is none.
func (o *Options) userLayer() (l *layer, path string, err error) {
	_, by := o.named()
	if path, err = o.userFile(); err != nil {
		return nil, "", nil //nolint:nilerr // without a home there is no file
	}
	f, err := o.table.readFile(path, func(path string) (*os.File, error) { return openOwn(o.Stopped, o.user(), path, by != "") })
	switch {
	case err != nil:
		return nil, path, err
	case f != nil:
		l, err = f.decode()
		return l, path, err
	case by != "":
		return nil, path, fault.Hint(fault.New(fault.Usage, "%s: there is no config file %s", by, fault.Quote(path)), "check the path, or leave %s out", fault.Word(by))
	default:
		return nil, path, nil
	}
}

// user returns who must own config files.
func (o *Options) user() files.User { return files.User{UID: o.UID, Owner: o.Owner} }

// openOwn opens a config file that the user or root owns. A file that was named may also be a pipe, as the shell's <(…)
// makes, or /dev/null.
func openOwn(stop <-chan struct{}, u files.User, path string, named bool) (*os.File, error) {
	switch fi, err := os.Stat(path); {
	case err != nil: // a link to nothing counts as no file
		return nil, err
	case named && !fi.Mode().IsRegular():
		return files.OpenUntil(stop, path)
	}
	u.OrRoot = true
	return u.Open(path)
}

// sources gives viper all values of some settings. Viper picks the strongest: flag, environment, files, default.
func (o *Options) sources(settings table, layers []*layer, profile string) *viper.Viper {
	v, env, standard := ofFiles(layers, profile), map[string]any{}, o.standard(settings, profile)
	for _, st := range settings {
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

// ofFiles merges the files, the weakest first. In each file the block of the profile wins over the top. The API URL at the
// top is for real accounts, so it does not move the sandbox.
func ofFiles(layers []*layer, profile string) *viper.Viper {
	v := viper.NewWithOptions(viper.KeyDelimiter("\x00")) // keys have dots
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

// variable returns what the environment says about a setting, or nil. Any text but 0, false and no turns a switch on.
func (o *Options) variable(st setting) any {
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

// standard returns the defaults of some settings.
func (o *Options) standard(settings table, profile string) (f Flags) {
	for _, st := range settings {
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

// take copies the value and the origin of each setting.
func (s *Settings) take(v *viper.Viper) error {
	var flags Flags
	for _, st := range s.table {
		f, there := v.Get(st.key).(found)
		if !there {
			continue
		}
		if text, is := f.value.(string); is && (f.from.kind == byFlag || f.from.kind == byEnv) { // values of files were checked with their line
			if text == "" {
				return fault.New(fault.Usage, "%s is empty", f.from.name)
			}
			var err error
			if f.value, err = st.checked(f.from.name, text); err != nil {
				return err
			}
		}
		put(st.field(&flags), f.value)
		s.origins[st.key] = f.from
	}
	s.Values = flags.Values
	return nil
}

// one returns one setting for all profiles.
func (o *Options) one(layers []*layer, key string) found {
	row, _ := o.table.find(key)
	f, _ := o.sources(table{row}, layers, "").Get(key).(found)
	return f
}

// profile picks the profile, on which other settings depend.
func (o *Options) profile(s *Settings) error {
	f := o.one(s.layers, "profile")
	s.Profile, _ = f.value.(string)
	known := s.profileNames()
	if o.AnyProfile || slices.Contains(known, s.Profile) {
		return nil
	}
	return didYouMean(fault.New(fault.Usage, "%s: there is no profile %s", f.from.given(), quoted(s.Profile)), "", s.Profile, known)
}

// places sets the paths and origins that follow from several settings.
func (o *Options) places(s *Settings) {
	if s.origins["api_url"].kind == byDefault {
		s.origins["api_url"] = origin{kind: builtIn}
	}
	if from := s.origins["samples"]; s.Samples != "" && from.kind == "" {
		if !filepath.IsAbs(s.Samples) && !strings.HasPrefix(s.Samples, "~/") {
			s.Samples = filepath.Join(filepath.Dir(from.name), s.Samples)
			if from.name == s.ProjectFile {
				s.SamplesIn = filepath.Dir(from.name)
			}
		}
		s.Samples = o.folder(s.Samples)
	}
	if s.DataDir = o.folder(s.DataDir); s.DataDir != "" {
		s.JournalPath = filepath.Join(s.DataDir, journalName)
	}
	if from := s.origins["color"].kind; from == byDefault || from == byFlag {
		return
	}
	// The terminal's own variables win over a file, as the environment does. Package term reads them.
	for _, name := range []string{"NO_COLOR", "CLICOLOR_FORCE"} {
		if o.Getenv(name) != "" {
			s.Color, s.origins["color"] = "auto", origin{kind: byEnv, name: name}
			return
		}
	}
}

// headers merges the headers of all profiles with those of the profile, which win. The sandbox has only its own.
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
