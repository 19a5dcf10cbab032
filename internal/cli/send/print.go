package send

// What whctl send prints of the answer.

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// sentJSON is the output as JSON; docs/json.md lists it.
type sentJSON struct {
	EventType  string      `json:"eventType"`
	EventID    string      `json:"eventId"`
	Method     string      `json:"method"`
	URL        string      `json:"url"`
	Size       int         `json:"size"`
	Status     int         `json:"status"`
	Expected   string      `json:"expected,omitempty"`
	DurationMs float64     `json:"durationMs"`
	Headers    http.Header `json:"headers"`
	Body       *string     `json:"body,omitempty"`
	BodyBase64 []byte      `json:"bodyBase64,omitempty"`
}

func (o *options) print(e craft.Event, q deliver.Request, res deliver.Result) error {
	format, jq, err := o.env.Format()
	if err != nil {
		return err
	}
	return render.Output{Format: format, JQ: jq}.Value(o.env.IO, o.sent(e, q, res), func() error { return o.printText(e, q, res) })
}

// sent is what was sent and what came back.
func (o *options) sent(e craft.Event, q deliver.Request, res deliver.Result) sentJSON {
	v := sentJSON{
		EventType: e.Type, EventID: e.ID, Method: q.Method, URL: masking.RequestTarget(q.URL), Size: len(q.Body),
		Status: res.Status, Expected: o.expect.text, DurationMs: float64(res.Duration.Microseconds()) / 1000, Headers: cmdkit.MaskAnswer(o.env, res.Header),
	}
	if utf8.Valid(res.Body) {
		text := string(res.Body)
		v.Body = &text
	} else {
		v.BodyBase64 = res.Body
	}
	return v
}

func (o *options) printText(e craft.Event, q deliver.Request, res deliver.Result) error {
	style := o.env.IO.Style()
	status := fmt.Sprintf("%d %s", res.Status, http.StatusText(res.Status))
	paint, mark := style.Bad, "✗"
	if o.expect.met(res.Status) {
		paint, mark = style.Good, "✓"
	}
	what := cmp.Or(strings.TrimSpace(e.Type+" "+e.ID), e.Source)
	line := fmt.Sprintf("%s %s in %s  %s  %s  %s", mark, strings.TrimSpace(status), render.Dur(res.Duration), what, render.Size(int64(len(q.Body))), masking.RequestTarget(q.URL))
	lines := []string{paint(term.FoldWords(term.Clean(line), o.env.IO.Width()))}
	body := render.Body(style, res.Body, render.BodyOptions{
		Width: o.env.IO.Width(), ContentType: res.Header.Get("Content-Type"), Size: res.BodySize,
	})
	lines = append(lines, body...)
	_, err := fmt.Fprintln(o.env.IO.Out, strings.Join(lines, "\n"))
	return err
}
