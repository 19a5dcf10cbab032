package verify

// Bodies whose bytes may not be those that came, because of how the request was saved.

import (
	"bytes"
	"slices"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
)

// doubted adds a finding to a mismatch that nothing is known to explain and the way it was saved can: first where something shows
// it, else only when nothing else was found.
func (c *checked) doubted() {
	if c.jm.Verdict.Reason != sign.Mismatch || c.doubt == craft.NoDoubt || slices.ContainsFunc(c.found.Findings, func(f explain.Finding) bool { return f.Certain }) {
		return
	}
	f := explain.Finding{ID: "input.body.copied", Fix: "verify the bytes as they came: save the raw body where it arrives, or receive it with whctl listen"}
	lost := bytes.Contains(c.message.Body, []byte("\ufffd"))
	switch {
	case lost:
		f.Title, f.Evidence = "the body is a copy as text, in which bytes are lost", "it holds U+FFFD, which programs write for what is not UTF-8"
	case c.doubt == craft.DoubtSize:
		f.Title, f.Evidence = "the body in the HAR is not what was sent", "the HAR says another size than its text has"
	case len(c.found.Findings) > 0:
		return
	case c.doubt == craft.DoubtCmd:
		f.Title = "the body may not be what was sent: a copy for Windows' cmd changes tabs, line breaks and what is not ASCII"
	default:
		f.Title = "the body may not be what came: it was saved as text, which changes bytes that are not UTF-8"
	}
	if lost || c.doubt == craft.DoubtSize {
		c.found.Findings = slices.Insert(c.found.Findings, 0, f)
		return
	}
	c.found.Findings = append(c.found.Findings, f)
}
