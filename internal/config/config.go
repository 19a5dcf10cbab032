// Package config loads the settings of a run from flags, environment, config files and defaults, and remembers where each
// value came from.
package config

import (
	"io/fs"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// Options are the sources of settings. Only Getenv is required.
type Options struct {
	Getenv func(string) string
	Dir    string // the working folder, absolute; "" reads no project file
	Home   string // the user's home folder; "" asks environment and system
	Flags  Flags
	UID    int // who must own a project file: os.Getuid(), since the zero value is root
	// Owner returns the owner of a file; ok is false where files have none. nil asks the file system.
	Owner func(path string, fi fs.FileInfo) (uid int, ok bool)
	// AnyProfile accepts a profile that does not exist, for the commands that list, make and remove profiles.
	AnyProfile bool
	// Stopped ends a wait for a config file that is a pipe.
	Stopped <-chan struct{}

	table table
}

// Settings are what Load returns. The caller owns them.
type Settings struct {
	Values
	Headers map[string]string         // sent with every call of the management API
	Schemes map[string]*scheme.Scheme // the user's own

	ConfigDir   string // folder of the user file; it need not exist
	JournalPath string
	SamplesIn   string // the folder of the project file that names Samples, which must not lead out of it; "": the user's own does
	UserFile    string // the user file's path, or the file named by --config; it need not exist
	ProjectFile string // "" when none was read
	// ProjectTrusted reports that the project file sets something that only a trusted one may.
	ProjectTrusted bool
	Warnings       []string

	table   table
	origins map[string]origin
	layers  []*layer
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
	GitHubURL      = "https://api.github.com"
	SandboxURL     = "http://127.0.0.1:4141"
	DefaultScheme  = "baanx"
)
