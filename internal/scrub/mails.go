package scrub

// Mail addresses.

import "bytes"

const (
	mostLocal  = 64  // bytes before the @ (RFC 5321, 4.5.3.1.1)
	mostDomain = 255 // bytes behind it
)

// findMails finds mail addresses: a local part without quotes, and a domain with a dot. One that the end of the text cut off needs no
// dot.
func findMails(b []byte, cut bool, found func(from, to int)) {
	for at := range occurrences(b, "@") {
		from := at
		for from > 0 && at-from < mostLocal && localByte(b[from-1]) {
			from--
		}
		to := at + 1
		for to < len(b) && to-at <= mostDomain && domainByte(b[to]) {
			to++
		}
		end := cut && to == len(b)
		if !end {
			to = at + 1 + len(bytes.TrimRight(b[at+1:to], ".-"))
		}
		if from == at || isAddress(b[from:to]) {
			continue
		}
		if dot := bytes.LastIndexByte(b[at+1:to], '.'); end || dot > 0 && letters(b[at+1+dot+1:to]) {
			found(from, to)
		}
	}
}

// localByte says whether a byte may stand before the @ without quotes (RFC 5321, 4.1.2, and RFC 6531 for others than ASCII), and is none
// that texts, forms and markup have in front of an address.
func localByte(c byte) bool {
	return alphanumeric(c) || c >= 0x80 || bytes.IndexByte([]byte(".!#$%*+^_`~-'"), c) >= 0
}

func domainByte(c byte) bool { return alphanumeric(c) || c >= 0x80 || c == '.' || c == '-' }

// letters says whether this may be the last label of a domain.
func letters(label []byte) bool {
	if len(label) < 2 {
		return false
	}
	digits := bytes.Trim(label, "0123456789")
	return len(digits) > 0
}

func alphanumeric(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
