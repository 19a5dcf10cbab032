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
	if err := o.checkEmpty(); err != nil {
		return nil, err
	}
	s := &Settings{ConfigDir: o.configDir(), origins: map[string]string{}}
	layers, err := o.layers(s)
	if err != nil {
		return nil, err
	}
	r := &resolver{o: o, s: s, layers: layers}
	if err := r.profile(); err != nil {
		return nil, err
	}
	r.file = scalars(layers, s.Profile)
	if err := r.scalars(); err != nil {
		return nil, err
	}
	r.headers()
	r.listen()
	r.schemes()
	s.layers = layers
	return s, nil
}

// checkEmpty refuses flags that were given an empty value: leaving it out is how to say nothing.
func (o Options) checkEmpty() error {
	f := o.Flags
	values := map[string]string{
		"profile": f.Profile, "api-url": f.APIURL, "output": f.Output, "color": f.Color, "scheme": f.Scheme, "config": f.ConfigFile,
	}
	for _, name := range f.Given {
		if value, ok := values[name]; ok && value == "" {
			return fault.New(fault.Usage, "--%s is empty", name)
		}
	}
	return nil
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
	f, found, err := readFile(path, func(path string) (*os.File, error) { return openOwn(o.user(), path, origin != "") })
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

// resolver puts the sources of each setting in order.
type resolver struct {
	o      Options
	s      *Settings
	layers []*layer
	file   *fileScalars // nil without files
}

// fileScalars is what the files say about single values, and where.
type fileScalars struct {
	v      *viper.Viper
	places map[string]string
}

// scalars lays the files over each other: in each its profile's block over its top. What the top of a file says of the
// API's address for all profiles does not go for the sandbox, since a sandbox that is elsewhere is none. nil without files.
func scalars(layers []*layer, profile string) *fileScalars {
	if len(layers) == 0 {
		return nil
	}
	fs := &fileScalars{v: viper.New(), places: map[string]string{}}
	put := func(b *block, but string) {
		values := map[string]any{}
		for key, sc := range b.scalars {
			if key == but {
				continue
			}
			values[key], fs.places[key] = sc.value, sc.place
		}
		// A plain map of scalars cannot fail to merge.
		_ = fs.v.MergeConfigMap(values)
	}
	notFromTop := ""
	if profile == ProfileSandbox {
		notFromTop = "api_url"
	}
	for _, l := range layers {
		put(&l.top, notFromTop)
		if b := l.profiles[profile]; b != nil {
			put(b, "")
		}
	}
	return fs
}

// profile decides which profile it is, before anything that depends on it.
func (r *resolver) profile() error {
	s := r.s
	s.Profile, s.origins["profile"] = ProfileBaanx, originDefault
	for _, l := range r.layers {
		if sc, ok := l.top.scalars["profile"]; ok {
			s.Profile, s.origins["profile"] = fmt.Sprint(sc.value), sc.place
		}
	}
	if v := r.o.Getenv("WHCTL_PROFILE"); v != "" {
		s.Profile, s.origins["profile"] = v, "env WHCTL_PROFILE"
	}
	if v := r.o.Flags.Profile; v != "" {
		s.Profile, s.origins["profile"] = v, "flag --profile"
	}
	known := []string{ProfileBaanx, ProfileSandbox}
	for _, l := range r.layers {
		known = append(known, l.order...)
	}
	if r.o.AnyProfile || slices.Contains(known, s.Profile) {
		return nil
	}
	slices.Sort(known)
	err := fault.New(fault.Usage, "%s: there is no profile %s", s.origins["profile"], quoted(s.Profile))
	return didYouMean(err, nearest(s.Profile, known), slices.Compact(known))
}

// scalars resolves the single values: flag, environment, files, default.
func (r *resolver) scalars() (err error) {
	s, f := r.s, r.o.Flags
	api := BaanxURL
	if s.Profile == ProfileSandbox {
		api = SandboxURL
	}
	pick := func(to *string, key, flag, env, def string, check func(string) (string, error)) {
		if err == nil {
			*to, err = r.pick(key, flag, env, def, check)
		}
	}
	only := func(check func(string) error) func(string) (string, error) {
		return func(v string) (string, error) { return v, check(v) }
	}
	pick(&s.APIURL, "api_url", f.APIURL, "WHCTL_API_URL", api, CheckAPIURL)
	pick(&s.Output, "output", f.Output, "WHCTL_OUTPUT", "text", only(checkOutput))
	pick(&s.Color, "color", f.Color, "", "auto", only(checkColor))
	pick(&s.Scheme, "scheme", f.Scheme, "WHCTL_SCHEME", DefaultScheme, only(func(v string) error { return checkName("scheme", v) }))
	pick(&s.DataDir, "data_dir", "", "WHCTL_DATA_DIR", r.o.dataDir(), only(func(string) error { return nil }))
	if err != nil {
		return err
	}
	r.colorEnv()
	if rest, ok := strings.CutPrefix(s.DataDir, "~/"); ok {
		s.DataDir = filepath.Join(r.o.home(), rest)
	}
	if s.DataDir != "" {
		s.DataDir = r.o.absolute(s.DataDir)
		s.JournalPath = filepath.Join(s.DataDir, journalName)
	}
	if s.APIURL == api && s.origins["api_url"] == originDefault {
		s.origins["api_url"] = originBuiltIn
	}
	s.Quiet = r.flag("quiet", f.Quiet, "")
	s.Debug = r.flag("debug", f.Debug, "")
	s.NoInput = r.flag("no_input", f.NoInput, "CI")
	return nil
}

// pick resolves one string.
func (r *resolver) pick(key, flag, env, def string, check func(string) (string, error)) (string, error) {
	value, origin := def, originDefault
	checkIt := false
	if r.file != nil && r.file.v.IsSet(key) {
		value, origin = r.file.v.GetString(key), r.file.places[key]
	}
	if env != "" && r.o.Getenv(env) != "" {
		value, origin, checkIt = r.o.Getenv(env), "env "+env, true
	}
	if flag != "" {
		value, origin, checkIt = flag, "flag --"+strings.ReplaceAll(key, "_", "-"), true
	}
	r.s.origins[key] = origin
	if !checkIt {
		return value, nil // files are checked as they are read, and there they have a line
	}
	value, err := check(value)
	_, name, _ := strings.Cut(origin, " ")
	return value, fault.Wrap(fault.Usage, err, "%s", name)
}

// colorEnv lets the terminal's own variables win over a file, as an environment does; term reads them itself.
func (r *resolver) colorEnv() {
	if strings.HasPrefix(r.s.origins["color"], "flag ") || r.s.origins["color"] == originDefault {
		return
	}
	for _, name := range []string{"NO_COLOR", "CLICOLOR_FORCE"} {
		if r.o.Getenv(name) != "" {
			r.s.Color, r.s.origins["color"] = "auto", "env "+name
			return
		}
	}
}

// flag resolves one switch. An environment variable turns it on unless it says no in so many words.
func (r *resolver) flag(key string, given bool, env string) bool {
	r.s.origins[key] = originDefault
	on := false
	if r.file != nil && r.file.v.IsSet(key) {
		on, r.s.origins[key] = r.file.v.GetBool(key), r.file.places[key]
	}
	if env != "" {
		if v := strings.ToLower(r.o.Getenv(env)); v != "" && v != "0" && v != "false" && v != "no" {
			on, r.s.origins[key] = true, "env "+env
		}
	}
	if given {
		on, r.s.origins[key] = true, "flag --"+strings.ReplaceAll(key, "_", "-")
	}
	return on
}

// headers lays the profile's headers over those for all profiles. The sandbox gets only its own.
func (r *resolver) headers() {
	s := r.s
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
	for _, l := range r.layers {
		if s.Profile != ProfileSandbox {
			add(l.top.headers)
		}
	}
	for _, l := range r.layers {
		if b := l.profiles[s.Profile]; b != nil {
			add(b.headers)
		}
	}
}

// schemes gathers the user's schemes; a project's own wins over the user's of the same name.
func (r *resolver) schemes() {
	for _, l := range r.layers {
		if r.s.Schemes == nil && len(l.schemes) > 0 {
			r.s.Schemes = map[string]*scheme.Scheme{}
		}
		maps.Copy(r.s.Schemes, l.schemes)
		for name, place := range l.places {
			r.s.origins["schemes."+name] = place
		}
	}
}
