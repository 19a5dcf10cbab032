package config

// Schemes of the user's own, in config files.

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// decodeSchemes reads the schemes: block. No scheme may have the name of a built-in one, so that a name means the same everywhere.
func (l *layer) decodeSchemes(_ *block, n *yaml.Node) error {
	f := l.file
	return f.each(n, "schemes", nil, func(key, val *yaml.Node) error {
		name := key.Value
		if _, err := checkSchemeName("schemes", name); err != nil {
			return f.at(key, err)
		}
		if _, err := scheme.Builtin(name); err == nil || name == "auto" {
			return fault.Hint(f.errorf(key, "a scheme named %s is built in", name), "give yours another name, like %s", fault.Word("my-"+name))
		}
		if val.Kind != yaml.MappingNode {
			return fault.Hint(f.errorf(val, "a scheme is a block of fields"), "start from a built-in one: whctl schemes show stripe -o yaml")
		}
		tree, err := f.tree(val)
		if err != nil {
			return err
		}
		fields, _ := tree.(map[string]any)
		s, err := scheme.Decode(name, fields)
		if err == nil {
			_, err = sign.Compile(s)
		}
		if err != nil {
			return f.schemeError(key, val, err)
		}
		l.schemes[name], l.places[name] = s, f.place(key)
		return nil
	})
}

// schemeError puts file and line of the wrong field before the error.
func (f *file) schemeError(key, val *yaml.Node, err error) error {
	se, ok := errors.AsType[*scheme.Error](err)
	if !ok {
		return f.at(key, err)
	}
	err = f.errorf(locate(key, val, se.Field), "scheme %s: %s", key.Value, strings.TrimPrefix(se.Field+": ", ": ")+withoutPhrases(se.Problem))
	if step := f.quoted(locate(key, val, se.Field)); step != (fault.Step{}) {
		return fault.WithStep(err, step)
	}
	if se.Nearest != "" {
		return fault.Hint(err, "did you mean %s?", fault.Literal(se.Nearest))
	}
	if hint := se.Hint(); hint != "" {
		return fault.Hint(err, "%s", fault.Literal(hint))
	}
	return fault.Hint(err, "whctl help schemes")
}

// bracedLine returns the number of the first line whose value begins with a brace but is not a block, or 0. YAML reads
// {body} as a block, and what follows it as a mistake.
func (f *file) bracedLine() int {
	n := 0
	for line := range strings.Lines(string(f.raw)) {
		_, value, _ := strings.Cut(line, ": ")
		value, _, _ = strings.Cut(value, " #")
		_, rest, _ := strings.Cut(value, "}") // of a block there is none
		if n++; quotedValue(line) != (fault.Step{}) && strings.TrimSpace(rest) != "" {
			return n
		}
	}
	return 0
}

// withoutPhrases takes quoted texts of many words out of a message. Such a text may be a pass phrase.
func withoutPhrases(text string) string {
	parts := strings.Split(text, `"`)
	for i := 1; i < len(parts)-1; i += 2 {
		if strings.Count(parts[i], " ") > 2 && !strings.Contains(parts[i], "{") {
			parts[i] = "(not shown)"
		}
	}
	return strings.Join(parts, `"`)
}

// quoted returns advice to put quotes around the value of a node's line, if that is the mistake.
func (f *file) quoted(n *yaml.Node) fault.Step {
	i := 0
	for line := range strings.Lines(string(f.raw)) {
		if i++; i == n.Line {
			return quotedValue(line)
		}
	}
	return fault.Step{}
}

// quotedValue returns advice to put quotes around a value that begins with a placeholder, as in content: {timestamp}:{body}.
// There is none for other lines, and none for what a shell would act on, because hints are pasted.
func quotedValue(line string) fault.Step {
	line = strings.TrimSpace(line)
	name, value, ok := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	word, _, closed := strings.Cut(strings.TrimPrefix(value, "{"), "}")
	switch {
	case !ok || name != "content" && name != "item": // only these are templates; another value may be a secret
		return fault.Step{}
	case !closed || !strings.HasPrefix(value, "{") || word == "" || strings.ContainsAny(word, " ,{") || strings.ContainsAny(value, "\"'\\$`!") || strings.ContainsFunc(value, func(c rune) bool { return !strconv.IsPrint(c) }):
		return fault.Step{}
	}
	value, _, _ = strings.Cut(value, " #")
	return fault.NextStep("write %s: \"%s\"", fault.Word(name), fault.Literal(strings.TrimSpace(value)))
}

// locate returns the node of a dotted field, or of the deepest part of it that exists. Names may hold dots.
func locate(key, val *yaml.Node, field string) *yaml.Node {
	for field != "" && val.Kind == yaml.MappingNode {
		found := false
		for i := 0; i+1 < len(val.Content) && !found; i += 2 {
			name := val.Content[i].Value
			rest, ok := strings.CutPrefix(field, name)
			if found = ok && (rest == "" || rest[0] == '.' || rest[0] == '['); found {
				key, val, field = val.Content[i], val.Content[i+1], strings.TrimLeft(rest, ".")
			}
		}
		if !found {
			return key
		}
	}
	if val.Kind == yaml.SequenceNode {
		digits, _, _ := strings.Cut(strings.TrimLeft(field, "["), "]")
		if i, err := strconv.Atoi(digits); err == nil && i >= 0 && i < len(val.Content) {
			return val.Content[i]
		}
	}
	return key
}

// tree turns a node into maps, lists, strings, booleans and float64, as JSON has them.
func (f *file) tree(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := f.tree(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			m[n.Content[i].Value] = v
		}
		return m, nil
	case yaml.SequenceNode:
		list := []any{}
		for _, c := range n.Content {
			v, err := f.tree(c)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.ScalarNode:
		return f.leaf(n)
	case yaml.AliasNode, yaml.DocumentNode:
	}
	return nil, f.errorf(n, "this kind of value is not supported")
}

func (f *file) leaf(n *yaml.Node) (any, error) {
	switch n.ShortTag() {
	case "!!null":
		return nil, nil //nolint:nilnil // null is a value here
	case "!!bool":
		var b bool
		return b, f.at(n, n.Decode(&b))
	case "!!int", "!!float":
		var x float64
		if err := n.Decode(&x); err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return nil, f.errorf(n, "%s is not a number that can be used here", quoted(n.Value))
		}
		return x, nil
	default:
		return n.Value, nil
	}
}
