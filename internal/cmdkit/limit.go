package cmdkit

// How many a list shows.

import (
	"context"
	"time"

	"github.com/spf13/pflag"
)

// AddLimit adds --limit with its short form -n, and -L, which people know from gh.
func AddLimit(fs *pflag.FlagSet, to *int, usual int, help string) {
	fs.IntVarP(to, "limit", "n", usual, help)
	fs.VarPF(sameAs{fs, "limit"}, "L", "L", help).Hidden = true
}

// sameAs is another name of a flag.
type sameAs struct {
	fs   *pflag.FlagSet
	name string
}

func (sameAs) String() string       { return "" }
func (s sameAs) Type() string       { return s.fs.Lookup(s.name).Value.Type() }
func (s sameAs) Set(v string) error { return s.fs.Set(s.name, v) }

// longestCount is how long a list waits to tell how many there are besides. A million deliveries take longer.
const longestCount = 100 * time.Millisecond

// SayMore says how many of those that match are shown, where there are more. count tells how many match.
func (e *Env) SayMore(ctx context.Context, shown int, count func(context.Context) (int, error)) {
	ctx, cancel := context.WithTimeout(ctx, longestCount)
	defer cancel()
	if total, err := count(ctx); err == nil && total > shown {
		e.Say("%d of %d; --limit 0 shows all", shown, total)
		return
	}
	e.SayMoreUncounted(shown)
}

// SayMoreUncounted is SayMore where to count would take as long as to show all.
func (e *Env) SayMoreUncounted(shown int) {
	e.Say("the newest %d; there are more, and --limit 0 shows all", shown)
}
