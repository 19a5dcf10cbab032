package scheme

// Schemes that sign like another one, and how such a scheme is told apart from it.

import (
	"maps"
	"reflect"
	"slices"

	"github.com/whctl/whctl/internal/near"
)

// ofProvider says whether a field tells of the provider and not of how it signs, so that no scheme takes it from another.
func ofProvider(field string) bool {
	return slices.Contains([]string{
		"name", "names", "like", "title", "url", "quirks", "note", "answer_timeout", "retry", "no_retry_4xx", "handshake", "key.where", "key.not",
	}, field)
}

// rulesOf is how a scheme signs: its tree without what tells of the provider.
func rulesOf(fields map[string]any) map[string]any {
	out := map[string]any{}
	for field, value := range fields {
		if ofProvider(field) || value == nil || value == "" {
			continue
		}
		if block, ok := value.(map[string]any); ok {
			block = maps.Clone(block)
			maps.DeleteFunc(block, func(k string, v any) bool { return ofProvider(field+"."+k) || v == nil })
			value = block
		}
		out[field] = value
	}
	return out
}

// inherit fills in what a scheme does not give from the built-in scheme that it signs like. Of a block that both have, each field is
// taken by itself, save that of the event. It returns that scheme's name, or "", and whether the two sign in the same way, so that only the headers of the
// event can tell them apart.
func (b *branch) inherit() (like string, twin bool) {
	if like = b.text("like"); like == "" {
		return "", false
	}
	base, err := builtinTree(like)
	if err != nil || base["like"] != nil || base["algorithm"] == string(None) {
		b.fail("like", Quote(like)+" is not a built-in scheme with rules of its own", near.Word(like, BuiltinNames()))
		return like, false
	}
	base = rulesOf(base)
	if b.fields["event"] != nil {
		delete(base, "event") // it is the provider's own, and taken whole
	}
	b.fields = overlay(base, b.fields)
	own := rulesOf(b.fields)
	delete(own, "event")
	delete(base, "event")
	return like, reflect.DeepEqual(own, base)
}

// overlay is a tree with the values of another one laid over it, in blocks too.
func overlay(base, over map[string]any) map[string]any {
	out := maps.Clone(base)
	for field, value := range over {
		below, isBlock := base[field].(map[string]any)
		if given, ok := value.(map[string]any); ok && isBlock {
			value = overlay(below, given)
		}
		out[field] = value
	}
	return out
}
