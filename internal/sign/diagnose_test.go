package sign_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/sign"
)

func TestDiagnoseSmoke(t *testing.T) {
	r := builtin(t, "baanx")
	keys := mustKeys(t, r, "whk_k1")
	mac := func(key, text string) string {
		h := hmac.New(sha256.New, []byte(key))
		h.Write([]byte(text))
		return hex.EncodeToString(h.Sum(nil))
	}
	pretty := "{\n  \"b\": 1,\n  \"a\": \"Zoë/x\"\n}"
	for what, sig := range map[string]string{
		"compact":  mac("whk_k1", `1750000000.{"b":1,"a":"Zoë/x"}`),
		"sorted":   mac("whk_k1", `1750000000.{"a":"Zoë/x","b":1}`),
		"php":      mac("whk_k1", `1750000000.{"b":1,"a":"Zo\u00eb\/x"}`),
		"newline":  mac("whk_k1", "1750000000."+pretty+"\n"),
		"nots":     mac("whk_k1", pretty),
		"colon":    mac("whk_k1", "1750000000:"+pretty),
		"prefix":   mac("k1", "1750000000."+pretty),
		"keynl":    mac("whk_k1\n", "1750000000."+pretty),
		"shaprefix": "sha256=" + mac("whk_k1", "1750000000."+pretty),
		"pair":      mac("whk_k1", `1750000000.{"b":1,"a":"Zoë/x"}`+"\n"),
		"pair2":     mac("k1", `{"b":1,"a":"Zoë/x"}`),
		"none":      mac("whk_k2", pretty),
	} {
		m := &sign.Message{Header: map[string][]string{"X-Timestamp": {"1750000000"}, "X-Signature": {sig}}, Body: []byte(pretty)}
		o := sign.VerifyOptions{Now: time.Unix(1750000000, 0)}
		v := r.Verify(m, keys, o)
		d := r.Diagnose(t.Context(), m, keys, v, o)
		t.Logf("%s: %s tried %d in %v cut %v next %q", what, v.Reason, d.Tried, d.Elapsed, d.CutOff, d.Next)
		for _, f := range d.Findings {
			t.Logf("   %s | %s: %s. %s (%v, %d recipes)", f.ID, f.Title, f.Evidence, f.Fix, f.Certain, len(f.Recipes))
		}
	}
}
