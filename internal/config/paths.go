package config

// Where the files are.

import (
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

const (
	appName     = "whctl"
	userName    = "config.yaml"
	projectName = ".whctl.yaml"
	journalName = "journal.db"
)

// home returns the user's home folder, or "" when it is unknown.
func (o *Options) home() string {
	name := "HOME"
	if runtime.GOOS == "windows" {
		name = "USERPROFILE"
	}
	switch {
	case o.Home != "":
		return o.Home
	case filepath.IsAbs(o.Getenv(name)):
		return filepath.Clean(o.Getenv(name))
	}
	if u, err := user.Current(); err == nil && filepath.IsAbs(u.HomeDir) {
		return filepath.Clean(u.HomeDir)
	}
	return ""
}

// base returns whctl's folder in the one that an XDG variable names, else in the one that the system's variable names, else
// under home; "" without a home. Relative paths do not count (XDG Base Directory Specification).
func (o *Options) base(xdg, system string, under ...string) string {
	for _, name := range []string{xdg, system} {
		if dir := o.Getenv(name); name != "" && filepath.IsAbs(dir) {
			return filepath.Join(dir, appName)
		}
	}
	if home := o.home(); home != "" {
		return filepath.Join(home, filepath.Join(under...), appName)
	}
	return ""
}

// configDir returns the folder of the user file, or "" without a home.
func (o *Options) configDir() string {
	switch runtime.GOOS {
	case "darwin":
		return o.base("XDG_CONFIG_HOME", "", "Library", "Application Support")
	case "windows":
		return o.base("XDG_CONFIG_HOME", "AppData", "AppData", "Roaming")
	default:
		return o.base("XDG_CONFIG_HOME", "", ".config")
	}
}

// dataDir returns the default folder of journal and keys, or "" without a home.
func (o *Options) dataDir() string {
	system := ""
	if runtime.GOOS == "windows" {
		system = "LocalAppData"
	}
	return o.base("XDG_DATA_HOME", system, ".local", "share")
}

// absolute resolves a path of a flag or variable against the working folder.
func (o *Options) absolute(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	if o.Dir != "" {
		return filepath.Join(o.Dir, path)
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// folder resolves a folder of a setting. "" stays "".
func (o *Options) folder(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(o.home(), rest)
	}
	if path == "" {
		return ""
	}
	return o.absolute(path)
}

// named returns the file that --config or WHCTL_CONFIG names, and which of the two, or "".
func (o *Options) named() (path, by string) {
	switch {
	case o.Flags.ConfigFile != "":
		return o.absolute(o.Flags.ConfigFile), "--config"
	case o.Getenv("WHCTL_CONFIG") != "":
		return o.absolute(o.Getenv("WHCTL_CONFIG")), "WHCTL_CONFIG"
	default:
		return "", ""
	}
}

// UserFile returns the path of the user's config file, or of the one that flag or environment name instead. It reads nothing.
func UserFile(o Options) (string, error) { return o.userFile() }

func (o *Options) userFile() (string, error) {
	if path, _ := o.named(); path != "" {
		return path, nil
	}
	dir := o.configDir()
	if dir == "" {
		return "", fault.Hint(fault.New(fault.Usage, "there is no home folder to keep settings in"), "export HOME=DIR, or --config FILE")
	}
	return filepath.Join(dir, userName), nil
}

// findProject returns the nearest project file from the working folder up to home, or up to the root when home is
// elsewhere. It returns "" when there is none. The search ends at the first file, even if that one is not used.
func (o *Options) findProject() string {
	if o.Dir == "" {
		return ""
	}
	home := o.home()
	for dir := filepath.Clean(o.Dir); ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, projectName)
		if _, err := os.Lstat(path); err == nil {
			return path
		}
		if dir == home || dir == filepath.Dir(dir) {
			return ""
		}
	}
}
