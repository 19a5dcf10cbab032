package render

// YAML.

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/whctl/whctl/internal/term"
)

// deepYAML is the depth from which YAML is written on one line. Indenting what is nested deeper would cost the square of the
// input.
const deepYAML = 24

// YAML writes v to Out with the field names and the order of its JSON. On a terminal, characters that could change it are
// escaped.
func YAML(t *term.IO, v any) error {
	b, err := encode(v)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	y := yamlTree{dec: dec, careful: t.OutTTY()}
	var buf bytes.Buffer
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	node, err := y.value(0)
	if err == nil {
		err = enc.Encode(node)
	}
	if err == nil {
		err = enc.Close()
	}
	if err != nil {
		return fmt.Errorf("encode YAML: %w", err)
	}
	out := buf.Bytes()
	if y.careful { // it stands in double quotes, where YAML has JSON's escapes
		out = escapeUnsafe(out)
	}
	return writeAll(t.Out, out)
}

// yamlTree builds nodes from JSON tokens, so that no number is rounded and no field changes its place.
type yamlTree struct {
	dec     *json.Decoder
	careful bool
}

func (y yamlTree) value(depth int) (*yaml.Node, error) {
	tok, err := y.dec.Token()
	if err != nil {
		return nil, err
	}
	switch v := tok.(type) {
	case json.Delim:
		return y.container(v, depth)
	case string:
		return y.text(v)
	case json.Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: v.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(v)}, nil
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	}
}

func (y yamlTree) container(open json.Delim, depth int) (*yaml.Node, error) {
	node := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	if open == '{' {
		node.Kind, node.Tag = yaml.MappingNode, "!!map"
	}
	if depth >= deepYAML {
		node.Style = yaml.FlowStyle
	}
	for y.dec.More() {
		child, err := y.value(depth + 1) // a key comes as a string token
		if err != nil {
			return nil, err
		}
		node.Content = append(node.Content, child)
	}
	_, err := y.dec.Token()
	return node, err
}

// text lets the library choose the quotes. It knows which words readers of YAML 1.1 take for something else.
func (y yamlTree) text(s string) (*yaml.Node, error) {
	node := &yaml.Node{}
	if err := node.Encode(s); err != nil {
		return nil, err
	}
	if y.careful && needsEscape(s) {
		node.Style = yaml.DoubleQuotedStyle
	}
	return node, nil
}
