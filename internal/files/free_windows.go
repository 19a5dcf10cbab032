package files

import "golang.org/x/sys/windows"

// Free is how many bytes this user may still write on the disk that holds path, negative where that is not known.
func Free(path string) int64 {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return -1
	}
	var free uint64
	if windows.GetDiskFreeSpaceEx(name, &free, nil, nil) != nil {
		return -1
	}
	return int64(free) //nolint:gosec // no disk has so many
}
