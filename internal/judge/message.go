package judge

import (
	"maps"
	"net/http"
	"strings"

	"github.com/whctl/whctl/internal/sign"
)

// Message is a request as its scheme sees it, with the headers as they came. The origin is the one that the provider knows;
// "" takes the host that the request names. The target is its path and query.
func Message(origin, method, host, target string, header http.Header, body []byte) *sign.Message {
	origin = strings.TrimSuffix(origin, "/")
	if origin == "" {
		origin = "http://" + host
	}
	m := &sign.Message{Method: method, URL: origin + target, Target: target, Header: make(map[string][]string, len(header)+1), Body: body}
	maps.Copy(m.Header, header)
	if host != "" {
		m.Header["Host"] = []string{host}
	}
	return m
}
