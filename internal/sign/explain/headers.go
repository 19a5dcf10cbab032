package explain

// Headers that came twice, and lists that are not written as the scheme has them.

import (
	"maps"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// repeatedFinding explains a header that came twice. It is certain when the message holds with one of the two alone.
func repeatedFinding(r *sign.Rules, m *sign.Message, keys []sign.Key, o *Options) (Finding, bool) {
	name, joined := r.Repeated(m)
	if name == "" {
		return Finding{}, false
	}
	f := Finding{
		ID: "header.twice", Title: "header " + name + " came twice: a proxy or middleware adds it again",
		Evidence: "there are " + strconv.Itoa(sign.HeaderCount(m.Header, name)) + " lines of it; Go reads the first, Node joins them with a comma, and the provider's libraries refuse",
		Fix:      "find which proxy, tunnel or middleware adds " + name + ", and let the sender's alone pass",
	}
	if joined {
		f.Evidence = "its value is two values with a comma between, as Node and WSGI join a header that came twice"
	}
	for _, value := range onceEach(scheme.HeaderValues(m.Header, name)) {
		once := *m
		once.Header = maps.Clone(m.Header)
		maps.DeleteFunc(once.Header, func(k string, _ []string) bool { return strings.EqualFold(k, name) })
		once.Header[name] = []string{value}
		if v := r.Verify(&once, keys, o.VerifyOptions); v.OK || v.Reason == sign.TooOld || v.Reason == sign.TooNew {
			f.Certain = true
		}
	}
	return f, true
}

// onceEach are the values that a header may have had before it was doubled.
func onceEach(values []string) []string {
	const most = 8
	out := values[:min(len(values), most):min(len(values), most)]
	for _, v := range values[:len(out)] {
		for i, c := range v {
			if c == ',' && len(out) < 2*most {
				out = append(out, scheme.TrimBlanks(v[:i]))
			}
		}
	}
	return out
}

// listFinding explains a list that is not written as the scheme's libraries read it, where it holds once it is.
func listFinding(r *sign.Rules, m *sign.Message, keys []sign.Key, o *Options) (Finding, bool) {
	clean, wrong, ok := r.Mended(m, &o.VerifyOptions)
	if !ok {
		return Finding{}, false
	}
	if v := r.Verify(&clean, keys, o.VerifyOptions); !v.OK && v.Reason != sign.TooOld && v.Reason != sign.TooNew {
		return Finding{}, false
	}
	return Finding{
		ID: "signature.list", Certain: true, Title: wrong.Place.String() + " is not written as a list of the scheme",
		Evidence: "it matches once that is mended: " + wrong.String(),
		Fix:      "the code that signs must write it as " + r.Form(),
	}, true
}
