package scrub

// Card numbers.

import (
	"bytes"
	"cmp"
	"slices"
)

const (
	leastCard = 13 // digits (ISO/IEC 7812-1)
	mostCard  = 19
	// mostGroups are as many as pairs of digits make. Digits that stand one by one are no number.
	mostGroups = 10
	airline    = 15 // digits of an airline's card, the only one that begins with 1
	// leastCut is how many digits at the end of a text that was cut off are taken for the beginning of a card number. The first six
	// name the bank alone.
	leastCut = 7
)

// group is a run of digits.
type group struct{ from, to int }

// window is a row of groups that may be a card number.
type window struct {
	group

	digits int
	rank   int
}

// findCards finds card numbers, in one piece or in groups with one blank, dash or plus between.
func findCards(b []byte, cut bool, found func(from, to int)) {
	var run []group
	flush := func(end bool) {
		cards(b, run, found)
		if end && cut {
			cutCard(b, run, found)
		}
		run = run[:0]
	}
	for i := 0; i < len(b); {
		if !isDigit(b[i]) {
			i++
			continue
		}
		g := group{from: i}
		for i < len(b) && isDigit(b[i]) {
			i++
		}
		g.to = i
		if len(run) > 0 && !separator(b[run[len(run)-1].to:g.from]) {
			flush(false)
		}
		run = append(run, g)
	}
	if len(run) > 0 && len(bytes.Trim(b[run[len(run)-1].to:], " -+")) > 0 {
		flush(false)
	}
	flush(true)
}

// separator says whether people write this between the digits of one card number: a blank or a dash, of ASCII or as texts have them.
func separator(b []byte) bool {
	return len(b) > 0 && len(b) <= 3 && slices.Contains([]string{" ", "-", "+", "\u00a0", "\u2009", "\u202f", "\u2010", "\u2011", "\u2012", "\u2013"}, string(b))
}

// cards finds the card numbers of a row of groups. Of two that overlap the one counts that is written as cards are.
func cards(b []byte, run []group, found func(from, to int)) {
	var all []window
	for i := range run {
		digits := 0
		for n, g := range run[i:min(i+mostGroups, len(run))] {
			if digits += g.to - g.from; digits > mostCard {
				break
			}
			w := window{group: group{run[i].from, g.to}, digits: digits}
			if digits >= leastCard && w.isCard(b) {
				w.rank = rank(run[i:i+n+1], digits)
				all = append(all, w)
			}
		}
	}
	slices.SortStableFunc(all, func(x, y window) int { return cmp.Or(x.rank-y.rank, (y.to-y.from)-(x.to-x.from)) })
	for _, w := range all { // who takes them leaves out those that overlap one before
		found(w.from, w.to)
	}
}

// rank says how much like a card's number the groups are: 0 for most.
func rank(groups []group, digits int) int {
	switch {
	case len(groups) == 1, len(groups) == 4 && digits == 16:
		return 0
	case digits >= 14 && digits <= 16:
		return 1
	default:
		return 2
	}
}

// isCard says whether digits are a card number. Those that begin with 1 are times of this century, except for those of
// airlines; none begins with 0.
func (w window) isCard(b []byte) bool {
	first := b[w.from]
	if first == '0' || first == '1' && w.digits != airline || !luhn(b[w.from:w.to], w.digits) {
		return false
	}
	return !w.fraction(b) && !w.within(b)
}

// fraction says whether digits are those behind a decimal point.
func (w window) fraction(b []byte) bool {
	return w.from >= 2 && b[w.from-1] == '.' && isDigit(b[w.from-2])
}

// within says whether digits are part of a UUID or of a digest in hex.
func (w window) within(b []byte) bool {
	const uuid, longest = 36, 128
	from, to := w.from, w.to
	for from > 0 && w.from-from < longest && (hexDigit(b[from-1]) >= 0 || b[from-1] == '-') {
		from--
	}
	for to < len(b) && to-w.to < longest && (hexDigit(b[to]) >= 0 || b[to] == '-') {
		to++
	}
	word := b[from:to]
	if dashes := bytes.Count(word, []byte("-")); dashes > 0 {
		return len(word) == uuid && dashes == 4 && word[8] == '-' && word[13] == '-' && word[18] == '-' && word[23] == '-'
	}
	return len(word) >= 32 && len(word) > w.to-w.from
}

// cutCard finds the beginning of a card number that the end of the text cut off.
func cutCard(b []byte, run []group, found func(from, to int)) {
	digits := 0
	for i, g := range slices.Backward(run) {
		digits += g.to - g.from
		if digits >= leastCut && (i == 0 || digits >= leastCard) {
			found(g.from, len(bytes.TrimRight(b, " -+")))
			return
		}
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func onlyDigits(b []byte) []byte {
	out := make([]byte, 0, mostCard)
	for _, c := range b {
		if isDigit(c) {
			out = append(out, c)
		}
	}
	return out
}

// luhn checks the last of some digits (ISO/IEC 7812-1, annex B), between which other bytes may stand.
func luhn(b []byte, digits int) bool {
	sum := 0
	for _, c := range b {
		if !isDigit(c) {
			continue
		}
		n := int(c - '0')
		if digits--; digits%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}
