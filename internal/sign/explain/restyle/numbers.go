package restyle

// How languages write numbers that they read as floats.

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// numbering is how numbers are written.
type numbering struct {
	id, words string
	write     func(text []byte) string // nil: as they stand
}

func numberings() []numbering {
	return []numbering{
		{},
		{id: "numbers", words: "numbers rewritten, as JavaScript and Go do", write: jsNumber},
		{id: "numbers.python", words: "numbers rewritten, as Python does", write: pythonNumber},
		{id: "numbers.java", words: "numbers rewritten, as Java does", write: javaNumber},
		{id: "numbers.ruby", words: "numbers rewritten, as Ruby does", write: rubyNumber},
		{id: "numbers.php", words: "numbers rewritten, as PHP does", write: phpNumber},
		{id: "numbers.cents", words: "two digits after each decimal point, as money has", write: centsNumber},
	}
}

// numberings are those that write the numbers of the text in different ways.
func (w *Text) numberings() []numbering {
	nums := numberings()
	seen := map[string]bool{}
	return slices.DeleteFunc(nums, func(n numbering) bool {
		if n.write == nil {
			return false
		}
		written, same := w.rewritten(n.write)
		again := seen[written]
		seen[written] = true
		return same || again
	})
}

// rewritten are the numbers of the text as they are written, and whether that is as they stand.
func (w *Text) rewritten(write func([]byte) string) (all string, same bool) {
	var out []byte
	same = true
	for _, l := range w.lex {
		if l.kind == jsonbytes.Number && (bytes.ContainsAny(l.text(w.b), ".eE") || l.end-l.start > longestExact) {
			text := l.text(w.b)
			is := write(text)
			same = same && is == string(text)
			out = append(append(out, is...), ' ')
		}
	}
	return string(out), same
}

// longestExact is how many characters an integer may have that every float holds.
const longestExact = 15

// jsNumber writes a number as JavaScript and Go do after reading it as a float.
func jsNumber(text []byte) string {
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(f, 0) {
		return string(text)
	}
	if f == 0 {
		return "0"
	}
	if a := math.Abs(f); a >= 1e21 || a < 1e-6 {
		s := strconv.FormatFloat(f, 'e', -1, 64)
		s = strings.Replace(s, "e-0", "e-", 1)
		return strings.Replace(s, "e+0", "e+", 1)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// pythonNumber writes a number as Python does: integers stay, the others are shown as floats.
func pythonNumber(text []byte) string {
	if !bytes.ContainsAny(text, ".eE") {
		return string(text)
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(f, 0) {
		return string(text)
	}
	if a := math.Abs(f); f != 0 && (a >= 1e16 || a < 1e-4) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// centsNumber writes a second digit after the decimal point where there is one.
func centsNumber(text []byte) string {
	if i := bytes.IndexByte(text, '.'); i == len(text)-2 && i > 0 {
		return string(text) + "0"
	}
	return string(text)
}

// javaNumber writes a number as Java's Double.toString does; integers stay.
// https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/lang/Double.html#toString(double)
func javaNumber(text []byte) string {
	const low, high = 1e-3, 1e7 // between them no exponent is written
	return floatText(text, func(f float64) bool { return f >= low && f < high }, func(mantissa, exponent string) string {
		return withPoint(mantissa) + "E" + strings.TrimLeft(exponent, "+")
	}, withPoint)
}

// rubyNumber writes a number as Ruby's Float#to_s does; integers stay.
func rubyNumber(text []byte) string {
	const low, high = 1e-4, 1e16
	return floatText(text, func(f float64) bool { return f >= low && f < high }, func(mantissa, exponent string) string {
		if len(exponent) == 2 { // a sign and one digit
			exponent = exponent[:1] + "0" + exponent[1:]
		}
		return withPoint(mantissa) + "e" + exponent
	}, withPoint)
}

// phpNumber writes a number as PHP's json_encode does since 7.1; integers of 64 bits stay.
func phpNumber(text []byte) string {
	const low, high = 1e-4, 1e17
	if _, err := strconv.ParseInt(string(text), 10, 64); err != nil && isWhole(text) {
		text = append(bytes.Clone(text), ".0"...)
	}
	return floatText(text, func(f float64) bool { return f >= low && f < high }, func(mantissa, exponent string) string {
		return withPoint(mantissa) + "e" + exponent
	}, func(digits string) string { return digits })
}

func withPoint(digits string) string {
	if strings.Contains(digits, ".") {
		return digits
	}
	return digits + ".0"
}

// floatText writes a float: those of a size that plain says without an exponent, the others with one, which begins with its sign.
func floatText(text []byte, plain func(float64) bool, exponent func(mantissa, exponent string) string, digits func(string) string) string {
	if !bytes.ContainsAny(text, ".eE") {
		return string(text)
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(f, 0) {
		return string(text)
	}
	if f == 0 || plain(math.Abs(f)) {
		return digits(strconv.FormatFloat(f, 'f', -1, 64))
	}
	mantissa, exp, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	return exponent(mantissa, exp[:1]+strings.TrimLeft(exp[1:], "0"))
}
