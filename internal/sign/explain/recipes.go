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

// recipes returns the fix in the commonest frameworks or languages.
func (s *search) recipes(kind recipeKind) []Recipe {
	switch kind {
	case recipeBody:
		return RawBodyRecipes()
	case recipeFormula:
		return s.formulaRecipes()
	case recipeKey:
		return []Recipe{
			{"shell", `printf %s "$KEY" > key.txt   # echo would add a line break`},
			{"env file", `WEBHOOK_KEY=the-key-as-given   # no quotes, no blanks`},
		}
	default:
		return nil
	}
}

// RawBodyRecipes say how to get at the raw bytes of a request in the usual frameworks.
func RawBodyRecipes() []Recipe {
	return []Recipe{
		{"Express", "app.post('/webhook', express.raw({ type: '*/*' }), (req, res) => verify(req.body))\n// req.body is a Buffer; register this before express.json()"},
		{"Fastify", "fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (req, body, done) => done(null, body))"},
		{"Next.js", "export async function POST(req) { const raw = Buffer.from(await req.arrayBuffer()); verify(raw) }\n// pages router: export const config = { api: { bodyParser: false } }"},
		{"Flask", "raw = request.get_data()  # before request.json or request.form"},
		{"Django", "raw = request.body  # before request.POST; the view is @csrf_exempt"},
		{"FastAPI", "async def hook(request: Request): raw = await request.body()  # no pydantic model as parameter"},
		{"Rails", "raw = request.raw_post  # not params"},
		{"Laravel", "$raw = $request->getContent();  // not $request->all()"},
		{"Spring", "@PostMapping(\"/webhook\") void hook(@RequestBody byte[] raw, @RequestHeader HttpHeaders headers)"},
		{"ASP.NET", "Request.EnableBuffering(); using var ms = new MemoryStream();\nawait Request.Body.CopyToAsync(ms); var raw = ms.ToArray();"},
		{"Go net/http", "raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 5<<20))  // verify raw, then json.Unmarshal(raw, …)"},
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
		{"Node.js", node + ".digest('" + f.pick("hex", "base64") + "')" + note},
		{"Python", python + digest + strings.Replace(note, "//", "#", 1)},
		{"Go", goCode + f.pick("hex.EncodeToString(mac.Sum(nil))", "base64.StdEncoding.EncodeToString(mac.Sum(nil))") + note},
		{"PHP", f.pick(hash+");", "base64_encode("+hash+", true));") + note},
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
