package main

// The drawing: one screen after the other, each line at its time, for ever. Colours follow the reader's light or dark mode. A viewer that
// does not animate shows the first screen whole.

import (
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	cell   = 8.4 // width of a character in pixels, at 14 pixels
	pitch  = 19.0
	margin = 18.0
	top    = 44.0
)

// screen is one command with what it printed.
type screen struct {
	command string
	lines   []line
	seconds float64
}

const style = `text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:#24292f;white-space:pre}
.w{fill:#f6f8fa;stroke:#d0d7de}.o{fill:#d0d7de}.b{font-weight:bold}.d,.k{fill:#57606a}.r{fill:#b3202a}.g{fill:#116329}.y{fill:#7d4e00}.c{fill:#0b5a91}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.w{fill:#0d1117;stroke:#30363d}.o{fill:#30363d}.d,.k{fill:#9198a1}.r{fill:#ff7b72}.g{fill:#56d364}.y{fill:#e3b341}.c{fill:#79c0ff}}
.l{opacity:0}.s0{opacity:1}
`

func draw(screens []screen) string {
	total := 0.0
	for _, s := range screens {
		total += s.seconds
	}
	width, height := columns*cell+2*margin, top+rows*pitch+margin
	var sheet, body strings.Builder
	sheet.WriteString(style)
	began, id := 0.0, 0
	for n, s := range screens {
		all := append([]line{{{"$ ", "g"}, {s.command, "b"}}, {}}, s.lines...)
		step := min(0.12, s.seconds*0.4/float64(len(all)))
		for i, l := range all {
			if len(l) == 0 {
				continue
			}
			from, to := 100*(began+step*float64(i))/total, 100*(began+s.seconds)/total
			fmt.Fprintf(&sheet, "#l%d{animation:l%d %gs step-end infinite}@keyframes l%d{0%%{opacity:%d}%s%.2f%%{opacity:1}%.2f%%,100%%{opacity:0}}\n",
				id, id, total, id, on(from == 0), hidden(from), from, to)
			fmt.Fprintf(&body, `<g id="l%d" class="l s%d">%s</g>`+"\n", id, n, l.draw(top+pitch*float64(i+1)-5))
			id++
		}
		began += s.seconds
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img" aria-label="whctl in a terminal: listen, why and check">
<title>whctl in a terminal: listen, why and check</title>
<style>%s</style>
<rect class="w" x="0.5" y="0.5" width="%.0f" height="%.0f" rx="8"/><circle class="o" cx="22" cy="20" r="6"/><circle class="o" cx="42" cy="20" r="6"/><circle class="o" cx="62" cy="20" r="6"/>
%s</svg>
`, width, height, width, height, sheet.String(), width-1, height-1, body.String())
}

func on(is bool) int {
	if is {
		return 1
	}
	return 0
}

func hidden(from float64) string {
	if from == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f%%{opacity:0}", from-0.01)
}

// draw places each piece at its column, so that a font of another width breaks no table.
func (l line) draw(y float64) string {
	var b strings.Builder
	column := 0
	for _, p := range l {
		lead := len(p.text) - len(strings.TrimLeft(p.text, " "))
		text := p.text[lead:]
		if text != "" {
			fmt.Fprintf(&b, `<text x="%.1f" y="%.1f"%s>%s</text>`, margin+cell*float64(column+lead), y, class(p.style), escaped(text))
		}
		column += utf8.RuneCountInString(p.text)
	}
	return b.String()
}

func class(style string) string {
	if style == "" {
		return ""
	}
	return ` class="` + strings.Join(strings.Split(style, ""), " ") + `"`
}

func escaped(text string) string {
	var b strings.Builder
	text = strings.ReplaceAll(text, " ", "\u00a0") // not every viewer keeps a row of blanks
	_ = xml.EscapeText(&b, []byte(text))           // a builder takes everything
	return b.String()
}
