package scrub

// The rules that need no name of a value, as a table.

// detector finds what one rule replaces. found is handed where it begins and ends; cut says that the text went on.
type detector struct {
	rule        string
	find        func(b []byte, cut bool, found func(from, to int))
	replacement func(s *Scrubber, value []byte) string
}

// detectors are in the order of their weight: a token may hold what looks like a card number.
func detectors() []detector {
	return []detector{
		{Bearer, findTokens, (*Scrubber).word},
		{Email, findMails, (*Scrubber).address},
		{Cards, findCards, (*Scrubber).card},
	}
}
