package e2e

import (
	"strings"
	"testing"
)

// badInput is a wrong command line: refused with 2 before anything is sent, unless it names another code.
type badInput struct {
	code int
	args string // words parted by blanks; "" is an empty one, ~ a blank inside a word
}

func badInputs() []badInput {
	long := strings.Repeat("n", 256)
	create := "webhooks create --name x --url https://x.example/ --events * "
	return []badInput{
		// what is missing or too much
		{2, "webhooks create"},
		{2, "webhooks create --name x --url https://x.example/"},
		{2, "webhooks create --name x --events *"},
		{2, "webhooks create --url https://x.example/ --events *"},
		{2, create + "extra"},
		{2, "webhooks get"},
		{2, "webhooks get a b"},
		{2, "webhooks update x"},
		{2, "webhooks nonsense"},
		{2, "webhooks list extra"},
		{2, "events retry"},
		{2, "events retry --all-failed " + eventID},
		{2, "events get"},
		{2, "keys add"},
		{2, "keys remove"},
		{2, "config get"},
		{2, "config set scheme"},
		{2, "profile use"},
		{2, "sandbox advance"},
		{2, "sandbox trigger --tricky"},
		{2, "sandbox trigger --count 2"},
		// empty words
		{2, `webhooks get ""`},
		{2, `webhooks delete "" --yes`},
		{2, `webhooks rotate "" --yes`},
		{2, `webhooks logs ""`},
		{2, `events get ""`},
		{2, `events retry ""`},
		{2, `events retry ` + eventID + ` --webhook ""`},
		{2, `events list --status ""`},
		{2, `events list --type ""`},
		{2, `webhooks create --name "" --url https://x.example/ --events *`},
		{2, `webhooks create --name ~~ --url https://x.example/ --events *`},
		{2, `webhooks create --name x --url "" --events *`},
		{2, `webhooks create --name x --url https://x.example/ --events ""`},
		{2, `webhooks create --name x --url https://x.example/ --events card.*,,kyc.*`},
		{2, create + `--key-file ""`},
		{2, create + `--metadata-json ""`},
		{2, `webhooks update x --name ""`},
		{2, `webhooks update x --url ""`},
		{2, `webhooks update x --add-event ""`},
		{2, `webhooks update x --add-event ,`},
		{2, `webhooks update x --remove-event ""`},
		{2, `webhooks update x --remove-metadata ""`},
		{2, `keys add "" --secret-file key`},
		{2, `keys add x --secret-file ""`},
		{2, `login --token-file ""`},
		{2, `config set "" x`},
		{2, `profile create ""`},
		{2, `sandbox trigger ""`},
		{2, `sandbox advance ""`},
		{2, `webhooks list --api-url ""`},
		{2, `webhooks list --profile ""`},
		{2, `webhooks list --output ""`},
		{2, `webhooks list --config ""`},
		{2, `webhooks list --jq ""`},
		// too long, out of range, of another type
		{2, "webhooks create --name " + long + " --url https://x.example/ --events *"},
		{2, "webhooks update x --name " + long},
		{2, "webhooks logs x --limit 0"},
		{2, "webhooks logs x --limit 101"},
		{2, "webhooks logs x --limit=-1"},
		{2, "webhooks logs x --limit many"},
		{2, "events list --limit 1.5"},
		{2, "events list --limit 99999999999999999999"},
		{2, "events list --status done"},
		{2, "events list --status Completed"},
		{2, "events list --follow --interval 0s"},
		{2, "events list --interval soon"},
		{2, "events list --follow -o yaml"},
		{2, "events list --changes"},
		{2, "webhooks logs x --follow -o yaml"},
		{2, "events retry " + eventID + " --wait --timeout 0s"},
		{2, "events retry " + eventID + " --wait --timeout=-1s"},
		{2, "events retry " + eventID + " --wait --interval 1ms"},
		{2, "webhooks rotate x --yes --wait --interval 1ms"},
		{2, create + "--active=maybe"},
		{2, create + "--metadata novalue"},
		{2, create + "--metadata =value"},
		{2, create + "--metadata-json {"},
		{2, create + "--metadata-json []"},
		{2, create + "--metadata-json null"},
		{2, create + "--metadata-json 7"},
		{2, "webhooks update x --metadata-json [1]"},
		{2, "webhooks update x --metadata novalue"},
		{2, "webhooks update x --events * --add-event card.*"},
		{2, create + "--key-file key"},
		{7, create + "--key-file gone/key"},
		{7, create + "--key-file key/below"},
		{2, "keys add x --secret-file gone"},
		{2, "keys add x --secret-file ."},
		{2, "keys add x --secret-file key --scheme nonsense"},
		{2, "keys add x --secret-file masked"},
		{2, "keys add x"},
		{5, "keys remove nobody"},
		{2, "login"},
		{2, "login --token-file gone"},
		{2, "login --token-file spaced"},
		{2, "login --token-file masked"},
		{2, "config set nonsense x"},
		{2, "config set api_url ftp://x"},
		{2, "config set api_url http://x.example"},
		{2, "config set api_url https://u:p@x.example"},
		{2, "config set token x"},
		{2, "config set scheme whsec_0123456789abcdef"},
		{2, "config set output xml"},
		{2, "config get nonsense"},
		{2, "config unset nonsense"},
		{5, "config unset scheme"},
		{2, "profile create bad~name --scheme stripe"},
		{2, "profile create x"},
		{2, "profile create x --api-url http://x.example"},
		{2, "profile create x --api-header novalue"},
		{5, "profile use nobody"},
		{5, "profile delete nobody"},
		{2, "profile delete baanx"},
		{2, "sandbox advance 0s"},
		{2, "sandbox advance 1us"},
		{2, "sandbox advance later"},
		{2, "sandbox advance 9999h"},
		{2, "sandbox advance -- -1h"},
		{2, "sandbox trigger all --count 0"},
		{2, "sandbox trigger all --count 10001"},
		{2, "sandbox trigger all --count x"},
		{2, "sandbox trigger all --set novalue"},
		{2, "sandbox trigger all --set =1"},
		{2, "sandbox --addr 0.0.0.0:0"},
		{2, "sandbox --chaos nonsense=1"},
		{2, "sandbox --chaos duplicate=2"},
		{2, "sandbox --seed=-1"},
		{2, "sandbox --scheme nonsense"},
		{2, "sandbox --for=-1s"},
		// the flags of every command
		{2, "webhooks list -o xml"},
		{2, "webhooks list --jq ["},
		{2, "webhooks list -o yaml --jq ."},
		{2, "webhooks list --color sometimes"},
		{2, "webhooks list --profile nobody"},
		{2, "webhooks list --profile ../../x"},
		{2, "webhooks list --config gone"},
		{2, "webhooks list --config key"},
		{2, "webhooks list --api-url nonsense"},
		{2, "webhooks list --api-url http://x.example"},
		{2, "webhooks list --api-url https://u:p@x.example"},
		{2, "webhooks list --api-url https://x.example?a=b"},
		{2, "sandbox status --api-url https://x.example"},
		{2, "webhooks list --quiet=maybe"},
		{2, "webhooks list --nonsense"},
	}
}

// TestPlatformBadInput gives the management commands wrong command lines. They are refused before anything is sent, and print
// nothing but one error and its hint.
func TestPlatformBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	api := newFakeAPI(t, laterAPI)
	w.use(api)
	w.write("masked", "whk_****...****9d4e\n")
	w.write("spaced", "a token\n")
	for _, bad := range badInputs() {
		args := strings.Fields(bad.args)
		for i := range args {
			args[i] = strings.ReplaceAll(strings.ReplaceAll(args[i], `""`, ""), "~", " ")
		}
		r := w.run(args...)
		if r.code != bad.code || r.out != "" {
			t.Errorf("whctl %.200q: exit code %d, want %d\nstdout: %.300s\nstderr: %.600s", args, r.code, bad.code, r.out, r.err)
		}
		checkTalk(t, r)
		if len(r.err) > 1000 {
			t.Errorf("whctl %.200q says too much: %.300s …", args, r.err)
		}
	}
	if got := api.asked(); len(got) > 0 {
		t.Errorf("something was sent: %q", got)
	}
}

// TestPlatformBadEnvironment sets each variable to a wrong value.
func TestPlatformBadEnvironment(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		env  string
		code int
	}{
		{"WHCTL_PROFILE=nobody", 2},
		{"WHCTL_API_URL=nonsense", 2},
		{"WHCTL_API_URL=http://x.example", 2},
		{"WHCTL_OUTPUT=xml", 2},
		{"WHCTL_CONFIG=/nonexistent/file", 2},
		{"WHCTL_CONFIG=.", 2},
		{"WHCTL_TOKEN=two words", 2},
		{"WHCTL_TOKEN=line\nend", 2},
		{"WHCTL_TOKEN=", 4},
	} {
		w := newWorld(t)
		api := newFakeAPI(t, laterAPI)
		w.use(api)
		w.setenv(c.env)
		r := w.run("webhooks", "list")
		if r.code != c.code || r.out != "" || len(api.asked()) > 0 {
			t.Errorf("%q: exit code %d, want %d; asked %q\nstdout: %s\nstderr: %s", c.env, r.code, c.code, api.asked(), r.out, r.err)
		}
		checkTalk(t, r)
		if strings.Contains(r.err, "two words") || strings.Contains(r.err, "line") && strings.Contains(c.env, "line") && !strings.Contains(r.err, "line end") {
			t.Errorf("%q: the token is in the error: %s", c.env, r.err)
		}
	}
}
