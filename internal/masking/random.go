package masking

// Secrets that look random.

import "strings"

const (
	longRun = 20 // a run this long without a word in it is no name
	odd     = 7  // one change in so many characters is more than names have
	longHex = 32 // hex digits that are no id: 16 bytes and more
)

// Secret says whether a word looks like a key or a token: by its form, or because it is long and random. UUIDs, times, paths,
// host names, event types and the event ids of platforms do not.
func Secret(word string) bool { return Text(word) != word }

// random says whether a run of letters and digits is random. Names and numbers that people read seldom change between letters and
// digits, or between small and capital letters; a random text does all the time.
func random(run string) bool {
	core := strings.TrimRight(run, "=")
	if len(core) < longRun || uuid(core) || ulid(core) || platformID(core) { // ids are no secrets
		return false
	}
	digits, small, capital := count(core)
	switch {
	case small+capital == 0, digits == 0 && (small == 0 || capital == 0):
		return false
	case hex(core):
		return len(core) >= longHex
	case digits == 0: // names in CamelCase have one capital a word
		return len(core) >= longHex && pairs(core) >= 5 && capital*3 >= len(core)
	default:
		return changes(core)*odd >= len(core)
	}
}

func count(s string) (digits, small, capital int) {
	for _, c := range s {
		switch kindOf(c) {
		case digit:
			digits++
		case lower:
			small++
		case upper:
			capital++
		}
	}
	return digits, small, capital
}

// The kinds of characters that a text changes between.
const (
	other = iota
	digit
	lower
	upper
)

func kindOf(c rune) int {
	switch {
	case c >= '0' && c <= '9':
		return digit
	case c >= 'A' && c <= 'Z':
		return upper
	case c >= 'a' && c <= 'z':
		return lower
	default:
		return other
	}
}

// changes counts how often a text goes from one kind of character to another. A capital that begins a word of a name, as in
// KeyThatGoesNowhere, does not count.
func changes(s string) int {
	n, run, last := 0, 0, other
	for i, c := range s {
		kind := kindOf(c)
		switch {
		case kind == other:
			continue
		case kind == last:
			run++
			continue
		case last == other, last == upper && kind == lower:
		case last == lower && kind == upper && run > 1 && i+1 < len(s) && kindOf(rune(s[i+1])) == lower:
		default:
			n++
		}
		run, last = 1, kind
	}
	return n
}

// pairs counts capitals that follow capitals.
func pairs(s string) int {
	n, last := 0, other
	for _, c := range s {
		kind := kindOf(c)
		if kind == upper && last == upper {
			n++
		}
		last = kind
	}
	return n
}

func hex(s string) bool {
	return strings.Trim(s, "0123456789abcdef") == "" || strings.Trim(s, "0123456789ABCDEF") == ""
}

func uuid(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash && c != '-' || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}

// ulid is a time and randomness in 26 characters, which much software counts its events with.
func ulid(s string) bool {
	return len(s) == 26 && s[0] >= '0' && s[0] <= '7' && strings.Trim(s, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == ""
}

// platformID is an id that says what it is the id of: evt_1NG8Du2eZvKYlo2CUI79vXWy, msg_2KWPBgLlAfxdpx2AI54pPJ85f4W.
func platformID(s string) bool {
	if strings.HasPrefix(s, "WH-") { // PayPal's, in capitals and two parts
		return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
	}
	const longest = 32
	for _, p := range []string{
		"evt_", "evt-", "ev_", "event_", "msg_", "we_", "wh_", "whe_", "webhook_", "ep_", "app_", "acct_", "ch_", "pi_", "in_", "sub_", "cus_", "req_", "ord_",
		"order_", "pay_", "txn_", "tx_", "card_", "user_", "usr_", "org_", "run_", "job_", "del_", "dlv_", "ntf_", "ntfset_", "prod_", "price_", "PAYID-",
	} {
		if rest, is := strings.CutPrefix(s, p); is && len(rest) <= longest {
			return true
		}
	}
	return false
}
