package config

// A config file as YAML: reading it, its lines, and secrets that may not be in it.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"go.yaml.in/yaml/v3"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/masking"
)

const (
	maxFile  = 256 << 10 // a config file is written by hand
	maxDepth = 32
)

// file is one config file as YAML, with where it came from.
type file struct {
	table   table // of the settings that it may have
	path    string
	project bool       // came with a checkout; the table says what it may set
	trusted bool       // the user trusts this project file as it is now
	root    *yaml.Node // the mapping at the top; nil when the file is empty
	doc     *yaml.Node // the document, with the comments around; nil when there are only comments
	raw     []byte
}

// readFile reads a config file and screens it. The result is nil when there is none. open returns a *files.NotUsedError for a
// file that must not be used.
func (t table) readFile(path string, open func(path string) (*os.File, error)) (*file, error) {
	b, err := readBounded(path, open)
	// A HOME that is a file, or a name that is too long, means that there is no config file either.
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ENAMETOOLONG) {
		return nil, nil //nolint:nilnil // see above
	}
	if errors.Is(err, context.Canceled) {
		return nil, err
	}
	if notUsed, ok := errors.AsType[*files.NotUsedError](err); ok {
		return nil, fault.WithStep(fault.Wrap(fault.Usage, err, "cannot read the config file"), nextStep(notUsed))
	}
	if err != nil {
		return nil, fault.Hint(fault.Wrap(fault.Usage, err, "cannot read the config file"), "look at it: %s", fault.Command("ls -ld", path))
	}
	return t.parseFile(path, b)
}

// nextStep returns what to do about a file that is not used.
func nextStep(e *files.NotUsedError) fault.Step {
	if len(e.Command) == 0 {
		return fault.NextStep("use a folder of your own: WHCTL_DATA_DIR=DIR")
	}
	return fault.NextStep("look at it, then: %s", fault.Command("", e.Command...))
}

func readBounded(path string, open func(path string) (*os.File, error)) ([]byte, error) {
	r, err := open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // opened to read
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("%s is longer than %d KiB", fault.Quote(path), maxFile>>10)
	}
	return b, err
}

// parseFile reads YAML and refuses what a config file does not need.
func (t table) parseFile(path string, b []byte) (*file, error) {
	f := &file{table: t, path: path, raw: b}
	dec := yaml.NewDecoder(strings.NewReader(string(b)))
	var doc, more yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return f, nil
	}
	if err != nil {
		return nil, f.badYAML(err)
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, fault.Hint(fault.New(fault.Usage, "%s: a config file holds one YAML document, but this one continues after ---", fault.Quote(path)), "leave out --- and what follows it")
	}
	f.doc = &doc
	if len(doc.Content) == 0 || null(doc.Content[0]) {
		return f, nil
	}
	if err := f.screen(doc.Content[0], 0); err != nil {
		return nil, err
	}
	if doc.Content[0].Kind != yaml.MappingNode {
		return nil, fault.Hint(f.errorf(doc.Content[0], "a config file is a list of settings"), "begin it with a line such as output: json")
	}
	f.root = doc.Content[0]
	return f, nil
}

// badYAML puts file and line before the parser's words, which hold no values. The parser gives the line in its text only.
func (f *file) badYAML(err error) error {
	if n := f.bracedLine(); n > 0 {
		err := fault.New(fault.Usage, "%s:%d: this is not YAML: a value that begins with { needs quotes", fault.Quote(f.path), n)
		return fault.WithStep(err, f.quoted(&yaml.Node{Line: n}))
	}
	place, text := fault.Quote(f.path), strings.TrimPrefix(err.Error(), "yaml: ")
	if line, what, found := strings.Cut(strings.TrimPrefix(text, "line "), ": "); found && strings.Trim(line, "0123456789") == "" {
		place, text = place+":"+line, what
	}
	if strings.HasPrefix(text, "unknown anchor") {
		text = "anchors and aliases are not supported"
	}
	return fault.Hint(fault.New(fault.Usage, "%s: this is not YAML: %s", place, text), "correct that line; this prints which file it is: whctl config path")
}

// errorf returns a usage fault at a node's line.
func (f *file) errorf(n *yaml.Node, format string, args ...any) error {
	return fault.New(fault.Usage, "%s:%d: %s", fault.Quote(f.path), n.Line, fmt.Sprintf(format, args...))
}

// at puts file and line before an error. The hint stays.
func (f *file) at(n *yaml.Node, err error) error {
	return fault.Wrap(fault.Usage, err, "%s:%d", fault.Quote(f.path), n.Line)
}

// place returns where a node stands.
func (f *file) place(n *yaml.Node) origin { return origin{name: f.path, line: n.Line} }

// screen checks the whole tree before anything uses or shows it: secrets, repeated keys, aliases, depth.
func (f *file) screen(n *yaml.Node, depth int) error {
	if depth > maxDepth {
		return fault.Hint(f.errorf(n, "nested more than %d deep", maxDepth), "take that block out")
	}
	if n.Anchor != "" || n.Kind == yaml.AliasNode {
		return fault.Hint(f.errorf(n, "anchors and aliases are not supported"), "write the value itself in each place")
	}
	switch n.Kind {
	case yaml.MappingNode:
		return f.screenMapping(n, depth)
	case yaml.SequenceNode:
		for _, c := range n.Content {
			if err := f.screen(c, depth+1); err != nil {
				return err
			}
		}
	case yaml.ScalarNode:
		if masking.Known(n.Value) {
			return f.at(n, secretFault("a value here looks like a key or a token"))
		}
		if n.Tag == "!!binary" {
			return fault.Hint(f.errorf(n, "binary values are not supported"), "write the value as text")
		}
	case yaml.DocumentNode, yaml.AliasNode:
	}
	return nil
}

func (f *file) screenMapping(n *yaml.Node, depth int) error {
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			return fault.Hint(f.errorf(key, "a key must be a plain name"), "write it as NAME: VALUE")
		}
		if err := f.screen(key, depth+1); err != nil {
			return err
		}
		if line, ok := seen[key.Value]; ok {
			return fault.Hint(f.errorf(key, "key %s was already given in line %d", quoted(key.Value), line), "leave one of the two out")
		}
		seen[key.Value] = key.Line
		if secretKey(key.Value) && bare(val) {
			return f.at(key, secretFault(quoted(key.Value)+" is one"))
		}
		if err := f.screen(val, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// bare reports whether a node is a text or a list of texts, as a secret would be. The key: block of a scheme is neither.
func bare(n *yaml.Node) bool {
	if n.Kind == yaml.SequenceNode {
		return len(n.Content) > 0 && bare(n.Content[0])
	}
	return n.Kind == yaml.ScalarNode && !null(n) && n.Value != ""
}

// secretFault refuses a secret in a config file. It does not show the value.
func secretFault(what string) error {
	err := fault.New(fault.Usage, "a config file may not hold a secret, and %s", what)
	return fault.Hint(err, "take it out and save it: whctl keys add NAME, or whctl login for a token")
}

// null reports whether a node has no value, for example a key whose block is commented out.
func null(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// each calls do for every key of a mapping and its value. It skips keys without a value. If valid is not nil, other keys are errors.
func (f *file) each(n *yaml.Node, what string, valid []string, do func(key, val *yaml.Node) error) error {
	if n == nil || null(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return fault.Hint(f.errorf(n, "%s is a list of settings, one a line", what), "write each as NAME: VALUE")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		if valid != nil && !slices.Contains(valid, key.Value) {
			return f.unknown(key, what, valid)
		}
		if null(val) {
			continue
		}
		if err := do(key, val); err != nil {
			return err
		}
	}
	return nil
}

// unknown refuses an unknown key. Proxies are not settings, but people look for them, and attackers try them.
func (f *file) unknown(key *yaml.Node, what string, valid []string) error {
	where := "" // the file itself
	if what != "" {
		where = " under " + what
	}
	err := f.errorf(key, "unknown key %s%s", quoted(key.Value), where)
	if strings.HasSuffix(strings.ToLower(key.Value), "proxy") {
		if f.project {
			err = f.errorf(key, "a project file may not set %s", key.Value)
		}
		return fault.Hint(err, "export HTTPS_PROXY=URL")
	}
	return didYouMean(err, "", key.Value, valid)
}

// text returns a scalar as it is written, so that a port needs no quotes.
func (f *file) text(n *yaml.Node, what string) (string, error) {
	if n.Kind != yaml.ScalarNode {
		return "", fault.Hint(f.errorf(n, "%s is one value, not a list or a block", what), "write it as NAME: VALUE")
	}
	return n.Value, nil
}

// texts calls do for a scalar, or for each scalar of a list.
func (f *file) texts(n *yaml.Node, what string, do func(n *yaml.Node, text string) error) error {
	nodes := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		nodes, what = n.Content, "each of "+what
	}
	for _, n := range nodes {
		text, err := f.text(n, what)
		if err == nil {
			err = do(n, text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// boolean reads true or false.
func (f *file) boolean(n *yaml.Node, what string) (bool, error) {
	var b bool
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" || n.Decode(&b) != nil {
		return false, fault.Hint(f.errorf(n, "%s is true or false", what), "write it without quotes")
	}
	return b, nil
}
