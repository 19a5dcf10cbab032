// Package config gathers the settings of a run from flags, environment, project file, user file and defaults into
// one plain struct that knows where each value came from.
package config

import (
	"io/fs"
	"time"

	"github.com/whctl/whctl/internal/sign/scheme"
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
	Home   string // the user's home folder; "" means what environment and system say
	Flags  Flags
	UID    int // who must own a project file; callers give os.Getuid(), as the zero value is root
	// Owner tells who owns a file; ok is false where files have no such owner. nil asks the file system.
	Owner func(path string, fi fs.FileInfo) (uid int, ok bool)
	// AnyProfile takes a profile that is not there, for the commands that list, make and remove profiles.
	AnyProfile bool
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
	Schemes map[string]*scheme.Scheme // the user's own

	ConfigDir   string // folder of the user file, whether it is there or not
	DataDir     string
	JournalPath string
	UserFile    string // the user file's path, or the file named by --config; it need not exist
	ProjectFile string // "" when none was read
	// ProjectTrusted says that the project file sets what only one that the user trusts may set.
	ProjectTrusted bool
	Warnings       []string

	origins map[string]string
	layers  []*layer
}

// ListenSettings is the listen: block. Zero values and nil pointers mean that nothing was set.
type ListenSettings struct {
	Forward   []string
	Addr      string
	Tolerance *time.Duration
	Timeout   *time.Duration
	MaxBody   int64 // bytes
	Body      string
	OnInvalid string
	Events    []string
	Headers   []string // "K: V", as --header takes them
	PublicURL string
	Insecure  bool
	NoVerify  bool
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

// The built-in profiles and defaults.
const (
	ProfileBaanx   = "baanx"
	ProfileSandbox = "sandbox"
	BaanxURL       = "https://api.baanx.com"
	SandboxURL     = "http://127.0.0.1:4141"
	DefaultScheme  = "baanx"
)

const (
	originDefault = "default"
	originBuiltIn = "built in"
)
