package explain

// The fix in the usual frameworks and languages.

import (
	"strings"

	"github.com/whctl/whctl/internal/sign/scheme"
)

// recipeKind is which set of recipes cures a mistake.
type recipeKind int

const (
	recipeNone recipeKind = iota
	recipeKey
	recipeFormula
	recipeBody
)

// recipes returns the fix in frameworks or languages, and how many others there are.
func (s *search) recipes(kind recipeKind) (out []Recipe, left int) {
	switch kind {
	case recipeBody:
		return s.o.Source.recipes()
	case recipeFormula:
		return s.formulaRecipes(), 0
	case recipeKey:
		return []Recipe{
			{Framework: "shell", Code: `printf %s "$KEY" > key.txt   # echo would add a line break`},
			{Framework: "env file", Code: `WEBHOOK_KEY=the-key-as-given   # no quotes, no blanks`},
		}, 0
	default:
		return nil, 0
	}
}

// formulaRecipes write the scheme's formula in the commonest languages; none when it holds more than id, time and body.
func (s *search) formulaRecipes() []Recipe {
	spec := s.r.Scheme()
	name, ok := map[scheme.Algorithm]string{scheme.HMACSHA1: "sha1", scheme.HMACSHA256: "sha256", scheme.HMACSHA512: "sha512"}[spec.Algorithm]
	pre, post, plain := "", "", true
	seen := false
	for _, t := range s.r.Content {
		part := t.Text
		switch t.Kind {
		case "":
		case scheme.PieceID, scheme.PieceTime:
			part = "{" + t.Kind + "}"
		case scheme.PieceBody:
			seen = true
			continue
		default:
			plain = false
		}
		if seen {
			post += part
		} else {
			pre += part
		}
	}
	if !ok || !plain || !seen || strings.ContainsAny(pre+post, "'\"`\\$") {
		return nil
	}
	f := formula{hash: name, pre: pre, post: post, base64: spec.Signature.Encoding == scheme.Base64, decode: spec.Key.Encoding != scheme.UTF8}
	return f.recipes()
}

// formula is an HMAC over text, body, text.
type formula struct {
	hash, pre, post string
	base64, decode  bool
}

func (f *formula) pick(hex, base64 string) string {
	if f.base64 {
		return base64
	}
	return hex
}

// fill writes {id} and {timestamp} in a language's own form.
func fill(text, open string) string {
	return strings.NewReplacer("{timestamp}", open+"timestamp}", "{id}", open+"id}").Replace(text)
}

func (f *formula) recipes() []Recipe {
	note := ""
	if f.decode {
		note = "  // key: decoded, not its text"
	}
	around := func(before, raw, after string) string {
		return when(f.pre != "", before) + raw + when(f.post != "", after)
	}
	node := "crypto.createHmac('" + f.hash + "', key)" +
		around(".update(`"+fill(f.pre, "${")+"`)", ".update(raw)", ".update(`"+fill(f.post, "${")+"`)")
	python := around("f'"+fill(f.pre, "{")+"'.encode() + ", "raw", " + f'"+fill(f.post, "{")+"'.encode()")
	php := around(`"`+fill(f.pre, "{$")+`" . `, "$raw", ` . "`+fill(f.post, "{$")+`"`)
	python, digest := "hmac.new(key, "+python+", '"+f.hash+"')", ".hexdigest()"
	if f.base64 {
		python, digest = "base64.b64encode("+python, ".digest()).decode()"
	}
	hash := "hash_hmac('" + f.hash + "', " + php + ", $key"
	goCode := "mac := hmac.New(" + f.hash + ".New, key); " +
		around("io.WriteString(mac, "+goText(f.pre)+"); ", "mac.Write(raw); ", "io.WriteString(mac, "+goText(f.post)+"); ")
	return []Recipe{
		{Framework: "Node.js", Code: node + ".digest('" + f.pick("hex", "base64") + "')" + note},
		{Framework: "Python", Code: python + digest + strings.Replace(note, "//", "#", 1)},
		{Framework: "Go", Code: goCode + f.pick("hex.EncodeToString(mac.Sum(nil))", "base64.StdEncoding.EncodeToString(mac.Sum(nil))") + note},
		{Framework: "PHP", Code: f.pick(hash+");", "base64_encode("+hash+", true));") + note},
	}
}

// goText joins literals and variables with plus signs.
func goText(text string) string {
	parts := strings.NewReplacer("{timestamp}", "\x00timestamp\x00", "{id}", "\x00id\x00").Replace(text)
	var out []string
	for i, p := range strings.Split(parts, "\x00") {
		switch {
		case p == "":
		case i%2 == 1:
			out = append(out, p)
		default:
			out = append(out, `"`+p+`"`)
		}
	}
	return strings.Join(out, "+")
}
