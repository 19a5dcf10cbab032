package restyle

// A number as digits and an exponent, so that no digit is lost, and the ways to write it.

import (
	"bytes"
	"strconv"
	"strings"
)

// decimal is digits × 10^exp. The digits begin and end with no zero; zero has none.
type decimal struct {
	sign   string // "-" or ""
	digits string
	exp    int
}

// Bounds of a number that is written in other ways.
const (
	maxDecimal  = 64  // bytes
	maxExponent = 308 // of a float
)

func parseDecimal(text []byte) (decimal, bool) {
	if len(text) > maxDecimal {
		return decimal{}, false
	}
	var d decimal
	s := string(text)
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		d.sign, s = "-", rest
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(s[i+1:])
		if err != nil || n > maxExponent || n < -maxExponent {
			return decimal{}, false
		}
		d.exp, s = n, s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	d.exp -= len(fraction)
	d.digits = strings.TrimLeft(whole+fraction, "0")
	if strings.Trim(whole+fraction, "0123456789") != "" || whole == "" {
		return decimal{}, false
	}
	n := len(d.digits)
	d.digits = strings.TrimRight(d.digits, "0")
	d.exp += n - len(d.digits)
	if d.digits == "" {
		d.exp = 0
	}
	return d, true
}

// plain writes it without an exponent.
func (d *decimal) plain() string {
	switch n := len(d.digits); {
	case n == 0:
		return d.sign + "0"
	case d.exp >= 0:
		return d.sign + d.digits + strings.Repeat("0", d.exp)
	case -d.exp < n:
		return d.sign + d.digits[:n+d.exp] + "." + d.digits[n+d.exp:]
	default:
		return d.sign + "0." + strings.Repeat("0", -d.exp-n) + d.digits
	}
}

// withExponent writes it with one: point says that the mantissa has a .0 where it has no other digit, e is the letter with a sign
// that goes before exponents that are not negative. Zero has none: "".
func (d *decimal) withExponent(point bool, e, plus string) string {
	if d.digits == "" {
		return ""
	}
	mantissa, exp := d.digits[:1], d.exp+len(d.digits)-1
	switch {
	case len(d.digits) > 1:
		mantissa += "." + d.digits[1:]
	case point:
		mantissa += ".0"
	}
	if exp < 0 {
		plus = ""
	}
	return d.sign + mantissa + e + plus + strconv.Itoa(exp)
}

// isWhole says whether a number is written as an integer.
func isWhole(text []byte) bool { return !bytes.ContainsAny(text, ".eE") }
