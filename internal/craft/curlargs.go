package craft

// The options of a curl command that say what is sent.

import (
	"encoding/base64"
	"slices"
	"strings"
)

// curlArgs reads the arguments of a curl command.
type curlArgs struct {
	curl    *Curl
	args    []string
	input   []byte // its standard input; nil: not known
	address string
	target  string // --request-target
	inQuery bool   // --get
	head    bool
	upload  bool

	mediaType string // of --json
}

func (o *curlArgs) all() error {
	for len(o.args) > 0 {
		word := o.args[0]
		o.args = o.args[1:]
		var err error
		switch {
		case word == "--":
		case strings.HasPrefix(word, "--"):
			err = o.long(word[2:])
		case len(word) > 1 && word[0] == '-':
			err = o.short(word[1:])
		default:
			err = o.setAddress(word)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *curlArgs) setAddress(text string) error {
	if o.address != "" {
		return errSeveral
	}
	o.address = text
	return nil
}

// short reads one word of short options: -sSXPOST is -s -S -X POST.
func (o *curlArgs) short(letters string) error {
	for i := range len(letters) {
		name := shortNames(letters[i])
		if name == "" {
			continue
		}
		if !takesValue(name) {
			if err := o.option(name, ""); err != nil {
				return err
			}
			continue
		}
		if rest := letters[i+1:]; rest != "" {
			return o.option(name, rest)
		}
		return o.withNext(name)
	}
	return nil
}

func (o *curlArgs) long(name string) error {
	if !takesValue(name) {
		return o.option(name, "")
	}
	return o.withNext(name)
}

func (o *curlArgs) withNext(name string) error {
	if len(o.args) == 0 {
		return errNoValue
	}
	value := o.args[0]
	o.args = o.args[1:]
	return o.option(name, value)
}

// option does what an option says about the request. Those that say nothing about it are left out.
func (o *curlArgs) option(name, value string) error {
	switch name {
	case "url":
		return o.setAddress(value)
	case "request":
		o.curl.Method = value
	case "request-target":
		o.target = value
	case "get":
		o.inQuery = true
	case "head":
		o.head = true
	case "header":
		return o.header(value)
	case "user-agent":
		return addHeader(o.curl.Header, "User-Agent", value)
	case "referer":
		return addHeader(o.curl.Header, "Referer", value)
	case "user":
		return addHeader(o.curl.Header, "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(value)))
	case "oauth2-bearer":
		return addHeader(o.curl.Header, "Authorization", "Bearer "+value)
	case "form", "form-string":
		return errForm
	case "config":
		return errElse
	case "next":
		return errSeveral
	default:
		return o.datum(name, value)
	}
	return nil
}

// datum adds what a data option says to the body.
func (o *curlArgs) datum(name, value string) error {
	d := datum{bytes: []byte(value)}
	file, isFile := strings.CutPrefix(value, "@")
	switch name {
	case "data", "data-ascii":
		if isFile {
			d = datum{file: file, plain: true}
		}
	case "data-binary":
		if isFile {
			d = datum{file: file}
		}
	case "data-raw":
	case "json":
		if isFile {
			d.file = file
		}
		d.bare, o.mediaType = true, "application/json"
	case "data-urlencode":
		var err error
		if d, err = urlencoded(value); err != nil {
			return err
		}
	case "upload-file":
		o.upload = true
		d = datum{file: value}
	default:
		return nil
	}
	o.curl.data = append(o.curl.data, d)
	return nil
}

// header reads a value of -H: "Name: value", "Name;" for an empty one. "Name:" takes one of curl's own away.
func (o *curlArgs) header(line string) error {
	if strings.HasPrefix(line, "@") {
		return errElse
	}
	if name, ok := strings.CutSuffix(line, ";"); ok && !strings.Contains(line, ":") {
		return addHeader(o.curl.Header, name, "")
	}
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		return errHeader
	}
	if strings.Trim(value, " \t") == "" {
		return nil
	}
	return addHeader(o.curl.Header, name, value)
}

// shortNames is the long name of a short option, "" for one that says nothing about the request and takes no value.
func shortNames(letter byte) string {
	const letters = "XHdGIAeuFKTbomxwEcDCyYztUPQr:"
	names := []string{
		"request", "header", "data", "get", "head", "user-agent", "referer", "user", "form", "config", "upload-file",
		"cookie", "output", "max-time", "proxy", "write-out", "cert", "cookie-jar", "dump-header", "continue-at", "speed-time",
		"speed-limit", "time-cond", "telnet-option", "proxy-user", "ftp-port", "quote", "range", "next",
	}
	if i := strings.IndexByte(letters, letter); i >= 0 {
		return names[i]
	}
	return ""
}

// takesValue says whether a value follows an option (curl(1)).
func takesValue(name string) bool {
	return slices.Contains(strings.Fields(`request header data data-ascii data-binary data-raw data-urlencode json url user-agent referer
		user form form-string config upload-file cookie output max-time proxy write-out cert cookie-jar dump-header continue-at speed-time
		speed-limit time-cond telnet-option proxy-user ftp-port quote range request-target oauth2-bearer connect-timeout cacert capath cert-type
		key key-type pass ciphers tls13-ciphers resolve connect-to retry retry-delay retry-max-time limit-rate interface max-redirs noproxy
		unix-socket abstract-unix-socket dns-servers doh-url proto proto-redir proto-default stderr trace trace-ascii output-dir aws-sigv4
		expect100-timeout keepalive-time local-port max-filesize netrc-file preproxy proxy-header rate socks5 socks5-hostname tls-max variable
		url-query pinnedpubkey crlfile engine egd-file random-file hsts alt-svc login-options service-name happy-eyeballs-timeout-ms`), name)
}
