package config

// Writing settings into a config file, which keeps its comments and order.

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/near"
)

// Set writes one setting into a config file and keeps its comments and order. It makes the file and its folder if needed.
// With a profile, "api_url", "scheme" and "headers.NAME" go into its block. Lists are written with commas. A value that
// Load would refuse is refused here, and the file does not change.
func Set(file, profile, key, value string) error {
	path, err := settings().editKey(profile, key)
	if err != nil {
		return err
	}
	if masking.Known(value) || secretKey(path[len(path)-1]) || len(path) > 1 && path[len(path)-2] == "headers" && secretHeader(path[len(path)-1]) {
		return fault.Hint(fault.New(fault.Usage, "a config file may not hold a secret"), "whctl keys add NAME, or whctl login for a token")
	}
	return edit(file, func(root *yaml.Node) error {
		set(root, path, settings().valueNode(path, value))
		return nil
	})
}

// Unset removes one setting from a config file, and the blocks that it leaves empty. It reports whether the setting was there.
func Unset(file, profile, key string) (found bool, err error) {
	path, err := settings().editKey(profile, key)
	if err != nil {
		return false, err
	}
	err = edit(file, func(root *yaml.Node) error {
		if found = remove(root, path[0], path[1:]...); !found {
			return errUnchanged
		}
		return nil
	})
	return found, err
}

// UseProfile makes a profile the default in a config file. One that is none of known, which Settings.Profiles gives, is a Refused fault.
func UseProfile(file, name string, known []ProfileInfo) error {
	var names []string
	for _, p := range known {
		names = append(names, p.Name)
	}
	if !slices.Contains(names, name) {
		return didYouMean(fault.New(fault.Refused, "there is no profile %s", quoted(name)), "", name, names)
	}
	return edit(file, func(root *yaml.Node) error {
		set(root, []string{"profile"}, stringNode(name))
		return nil
	})
}

// CreateProfile adds a profile with its fields ("api_url", "scheme", "headers.NAME", …) to a config file. A profile that
// exists is a usage fault.
func CreateProfile(file, name string, fields map[string]string) error {
	if err := checkProfileName(name); err != nil {
		return err
	}
	return edit(file, func(root *yaml.Node) error {
		if child(child(root, "profiles"), name) != nil {
			return fault.Hint(fault.New(fault.Usage, "there is a profile %s already", name), "%s", fault.Command("whctl profile use", name))
		}
		set(root, []string{"profiles", name}, &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"})
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			path, err := settings().editKey(name, "profiles."+name+"."+key)
			if err != nil {
				return err
			}
			set(root, path, settings().valueNode(path, fields[key]))
		}
		return nil
	})
}

// DeleteProfile removes a profile from a config file, and the setting that makes it the default. A profile that is not in
// the file is a Refused fault. A built-in profile only loses what the file set in it.
func DeleteProfile(file, name string) error {
	return edit(file, func(root *yaml.Node) error {
		if remove(root, "profiles", name) {
			if def := child(root, "profile"); def != nil && def.Value == name {
				remove(root, "profile")
			}
			return nil
		}
		if name == ProfileBaanx || name == ProfileSandbox {
			return fault.Hint(fault.New(fault.Usage, "profile %s is built in and cannot be removed", name), "whctl profile use NAME makes another one the default")
		}
		missing := fault.New(fault.Refused, "there is no profile %s in %s", quoted(name), file)
		if nearest := near.Word(name, childNames(child(root, "profiles"))); nearest != "" {
			return fault.Hint(missing, "did you mean %s?", fault.Word(nearest))
		}
		return fault.Hint(missing, "whctl profile list")
	})
}

// parseKey splits a dotted key into the path of its node. Names of profiles and headers may hold dots.
func (t table) parseKey(key string) (path []string, err error) {
	first, rest, _ := strings.Cut(key, ".")
	s, there := t.find(key)
	switch {
	case secretKey(key[strings.LastIndex(key, ".")+1:]) && first != "headers":
		return nil, fault.Hint(fault.New(fault.Usage, "a secret is not a setting"), "whctl keys add NAME, or whctl login for a token")
	case there && s.field != nil:
		return strings.Split(key, "."), nil
	case first == "headers" && rest != "":
		return []string{first, rest}, nil
	case first == "listen":
		return nil, noSetting(key, "listen.", rest, t.keys("listen"))
	case first == "schemes":
		return nil, fault.Hint(fault.New(fault.Usage, "schemes are written in the file"), "whctl config path")
	case first == "profiles" && rest != "":
		return t.profilePath(key, rest)
	}
	var simple []string
	for _, s := range t {
		if block, name := s.split(); block == "" && name != "" && s.field != nil {
			simple = append(simple, name)
		}
	}
	return nil, noSetting(key, "", key, append(simple, "headers.NAME", "listen.NAME", "profiles.NAME.KEY"))
}

// noSetting says that there is no such key. Valid keys are prefix and one of valid; word is what stood there instead.
func noSetting(key, prefix, word string, valid []string) error {
	return didYouMean(fault.New(fault.Usage, "there is no setting %s", quoted(key)), prefix, word, valid)
}

// profilePath splits what follows "profiles.".
func (t table) profilePath(key, rest string) ([]string, error) {
	if name, header, ok := strings.Cut(rest, ".headers."); ok && name != "" && header != "" {
		return []string{"profiles", name, "headers", header}, nil
	}
	valid := slices.DeleteFunc(t.ofProfile(), func(k string) bool { return k == "headers" })
	i := strings.LastIndex(rest, ".")
	if i <= 0 || !slices.Contains(valid, rest[i+1:]) {
		prefix := "profiles.NAME."
		if i > 0 {
			prefix = "profiles." + rest[:i+1]
		}
		return nil, noSetting(key, prefix, rest[i+1:], append(valid, "headers.NAME"))
	}
	return []string{"profiles", rest[:i], rest[i+1:]}, nil
}

// editKey returns the path that a key is written to.
func (t table) editKey(profile, key string) ([]string, error) {
	path, err := t.parseKey(key)
	if err == nil && profile != "" && (path[0] == "api_url" || path[0] == "scheme" || path[0] == "headers") {
		path = append([]string{"profiles", profile}, path...)
	}
	return path, err
}

var errUnchanged = errors.New("unchanged")

// edit changes the tree of a config file, and writes the file if it still loads.
func edit(path string, change func(root *yaml.Node) error) error {
	f, err := settings().readFile(path, func(path string) (*os.File, error) { return openOwn(nil, files.Me(), path, true) })
	if err != nil {
		return err
	}
	if f == nil {
		f = &file{table: settings(), path: path}
	}
	doc, comments := f.doc, []byte(nil)
	if f.root == nil {
		doc = &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.MappingNode, Tag: "!!map"}}}
		comments = f.comments()
	}
	if err := change(doc.Content[0]); err != nil {
		if errors.Is(err, errUnchanged) {
			return nil
		}
		return err
	}
	b, err := encode(doc)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "cannot encode %s", path)
	}
	b = append(comments, b...)
	after, err := f.table.parseFile(path, b)
	if err == nil {
		_, err = after.decode()
	}
	if err != nil {
		return fault.Wrap(fault.Usage, err, "not written")
	}
	return fault.Hint(fault.Wrap(fault.Storage, replace(path, b), "cannot write the config file"), "check the rights of file and folder, or use another file: --config FILE")
}

// comments returns the comments of a file that sets nothing. The YAML library drops them.
func (f *file) comments() []byte {
	var kept strings.Builder
	for line := range strings.Lines(strings.TrimPrefix(string(f.raw), "\ufeff")) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' && utf8.ValidString(line) {
			kept.WriteString(line + "\n")
		}
	}
	if text := strings.TrimSpace(kept.String()); text != "" {
		return []byte(text + "\n\n")
	}
	return nil
}

func encode(doc *yaml.Node) ([]byte, error) {
	if len(doc.Content[0].Content) == 0 && doc.HeadComment == "" && doc.Content[0].HeadComment == "" {
		return nil, nil
	}
	explicit(doc, false)
	var buf bytes.Buffer
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		return nil, err
	}
	return buf.Bytes(), enc.Close()
}

// explicit writes null for an empty value in a flow block. The YAML library would write an empty text.
func explicit(n *yaml.Node, flow bool) {
	flow = flow || n.Style&yaml.FlowStyle != 0
	if flow && null(n) && n.Value == "" {
		n.Value = "null"
	}
	for _, c := range n.Content {
		explicit(c, flow)
	}
}

// child returns the value of a key of a mapping, or nil.
func child(n *yaml.Node, name string) *yaml.Node {
	for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// childNames are the names of what a block holds.
func childNames(n *yaml.Node) (names []string) {
	for i := 0; n != nil && n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		names = append(names, n.Content[i].Value)
	}
	return names
}

// set puts a value at a path and makes the blocks on the way. Comments stay where they are.
func set(n *yaml.Node, path []string, val *yaml.Node) {
	for _, name := range path {
		if n.Kind != yaml.MappingNode {
			replaceNode(n, yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"})
		}
		next := child(n, name)
		if next == nil {
			next = &yaml.Node{}
			n.Content = append(n.Content, stringNode(name), next)
			n.Style &^= yaml.FlowStyle
		}
		n = next
	}
	replaceNode(n, *val)
}

// replaceNode exchanges a node and keeps its comments.
func replaceNode(n *yaml.Node, by yaml.Node) {
	by.HeadComment, by.LineComment, by.FootComment = n.HeadComment, n.LineComment, n.FootComment
	*n = by
}

// remove deletes the key at a path, and the blocks that it leaves empty. It reports whether the key was there.
func remove(n *yaml.Node, name string, below ...string) bool {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != name {
			continue
		}
		if val := n.Content[i+1]; len(below) > 0 {
			if !remove(val, below[0], below[1:]...) {
				return false
			}
			if len(val.Content) > 0 {
				return true
			}
		}
		n.Content = slices.Delete(n.Content, i, i+2)
		return true
	}
	return false
}

// valueNode makes the node of a value: a list for a list, a bare true or false for a switch.
func (t table) valueNode(path []string, value string) *yaml.Node {
	s, _ := t.find(strings.Join(path, "."))
	switch {
	case s.isList():
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for v := range strings.SplitSeq(value, ",") {
			list.Content = append(list.Content, stringNode(strings.TrimSpace(v)))
		}
		return list
	case s.isSwitch() && (value == "true" || value == "false"):
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: value}
	default:
		return stringNode(value)
	}
}

// stringNode makes the node of a text. It has quotes only where YAML would read something else.
func stringNode(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

// replace writes a file whole or not at all. It follows a link, also one whose target does not exist yet.
func replace(path string, b []byte) error {
	if _, err := filepath.EvalSymlinks(path); err != nil {
		if to, err := os.Readlink(path); err == nil {
			if !filepath.IsAbs(to) {
				to = filepath.Join(filepath.Dir(path), to)
			}
			path = to
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	u := files.Me()
	u.OrRoot = true
	return u.Replace(path, b)
}
