package files

// Groups that hold nobody but the user.

import (
	"bufio"
	"os"
	"strconv"
	"strings"
)

// private reports whether the user is alone in a group. A group that the two files do not list, such as one of a directory
// service, counts as shared.
func private(gid, uid int) bool {
	passwd, err := os.Open("/etc/passwd")
	if err != nil {
		return false
	}
	defer passwd.Close() //nolint:errcheck // opened to read
	groups, err := os.Open("/etc/group")
	if err != nil {
		return false
	}
	defer groups.Close() //nolint:errcheck // opened to read
	return alone(bufio.NewScanner(passwd), bufio.NewScanner(groups), strconv.Itoa(gid), strconv.Itoa(uid))
}

// alone reads passwd(5) and group(5). It is true if the group is the first one of this user only and lists nobody else.
func alone(passwd, groups *bufio.Scanner, gid, uid string) bool {
	names := map[string]bool{}
	for passwd.Scan() {
		f := strings.Split(passwd.Text(), ":") // name:password:uid:gid:…
		if len(f) < 4 || f[3] != gid {
			continue
		}
		if f[2] != uid {
			return false
		}
		names[f[0]] = true
	}
	if len(names) == 0 || passwd.Err() != nil {
		return false
	}
	listed := false
	for groups.Scan() {
		f := strings.Split(groups.Text(), ":") // name:password:gid:member,member
		if len(f) < 4 || f[2] != gid {
			continue
		}
		listed = true
		for member := range strings.SplitSeq(f[3], ",") {
			if member != "" && !names[member] {
				return false
			}
		}
	}
	return listed && groups.Err() == nil
}
