package journal

// Network file systems, as Windows tells them.

import (
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

// fileSystem names the kind of file system that holds path when it is one over a network, or "".
func fileSystem(path string) string {
	volume := filepath.VolumeName(path)
	if strings.HasPrefix(volume, `\\`) {
		return "smb"
	}
	root, err := windows.UTF16PtrFromString(volume + `\`)
	if err != nil || windows.GetDriveType(root) != windows.DRIVE_REMOTE {
		return ""
	}
	return "smb"
}
