package scheme

// Fields of a body that is a multipart form (RFC 7578), as Mailgun sends mail with attachments:
// https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
)

// maxParts bounds the parts of a multipart form.
const maxParts = 1000

// errNoForm says that a body is not the whole multipart form that its Content-Type promises.
var errNoForm = errors.New("the body is no whole multipart form")

// Boundary is the text between the parts of a multipart form; ok is false where the headers do not speak of one such form with one
// boundary. Programs differ on which of two counts, and on one that is coded (RFC 2231).
func Boundary(header map[string][]string) (boundary string, ok bool) {
	const contentType, name = "Content-Type", "boundary"
	text := HeaderValue(header, contentType)
	if len(HeaderValues(header, contentType)) != 1 || strings.Count(strings.ToLower(text), name) != 1 {
		return "", false
	}
	kind, params, err := mime.ParseMediaType(text)
	return params[name], err == nil && kind == "multipart/form-data" && params[name] != "" && !strings.Contains(strings.ToLower(text), name+"*")
}

// IsWholeForm says whether a body is the multipart form that the headers speak of, from its beginning to its end.
func IsWholeForm(header map[string][]string, body []byte) bool {
	boundary, ok := Boundary(header)
	return ok && eachPart(body, boundary, func(p *multipart.Part) error {
		_, _, err := fieldName(p)
		return err
	}) == nil
}

// partValues are the values of a field of a multipart form, in the order of the body; none where the form is not whole.
func partValues(body []byte, boundary, name string) []string {
	var out []string
	err := eachPart(body, boundary, func(p *multipart.Part) error {
		if given, err := isField(p, name); err != nil || !given {
			return err
		}
		text, err := io.ReadAll(io.LimitReader(p, maxJSONValue+1))
		if len(text) > maxJSONValue {
			return errNoForm
		}
		out = append(out, string(text))
		return err
	})
	if err != nil {
		return nil
	}
	return out
}

// isField says whether a part is the field of a name. A file of that name is refused: programs differ on whether it stands among the fields.
func isField(p *multipart.Part, name string) (bool, error) {
	got, file, err := fieldName(p)
	if err == nil && file && got == name {
		err = errNoForm
	}
	return got == name, err
}

// fieldName is the name of a part, and whether it is a file: one that has a filename, if an empty one, as of an input where no file was
// chosen. What programs read in different ways is refused: a name that is coded (RFC 8187), a value that is (RFC 7578, section 4.7, does
// away with that), and a part whose name cannot be read, as of two names.
func fieldName(p *multipart.Part) (name string, file bool, err error) {
	disposition := p.Header["Content-Disposition"]
	if len(disposition) != 1 || strings.Contains(disposition[0], "*=") {
		return "", false, errNoForm
	}
	kind, params, err := mime.ParseMediaType(disposition[0])
	if _, file = params["filename"]; err != nil || kind != "form-data" || !file && p.Header.Get("Content-Transfer-Encoding") != "" {
		return "", false, errNoForm
	}
	return params["name"], file, nil
}

// delimiters counts the lines that begin with a boundary, one more than there are parts. ok is false where blanks follow one: programs differ
// on whether that ends a part.
func delimiters(body []byte, boundary string) (n int, ok bool) {
	dashed := []byte("--" + boundary)
	for at := 0; ; at += len(dashed) {
		next := bytes.Index(body[at:], dashed)
		if next < 0 {
			return n, true
		}
		at += next
		if at > 0 && body[at-1] != '\n' && body[at-1] != '\r' {
			continue
		}
		n++
		if after := body[at+len(dashed):]; len(after) > 0 && (after[0] == ' ' || after[0] == '\t') {
			return n, false
		}
	}
}

// eachPart hands on each part, as its bytes stand in the body. It ends with the form or with an error. A line that begins with the boundary
// and is none to this reader may be one to another: there are as many such lines as the parts have.
func eachPart(body []byte, boundary string, give func(*multipart.Part) error) error {
	lines, ok := delimiters(body, boundary)
	if !ok || lines > maxParts {
		return errNoForm
	}
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for n := range lines {
		p, err := r.NextRawPart()
		if err == io.EOF && n > 0 { //nolint:errorlint // a form that is cut off has an error around it; without a part nothing shows that it is a form
			if n+1 != lines {
				return errNoForm
			}
			return nil
		}
		if err == nil {
			err = give(p)
		}
		if err != nil {
			return err
		}
	}
	return errNoForm
}

// WithPart sets a field of a multipart form: in its place if it is there, and else at the end. What else there is stays, save for the
// order of a part's headers.
func WithPart(body []byte, boundary, name, value string) ([]byte, error) {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	if err := w.SetBoundary(boundary); err != nil {
		return nil, errNoForm
	}
	placed := false
	err := eachPart(body, boundary, func(p *multipart.Part) error {
		given, err := isField(p, name)
		if err != nil || given && placed {
			return err
		}
		part, err := w.CreatePart(p.Header)
		if err == nil && given {
			placed = true
			_, err = io.WriteString(part, value)
		} else if err == nil {
			_, err = io.Copy(part, p)
		}
		return err
	})
	if err == nil && !placed {
		err = w.WriteField(name, value)
	}
	if err == nil {
		err = w.Close()
	}
	return out.Bytes(), err
}
