package send

// --handshake: the provider's question whether a URL is the user's, and whether the receiver answers it rightly.

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

// shakenJSON is the output as JSON; docs/json.md lists it.
type shakenJSON struct {
	sentJSON
	Handshake shakenPart `json:"handshake"`
}

type shakenPart struct {
	Scheme  string `json:"scheme"`
	Field   string `json:"field"`
	Right   bool   `json:"right"`
	Problem string `json:"problem,omitempty"`
}

// shake asks the receiver once and judges its answer.
func (o *options) shake(ctx context.Context) error {
	keys, err := o.shakeKeys(ctx)
	if err != nil {
		return err
	}
	s := keys.Rules.Scheme()
	if err := cmdkit.CheckHandshake(keys.Rules, o.verifyToken); err != nil {
		return err
	}
	header, err := o.env.OwnHeaders(o.headers)
	if err != nil {
		return err
	}
	ask := craft.Handshake{
		Rules: keys.Rules, Keys: keys.Keys, Params: keys.Params, URL: netname.Complete(o.to), SignURL: o.url, Header: header, Agent: "whctl/" + o.env.Version,
		At: o.env.Now(), VerifyToken: o.verifyToken, Rand: o.env.Rand,
	}
	asking, err := ask.Make()
	if err != nil {
		return err
	}
	asking.Timeout = o.timeout
	client := o.deliver(deliver.Options{Insecure: o.insecure, MaxBody: maxAnswer, Trace: o.env.TraceLines(), SecretHeaders: keys.Rules.SecretHeaders(), SignatureHeaders: keys.Rules.SignatureHeaders()})
	defer client.Close()
	res, err := o.untilOpen(ctx, func() (deliver.Result, error) { return client.Do(ctx, asking.Request), nil })
	if err != nil {
		return err
	}
	if res.Err != nil {
		return noAnswer(ctx, asking.URL, res)
	}
	problem := asking.Right.Wrong(res.Status, res.Header, res.Body)
	if err := cmdkit.Shown(o.printShaken(shakenPart{s.Name, asking.Field, problem == "", problem}, asking.Request, res)); err != nil {
		return err
	}
	switch {
	case problem == "":
		return nil
	case !res.OK():
		return fault.Exit(fault.Refused)
	default:
		return fault.Hint(fault.New(fault.Unverified, "the receiver does not answer the handshake of %s rightly: %s", s.Name, term.Clean(problem)),
			"%s shows the right answer; %s gives it", fault.Command("whctl schemes show", s.Name), fault.Command("whctl listen").Flag("--scheme", s.Name))
	}
}

// shakeKeys are the keys that sign the handshake. A provider that does not sign it needs none.
func (o *options) shakeKeys(ctx context.Context) (*cmdkit.KeySet, error) {
	rules, err := cmdkit.Rules(o.env)
	if err == nil && rules.Handshake != nil && !rules.Handshake.Verified {
		return &cmdkit.KeySet{Rules: rules}, nil
	}
	return o.flags.Signing(ctx, o.env, false)
}

// checkShake refuses what has no meaning for a handshake.
func (o *options) checkShake() error {
	switch {
	case o.what != "":
		return fault.Hint(fault.New(fault.Usage, "--handshake takes no event type or file, but got %q", o.what), "the scheme says how its provider asks: whctl schemes show NAME")
	case len(o.sets) > 0, o.timestamp.Text != "", o.age != 0, o.id != "", o.tamper != "", o.expect.given(), o.load.wanted(), o.method != http.MethodPost:
		return fault.Hint(fault.New(fault.Usage, "--handshake makes the provider's own request and knows the right answer"),
			"leave out --set, --timestamp, --age, --id, --method, --tamper, --expect and the flags of a load")
	}
	return nil
}

func (o *options) printShaken(part shakenPart, q deliver.Request, res deliver.Result) error {
	format, jq, err := o.env.Format()
	if err != nil {
		return err
	}
	v := shakenJSON{sentJSON: o.sent(craft.Event{}, q, res), Handshake: part}
	return render.Output{Format: format, JQ: jq}.Value(o.env.IO, v, func() error {
		style := o.env.IO.Style()
		paint, mark := style.Good, "✓"
		if !part.Right {
			paint, mark = style.Bad, "✗"
		}
		line := fmt.Sprintf("%s %d %s in %s  handshake: %s, %s  %s", mark, res.Status, http.StatusText(res.Status), render.Dur(res.Duration), part.Scheme, part.Field, q.Method)
		lines := []string{paint(term.FoldWords(term.Clean(line), o.env.IO.Width()))}
		lines = append(lines, render.Body(style, res.Body, render.BodyOptions{Width: o.env.IO.Width(), ContentType: res.Header.Get("Content-Type"), Size: res.BodySize})...)
		if part.Problem != "" && !res.OK() {
			lines = append(lines, term.Clean(part.Problem))
		}
		_, err := fmt.Fprintln(o.env.IO.Out, strings.Join(lines, "\n"))
		return err
	})
}
