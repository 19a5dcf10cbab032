package scheme

// Times in a layout of strftime.

import (
	"errors"
	"strings"
	"time"

	"github.com/ncruces/go-strftime"
)

// layout is a strftime layout. The library writes times by one; it reads none with %s or with digits between the fields,
// which schemes may have, so reading is done here, field by field.
type layout struct {
	text       string
	directives []directive
}

// directive is one piece of a strftime layout: a literal (verb 0) or a conversion.
type directive struct {
	verb byte
	text string
}

// layoutVerbs are the conversions that are understood.
const layoutVerbs = "aAbBdeHIjLmMpSfyYZzs"

var (
	errLayout = errors.New("is not a time in the scheme's layout")
	errZone   = errors.New("is not a time in the scheme's layout (zone names other than UTC are ambiguous)")
)

// parseLayout cuts a strftime layout into directives, unfolding %T, %F, %D and %R.
func parseLayout(text string) (l layout, problem string) {
	l.text = strings.NewReplacer("%T", "%H:%M:%S", "%F", "%Y-%m-%d", "%D", "%m/%d/%y", "%R", "%H:%M", "%%", "%%").Replace(text)
	conversions := 0
	for s := l.text; s != ""; {
		i := strings.IndexByte(s, '%')
		switch {
		case i < 0:
			i = len(s)
		case i+1 >= len(s):
			return l, "the layout ends in a lone %"
		}
		if i > 0 {
			l.directives, s = append(l.directives, directive{text: s[:i]}), s[i:]
			continue
		}
		switch verb := s[1]; {
		case verb == '%':
			l.directives = append(l.directives, directive{text: "%"})
		case strings.IndexByte(layoutVerbs, verb) >= 0:
			l.directives = append(l.directives, directive{verb: verb})
			conversions++
		default:
			return l, "unknown conversion " + Quote("%"+string(rune(verb))) + "; known are %" + strings.Join(strings.Split(layoutVerbs, ""), " %")
		}
		s = s[2:]
	}
	if conversions == 0 {
		return l, "the layout holds no conversion such as %Y"
	}
	return l, ""
}

func (l *layout) format(t time.Time) string { return strftime.Format(l.text, t.UTC()) }

// parse reads a time. Zone names other than UTC, GMT and Z are refused: they are ambiguous.
func (l *layout) parse(s string) (time.Time, error) {
	var goLayout, text strings.Builder
	unix, isUnix := int64(0), false
	for _, d := range l.directives {
		n := d.length(s)
		if n < 0 || n > len(s) {
			return time.Time{}, errLayout
		}
		field := s[:n]
		s = s[n:]
		switch d.verb {
		case 0:
			if field != d.text {
				return time.Time{}, errLayout
			}
			continue
		case 'Z':
			if field != "UTC" && field != "GMT" && field != "Z" {
				return time.Time{}, errZone
			}
			continue
		case 's':
			v, err := ParseDigits(field)
			if err != nil || v > MaxUnix {
				return time.Time{}, errLayout
			}
			unix, isUnix = v, true
			continue
		}
		// Each field is parsed by package time on its own line, so that literals cannot be taken for layout.
		form, value := d.goForm(field)
		goLayout.WriteString(form + "\n")
		text.WriteString(value + "\n")
	}
	t, err := time.Parse(goLayout.String(), text.String())
	switch {
	case s != "":
		return time.Time{}, errLayout
	case isUnix:
		return time.Unix(unix, 0).UTC(), nil
	case err != nil:
		return time.Time{}, errLayout
	default:
		return t.UTC(), nil
	}
}

// goForm is a field in the form that package time reads, with the layout for it.
func (d *directive) goForm(field string) (form, value string) {
	switch d.verb {
	case 'L':
		return "0.000", "0." + field
	case 'f':
		return "0.000000", "0." + field
	case 'e':
		return "2", strings.TrimLeft(field, " ")
	}
	form, _ = strftime.Layout("%" + string(rune(d.verb))) // which knows each of the others
	return form, field
}

// length is how many bytes of a text a directive takes, or -1.
func (d *directive) length(s string) int {
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
