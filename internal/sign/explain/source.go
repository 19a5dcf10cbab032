package explain

// Where a body comes from, which says whose fault it is when it is not the one that was signed.

import (
	"cmp"
	"slices"
)

// Source is where whctl has a body from. The zero value knows nothing of it.
type Source struct {
	blame  string // goes before the title of a mistake that was made with the body
	sender bool   // whctl has the bytes as they came, so that only the sender or something before whctl can have changed them
	choice Choice
}

// OffSocket is the source of a body whose bytes whctl took off the connection itself. No program that receives it changed it.
func OffSocket() Source {
	return Source{blame: "the sender signed another text than it sent, or something between rewrote it: ", sender: true}
}

// Saved is the source of a body that the user has from somewhere, such as the log of a program, which may have changed it. The choice
// says in which frameworks the cure is shown.
func Saved(c Choice) Source { return Source{choice: c} }

// recipes are the frameworks in which the cure is shown, and how many others there are.
func (s *Source) recipes() (out []Recipe, left int) {
	if len(s.choice) == 0 {
		return nil, 0
	}
	return s.choice.of(frameworks())
}

// RawBody is the finding with the recipes of a choice, for a program that has to verify the raw bytes.
func (c Choice) RawBody(f Finding) Finding {
	f.Recipes, f.RecipesLeft = c.of(frameworks())
	return f
}

// cure is what to do about a body that is not the one that was signed.
type cure string

// fix is what to do about a body. A coding that is still there was put on after the signature, as some senders do, and so was what wraps
// the body. What curl does to a file its user can mend.
func (s *Source) fix(c cure) string {
	if s.sender && !slices.Contains([]cure{codingFix, base64Fix, wrappedFix, breaksFix}, c) {
		return senderFix
	}
	return string(c)
}

// doubt is what to check about a body besides the key, where nothing matched. author is the library that may have written it; "":
// none.
func (s *Source) doubt(author, raw string) string {
	switch {
	case s.sender:
		return "check that the sender signs exactly the bytes that it sends: whctl has them as they came"
	case author != "":
		return "check that the body is raw: " + author
	}
	return "check that the body is " + cmp.Or(raw, "the raw bytes")
}
