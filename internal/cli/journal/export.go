package journal

// whctl journal export: deliveries for other programs.

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/scrub"
	"github.com/whctl/whctl/internal/target"
)

// The forms.
const (
	asJSON  = "json"
	asCurl  = "curl"
	asHAR   = "har"
	asHTTP  = "http"
	asFiles = "files"
)

func forms() []string { return []string{asJSON, asCurl, asHAR, asHTTP, asFiles} }

type exportOptions struct {
	env *cmdkit.Env

	refs   []string
	format string
	out    string
	to     string
	scrub  []string

	filters  *cmdkit.Filters
	scrubber *scrub.Scrubber // nil without rules
	target   target.Target   // of to
	folder   *files.Fresh    // of out; nil: standard output
	done     int             // deliveries that were written
	masked   bool            // one of them has a header whose value was not recorded
	hidden   bool            // one of them has a query that holds a secret
	refused  int             // deliveries left out, as only the beginning of their bodies was kept
	unread   error           // the worst that reading met; the others are written all the same
}

func newExport(e *cmdkit.Env, run func(context.Context, *exportOptions) error) *cobra.Command {
	o := &exportOptions{env: e}
	c := &cobra.Command{
		Use:   "export [REF… | FILTERS]",
		Short: "Write deliveries for other programs: JSON lines, curl, HAR, raw HTTP, files",
		Long: `Write deliveries, with the exact bytes of their bodies: those that are named, or else all that match, oldest first.

json writes a line for each, with its body and all attempts. curl writes a command that sends it again as it came;
the body stands in it, or with --out in a file beside it. har is one HTTP archive (HAR 1.2), for developer tools of browsers and other
viewers. http is the raw request of one delivery, for --request of whctl verify, or with --out a file for each. files makes a folder for
each, with request, body, answers and delivery.json; it needs --out.

Secrets in headers were never recorded: Authorization, Cookie, tokens and known keys stand as (masked), and curl commands leave them
out. A token or key in the query is recorded and stands as (masked).
--out makes files and folders that only you can read, named after the deliveries' ids, and overwrites nothing.`,
		Example: `  whctl journal export last --format curl --to localhost:3000
  whctl journal export last --format http > saved.http
  whctl journal export --format har > deliveries.har
  whctl journal export --format files --out deliveries
  whctl journal export --scrub all --scrub json:customer.name > deliveries.jsonl`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			o.refs = args
			for _, name := range []string{"out", "to"} {
				if flag := c.Flags().Lookup(name); flag.Changed && flag.Value.String() == "" {
					return fault.New(fault.Usage, "--%s is empty", name)
				}
			}
			return run(c.Context(), o)
		},
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.format, "format", asJSON, "`form` to write: json, curl, har, http or files")
	cmdkit.OneOf(c, "format", forms()...)
	fs.StringVar(&o.out, "out", "", "new files in this `DIR`, which is made where it is missing")
	_ = c.MarkFlagDirname("out") // fails only for a flag that is not there
	fs.StringVar(&o.to, "to", "", "with curl: send to this `TARGET`, not to where each delivery came")
	fs.StringArrayVar(&o.scrub, "scrub", nil, "replace what this `RULE` names: cards, email, bearer, all, or json:PATH (repeatable)")
	cmdkit.OneOf(c, "scrub", scrub.Rules()...)
	o.filters = cmdkit.BindFilters(c, e, render.Matching)
	return c
}

// check refuses what cannot be, before anything is read or made.
func (o *exportOptions) check() error {
	switch {
	case len(o.refs) > 0 && len(o.chosen()) > 0:
		return fault.New(fault.Usage, "deliveries are named, or chosen with %s, not both", strings.Join(o.chosen(), ", "))
	case !slices.Contains(forms(), o.format):
		return fault.Hint(fault.New(fault.Usage, "unknown form %q", o.format), "there are %s", fault.List(forms()))
	case o.format == asFiles && o.out == "":
		return fault.Hint(fault.New(fault.Usage, "--format files needs a folder"), "add --out DIR")
	case o.format == asHTTP && o.out == "" && len(o.refs) != 1:
		return fault.Hint(fault.New(fault.Usage, "raw requests of several deliveries cannot be told apart in one stream"), "name one delivery, or add --out DIR for a file each")
	case o.format == asHTTP && o.out == "" && o.env.IO.OutTTY():
		return fault.Hint(fault.New(fault.Usage, "raw bytes are not written to a terminal"), "redirect them: %s > saved.http", fault.Command("whctl journal export", o.refs[0]).Flag("--format", asHTTP))
	case o.to != "" && o.format != asCurl:
		return fault.New(fault.Usage, "--to is for --format curl")
	}
	if o.format != asJSON {
		if err := o.env.OwnForm("--format " + o.format); err != nil {
			return err
		}
	}
	if o.to == "" {
		return nil
	}
	to := netname.Complete(o.to)
	if err := cmdkit.CheckReceiver("--to", to); err != nil {
		return err
	}
	var err error
	o.target, err = target.ParseHTTP(to)
	return err
}

// chosen are the filters that were given. --all goes with names too.
func (o *exportOptions) chosen() []string {
	return slices.DeleteFunc(o.filters.Given(), func(flag string) bool { return flag == "--all" })
}

func runExport(ctx context.Context, o *exportOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	out, err := render.NewOutput(o.env.Format())
	if err != nil {
		return err
	}
	f, err := o.filters.Filter()
	if err != nil {
		return err
	}
	f.Bodies = true
	j, err := open(ctx, o.env)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	if len(o.scrub) > 0 {
		if o.scrubber, err = o.env.Scrubber(ctx, o.scrub); err != nil {
			return err
		}
	}
	if o.out != "" {
		if o.folder, err = files.NewFresh(o.out); err != nil {
			return o.notWritten(err)
		}
		defer func() { _ = o.folder.Close() }()
	}
	err = o.write(func(add adder) error { return o.each(ctx, j, f, add) })
	if o.folder == nil {
		err = cmdkit.WriteFailed(err)
	} else {
		err = o.notWritten(err)
	}
	switch {
	case o.done > 0:
		err = cmp.Or(err, o.tell(out))
	case len(o.refs) == 0 && o.refused == 0 && cmp.Or(err, o.unread) == nil:
		o.env.Say("%s", o.filters.None(f.Profile))
		err = o.filters.SayUnknown(ctx, j, f.Profile)
	}
	return cmp.Or(err, o.leftOut())
}

// leftOut is the worst reason why a delivery was not written, nil when all were.
func (o *exportOptions) leftOut() error {
	err := o.unread
	if err != nil && len(o.refs) > 1 { // each was told, and what is the matter with one is not the matter with all
		err = fault.NotEvery("not every delivery was written", err, nil)
	}
	if o.refused == 0 {
		return err
	}
	cut := fault.New(fault.Refused, "%s left out: only the beginning of a refused body is recorded", fault.Plural(o.refused, "delivery"))
	if err != nil {
		o.env.Warn("%s", cut)
	}
	return fault.Worse(err, cut)
}

// adder writes one delivery.
type adder func(d *record.Delivery, attempts []record.Attempt) error

// each gives the deliveries to add, in order. Those that are named are all tried. The error is one of writing.
func (o *exportOptions) each(ctx context.Context, j *journal.Journal, f journal.Filter, add adder) error {
	if len(o.refs) == 0 {
		return o.matching(ctx, j, f, add)
	}
	for _, ref := range o.refs {
		d, attempts, err := j.Get(ctx, f.Profile, ref)
		if err == nil && d.BodyDamaged {
			err = damaged(d, j.Path())
		}
		if err == nil {
			if err := o.one(&d, attempts, add); err != nil {
				return err
			}
			continue
		}
		if len(o.refs) > 1 { // each is told with the name that it is about
			o.env.Warn("%s: %s", fault.Word(ref), err)
		}
		o.unread = fault.Worse(o.unread, err)
	}
	return nil
}

// matching gives all deliveries that match.
func (o *exportOptions) matching(ctx context.Context, j *journal.Journal, f journal.Filter, add adder) error {
	var unwritten error
	err := j.EachForward(ctx, f, func(d *record.Delivery) error {
		attempts, err := j.Attempts(ctx, d.ID)
		if err != nil {
			return err
		}
		unwritten = o.one(d, attempts, add)
		return unwritten
	})
	if unwritten == nil {
		o.unread = fault.Worse(o.unread, err)
	}
	return unwritten
}

// one writes a delivery. JSON and HAR say of a body that it is not whole; elsewhere it would pass for what came.
func (o *exportOptions) one(d *record.Delivery, attempts []record.Attempt, add adder) error {
	whole := o.format != asJSON && o.format != asHAR
	switch {
	case whole && d.BodyDamaged: // the walk tells at its end
		return nil
	case whole && d.Truncated():
		o.refused++
		return nil
	}
	if o.scrubber != nil {
		clean, own := o.scrubber.Delivery(*d)
		d = &clean
		for i := range attempts {
			attempts[i] = own.Attempt(attempts[i])
		}
	}
	if err := add(d, attempts); err != nil {
		return err
	}
	o.done++
	o.masked = o.masked || render.MaskedHeaders(d)
	o.hidden = o.hidden || masking.RequestTarget(d.Path) != d.Path
	return nil
}

// exportedObject is what docs/json.md lists.
type exportedObject struct {
	Format     string `json:"format"`
	Out        string `json:"out"`
	Deliveries int    `json:"deliveries"`
}

// tell says what was written, and once what is not in it. Files are told of to scripts too; without them the output is the deliveries.
func (o *exportOptions) tell(out render.Output) (err error) {
	if o.folder != nil {
		out.JQ = "" // it filters the deliveries
		err = out.Value(o.env.IO, exportedObject{o.format, o.out, o.done}, func() error {
			o.env.Say("%s written to %s", fault.Plural(o.done, "delivery"), o.out)
			return nil
		})
	}
	if o.masked {
		o.env.Say("some headers are secret: their values were not recorded, and stand as (masked) or are left out")
	}
	if o.hidden {
		o.env.Say("some queries hold a token or key: it stands as (masked)")
	}
	return err
}

// notWritten gives an error of the folder its kind. What is there is never overwritten.
func (o *exportOptions) notWritten(err error) error {
	var place *fs.PathError
	switch {
	case !errors.As(err, &place):
		return err
	case errors.Is(err, fs.ErrExist):
		return fault.Hint(fault.New(fault.Usage, "%s is there already, and nothing is overwritten", filepath.Join(o.out, place.Path)), "name a new folder: --out DIR")
	case o.folder == nil && !errors.Is(err, syscall.ENOSPC), errors.Is(err, fs.ErrPermission):
		return fault.Hint(fault.New(fault.Usage, "cannot write to %s: %s", o.out, cmdkit.PathWords(err)), "name a new folder: --out DIR")
	default:
		return fault.New(fault.Storage, "cannot write to %s: %s", o.out, cmdkit.PathWords(err))
	}
}
