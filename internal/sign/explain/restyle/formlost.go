package restyle

// Empty fields that a form may have lost. Names that come in families tell of them: where there are FromCity, FromZip and ToCity, there
// may have been ToZip.

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

// The bounds of what is tried. The forms that lose fields have few heads, and people name what they send.
const (
	maxLostSets  = 60 // sets of fields
	maxLostNames = 20 // in a set
	maxLostName  = 64 // bytes of a name
	maxHeads     = 50
)

// WithLost are the form with empty fields that names like its own have, the likeliest first: all of a family, those of one head, one
// alone. They stand at the end, so they are for signers that sort.
func (f *Form) WithLost() iter.Seq2[[]string, []byte] {
	return func(yield func([]string, []byte) bool) {
		if f.text == nil {
			return
		}
		n := 0
		for names := range f.lost() {
			text := slices.Clone(f.text)
			for _, name := range names {
				text = append(text, "&"+name+"="...)
			}
			if n++; !yield(names, text) || n == maxLostSets {
				return
			}
		}
	}
}

// families are the tails of each head, in the order of the form; none where there are too many.
func (f *Form) families() map[string][]string {
	out := map[string][]string{}
	for i := range f.pairs {
		if head, tail := cutName(f.pairs[i].name); tail != "" && !slices.Contains(out[head], tail) {
			out[head] = append(out[head], tail)
		}
		if len(out) > maxHeads {
			return nil
		}
	}
	return out
}

// lost are sets of names that may be missing.
func (f *Form) lost() iter.Seq[[]string] {
	families := f.families()
	heads := slices.Sorted(maps.Keys(families))
	return func(yield func([]string) bool) {
		set := func(names []string) bool { return len(names) < 2 || len(names) > maxLostNames || yield(names) }
		for _, full := range heads {
			if !set(missingOfAll(families, heads, families[full])) {
				return
			}
		}
		for names := range missingOfEach(families, heads) {
			if !set(names) {
				return
			}
		}
		for names := range missingOfEach(families, heads) {
			for i := range names {
				if !yield(names[i : i+1]) {
					return
				}
			}
		}
	}
}

// missingOfEach are the names that each head lacks of the tails of each.
func missingOfEach(families map[string][]string, heads []string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for _, full := range heads {
			for _, head := range heads {
				if !yield(missingOf(families[full], head, families[head])) {
					return
				}
			}
		}
	}
}

// missingOfAll are the names that all heads lack of the tails of one, as far as a set may have them.
func missingOfAll(families map[string][]string, heads, full []string) (all []string) {
	for _, head := range heads {
		if all = append(all, missingOf(full, head, families[head])...); len(all) > maxLostNames {
			break
		}
	}
	return all
}

// missingOf are the names that a head with fewer of the same tails lacks, one more than a set may have at most; none where it has others,
// or none in common.
func missingOf(full []string, head string, fewer []string) (names []string) {
	if len(fewer) >= len(full) || slices.ContainsFunc(fewer, func(tail string) bool { return !slices.Contains(full, tail) }) {
		return nil
	}
	for _, tail := range full {
		if !slices.Contains(fewer, tail) && len(names) <= maxLostNames {
			names = append(names, head+tail)
		}
	}
	return names
}

// cutName parts a name before its last word, as in FromCity, from_city and from-city; the tail is "" where it is one word. Long names and
// those that have to be escaped are left alone.
func cutName(name string) (head, tail string) {
	if len(name) > maxLostName {
		return name, ""
	}
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
