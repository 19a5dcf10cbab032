package verifier

// The steps of a verifier, in no language.

// step is one thing that a verifier does: a phrase of each language, with what stands in its places.
type step struct {
	phrase string
	with   places
	body   []step // of a loop
}

// places are what stands in the places of a phrase, each behind its name: texts as they are, or one of the types below, which each language
// writes in its way. Of two for one place the later counts.
type places []any

// of is what stands in a place; nil is nothing.
func (p places) of(name string) any {
	for i := len(p) - 2; i >= 0; i -= 2 {
		if p[i] == name {
			return p[i+1]
		}
	}
	return nil
}

// The types of what stands in a place.
type (
	variable string     // a name of words, such as "public key"
	literal  string     // a text
	literals []string   // texts in a row
	several  []string   // texts in a row, each in the phrase "name of several"
	paths    []literals // rows of texts, each on a line in the phrase "path of several"
	phrase   string     // another phrase, with the same places
	template []part     // a text that is put together
	chunks   []any      // bytes that are put together: each is a template or a phrase
)

// part is a piece of a template.
type part struct {
	text  string   // a literal, where value is empty
	value variable // what the text is taken from
	group template // or a text that counts only where its values are there
}

// verifier is what a verifier does and what it is given.
type verifier struct {
	steps      []step
	parameters []parameter
	shared     places // of every phrase
}

// parameter is something that a verifier is given.
type parameter struct {
	kind string   // a phrase of each language
	name variable // of a setting
}
