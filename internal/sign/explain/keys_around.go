package explain

// Keys with something around them: quotes, a name, a comment, a whole JSON object, or another key. One list for keys that are refused and
// for those that make another signature.

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign"
)

// around is what may stand around a key, and the key without it.
type around struct {
	id, title string
	what      string // as title, to go on after "key …"
	evidence  string // goes on after "it matches"
	fix       string
	key       string
}

// Bounds of what is taken apart.
const (
	maxAround   = 8 << 10 // bytes of a key's text
	maxTogether = 6       // keys in one text
	leastPiece  = 8       // characters of each
)

// surroundings are what may stand around the key in a text that is trimmed. prefix is that of the scheme's keys.
func surroundings(text, prefix string) []around {
	if len(text) > maxAround {
		return nil
	}
	out := []around{
		{"quotes", "the key has quotes around it", "has typographic quotes around it", "without the quotes around the key", "store the key without quotes", typographic(text)},
		{"punctuation", "a comma or semicolon stands behind the key", "has a comma or semicolon behind it", "without it", "store the key alone", sign.Unquote(strings.TrimRight(text, ",; "))},
		{"comment", "a comment stands behind the key", "has a comment behind it", "with what stands before the comment", "store the key alone: not every reader of env files takes comments off", sign.Unquote(uncommented(text))},
		{"assignment", "the key is a whole line of a settings file", "is a whole line of a settings file", "with what stands after the colon only", "store the value without its name", setting(text)},
	}
	out = append(out, members(text)...)
	return append(out, pieces(text, prefix)...)
}

// typographic is a text without the quotes that word processors and chats make.
func typographic(text string) string {
	return strings.TrimSpace(strings.Trim(text, "“”„‟‘’‚«»\"'"))
}

// uncommented is what stands before a comment; "" when there is none.
func uncommented(text string) string {
	for _, mark := range []string{" #", "\t#", " //"} {
		if key, _, ok := strings.Cut(text, mark); ok {
			return strings.TrimSpace(key)
		}
	}
	return ""
}

// setting is the value of a line "name: value"; "" when it is none.
func setting(text string) string {
	const longest = 64
	name, value, ok := strings.Cut(text, ":")
	if !ok || len(name) > longest || value == "" || value[0] != ' ' || strings.ContainsAny(value, "\r\n") || !usualName(strings.Trim(name, `"'- `)) {
		return ""
	}
	return sign.Unquote(strings.TrimRight(strings.TrimSpace(value), ","))
}

// members are the texts of a JSON object, as AWS Secrets Manager and others keep secrets.
func members(text string) []around {
	var object map[string]any
	if !strings.HasPrefix(text, "{") || json.Unmarshal([]byte(text), &object) != nil {
		return nil
	}
	const most, longest = 16, 64
	var out []around
	names := slices.Sorted(maps.Keys(object))
	for _, name := range names[:min(len(names), most)] {
		key, isText := object[name].(string)
		if !isText || len(name) > longest || name == "" || !usualName(name) {
			continue
		}
		fix := "give the value of " + name + " alone"
		if !strings.ContainsAny(name, "-.") {
			fix += ": jq -r ." + name
		}
		out = append(out, around{"json", "the key is a whole JSON object, as stores of secrets hold it", "is a whole JSON object, as stores of secrets hold it", "with its " + name + " alone", fix, key})
	}
	return out
}

// pieces are the keys of a text that holds several, as during a rotation.
func pieces(text, prefix string) []around {
	split := strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(",; \t\r\n|", c) })
	if len(split) < 2 || len(split) > maxTogether {
		return nil
	}
	var out []around
	for n, key := range split {
		if key = sign.Unquote(key); len(key) < leastPiece || !strings.HasPrefix(key, prefix) {
			return nil
		}
		which := []string{"first", "second", "third", "fourth", "fifth", "sixth"}[n]
		out = append(out, around{
			"several", "the key is several keys in one text", "is several keys in one text", "with the " + which + " of them",
			"give each key by itself: --secret-file and --secret-env can be given several times", key,
		})
	}
	return out
}
