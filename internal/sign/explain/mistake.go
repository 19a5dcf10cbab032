package explain

// A mistake.

import "slices"

// mistake is one thing that may have been done wrong: what a row of a table says of it. A message may need two of them.
type mistake struct {
	id, title string
	evidence  string // how it is known: goes on after "it matches"
	seen      string // how it is known where nothing had to match: a sentence in place of evidence
	fix       string
	body      cure // of a mistake that was made with the body; "": it was made with something else
	rank      rank
	recipes   recipeKind
	set       string // what to set in a scheme of one's own when it is the scheme that is wrong
	foreign   bool   // what signed did not follow the scheme: it may not be who it is taken for
}

// or says that the scheme may be wrong, and which of its fields that would be; "" when none could say it.
func (m *mistake) or(set string) *mistake {
	m.set, m.foreign = set, true
	return m
}

// and joins another mistake to this one.
func (m *mistake) and(o *mistake) {
	m.id += "+" + o.id
	m.title += ", and " + o.title
	m.evidence += " and " + o.evidence
	m.fix += "; " + o.fix
	m.set = joinWords(m.set, o.set, " and ")
	m.foreign = m.foreign || o.foreign
	m.rank += o.rank
	m.recipes = max(m.recipes, o.recipes)
}

// when is a value where something holds; the zero value otherwise.
func when[T any](holds bool, value T) (out T) {
	if holds {
		out = value
	}
	return out
}

// both joins mistakes; nil when there are none.
func both(list ...*mistake) *mistake {
	list = slices.DeleteFunc(list, func(m *mistake) bool { return m == nil })
	if len(list) == 0 {
		return nil
	}
	out := *list[0]
	for _, m := range list[1:] {
		out.and(m)
	}
	return &out
}
