package check

// What the answers give away. These cases send nothing: they look at what came before.

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/whctl/whctl/internal/sign"
)

// leastSecret is how many characters of a signature in an answer are no accident.
const leastSecret = 16

func secrecyCases() []Case {
	const fix = "answer a refused request with a status and nothing else, and log the rest"
	return []Case{
		{
			ID: "digest-disclosed", Group: groupSecrecy, Title: "no answer holds the right signature of a refused request", Severity: Failure, Expects: "none",
			Why: "a receiver that says which signature it expected signs whatever an attacker sends it", Fix: fix,
			run: func(_ context.Context, t *trial) {
				t.disclosed("the signature that would have been right", t.r.rightSignatures)
			},
		},
		{
			ID: "key-disclosed", Group: groupSecrecy, Title: "no answer holds the key", Severity: Failure, Expects: "none", Why: "with the key anybody can sign", Fix: fix,
			run: func(_ context.Context, t *trial) { t.keyDisclosed() },
		},
		{
			ID: "trace-disclosed", Group: groupSecrecy, Title: "no answer holds a stack trace", Severity: Failure, Expects: "none", Why: "a trace tells attackers which software runs there and where", Fix: "switch debug pages off, and catch what the handler throws",
			run: func(_ context.Context, t *trial) {
				t.disclosed("a stack trace", func(a answered) []string { return traces(a) })
			},
		},
	}
}

// disclosed looks for texts in all answers.
func (t *trial) disclosed(what string, texts func(answered) []string) {
	if len(t.r.answers) == 0 {
		t.skip("nothing was answered")
		return
	}
	for _, a := range t.r.answers {
		hay := haystack(a)
		for _, text := range texts(a) {
			if text != "" && bytes.Contains(hay, []byte(strings.ToLower(text))) {
				t.fail(nil, "the answer in case %s holds %s", a.id, what)
				return
			}
		}
	}
}

// keyDisclosed asks whoever knows the keys.
func (t *trial) keyDisclosed() {
	if len(t.r.answers) == 0 {
		t.skip("nothing was answered")
	}
	for _, a := range t.r.answers {
		var header strings.Builder
		if err := a.res.Header.Write(&header); err == nil && (t.r.Secret(header.String()) || t.r.Secret(string(a.res.Body))) {
			t.fail(nil, "the answer in case %s holds the key", a.id)
			return
		}
	}
}

// haystack is all of an answer, in small letters.
func haystack(a answered) []byte {
	var b bytes.Buffer
	for name, values := range a.res.Header {
		b.WriteString(name + ": " + strings.Join(values, "\n") + "\n")
	}
	b.Write(a.res.Body)
	return bytes.ToLower(b.Bytes())
}

// rightSignatures are the signatures of a request that was refused, as hex and base64 have them.
func (r *runner) rightSignatures(a answered) (texts []string) {
	if a.res.OK() || r.Rules.Public() {
		return nil
	}
	m := &sign.Message{Method: a.made.Method, URL: cmp.Or(r.SignURL, a.made.URL), Header: canonical(a.made.Header), Body: a.made.Body, Params: r.Params}
	reading := r.Rules.Read(m, &sign.VerifyOptions{})
	times := reading.Times
	if len(times) == 0 {
		times = []string{""}
	}
	for _, at := range times {
		signed, err := r.Rules.Sign(sign.SignRequest{
			Time: r.Now(), Timestamp: at, ID: reading.ID, Method: m.Method, URL: m.URL, Header: m.Header, Body: bytes.NewReader(m.Body), Params: r.Params,
		}, r.Keys[:1])
		if err != nil {
			continue
		}
		texts = append(texts, forms(signed.Signature, a.made.Header)...)
	}
	return texts
}

// forms are the pieces of a signature header's value in each of the usual encodings, except what the request itself had.
func forms(value string, sent http.Header) (texts []string) {
	pieces := strings.FieldsFunc(value, func(c rune) bool { return strings.ContainsRune(",; ", c) })
	for _, piece := range pieces {
		if _, after, found := strings.Cut(piece, "="); found && strings.Trim(after, "=") != "" {
			piece = after
		}
		if len(piece) < leastSecret {
			continue
		}
		texts = append(texts, piece)
		if raw, err := hex.DecodeString(piece); err == nil {
			texts = append(texts, base64.StdEncoding.EncodeToString(raw))
		} else if raw, err := base64.StdEncoding.DecodeString(piece); err == nil {
			texts = append(texts, hex.EncodeToString(raw))
		}
	}
	for _, values := range sent {
		for _, v := range values {
			for i, text := range texts {
				if strings.Contains(v, text) { // the answer repeats what it was sent
					texts[i] = ""
				}
			}
		}
	}
	return texts
}

func canonical(h http.Header) http.Header {
	out := http.Header{}
	for name, values := range h {
		name = http.CanonicalHeaderKey(name)
		out[name] = append(out[name], values...)
	}
	return out
}

// traces are marks of stack traces in several languages.
func traces(answered) []string {
	return []string{
		"Traceback (most recent call last)", "\n    at ", "\\n    at ", "&nbsp;at ", "/node_modules/", "Exception in thread", ".java:", "goroutine 1 [", "runtime/debug.Stack", "panic: ", "Werkzeug Debugger",
		"at System.", "/vendor/laravel/", "/vendor/symfony/", "app/controllers/", "#0 /",
	}
}
