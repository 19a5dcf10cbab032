package scrub

// What stands in the place of a value.

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

const (
	wordStart = "scrubbed-"
	wordHex   = 12 // digits that follow wordStart
	// domain is that of mail addresses. No such name can be registered (RFC 2606, 2).
	domain = "@scrubbed.invalid"
	// numberDigits are those of a number that replaces another. Every reader of JSON keeps that many (RFC 8259, 6).
	numberDigits = 15
)

// sum is what a replacement is made of.
func (s *Scrubber) sum(rule string, value []byte) []byte {
	h := hmac.New(sha256.New, s.key)
	_, _ = h.Write([]byte(rule))
	_, _ = h.Write([]byte{0})
	_, _ = h.Write(value)
	return h.Sum(nil)
}

func (s *Scrubber) hex(rule string, value []byte) string {
	return hex.EncodeToString(s.sum(rule, value))[:wordHex]
}

// word stands for a text.
func (s *Scrubber) word(value []byte) string { return wordStart + s.hex("value", value) }

// address stands for a mail address. Capitals make no other one.
func (s *Scrubber) address(value []byte) string { return s.hex(Email, bytes.ToLower(value)) + domain }

// number stands for a number.
func (s *Scrubber) number(value []byte) string {
	return string(s.digits("number", value, numberDigits))
}

// scalar stands for a value: digits for a number, so that JSON stays JSON wherever it stands.
func (s *Scrubber) scalar(value []byte) string {
	if len(bytes.Trim(value, "0123456789+-.eE")) == 0 && bytes.ContainsAny(value, "0123456789") {
		return s.number(value)
	}
	return s.word(value)
}

// digits are n digits, the first of which is a 9: few card numbers begin with one, and a number of JSON may not begin with 0.
func (s *Scrubber) digits(rule string, value []byte, n int) []byte {
	out := []byte{'9'}
	for block := byte(0); len(out) < n; block++ {
		sum := s.sum(rule, append(bytes.Clone(value), block))
		for ; len(sum) >= 4 && len(out) < n; sum = sum[4:] {
			out = append(out, '0'+byte(binary.BigEndian.Uint32(sum)%10))
		}
	}
	return out
}

// card stands for a card number: as many digits with the same blanks and dashes, which are no card number.
func (s *Scrubber) card(value []byte) string {
	plain := onlyDigits(value)
	digits := s.digits(Cards, plain, len(plain))
	if luhn(digits, len(digits)) {
		last := &digits[len(digits)-1]
		*last = '0' + (*last-'0'+1)%10
	}
	out := bytes.Clone(value)
	for i, n := 0, 0; i < len(out); i++ {
		if isDigit(out[i]) {
			out[i] = digits[n]
			n++
		}
	}
	return string(out)
}

// isWord says whether a text is the replacement of another.
func isWord(b []byte) bool {
	rest, is := bytes.CutPrefix(b, []byte(wordStart))
	return is && isHex(rest)
}

// isAddress says whether an address is the replacement of another.
func isAddress(b []byte) bool {
	rest, is := bytes.CutSuffix(b, []byte(domain))
	return is && isHex(rest)
}

func isHex(b []byte) bool { return len(b) == wordHex && len(bytes.Trim(b, "0123456789abcdef")) == 0 }
