package event

// The form of an event's id, and more ids of that form.

import (
	"io"
	"strings"
)

// IDForm is how the ids of an event look. The zero value makes UUIDs.
type IDForm struct {
	prefix    string
	alphabets []string // one for each character after the prefix; nil: a UUID
	capital   bool     // a UUID in capitals
}

const (
	enough     = 12 // random characters that many ids differ in
	longNumber = 15 // digits of a number that every JSON parser reads exactly
	small      = "abcdefghijklmnopqrstuvwxyz"
	capitals   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	hexSmall   = "0123456789abcdef"
	tens       = "0123456789"
)

// FormOfID is the form of an id. second is another id of the same event, or the same one: what both begin with stays. Where they do
// not differ, what stands before the last _ - : or . stays.
func FormOfID(id, second string) IDForm {
	if IsUUID(id) {
		return IDForm{capital: strings.ContainsAny(id, "ABCDEF")}
	}
	if strings.Trim(id, tens) == "" {
		return numberForm(len(id))
	}
	n := 0
	for n < min(len(id), len(second)) && id[n] == second[n] {
		n++
	}
	if n == len(id) || id == second {
		n = strings.LastIndexAny(id, "_-:.") + 1
	}
	f := IDForm{prefix: id[:n]}
	random := 0
	for i := n; i < len(id); i++ {
		alphabet := alphabetOf(id[i])
		if len(alphabet) > 1 {
			random++
		}
		f.alphabets = append(f.alphabets, alphabet)
	}
	for ; random < enough; random++ {
		f.alphabets = append(f.alphabets, hexSmall)
	}
	return f
}

// numberForm is of an id that may stand in a body as a number, which begins with no zero.
func numberForm(digits int) IDForm {
	if digits < enough-2 {
		digits = longNumber
	}
	f := IDForm{alphabets: []string{tens[1:]}}
	for range digits - 1 {
		f.alphabets = append(f.alphabets, tens)
	}
	return f
}

// alphabetOf is what may stand in place of a character: one of its kind. Others stay.
func alphabetOf(c byte) string {
	switch {
	case c >= '0' && c <= '9':
		return tens
	case c >= 'a' && c <= 'f':
		return hexSmall[10:]
	case c >= 'g' && c <= 'z':
		return small
	case c >= 'A' && c <= 'Z':
		return capitals
	default:
		return string([]byte{c}) // also a part of a longer character
	}
}

// Prefix is what every id of the form begins with.
func (f *IDForm) Prefix() string { return f.prefix }

// New makes an id. The error is that of random.
func (f *IDForm) New(random io.Reader) (string, error) {
	if f.alphabets == nil {
		id, err := NewUUID(random)
		if f.capital {
			id = strings.ToUpper(id)
		}
		return id, err
	}
	raw := make([]byte, len(f.prefix)+len(f.alphabets))
	n := copy(raw, f.prefix)
	if _, err := io.ReadFull(random, raw[n:]); err != nil {
		return "", err
	}
	for i, alphabet := range f.alphabets {
		raw[n+i] = alphabet[int(raw[n+i])%len(alphabet)]
	}
	return string(raw), nil
}
