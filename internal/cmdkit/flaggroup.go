package cmdkit

// Groups of flags in a long help text.

import "github.com/spf13/pflag"

const flagGroup = "group" // the annotation of a flag that has one

// GroupFlags puts flags under a heading in the help of their command.
func GroupFlags(fs *pflag.FlagSet, heading string, names ...string) {
	for _, name := range names {
		if f := fs.Lookup(name); f != nil {
			f.Annotations = map[string][]string{flagGroup: {heading}}
		}
	}
}

// FlagGroup is the heading that a flag stands under, "" for none.
func FlagGroup(f *pflag.Flag) string {
	if heading := f.Annotations[flagGroup]; len(heading) > 0 {
		return heading[0]
	}
	return ""
}
