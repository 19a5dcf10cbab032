package sign

// Where in a request a value stands.

import "github.com/whctl/whctl/internal/sign/scheme"

// Place is where a value stands.
type Place struct {
	In   Part
	Name string // of the header, or the path in the body
}

// Part is a part of a request, or of what goes with it.
type Part int

// The parts that a value may stand in.
const (
	InHeader    Part = iota + 1
	InBody           // at a JSON path
	InItem           // of the signature header's list
	InSettings       // what --param gives
	InQuery          // of the URL
	InForm           // a field of the body
	InClaim          // of a token
	InParameter      // of a message signature
)

// String names the place.
func (p Place) String() string {
	switch p.In {
	case InHeader:
		return "header " + p.Name
	case InBody:
		return "the body's " + p.Name
	case InItem:
		return "the signature header's item " + p.Name
	case InSettings:
		return "setting " + scheme.Quote(p.Name)
	case InForm:
		return "the form's field " + scheme.Quote(p.Name)
	case InClaim:
		return "the token's claim " + p.Name
	case InParameter:
		return "the signature's parameter " + p.Name
	case InQuery:
		return "the URL's query parameter " + scheme.Quote(p.Name)
	default:
		return ""
	}
}
