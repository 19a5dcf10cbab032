// Package sign holds whctl sign.
package sign

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
)

type options struct {
	env *cmdkit.Env

	flags      cmdkit.SignFlags
	file       string
	timestamp  cmdkit.TimeValue
	id         string
	format     string
	fromOutput bool // format is what -o asks for
	to         string
	method     string
	headers    []string
}

// New makes the command.
func New(e *cmdkit.Env) *cobra.Command { return newCommand(e, run) }

func newCommand(e *cmdkit.Env, run func(context.Context, *options) error) *cobra.Command {
	o := &options{env: e}
	c := &cobra.Command{
		Use:   "sign [FILE|-]",
		Short: "Sign a body, byte for byte, and print the headers to send with it",
		Long: `Sign the bytes of a file or of standard input, and print the headers to send with them. Nothing is parsed,
trimmed or re-encoded. The default output is what curl -H @- reads.`,
		Example: `  whctl sign body.json --secret-file key | curl -H @- --data-binary @body.json localhost:3000/hooks
  whctl sign body.json --scheme stripe --secret-env STRIPE_SECRET --format value
  whctl sign body.json --secret-file key --format curl --to localhost:3000/hooks`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.file = args[0]
			}
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.Var(&o.timestamp, "timestamp", "sign this `time` instead of now: unix seconds, RFC 3339 or -10m")
	fs.StringVar(&o.id, "id", "", "message `id`, for schemes that sign one (default: a fresh one)")
	fs.StringVar(&o.format, "format", "", "`form` to print: headers, curl, json, env or value (default headers)")
	cmdkit.OneOf(c, "format", "headers", "curl", "json", "env", "value")
	fs.StringVar(&o.to, "to", "", "`URL` the request goes to: for --format curl and schemes that sign the URL")
	fs.StringVar(&o.method, "method", http.MethodPost, "`method`, for schemes that sign it")
	fs.StringArrayVarP(&o.headers, "header", "H", nil, "`header` line that is sent too, for schemes that sign one (repeatable)")
	o.flags.Bind(fs, e)
	return c
}

const (
	asHeaders = "headers"
	asCurl    = "curl"
	asJSON    = "json"
	asEnv     = "env"
	asValue   = "value"
)

func run(ctx context.Context, o *options) error {
	format, err := o.outputFormat()
	if err != nil {
		return err
	}
	stdin := o.file == "" || o.file == cmdkit.Stdin
	keys, err := o.flags.Signing(ctx, o.env, stdin)
	if err != nil {
		return err
	}
	request, err := o.request(keys)
	if err != nil {
		return err
	}
	body, err := o.env.OpenInput(o.file, "the body to sign")
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	request.Body = body
	signed, err := keys.Rules.Sign(request, keys.Keys)
	if err != nil {
		return signFault(err)
	}
	if len(signed.Body)+len(signed.Form) > 0 && format != asJSON {
		return fault.Hint(fault.New(fault.Usage, "scheme %s puts its signature into the body, not into headers", keys.Rules.Scheme().Name),
			"use --format json, which lists the members to set")
	}
	return o.print(format, signed, request)
}

// outputFormat returns the form of --format, or else that of -o and --jq.
func (o *options) outputFormat() (string, error) {
	known := []string{asHeaders, asCurl, asJSON, asEnv, asValue}
	if o.format != "" {
		if !slices.Contains(known, o.format) {
			return "", fault.Hint(fault.New(fault.Usage, "unknown --format %q", o.format), "there are %s", fault.List(known))
		}
		if o.format != asJSON {
			if err := o.env.OwnForm("--format " + o.format); err != nil {
				return "", err
			}
		}
	} else {
		output, _, err := o.env.Format()
		if err != nil {
			return "", err
		}
		o.format = asHeaders
		if output != render.FormatText {
			o.format, o.fromOutput = asJSON, true
		}
	}
	if o.format == asCurl && o.to == "" {
		return "", fault.Hint(fault.New(fault.Usage, "--format curl needs a URL"), "add --to URL")
	}
	return o.format, nil
}

func (o *options) request(keys *cmdkit.KeySet) (sign.SignRequest, error) {
	header, err := o.env.ParseHeaders(o.headers)
	if err != nil {
		return sign.SignRequest{}, err
	}
	if o.to != "" {
		if err := cmdkit.CheckURL("--to", netname.Complete(o.to)); err != nil {
			return sign.SignRequest{}, err
		}
	}
	if err := cmdkit.CheckMethod(o.method); err != nil {
		return sign.SignRequest{}, err
	}
	if strings.ContainsFunc(o.id, unicode.IsControl) {
		return sign.SignRequest{}, fault.New(fault.Usage, "--id %q holds a control character, which no header can have", o.id)
	}
	needs := keys.Rules.Needs()
	q := sign.SignRequest{
		Time: o.timestamp.Resolve(o.env.Now()), ID: o.id, Method: o.method, URL: netname.Complete(o.to), Header: header, Params: keys.Params,
	}
	if t := keys.Rules.Scheme().Timestamp; t != nil && o.timestamp.Text == "" {
		for _, name := range t.Header { // the time as it is sent
			q.Timestamp = cmp.Or(q.Timestamp, header.Get(name))
		}
	}
	if needs.ID && q.ID == "" {
		if q.ID, err = craft.NewID(o.env.Rand); err != nil {
			return q, err
		}
	}
	if needs.URL && q.URL == "" {
		return q, fault.Hint(fault.New(fault.Usage, "scheme %s signs the URL", keys.Rules.Scheme().Name), "add --to URL")
	}
	return q, nil
}

// signFault turns an error of signing into a fault. A body that cannot be read is unreadable input; the rest is usage.
func signFault(err error) error {
	var se *sign.SignError
	if errors.As(err, &se) && se.Field == "body" && se.Err != nil {
		return cmdkit.ReadFailed("the body", se.Err)
	}
	return craft.SignFault(err)
}

func write(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}
