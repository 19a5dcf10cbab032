package render

// JSON on one line.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/term"
)

// JSON writes v on one line to Out, as encoding/json does but with <, > and & readable. On a terminal, characters that could
// change it are escaped.
func JSON(t *term.IO, v any) error {
	b, err := encode(v)
	if err != nil {
		return err
	}
	return writeJSON(t, b)
}

// encode gives one line of valid UTF-8, with its newline.
func encode(v any) ([]byte, error) { return encodeInto(new(bytes.Buffer), v) }

// encodeInto is encode with a buffer to use, which the line is in until that is used again.
func encodeInto(buf *bytes.Buffer, v any) ([]byte, error) {
	buf.Reset()
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode JSON: %w", err)
	}
	b := buf.Bytes()
	if !utf8.Valid(b) { // a json.RawMessage may hold any bytes
		b = bytes.ToValidUTF8(b, []byte("\ufffd"))
	}
	return b, nil
}

// writeJSON writes encoded lines in one call, so that other writes cannot come between.
func writeJSON(t *term.IO, b []byte) error {
	if t.OutTTY() {
		b = escapeUnsafe(b)
	}
	return writeAll(t.Out, b)
}

func writeAll(w io.Writer, b []byte) error {
	_, err := w.Write(b)
	return err
}

// escapeUnsafe replaces what must not reach a terminal by \u escapes, but leaves newlines. In JSON such characters stand only
// in strings, where the escape means the same.
func escapeUnsafe(b []byte) []byte {
	if !bytes.ContainsFunc(b, func(r rune) bool { return r >= 0x7f || r < ' ' && r != '\n' }) {
		return b
	}
	out := make([]byte, 0, len(b)+64)
	var cluster term.Cluster
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && size <= 1:
			cluster = term.Cluster{}
			out = append(out, "\ufffd"...)
		case cluster.Unsafe(r) && r != '\n':
			for _, unit := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		default:
			out = append(out, b[i:i+size]...)
		}
		i += size
	}
	return out
}

// needsEscape says whether escapeUnsafe changes s.
func needsEscape(s string) bool {
	var cluster term.Cluster
	return strings.ContainsFunc(s, func(r rune) bool { return cluster.Unsafe(r) && r != '\n' })
}
