// Package api holds whctl api.
package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/near"
	"github.com/whctl/whctl/internal/render"
)

// maxBody is how much is sent, in bytes.
const maxBody = 10 << 20

type options struct {
	env *cmdkit.Env

	method    string
	path      string
	input     string
	platform  string
	tokenFile string
}

// New makes the command.
func New(e *cmdkit.Env) *cobra.Command { return newCommand(e, run) }

func newCommand(e *cmdkit.Env, run func(context.Context, *options) error) *cobra.Command {
	o := &options{env: e}
	c := &cobra.Command{
		Use:   "api [METHOD] PATH",
		Short: "Call the platform's API with the profile's token, and print the answer",
		Long: `Call the platform's API with the profile's token, and print the body of its answer as it came: on a terminal indented, else the very
bytes. It prints a key in the answer too, such as that of a new webhook. Without METHOD it is a GET.

The token goes to the API's own address only. A failed call prints nothing; the error has the API's message.`,
		Example: `  whctl api /v1/webhooks
  whctl api GET '/v1/webhooks/events?status=failed&limit=100' --jq '.events[].eventId'
  whctl api PUT /v1/webhooks/3f0c9a52-7d1e-4b86-9c43-5a2be81d6f70 --input body.json
  whctl api --platform github /repos/acme/app/hooks`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			o.method, o.path = http.MethodGet, args[len(args)-1]
			if len(args) > 1 {
				o.method = args[0]
			}
			return run(c.Context(), o)
		},
		ValidArgsFunction: cmdkit.Arguments(1, methods),
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.input, "input", "", "`file` with the JSON body to send; - is standard input")
	fs.StringVar(&o.platform, "platform", cmdkit.PlatformBaanx, "whose API: the `platform` is baanx or github")
	cmdkit.OneOf(c, "platform", cmdkit.PlatformBaanx, cmdkit.PlatformGitHub)
	fs.StringVar(&o.tokenFile, "token-file", "", "with --platform github: `file` that holds the token; - is standard input")
	return c
}

// methods are those of an API, in small letters where these are typed: both are taken.
func methods(_ context.Context, typed string) []cmdkit.Word {
	words := cmdkit.Plain(client.Methods())
	for i := range words {
		if typed != strings.ToUpper(typed) {
			words[i].Text = strings.ToLower(words[i].Text)
		}
	}
	return words
}

func (o *options) check() error {
	if err := cmdkit.CheckPlatform(o.platform); err != nil {
		return err
	}
	given := o.method
	o.method = strings.ToUpper(given)
	reads := o.method == http.MethodGet || o.method == http.MethodHead
	switch {
	case !slices.Contains(client.Methods(), o.method):
		err := fault.New(fault.Usage, "%s is no method of an API", fault.Quoted(given))
		if slices.Contains(client.Methods(), strings.ToUpper(o.path)) {
			return fault.Hint(err, "it comes first: %s", fault.Command("whctl api", strings.ToUpper(o.path), given))
		}
		if nearest := near.Word(o.method, client.Methods()); nearest != "" {
			return fault.Hint(err, "did you mean %s?", fault.Word(nearest))
		}
		return fault.Hint(err, "there are %s", fault.List(client.Methods()))
	case reads && o.input != "":
		return fault.Hint(fault.New(fault.Usage, "a %s sends no body", o.method), "name the method: whctl api POST PATH --input FILE")
	case o.platform != cmdkit.PlatformGitHub && o.tokenFile != "":
		return fault.Hint(fault.New(fault.Usage, "--token-file goes with --platform github only"), "set WHCTL_TOKEN, or run: whctl login --token-file FILE")
	case o.input == cmdkit.Stdin && o.tokenFile == cmdkit.Stdin:
		return fault.Hint(fault.New(fault.Usage, "standard input can be read once: for the body or for the token"), "use --input FILE, or --token-file FILE")
	default:
		return nil
	}
}

// body reads what is sent; nil: nothing is.
func (o *options) body() (json.RawMessage, error) {
	if o.input == "" {
		return nil, nil
	}
	b, err := o.env.ReadInput(o.input, "the body")
	switch {
	case err != nil:
		return nil, err
	case len(b) > maxBody:
		return nil, fault.Hint(fault.New(fault.Usage, "the body is larger than %d MiB", maxBody>>20), "make it smaller, or send it in several calls")
	case !json.Valid(b):
		return nil, fault.Hint(fault.New(fault.Usage, "the body is no JSON, and the API takes nothing else"), "name another file with --input FILE")
	}
	return b, nil
}

func run(ctx context.Context, o *options) error {
	if err := o.check(); err != nil {
		return err
	}
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	body, err := o.body()
	if err != nil {
		return err
	}
	answer, err := o.call(ctx, client.RawCall{Method: o.method, Path: o.path, Body: body})
	if err != nil || len(answer) == 0 {
		return err
	}
	if !out.Machine() {
		return cmdkit.WriteFailed(o.print(answer))
	}
	if !json.Valid(answer) {
		return fault.Hint(fault.New(fault.Refused, "the answer is no JSON"), "leave out -o and --jq to see it as it is")
	}
	return cmdkit.WriteFailed(out.Value(o.env.IO, json.RawMessage(answer), nil))
}

// call asks the platform.
func (o *options) call(ctx context.Context, r client.RawCall) ([]byte, error) {
	if o.platform == cmdkit.PlatformGitHub {
		g, err := o.env.GitHub(ctx, o.tokenFile)
		if err != nil {
			return nil, err
		}
		defer g.Close()
		return g.Raw(ctx, r)
	}
	c, err := o.env.Client(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return c.Raw(ctx, r)
}

// print shows an answer on a terminal, and gives its bytes to everything else.
func (o *options) print(answer []byte) error {
	t := o.env.IO
	if !t.OutTTY() {
		return render.Whole(t, string(answer))
	}
	lines := render.Body(t.Style(), answer, render.BodyOptions{Width: t.Width(), MaxLines: -1, MaxBytes: -1})
	return render.Whole(t, strings.Join(lines, "\n")+"\n")
}
