package explain

// A URL that holds the hash of its body, judged by the scheme of the same provider that has none.

import (
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// siblingFinding says that another scheme of the same provider is for this request: its URL has the hash of the body that only
// the other one reads. It is certain when the other one holds. known is false when there is none.
func siblingFinding(r *sign.Rules, m *sign.Message, keys []sign.Key, o *Options) (f Finding, known bool) {
	family, _, _ := strings.Cut(r.Scheme().Name, ".")
	_, query, _ := strings.Cut(m.URL, "?")
	if query == "" || r.Scheme().BodyHash != nil {
		return f, false
	}
	for _, name := range scheme.BuiltinNames() {
		if !strings.HasPrefix(name, family+".") && name != family {
			continue
		}
		spec, err := scheme.Builtin(name)
		if err != nil || spec.BodyHash == nil || !hasParameter(query, spec.BodyHash.Query) {
			continue
		}
		other, err := sign.Compile(spec)
		if err != nil {
			continue
		}
		ignoring := o.VerifyOptions
		ignoring.IgnoreTime = true
		f = Finding{
			ID: "scheme." + name, Title: "the URL has " + spec.BodyHash.Query + ": this is what scheme " + name + " (" + spec.Title + ") is for",
			Evidence: "the URL has the parameter " + spec.BodyHash.Query + ", which holds the hash of the body",
			Fix:      "use --scheme " + name + "; the provider's library has a function of its own for it, such as Twilio's validateRequestWithBody",
		}
		if other.Verify(m, sameTexts(other, keys), ignoring).OK {
			f.Certain, f.Evidence = true, "it matches as "+name
		}
		return f, true
	}
	return f, false
}

// hasParameter says whether a query has a parameter.
func hasParameter(query, name string) bool {
	query, _, _ = strings.Cut(query, "#")
	return slices.ContainsFunc(strings.Split(query, "&"), func(p string) bool { return strings.HasPrefix(p, name+"=") })
}
