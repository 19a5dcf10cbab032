// Package config gathers the settings of a run from flags, environment, project file, user file and defaults into
// one plain struct that knows where each value came from.
package config

import (
	"io/fs"

	"github.com/whctl/whctl/internal/sign/scheme"
)

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

	table table
}

// Settings is the outcome of Load. The caller owns it.
type Settings struct {
	Values
	Headers map[string]string         // sent with every call of the management API
	Schemes map[string]*scheme.Scheme // the user's own

	ConfigDir   string // folder of the user file, whether it is there or not
	JournalPath string
	UserFile    string // the user file's path, or the file named by --config; it need not exist
	ProjectFile string // "" when none was read
	// ProjectTrusted says that the project file sets what only one that the user trusts may set.
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
	SandboxURL     = "http://127.0.0.1:4141"
	DefaultScheme  = "baanx"
)
