package restyle

// Bytes and dicts as Python shows them.

import (
	"bytes"
	"strconv"

	"github.com/whctl/whctl/internal/jsonbytes"
)

// PythonBytes is what Python's str() shows for bytes: b'…'.
func PythonBytes(b []byte) []byte {
	quote := byte('\'')
	if bytes.IndexByte(b, '\'') >= 0 && bytes.IndexByte(b, '"') < 0 {
		quote = '"'
	}
	out := append(make([]byte, 0, len(b)+8), 'b', quote)
	for _, c := range b {
		switch {
		case c == quote || c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r':
			out = append(out, `\r`...)
		case c == '\t':
			out = append(out, `\t`...)
		case c < ' ' || c >= 0x7f:
			out = append(out, '\\', 'x', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		default:
			out = append(out, c)
		}
	}
	return append(out, quote)
}

// Unpython reads text of the form b'…'.
func Unpython(b []byte) ([]byte, bool) {
	if len(b) < 3 || b[0] != 'b' || b[1] != '\'' && b[1] != '"' || b[len(b)-1] != b[1] {
		return nil, false
	}
	b = b[2 : len(b)-1]
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' || i+1 >= len(b) {
			out = append(out, b[i])
			continue
		}
		i++
		switch c := b[i]; c {
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'x':
			n, err := strconv.ParseUint(string(b[i+1:min(i+3, len(b))]), 16, 8)
			if err != nil {
				return nil, false
			}
			out = append(out, byte(n))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return out, true
}

// PythonRepr is what Python shows for a dict that was read from the JSON text; nil when it is none.
func PythonRepr(b []byte) []byte {
	w, ok := Parse(b)
	if !ok {
		return nil
	}
	var out []byte
	plain := spelling{}
	for _, l := range w.lex {
		text := b[l.start:l.end]
		switch l.kind {
		case ',', ':':
			out = append(append(out, text...), ' ')
		case jsonbytes.String:
			inner := plain.append(nil, text)
			out = append(out, pythonString(inner[1:len(inner)-1])...)
		case jsonbytes.Word:
			out = append(out, pythonWord(string(text))...)
		case jsonbytes.Number:
			out = append(out, pythonNumber(text)...)
		default:
			out = append(out, text...)
		}
	}
	return out
}

func pythonWord(s string) string {
	switch s {
	case "true":
		return "True"
	case "false":
		return "False"
	case "null":
		return "None"
	default:
		return s
	}
}

// pythonString turns the inside of a JSON string with few escapes into Python's way of showing it.
func pythonString(inner []byte) []byte {
	inner = bytes.ReplaceAll(inner, []byte(`\"`), []byte(`"`))
	quote := byte('\'')
	if bytes.IndexByte(inner, '\'') >= 0 {
		if bytes.IndexByte(inner, '"') < 0 {
			quote = '"'
		} else {
			inner = bytes.ReplaceAll(inner, []byte(`'`), []byte(`\'`))
		}
	}
	return append(append([]byte{quote}, inner...), quote)
}
