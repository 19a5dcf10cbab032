package render

// An array, written one member at a time.

import (
	"bytes"
	"slices"

	"github.com/itchyny/gojq"

	"github.com/whctl/whctl/internal/term"
)

// Array writes an array as JSON, as YAML or through a --jq expression, and holds one member at a time. Only an expression that
// does not begin with .[] may need all members at once; then all are held.
type Array struct {
	t      *term.IO
	o      Output
	filter *filter
	each   bool  // the filter takes one member
	all    []any // for the filter
	n      int
}

// Array begins an array in a format for scripts. It writes nothing before the first member.
func (o Output) Array(t *term.IO) (*Array, error) {
	a := &Array{t: t, o: o}
	if o.JQ == "" {
		return a, o.Check()
	}
	query, err := gojq.Parse(o.JQ)
	if err != nil {
		return nil, badJQ(flagJQ, err)
	}
	if rest, ok := perMember(query); ok {
		query, a.each = rest, true
	}
	a.filter, err = compileFilter(flagJQ, query)
	return a, err
}

// Len is the number of members so far.
func (a *Array) Len() int { return a.n }

// Add writes a member.
func (a *Array) Add(v any) error {
	a.n++
	switch {
	case a.each:
		return a.filter.write(a.t, v)
	case a.filter != nil:
		input, _, err := plain(v)
		a.all = append(a.all, input)
		return err
	case a.o.Format == FormatYAML:
		return YAML(a.t, []any{v}) // lists of one member below each other are one list
	}
	b, err := encode(v)
	if err != nil {
		return err
	}
	open := byte(',')
	if a.n == 1 {
		open = '['
	}
	return writeJSON(a.t, slices.Insert(bytes.TrimSuffix(b, []byte("\n")), 0, open))
}

// Close ends the array.
func (a *Array) Close() error {
	switch {
	case a.each:
		return nil
	case a.filter != nil:
		return a.filter.write(a.t, append([]any{}, a.all...))
	case a.o.Format == FormatYAML && a.n == 0:
		return YAML(a.t, []any{})
	case a.o.Format == FormatYAML:
		return nil
	case a.n == 0:
		return JSON(a.t, []any{})
	default:
		return writeAll(a.t.Out, []byte("]\n"))
	}
}

// perMember returns what an expression that begins with .[] does with each member, and false for any other expression.
func perMember(q *gojq.Query) (*gojq.Query, bool) {
	if q.Meta != nil || len(q.Imports) > 0 || len(q.FuncDefs) > 0 || len(q.Patterns) > 0 {
		return nil, false
	}
	if q.Op == gojq.OpPipe {
		if rest, ok := perMember(q.Left); ok {
			return &gojq.Query{Op: gojq.OpPipe, Left: rest, Right: q.Right}, true
		}
		return nil, false
	}
	t := q.Term
	if q.Op != 0 || t == nil || t.Type != gojq.TermTypeIdentity || len(t.SuffixList) == 0 || !t.SuffixList[0].Iter {
		return nil, false
	}
	rest := *t
	if rest.SuffixList = t.SuffixList[1:]; len(rest.SuffixList) > 0 && rest.SuffixList[0].Optional {
		rest.SuffixList = rest.SuffixList[1:] // the ? of .[]?: it is an array
	}
	return &gojq.Query{Term: &rest}, true
}
