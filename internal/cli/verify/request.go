package verify

// The requests to verify: where they come from.

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/sign"
)

// input is a request to verify.
type input struct {
	file    string // as it is named on the command line
	entry   int    // which of a HAR, from 1; 0: the file holds one
	message *sign.Message
	at      time.Time
	form    craft.Form // "" for a body and headers
	doubt   craft.Doubt
	err     error // it could not be read
}

// name is what a list calls it.
func (in *input) name() string {
	switch {
	case in.entry == 0:
		return in.file
	case in.message == nil:
		return fmt.Sprintf("%s entry %d", in.file, in.entry)
	}
	return fmt.Sprintf("%s entry %d, %s %s", in.file, in.entry, in.message.Method, in.message.Target)
}

// inputs are the requests to verify. list says that they are a list, which may hold only one.
func (o *options) inputs(j *judge.Judge) (ins []input, list bool, err error) {
	if o.loaded != nil {
		m, at, err := o.recorded(j)
		return []input{{message: m, at: at}}, false, err
	}
	header, err := o.header()
	if err != nil {
		return nil, false, err
	}
	switch {
	case o.curl != "":
		q, err := o.fromCurl()
		if err != nil {
			return nil, false, err
		}
		return []input{o.inputOf(o.curl, q, header)}, false, nil
	case len(o.requests) > 1 || len(o.files) > 1:
		for _, name := range append(o.requests, o.files...) {
			more, _, err := o.read(name, header)
			if err != nil {
				more = []input{{file: name, err: err}}
			}
			ins = append(ins, more...)
		}
		return ins, true, nil
	case len(o.requests) == 1:
		return o.read(o.requests[0], header)
	}
	return o.body(header)
}

// read reads a saved request, or several. many says that the file is a list.
func (o *options) read(name string, header http.Header) (ins []input, many bool, err error) {
	raw, err := o.env.ReadInput(name, "the saved request")
	if err != nil {
		return nil, false, err
	}
	return o.parsed(name, raw, header)
}

func (o *options) parsed(name string, raw []byte, header http.Header) (ins []input, many bool, err error) {
	all, many, err := craft.ReadSaved(raw)
	if err != nil {
		return nil, false, err
	}
	for i, q := range all {
		in := o.inputOf(name, q, header)
		if many {
			in.entry = i + 1
		}
		ins = append(ins, in)
	}
	return ins, many, nil
}

// body is the request whose body is the file or standard input, and whose headers are given.
func (o *options) body(header http.Header) (ins []input, many bool, err error) {
	name := ""
	if len(o.files) > 0 {
		name = o.files[0]
	}
	raw, err := o.env.ReadInput(name, "the body to verify")
	if err != nil {
		return nil, false, err
	}
	if len(header) == 0 && craft.LooksSaved(raw) {
		return o.parsed(cmp.Or(name, cmdkit.Stdin), raw, header)
	}
	m := &sign.Message{Method: cmp.Or(o.method, http.MethodPost), URL: o.url, Header: header, Body: raw}
	return []input{{message: m, at: o.at.Resolve(o.env.Now())}}, false, nil
}

// fromCurl is the request of a curl command. A body in a file is read only when the file is an argument of this command too.
func (o *options) fromCurl() (craft.Saved, error) {
	raw, err := o.env.ReadInput(o.curl, "the curl command")
	if err != nil {
		return craft.Saved{}, err
	}
	c, err := craft.ParseCurl(raw)
	switch {
	case err != nil:
		return craft.Saved{}, err
	case c.File == "" && len(o.files) > 0:
		return craft.Saved{}, fault.Hint(fault.New(fault.Usage, "the curl command holds the body already"), "leave out %s", fault.Word(o.files[0]))
	case c.File == "":
		return c.Saved, nil
	case len(o.files) == 0:
		return craft.Saved{}, fault.Hint(fault.New(fault.Usage, "the curl command sends the file %q, which whctl does not read by itself", c.File),
			"name it, or the body it stands for, as an argument: whctl verify BODY --curl FILE")
	}
	body, err := o.env.ReadInput(o.files[0], "the body of the curl command")
	return c.WithFile(body), err
}

// header is what --header and --headers-file say.
func (o *options) header() (http.Header, error) {
	header, err := o.env.ParseHeaders(o.headers)
	if err != nil || o.headersFile == "" {
		return header, err
	}
	content, err := o.env.ReadInput(o.headersFile, "the headers file")
	if err != nil {
		return nil, err
	}
	more, err := cmdkit.HeaderFile(o.headersFile, content)
	if err != nil {
		return nil, err
	}
	return cmdkit.Merge(header, more), nil
}

// inputOf makes an input of a saved request. Flags win.
func (o *options) inputOf(name string, q craft.Saved, header http.Header) input {
	if q.Err != nil {
		return input{file: name, form: q.Form, err: q.Err}
	}
	maps.Copy(q.Header, header)
	m := &sign.Message{Method: cmp.Or(o.method, q.Method, http.MethodPost), URL: cmp.Or(o.url, q.URL), Target: q.Target, Header: q.Header, Body: q.Body}
	if m.URL == "" && q.Host != "" && strings.HasPrefix(q.Target, "/") {
		m.URL = "https://" + q.Host + q.Target // providers deliver over https
	}
	return input{file: name, message: m, at: o.at.Resolve(o.env.Now()), form: q.Form, doubt: q.Doubt}
}

// recorded is the delivery to verify, and the time to verify it at.
func (o *options) recorded(j *judge.Judge) (*sign.Message, time.Time, error) {
	d := *o.loaded
	m, err := recorded(d, j)
	if err != nil {
		return nil, time.Time{}, fault.Hint(err, "its verdict was %s; %s shows what was found when it came",
			fault.Word(string(d.Verdict.Reason)), fault.Command("whctl why", d.ID))
	}
	if o.url != "" {
		m.URL = o.url
	}
	if o.method != "" {
		m.Method = o.method
	}
	header, err := o.env.ParseHeaders(o.headers)
	maps.Copy(m.Header, header)
	at := d.CheckedAt()
	if o.at.Text != "" {
		at = o.at.Resolve(o.env.Now())
	}
	return m, at, err
}
