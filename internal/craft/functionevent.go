package craft

// Requests as platforms hand them to a function: API Gateway (docs.aws.amazon.com/apigateway, "HTTP API: payload format version"), function
// URLs and load balancers of AWS, Netlify, which has the same form, and Vercel, which wraps its own in an invocation.

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

type functionEvent struct {
	HTTPMethod  string          `json:"httpMethod"`
	Method      string          `json:"method"` // Vercel's own
	Path        json.RawMessage `json:"path"`
	RawPath     string          `json:"rawPath"`
	RawQuery    string          `json:"rawQueryString"`
	RawURL      string          `json:"rawUrl"` // Netlify's
	Headers     json.RawMessage `json:"headers"`
	Multi       json.RawMessage `json:"multiValueHeaders"`
	Query       json.RawMessage `json:"queryStringParameters"`
	MultiQuery  json.RawMessage `json:"multiValueQueryStringParameters"`
	Body        json.RawMessage `json:"body"`
	Base64      bool            `json:"isBase64Encoded"`
	Encoding    string          `json:"encoding"` // Vercel's: base64
	Action      string          `json:"Action"`   // Vercel's invocation: Invoke
	Environment struct {
		Path string          `json:"path"` // with the stage, as the sender has it
		ELB  json.RawMessage `json:"elb"`
		HTTP struct {
			Method string `json:"method"`
		} `json:"http"`
	} `json:"requestContext"`
}

var (
	errParsedBody = errors.New("its body was parsed: the text that was signed is gone")
	errPath       = errors.New("its path is not a text")
)

// is says whether JSON is an event: it has headers, and names its method where one of the platforms does.
func (e *functionEvent) is() bool {
	method := cmp.Or(e.HTTPMethod, e.Environment.HTTP.Method)
	return e.Action == "Invoke" || (method != "" || e.Method != "" && e.Path != nil) && (e.Headers != nil || e.Multi != nil)
}

func (e *functionEvent) saved() (Saved, error) {
	q, err := e.read()
	if err != nil {
		return Saved{}, fault.Hint(fault.New(fault.Usage, "cannot read the event: %w", err), "save the event whole, as the function got it")
	}
	return q, nil
}

func (e *functionEvent) read() (Saved, error) {
	q := Saved{Form: FormEvent, Method: cmp.Or(e.HTTPMethod, e.Environment.HTTP.Method, e.Method)}
	if e.Action == "Invoke" {
		return e.invocation()
	}
	fields, err := fieldsOf(e.Multi) // all values of each, where headers have the last
	if err == nil && len(fields) == 0 {
		fields, err = fieldsOf(e.Headers)
	}
	if err != nil {
		return q, err
	}
	if q.Header, _, err = headersOf(fields); err != nil {
		return q, err
	}
	host, how := q.Header.Get("Host"), cmp.Or(q.Header.Get("X-Forwarded-Proto"), "https")
	q.Header.Del("Host")
	target, err := e.target()
	if err != nil {
		return q, err
	}
	q.Host, q.Target = host, target
	if address := cmp.Or(e.RawURL, how+"://"+host+target); host != "" || e.RawURL != "" {
		if err := q.setURL(address); err != nil {
			return q, err
		}
	}
	return q, e.body(&q)
}

// invocation reads the request in the body of Vercel's invocation.
func (e *functionEvent) invocation() (Saved, error) {
	var text string
	var inner functionEvent
	if json.Unmarshal(e.Body, &text) != nil || json.Unmarshal([]byte(text), &inner) != nil || inner.Action != "" || inner.Method == "" {
		return Saved{}, errParsedBody
	}
	inner.Base64 = inner.Encoding == "base64"
	return inner.read()
}

// target is path and query as they came, as far as the event says.
func (e *functionEvent) target() (string, error) {
	var path string
	if e.Path != nil && json.Unmarshal(e.Path, &path) != nil {
		return "", errPath
	}
	path = cmp.Or(e.RawPath, e.Environment.Path, path, "/")
	if e.RawQuery != "" {
		return path + "?" + e.RawQuery, nil
	}
	fields, err := fieldsOf(e.MultiQuery)
	if err == nil && len(fields) == 0 {
		fields, err = fieldsOf(e.Query)
	}
	if err != nil || e.RawPath != "" {
		return path, err
	}
	encode := url.QueryEscape
	if e.Environment.ELB != nil { // a load balancer hands them on as they came
		encode = func(s string) string { return s }
	}
	var pairs []string
	for _, f := range fields {
		for _, value := range f.values {
			pairs = append(pairs, encode(f.name)+"="+encode(value))
		}
	}
	if len(pairs) > 0 {
		path += "?" + strings.Join(pairs, "&")
	}
	return path, nil
}

func (e *functionEvent) body(q *Saved) error {
	if len(e.Body) == 0 || bytes.Equal(e.Body, []byte("null")) {
		return nil
	}
	var text string
	if json.Unmarshal(e.Body, &text) != nil {
		return errParsedBody
	}
	if !e.Base64 {
		q.text(text)
		return nil
	}
	var err error
	if q.Body, err = base64.StdEncoding.DecodeString(text); err != nil {
		return errBase64
	}
	return nil
}
