package craft

// A request that somebody wrote down as a curl command. Nothing is run, and no file is read.

import (
	"cmp"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// Curl is a curl command.
type Curl struct {
	Saved
	File string // the file that holds its body; "": the command does. Send @- is the file -
	data []datum
}

// datum is a part of a body.
type datum struct {
	bytes []byte
	file  string // where the bytes are, or ""
	plain bool   // curl takes line breaks and NULs out of the file
	bare  bool   // no & stands before it
}

var (
	errNoCurl   = errors.New("it does not begin with curl")
	errSeveral  = errors.New("it holds several requests")
	errRedirect = errors.New("it has a < or > that no quotes hold, which would be a file")
	errCut      = errors.New("an & that no quotes hold ends it, so what follows is not sent")
	errNoURL    = errors.New("it names no URL")
	errNoValue  = errors.New("its last option has no value")
	errForm     = errors.New("curl makes up the boundary of --form, so the bytes of its body are not known")
	errElse     = errors.New("it reads headers or options from a file")
	errFiles    = errors.New("its body is put together of files")
)

// ParseCurl reads a curl command, written for a POSIX shell or for Windows' cmd.
func ParseCurl(text []byte) (*Curl, error) {
	c, err := parseCurl(string(text))
	if err != nil {
		return nil, fault.Hint(fault.New(fault.Usage, "cannot read the curl command: %w", err),
			"paste it whole, with its values written out, or save the request itself and use --request FILE")
	}
	return c, nil
}

func parseCurl(line string) (*Curl, error) {
	if len(line) > maxCommand {
		return nil, errTooLong
	}
	split, c := posixWords, &Curl{}
	c.Form, c.Header = FormCurl, http.Header{}
	if forCmd(line) {
		split, c.Doubt = cmdWords, DoubtCmd
	}
	words, err := split(line)
	if err != nil {
		return nil, err
	}
	args, input, err := commandOf(words)
	if err != nil {
		return nil, err
	}
	o := &curlArgs{curl: c, args: args, input: input}
	if err := o.all(); err != nil {
		return nil, err
	}
	return c, o.finish()
}

// commandOf is the one curl command among the words. input is what a printf and base64 before it give it, as whctl's own exports do.
func commandOf(words []shellWord) (args []string, input []byte, err error) {
	commands, before := divided(words)
	for i, command := range commands {
		switch {
		case before[i] == "<" || before[i] == ">":
			return nil, nil, errRedirect
		case args != nil && before[i] == "&" && before[max(i-1, 0)] != "&" && !isCurl(command[0]):
			return nil, nil, errCut
		case args != nil && before[i] == "\n" && strings.HasPrefix(command[0], "-"): // the backslash before the line break is lost
			args = append(args, command...)
		case isCurl(command[0]) && args != nil:
			return nil, nil, errSeveral
		case isCurl(command[0]):
			args = command[1:]
		case args == nil && len(command) == 3 && command[0] == "printf" && command[1] == "%s":
			if input, err = base64.StdEncoding.DecodeString(strings.Map(unblank, command[2])); err != nil {
				return nil, nil, errNoCurl
			}
		case args == nil && !slices.Equal(command, []string{"base64", "-d"}):
			return nil, nil, errNoCurl
		}
	}
	if args == nil {
		return nil, nil, errNoCurl
	}
	return args, input, nil
}

func unblank(r rune) rune {
	if r == '\n' || r == '\r' {
		return -1
	}
	return r
}

// divided are the commands among words, none of them empty, and the operator before each.
func divided(words []shellWord) (commands [][]string, before []string) {
	operator, fresh := "", true
	for _, w := range words {
		switch {
		case w.operator:
			if operator == "" || w.text != "\n" {
				operator = w.text
			}
			fresh = true
		case fresh && len(commands) == 0 && w.text == "$": // a prompt
		case fresh:
			commands, before = append(commands, []string{w.text}), append(before, operator)
			operator, fresh = "", false
		default:
			commands[len(commands)-1] = append(commands[len(commands)-1], w.text)
		}
	}
	return commands, before
}

func isCurl(word string) bool {
	name := strings.ToLower(path.Base(strings.ReplaceAll(word, `\`, "/")))
	return name == "curl" || name == "curl.exe"
}

// finish makes the request of what the options said.
func (o *curlArgs) finish() error {
	if o.address == "" {
		return errNoURL
	}
	c := o.curl
	if !strings.Contains(o.address, "://") {
		o.address = "http://" + o.address // curl(1)
	}
	if err := c.setURL(o.address); err != nil {
		return err
	}
	if o.inQuery && len(c.data) > 0 {
		if slices.ContainsFunc(c.data, func(d datum) bool { return d.file != "" }) {
			return errFiles
		}
		sep := "?"
		if strings.Contains(c.Target, "?") {
			sep = "&"
		}
		if err := c.setURL(strings.TrimSuffix(c.URL, c.Target) + c.Target + sep + string(joined(c.data))); err != nil {
			return err
		}
		c.data = nil
	}
	if o.target != "" {
		c.URL, c.Target = strings.TrimSuffix(c.URL, c.Target)+o.target, o.target
	}
	switch {
	case c.Method != "":
	case o.head:
		c.Method = http.MethodHead
	case o.upload:
		c.Method = http.MethodPut
	case len(c.data) > 0:
		c.Method = http.MethodPost
	default:
		c.Method = http.MethodGet
	}
	if len(c.data) > 0 && !o.upload && c.Header["Content-Type"] == nil {
		c.Header.Set("Content-Type", cmp.Or(o.mediaType, "application/x-www-form-urlencoded"))
	}
	return o.body()
}

// body puts the body together, unless it is in a file.
func (o *curlArgs) body() error {
	c := o.curl
	for i, d := range c.data {
		if d.file == "-" && o.input != nil {
			c.data[i] = datum{bytes: o.input, bare: d.bare}
		}
	}
	if !slices.ContainsFunc(c.data, func(d datum) bool { return d.file != "" }) {
		c.Body = joined(c.data)
		return nil
	}
	if len(c.data) > 1 {
		return errFiles
	}
	c.File = c.data[0].file
	return nil
}

// WithFile is the request with the content of File as its body.
func (c *Curl) WithFile(content []byte) Saved {
	q := c.Saved
	q.Body = content
	if c.data[0].plain { // curl(1), --data: carriage returns, newlines and null bytes are stripped out
		q.Body = slices.DeleteFunc(slices.Clone(content), func(c byte) bool { return c == '\r' || c == '\n' || c == 0 })
	}
	return q
}

func joined(data []datum) []byte {
	var b []byte
	for i, d := range data {
		if i > 0 && !d.bare {
			b = append(b, '&')
		}
		b = append(b, d.bytes...)
	}
	return b
}

// urlencoded is the value of --data-urlencode (curl(1)): content, =content, name=content; @file and name@file are refused, since
// what they hold would have to be encoded.
func urlencoded(value string) (datum, error) {
	at := strings.IndexAny(value, "=@")
	switch {
	case at < 0:
		return datum{bytes: []byte(percent(value))}, nil
	case value[at] == '@':
		return datum{}, errFiles
	case at == 0:
		return datum{bytes: []byte(percent(value[1:]))}, nil
	}
	return datum{bytes: []byte(value[:at+1] + percent(value[at+1:]))}, nil
}

// percent encodes as curl 7.88 does for --data-urlencode: all but RFC 3986's unreserved characters, a blank as +.
func percent(s string) string { return url.QueryEscape(s) }
