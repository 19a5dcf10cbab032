package restyle

// Empty fields that a form may have lost. Names that come in families tell of them: where there are FromCity, FromZip and ToCity, there
// may have been ToZip.

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

// maxLostSets bounds the sets of fields that are tried.
const maxLostSets = 60

// WithLost are the form with empty fields that names like its own have, the likeliest first: all of a family, those of one head, one
// alone. They stand at the end, so they are for signers that sort.
func (f *Form) WithLost() iter.Seq2[[]string, []byte] {
	return func(yield func([]string, []byte) bool) {
		if f.text == nil {
			return
		}
		for n, names := range f.lost() {
			text := slices.Clone(f.text)
			for _, name := range names {
				text = append(text, "&"+name+"="...)
			}
			if n == maxLostSets || !yield(names, text) {
				return
			}
		}
	}
}

// lost are sets of names that may be missing.
func (f *Form) lost() [][]string {
	families := map[string][]string{} // head → tails
	for i := range f.pairs {
		if head, tail := cutName(f.pairs[i].name); tail != "" && !slices.Contains(families[head], tail) {
			families[head] = append(families[head], tail)
		}
	}
	var whole, heads, single [][]string
	for _, full := range slices.Sorted(maps.Keys(families)) {
		var all []string
		for _, head := range slices.Sorted(maps.Keys(families)) {
			missing := missingOf(families[full], families[head])
			for i := range missing {
				missing[i] = head + missing[i]
				single = append(single, missing[i:i+1])
			}
			if all = append(all, missing...); len(missing) > 1 {
				heads = append(heads, missing)
			}
		}
		if len(all) > 1 {
			whole = append(whole, all)
		}
	}
	return slices.Concat(whole, heads, single)
}

// missingOf are the tails that a head with fewer of the same lacks; none where it has others, or none in common.
func missingOf(full, fewer []string) []string {
	if slices.ContainsFunc(fewer, func(tail string) bool { return !slices.Contains(full, tail) }) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(full), func(tail string) bool { return slices.Contains(fewer, tail) })
}

// cutName parts a name before its last word, as in FromCity, from_city and from-city; the tail is "" where it is one word. Names that
// have to be escaped are left alone.
func cutName(name string) (head, tail string) {
	for i := range len(name) {
		if c := name[i]; !letterOrDigit(c) && c != '_' && c != '-' {
			return name, ""
		}
	}
	i := strings.LastIndexFunc(name, func(c rune) bool { return 'A' <= c && c <= 'Z' || c == '_' || c == '-' })
	if i <= 0 {
		return name, ""
	}
	return name[:i], name[i:]
}
