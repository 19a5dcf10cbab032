package journal

// Ids. An id is 50 bits, written as ten Crockford characters, and the row's key. It counts 1/512 ms since 2020, or is one more than
// the previous id where that is larger, so ids sort in the order of recording whatever the clock does. The writer gives them out
// under SQLite's write lock, so they are unique across processes.

import (
	"strings"
	"time"
)

const (
	idChars   = 10
	idMax     = 1<<50 - 1
	idPerMs   = 512
	idEpochMs = 1577836800000 // 2020-01-01
	crockford = "0123456789abcdefghjkmnpqrstvwxyz"
)

// idAt is the id that belongs to t, or 0 when t is outside of what ids can say (2020 to 2089).
func idAt(t time.Time) int64 {
	ms := t.UnixMilli() - idEpochMs
	if ms < 0 || ms > idMax/idPerMs {
		return 0
	}
	sub := int64(t.Nanosecond()%int(time.Millisecond)) * idPerMs / int64(time.Millisecond)
	return ms*idPerMs + sub
}

// timeOf is the time that belongs to an id, in whole milliseconds.
func timeOf(id int64) time.Time { return time.UnixMilli(id/idPerMs + idEpochMs) }

// nextID is the id after prev for something recorded at t.
func nextID(prev int64, t time.Time) int64 {
	return max(prev+1, idAt(t))
}

func formatID(n int64) string {
	var b [idChars]byte
	for i := idChars - 1; i >= 0; i-- {
		b[i] = crockford[n&31]
		n >>= 5
	}
	return string(b[:])
}

// idRange gives the lowest and highest id that begin with prefix. Letters that are easily mistaken for digits are
// read as those, as Crockford has it, and case does not count.
func idRange(prefix string) (lo, hi int64, ok bool) {
	if prefix == "" || len(prefix) > idChars {
		return 0, 0, false
	}
	for i := range len(prefix) {
		v := idDigit(prefix[i])
		if v < 0 {
			return 0, 0, false
		}
		lo = lo<<5 | v
	}
	rest := 5 * (idChars - len(prefix))
	return lo << rest, lo<<rest | (1<<rest - 1), true
}

// parseID reads a whole id.
func parseID(s string) (int64, bool) {
	lo, hi, ok := idRange(s)
	return lo, ok && lo == hi
}

func idDigit(c byte) int64 {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	switch c {
	case 'o':
		c = '0'
	case 'i', 'l':
		c = '1'
	}
	return int64(strings.IndexByte(crockford, c))
}
