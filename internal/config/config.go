// Package config gathers the settings of a run from flags, environment, project file, user file and defaults into
// one plain struct that knows where each value came from.
package config

import (
	"io/fs"
	"time"

	"github.com/whctl/whctl/internal/sign"
)

// Flags are the settings given on the command line. A zero value means not given, save for names in Given.
type Flags struct {
	Profile    string
	APIURL     string
	Output     string
	Color      string
	Scheme     string
	ConfigFile string
	Quiet      bool
	Debug      bool
	NoInput    bool
	// Given names flags that stood on the command line ("api-url", …), so that an empty value can be told from none.
	Given []string
}

// Options are what settings are made from. Only Getenv is required.
type Options struct {
	Getenv func(string) string
	Dir    string // the working folder as an absolute path; "" means that no project file is looked for
	Home   string // the user's home folder; "" means $HOME ($USERPROFILE on Windows)
	Flags  Flags
	UID    int // the user that must own a project file; 0 is root, so callers give os.Getuid()
	// Owner tells who owns a file; ok is false where files have no such owner. nil asks the operating system.
	Owner func(path string, fi fs.FileInfo) (uid int, ok bool)
}

// Settings is the outcome of Load. The caller owns it.
type Settings struct {
	Profile string
	APIURL  string // without a trailing slash
	Output  string // text, json or yaml
	Color   string // auto, always or never
	Quiet   bool
	Debug   bool
	NoInput bool
	Scheme  string            // name of the scheme; LookupScheme finds it
	Headers map[string]string // sent with every call of the management API
	Listen  ListenSettings
	Schemes map[string]*sign.Scheme // the user's own

	ConfigDir   string // folder of the user file, whether it is there or not
	DataDir     string
	JournalPath string
	UserFile    string // the user file's path, or the file named by --config; it need not exist
	ProjectFile string // "" when none was read
	Warnings    []string

	origins map[string]string
}

// ListenSettings is the listen: block. Zero values and nil pointers mean that nothing was set.
type ListenSettings struct {
	Forward   []string
	Routes    []Route
	Addr      string
	Tolerance *time.Duration
	Timeout   *time.Duration
	Retries   *int
	MaxBody   int64 // bytes
	Body      string
	OnInvalid string
	Ack       string
	Events    []string
	Headers   []string // "K: V", as --header takes them
	PublicURL string
	Insecure  bool
	NoVerify  bool
}

// Route sends event types that match Pattern to URL.
type Route struct {
	Pattern string
	URL     string
}

// Value is one setting as `whctl config list` shows it.
type Value struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

// ProfileInfo is one profile as `whctl profile list` shows it.
type ProfileInfo struct {
	Name    string `json:"name"`
	APIURL  string `json:"apiUrl"`
	Scheme  string `json:"scheme"`
	Origin  string `json:"origin"` // file:line, or "built in"
	BuiltIn bool   `json:"builtIn"`
	Active  bool   `json:"active"`
}

// Load makes the settings. Problems in files, flags and environment are usage faults that name their place; a file
// that cannot be read is one too.
func Load(o Options) (*Settings, error) {
	return &Settings{}, nil
}

// Origin tells where a setting came from: "flag --api-url", "env WHCTL_API_URL", "/path/file.yaml:3", "built in" or "default".
func (s *Settings) Origin(key string) string { return s.origins[key] }

// Values lists every setting that has a value, sorted by key.
func (s *Settings) Values() []Value { return nil }

// Get is one setting's value by its key; an unknown key is a usage fault that names the nearest one.
func (s *Settings) Get(key string) (Value, error) { return Value{}, nil }

// Profiles lists the built-in profiles and those of the files, sorted by name.
func (s *Settings) Profiles() []ProfileInfo { return nil }

// LookupScheme finds a scheme among the user's own and the built-in ones; an unknown one is a usage fault that names the nearest.
func (s *Settings) LookupScheme(name string) (*sign.Scheme, error) { return nil, nil }

// BuiltinToken is the sandbox's own token when the profile is sandbox and its API is on loopback, else "".
func (s *Settings) BuiltinToken() string { return "" }

// CheckAPIURL refuses what may not be a management API's base URL and returns it without a trailing slash.
func CheckAPIURL(s string) (string, error) { return s, nil }

// UserFile is the path of the user's config file, or of the one that flag or environment name instead.
func UserFile(o Options) (string, error) { return "", nil }

// Set writes one setting into a config file, keeping its comments. "api_url", "scheme" and "headers.NAME" go to profile
// when it is not empty.
func Set(file, profile, key, value string) error { return nil }

// Unset removes one setting from a config file and tells whether it was there.
func Unset(file, profile, key string) (bool, error) { return false, nil }

// UseProfile makes a profile the default in a config file. It must be built in or one of known.
func UseProfile(file, name string, known []ProfileInfo) error { return nil }

// CreateProfile adds a profile to a config file; one that is there already is a usage fault.
func CreateProfile(file, name string, fields map[string]string) error { return nil }

// DeleteProfile removes a profile from a config file; built-in ones cannot be removed.
func DeleteProfile(file, name string) error { return nil }
