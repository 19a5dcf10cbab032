package scheme

import (
	"strconv"
	"strings"
	"time"
)

// directive is one piece of a strftime layout: a literal (verb 0) or a conversion.
type directive struct {
	verb byte
	text string
}

// layoutVerbs are the conversions that are understood.
const layoutVerbs = "aAbBdeHIjLmMpSfyYZzs"

// parseLayoutText cuts a strftime layout into directives, unfolding %T, %F, %D and %R.
func parseLayoutText(s string) (out []directive, problem string) {
	long := strings.NewReplacer("%T", "%H:%M:%S", "%F", "%Y-%m-%d", "%D", "%m/%d/%y", "%R", "%H:%M", "%%", "%%")
	s = long.Replace(s)
	for s != "" {
		i := strings.IndexByte(s, '%')
		switch {
		case i < 0:
			return append(out, directive{text: s}), ""
		case i > 0:
			out = append(out, directive{text: s[:i]})
		}
		if i+1 >= len(s) {
			return nil, "the layout ends in a lone %"
		}
		verb := s[i+1]
		switch {
		case verb == '%':
			out = append(out, directive{text: "%"})
		case strings.IndexByte(layoutVerbs, verb) >= 0:
			out = append(out, directive{verb: verb})
		default:
			return nil, "unknown conversion " + Quote("%"+string(rune(verb))) + "; known are %" + strings.Join(strings.Split(layoutVerbs, ""), " %")
		}
		s = s[i+2:]
	}
	return out, ""
}

func formatLayout(layout []directive, t time.Time) string {
	var b strings.Builder
	for _, d := range layout {
		if d.verb == 0 {
			b.WriteString(d.text)
			continue
		}
		switch d.verb {
		case 's':
			b.WriteString(strconv.FormatInt(t.Unix(), 10))
		case 'j':
			b.WriteString(pad(t.YearDay(), 3))
		case 'L':
			b.WriteString(pad(t.Nanosecond()/1e6, 3))
		case 'f':
			b.WriteString(pad(t.Nanosecond()/1e3, 6))
		default:
			b.WriteString(t.Format(goVerb(d.verb)))
		}
	}
	return b.String()
}

// goVerb is the layout of package time for a conversion that has one.
func goVerb(verb byte) string {
	switch verb {
	case 'a':
		return "Mon"
	case 'A':
		return "Monday"
	case 'b':
		return "Jan"
	case 'B':
		return "January"
	case 'd':
		return "02"
	case 'e':
		return "_2"
	case 'H':
		return "15"
	case 'I':
		return "03"
	case 'm':
		return "01"
	case 'M':
		return "04"
	case 'p':
		return "PM"
	case 'S':
		return "05"
	case 'y':
		return "06"
	case 'Y':
		return "2006"
	case 'Z':
		return "MST"
	default:
		return "-0700"
	}
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", max(0, width-len(s))) + s
}

// parseLayout reads a time by a strftime layout. Zone names other than UTC, GMT and Z are refused: they are ambiguous.
func parseLayout(layout []directive, s string) (time.Time, string) {
	const problem = "is not a time in the scheme's layout"
	var goLayout, text strings.Builder
	unix, isUnix := int64(0), false
	for _, d := range layout {
		n := fieldLength(d, s)
		if n < 0 || n > len(s) {
			return time.Time{}, problem
		}
		field := s[:n]
		s = s[n:]
		switch d.verb {
		case 0:
			if field != d.text {
				return time.Time{}, problem
			}
			continue
		case 'Z':
			if field != "UTC" && field != "GMT" && field != "Z" {
				return time.Time{}, problem + " (zone names other than UTC are ambiguous)"
			}
			continue
		case 's':
			v, bad := ParseDigits(field)
			if bad != "" || v > MaxUnix {
				return time.Time{}, problem
			}
			unix, isUnix = v, true
			continue
		}
		// Each field is parsed by package time on its own line, so that literals cannot be taken for layout.
		goLayout.WriteString(fieldLayout(d.verb) + "\n")
		text.WriteString(fieldText(d.verb, field) + "\n")
	}
	if s != "" {
		return time.Time{}, problem
	}
	if isUnix {
		return time.Unix(unix, 0).UTC(), ""
	}
	t, err := time.Parse(goLayout.String(), text.String())
	if err != nil {
		return time.Time{}, problem
	}
	return t.UTC(), ""
}

func fieldLayout(verb byte) string {
	switch verb {
	case 'L':
		return "0.000"
	case 'f':
		return "0.000000"
	case 'j':
		return "002"
	case 'e':
		return "2"
	default:
		return goVerb(verb)
	}
}

func fieldText(verb byte, field string) string {
	switch verb {
	case 'L', 'f':
		return "0." + field
	case 'e':
		return strings.TrimLeft(field, " ")
	default:
		return field
	}
}

// fieldLength is how many bytes of s a directive takes, or -1.
func fieldLength(d directive, s string) int {
	switch d.verb {
	case 0:
		return len(d.text)
	case 'd', 'e', 'H', 'I', 'm', 'M', 'p', 'S', 'y':
		return 2
	case 'a', 'b', 'j', 'L':
		return 3
	case 'Y':
		return 4
	case 'z':
		return 5
	case 'f':
		return 6
	}
	letters := 0
	for letters < len(s) && IsWordByte(s[letters]) {
		letters++
	}
	if letters == 0 {
		return -1
	}
	return letters
}

// IsWordByte says whether a byte is a letter or digit of ASCII.
func IsWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
