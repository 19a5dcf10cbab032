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

// Boundary is the text between the parts of a multipart form; ok is false where the headers speak of no such form. A Content-Type that
// comes twice speaks of none: programs differ on which of the two counts.
func Boundary(header map[string][]string) (boundary string, ok bool) {
	const contentType = "Content-Type"
	if len(HeaderValues(header, contentType)) != 1 {
		return "", false
	}
	kind, params, err := mime.ParseMediaType(HeaderValue(header, contentType))
	return params["boundary"], err == nil && kind == "multipart/form-data" && params["boundary"] != ""
}

// IsWholeForm says whether a body is the multipart form that the headers speak of, from its beginning to its end.
func IsWholeForm(header map[string][]string, body []byte) bool {
	boundary, ok := Boundary(header)
	return ok && eachPart(body, boundary, func(p *multipart.Part) error {
		_, err := fieldName(p)
		return err
	}) == nil
}

// partValues are the values of a field of a multipart form, in the order of the body; none where the form is not whole. Files are no
// fields.
func partValues(body []byte, boundary, name string) []string {
	var out []string
	err := eachPart(body, boundary, func(p *multipart.Part) error {
		if field, err := fieldName(p); err != nil || field != name {
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

// fieldName is the name of a part that is a field, "" of a file. What programs read in different ways is refused: a name that is coded
// (RFC 8187), a value that is (RFC 7578, section 4.7, does away with that), and a part whose name cannot be read, as of two names.
func fieldName(p *multipart.Part) (string, error) {
	disposition := p.Header["Content-Disposition"]
	if len(disposition) != 1 || strings.Contains(disposition[0], "*=") {
		return "", errNoForm
	}
	switch kind, params, err := mime.ParseMediaType(disposition[0]); {
	case err != nil, kind != "form-data":
		return "", errNoForm
	case params["filename"] != "":
		return "", nil
	case p.Header.Get("Content-Transfer-Encoding") != "":
		return "", errNoForm
	default:
		return params["name"], nil
	}
}

// eachPart hands on each part, as its bytes stand in the body. It ends with the form or with an error.
func eachPart(body []byte, boundary string, give func(*multipart.Part) error) error {
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for n := range maxParts {
		p, err := r.NextRawPart()
		if err == io.EOF && n > 0 { //nolint:errorlint // a form that is cut off has an error around it; without a part nothing shows that it is a form
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
		field, err := fieldName(p)
		if err != nil {
			return err
		}
		given := field == name
		if given && placed {
			return nil
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
