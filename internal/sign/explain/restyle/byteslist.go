package restyle

// Bytes as languages show them, where a body was turned into text in the wrong way.

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// FromBuffer gives the bytes that Node.js lists when JSON.stringify is called with a Buffer:
// https://nodejs.org/api/buffer.html#buftojson. It is false when the text is no such list.
func FromBuffer(b []byte) ([]byte, bool) {
	if len(b) > maxLost || !bytes.Contains(b[:min(len(b), 64)], []byte(`"Buffer"`)) {
		return nil, false
	}
	var list struct {
		Type string   `json:"type"`
		Data []uint16 `json:"data"`
	}
	if json.Unmarshal(b, &list) != nil || list.Type != "Buffer" || len(list.Data) == 0 {
		return nil, false
	}
	out := make([]byte, len(list.Data))
	for i, n := range list.Data {
		if n > 0xff {
			return nil, false
		}
		out[i] = byte(n)
	}
	return out, true
}

// FromBytes gives the bytes that Python shows as b'…': https://docs.python.org/3/reference/lexical_analysis.html#bytes-literals.
// It is false when the text is no such thing.
func FromBytes(b []byte) ([]byte, bool) {
	b = bytes.TrimSpace(b)
	const around = len(`b''`)
	if len(b) <= around || len(b) > maxLost || b[0] != 'b' || b[1] != '\'' && b[1] != '"' || b[len(b)-1] != b[1] {
		return nil, false
	}
	var out []byte
	for text := string(b[2 : len(b)-1]); text != ""; {
		c := text[0]
		switch {
		case c == b[1]:
			return nil, false // it ends here
		case c != '\\':
			out, text = append(out, c), text[1:]
			continue
		}
		one, wide, rest, err := strconv.UnquoteChar(text, b[1])
		if err != nil || wide && one > 0xff {
			return nil, false
		}
		out, text = append(out, byte(one&0xff)), rest
	}
	return out, true
}
