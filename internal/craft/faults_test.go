package craft_test

// What to do where a request cannot be made.

import (
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/signtest"
)

// TestEveryRefusalSaysWhatToDo: a body that cannot hold a signature, a part of what is signed that is missing, and a key that only verifies.
func TestEveryRefusalSaysWhatToDo(t *testing.T) {
	t.Parallel()
	const cut = "--b\r\nContent-Disposition: form-data; name=\"timestamp\"\r\n\r\n1750000000\r\n"
	inBody, err := sign.Compile(&scheme.Scheme{
		Name: "own", Content: "{timestamp}", Timestamp: &scheme.TimestampSpec{Header: scheme.Names{"X-Time"}}, Signature: scheme.SignatureSpec{Form: "signature", JSON: "signature"},
	})
	if err != nil {
		t.Fatal(err)
	}
	paypal, midtrans := signtest.Rules(t, "paypal"), signtest.Rules(t, "midtrans")
	for name, c := range map[string]struct {
		rules            *sign.Rules
		kind, body, hint string
	}{
		"a form that is cut off":   {inBody, "multipart/form-data; boundary=b", cut, "the Content-Type that came with it"},
		"a form without boundary":  {inBody, "multipart/form-data", cut + "--b--\r\n", "the Content-Type that came with it"},
		"a form of two boundaries": {inBody, "multipart/form-data; boundary=b; boundary=c", cut + "--b--\r\n", "the Content-Type that came with it"},
		"no object":                {inBody, "application/json", `["a"]`, "JSON with an object"},
		"a setting is missing":     {paypal, "application/json", "{}", "add --param webhook_id=VALUE"},
		"a member is missing":      {midtrans, "application/json", `{"order_id":"1"}`, "put it into the body"},
	} {
		key, err := craft.NewKey(c.rules, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		q := craft.Request{
			Rules: c.rules, Keys: []sign.Key{key}, Event: craft.Event{Body: []byte(c.body)}, Method: "POST", URL: receiver,
			Header: http.Header{"Content-Type": {c.kind}}, At: time.Unix(1750000000, 0), Rand: rand.Reader,
		}
		_, err = q.Make()
		if fault.KindOf(err) != fault.Usage || !strings.Contains(fault.HintOf(err).String(), c.hint) {
			t.Errorf("%s: %v, hint %q", name, err, fault.HintOf(err))
		}
	}
	all, _, err := craft.ReadSaved([]byte("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n{}"))
	if err == nil && len(all) > 0 {
		err = all[0].Err
	}
	if fault.HintOf(err).String() == "" {
		t.Errorf("a saved request that is cut off: %v", err)
	}
}
