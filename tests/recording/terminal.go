package main

// What a terminal makes of the bytes that it gets: lines of text in colours. Of its commands it knows colours, the return to the
// beginning of a line and the erasing of it, which is all that whctl uses.

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// piece is text in one style: "" or letters, d (dim), b (bold) and a colour's, r, g, y, c or k (grey).
type piece struct{ text, style string }

type line []piece

// lines reads what was printed. A line that is wider than the terminal is cut, as a person would not read on.
func lines(text string) []line {
	var all []line
	code := regexp.MustCompile(`\x1b\[([0-9;]*)([A-Za-z])`)
	style := map[string]bool{}
	for raw := range strings.SplitSeq(strings.TrimRight(text, "\r\n"), "\n") {
		var l line
		raw = strings.TrimSuffix(raw, "\r")
		for raw != "" {
			at := code.FindStringSubmatchIndex(raw)
			cut := len(raw)
			if at != nil {
				cut = at[0]
			}
			plain := raw[:cut]
			if i := strings.LastIndexByte(plain, '\r'); i >= 0 {
				l, plain = nil, plain[i+1:]
			}
			if plain = strings.ReplaceAll(plain, "\t", "    "); plain != "" {
				l = append(l, piece{plain, name(style)})
			}
			if at == nil {
				break
			}
			switch raw[at[4]:at[5]] {
			case "m":
				change(style, raw[at[2]:at[3]])
			case "K":
				l = nil // it follows a return
			}
			raw = raw[at[1]:]
		}
		all = append(all, l.within(columns))
	}
	return all
}

func change(style map[string]bool, codes string) {
	for c := range strings.SplitSeq(codes, ";") {
		switch c {
		case "", "0":
			clear(style)
		case "1":
			style["b"] = true
		case "2":
			style["d"] = true
		case "22":
			delete(style, "b")
			delete(style, "d")
		case "31", "32", "33", "36", "90", "39":
			for _, colour := range []string{"r", "g", "y", "c", "k"} {
				delete(style, colour)
			}
			if c != "39" {
				style[map[string]string{"31": "r", "32": "g", "33": "y", "36": "c", "90": "k"}[c]] = true
			}
		}
	}
}

func name(style map[string]bool) string {
	var n strings.Builder
	for _, s := range []string{"b", "d", "r", "g", "y", "c", "k"} {
		if style[s] {
			n.WriteString(s)
		}
	}
	return n.String()
}

func (l line) within(width int) line {
	var out line
	for _, p := range l {
		if n := utf8.RuneCountInString(p.text); n <= width {
			out, width = append(out, p), width-n
			continue
		}
		if width > 0 {
			out = append(out, piece{string([]rune(p.text)[:width-1]) + "…", p.style})
		}
		return out
	}
	return out
}
