package cmdkit

// How many a list shows.

import "github.com/spf13/pflag"

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
