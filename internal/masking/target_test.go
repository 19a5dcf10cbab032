package masking_test

import (
	"testing"

	"github.com/whctl/whctl/internal/masking"
)

func TestRequestTarget(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"/hooks": "/hooks",
		"/hooks?a=1&topic=orders%2Fcreate&id=evt_1":               "/hooks?a=1&topic=orders%2Fcreate&id=evt_1",
		"/hooks?token=abc&x=1":                                    "/hooks?token=(masked)&x=1",
		"/hooks?x=1&api_key=abc":                                  "/hooks?x=1&api_key=(masked)",
		"/hooks?x=1;key=abc;y=2":                                  "/hooks?x=1;key=(masked);y=2",
		"/hooks?sig=a=b&sig=c":                                    "/hooks?sig=(masked)&sig=(masked)",
		"/hooks?%74oken=abc":                                      "/hooks?%74oken=(masked)",
		"/hooks?Access-Token=a%20b#token=c":                       "/hooks?Access-Token=(masked)#token=c",
		"/hooks?a=ghp_16C7e42F292c6912E7710c83":                   "/hooks?a=(masked)",
		"/hooks?a=Bearer+0a1B2c3D4e5F6g7H":                        "/hooks?a=(masked)",
		"/hooks?token":                                            "/hooks?token",
		"/hooks?token=&key=":                                      "/hooks?token=&key=",
		"/hooks?%zz=%zz&secret=%zz":                               "/hooks?%zz=%zz&secret=(masked)",
		"https://a.example/?token=abc?&b=2":                       "https://a.example/?token=(masked)&b=2",
		"/hooks?token=(masked)":                                   "/hooks?token=(masked)",
		"/key=abc/token?":                                         "/key=abc/token?",
		"/hooks?data.id=7&state=9f86d081884c7d659a2feaa0c55ad015": "/hooks?data.id=7&state=9f86d081884c7d659a2feaa0c55ad015",
	} {
		if got := masking.RequestTarget(target); got != want {
			t.Errorf("%s is shown as %s, want %s", target, got, want)
		}
	}
}
