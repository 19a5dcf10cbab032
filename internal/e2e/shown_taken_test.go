package e2e

// What is shown is what is taken: short ids, printed commands, and times by the clock that they go by.

import (
	"strings"
	"testing"
)

// TestPlatformClock moves a sandbox's clock: what was just made is an hour old by it, and nothing that is past lies ahead.
func TestPlatformClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.platform()
	w.webhook("dev", "http://"+okTarget(t).addr)
	w.must(0, "sandbox", "advance", "1h")
	event := w.trigger("card.activated")[0]
	w.must(0, "sandbox", "advance", "2h10s")
	for _, line := range []string{"webhooks list", "webhooks get dev", "webhooks logs dev", "events list", "events get " + event, "events logs " + event} {
		r := w.must(0, strings.Fields(line)...)
		if strings.Contains(r.out, "in ") || !strings.Contains(r.out, " h ago") {
			t.Errorf("%s:\n%s", line, r.out)
		}
	}
}

// TestPrintedCommandsAskTheSamePlatform runs the commands of hints and warnings as they are printed, where the profile and the API were
// named by flags: they find what they name.
func TestPrintedCommandsAskTheSamePlatform(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start("sandbox", "--addr", "127.0.0.1:0")
	flags := []string{"--profile", "sandbox", "--api-url", "http://" + p.addr}
	made := w.must(0, append([]string{"webhooks", "create", "--name", "dev", "--url", "http://127.0.0.1:1/", "--events", "*"}, flags...)...)
	tried := 0
	for _, r := range []result{made, w.must(0, append([]string{"webhooks", "list"}, flags...)...), w.must(5, append(flags, "webhooks", "get", "none")...)} {
		for line := range strings.SplitSeq(r.err, "\n") {
			if _, command, found := strings.Cut(line, "whctl "); found {
				tried++
				w.must(0, strings.Fields(command)...)
			}
		}
	}
	if tried < 3 {
		t.Errorf("%d commands were printed: %s", tried, made.err)
	}
}

// TestPrintedCommandsAreAboutTheSame: commands of every noun have the flags that say whose platform and which settings this run is about,
// whether they were typed or the command has settled them. What a command says already is not said twice.
func TestPrintedCommandsAreAboutTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start("sandbox", "--addr", "127.0.0.1:0")
	url := "http://" + p.addr
	w.settings("profiles:\n  dev:\n    api_url: " + url + "\n")
	_, port, _ := strings.Cut(p.addr, ":")
	for line, want := range map[string]string{
		"sandbox trigger card.activated --addr " + port:                 "whctl webhooks list --profile sandbox --api-url " + url + " shows",
		"sandbox trigger card.activated --profile dev":                  "whctl webhooks create --profile sandbox --api-url " + url + " adds",
		"sandbox trigger --addr " + port:                                "whctl sandbox trigger --api-url " + url + " TYPE",
		"why nope --config c.yaml":                                      "whctl journal list --config c.yaml --all",
		"why nope --profile=dev --config=c.yaml":                        "whctl journal list --config c.yaml --all",
		"--profile dev keys show nope":                                  "whctl keys list --profile dev",
		"profile create x --api-url http://127.0.0.1:1 --config c.yaml": "whctl profile use --config c.yaml x makes",
		"schemes show nope --profile dev --config c.yaml":               "whctl schemes list --config c.yaml\n",
		"status --profile dev --config c.yaml":                          "none: whctl login --profile dev --config c.yaml, or",
		"webhooks list --profile dev":                                   "whctl login --profile dev, set WHCTL_TOKEN, or try it offline with --profile sandbox\n",
	} {
		w.write("c.yaml", "profiles:\n  dev:\n    api_url: "+url+"\n")
		if r := w.run(strings.Fields(line)...); !strings.Contains(r.out+r.err, want) {
			t.Errorf("%s: no %q in\n%s%s", line, want, r.out, r.err)
		}
	}
	w.write("token", platformToken)
	if r := w.must(4, "login", "--token-file", "token", "--profile", "dev"); !strings.Contains(r.err, "whctl whoami --profile sandbox --api-url "+url+"\n") {
		t.Errorf("%s", r.err)
	}
}

// TestShownStepsAreTaken: what journal show and status say to type works as it is printed, also with a config file of its own and for
// another profile.
func TestShownStepsAreTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("c.yaml", "data_dir: "+w.path("elsewhere")+"\nprofiles:\n  shop:\n    api_url: https://shop.example.com\n")
	l := w.start("listen", "--addr", "127.0.0.1:0", "--no-verify", "--ack", "now", "--forward", "app="+closedPort(t), "--profile", "shop", "--config", "c.yaml")
	send(t, l.addr, event("1"))
	w.must(0, "queue", "pause", "app", "--profile", "shop", "--config", "c.yaml")
	taken := 0
	for _, r := range []result{
		w.must(0, "status", "--config", "c.yaml"), w.must(0, "queue", "list", "--all", "--config", "c.yaml"), w.must(0, "journal", "show", "last", "--all", "--config", "c.yaml"),
	} {
		for line := range strings.SplitSeq(r.out+r.err, "\n") {
			_, command, found := strings.Cut(line, "whctl ")
			if !found || strings.Contains(command, "login") || strings.HasPrefix(command, "sandbox") {
				continue
			}
			taken++
			w.must(0, strings.Fields(command)...)
		}
	}
	if taken < 3 {
		t.Errorf("%d commands were printed", taken)
	}
	if list := jsonOf[[]object](t, w.must(0, "queue", "list", "--profile", "shop", "--config", "c.yaml", "-o", "json")); len(list) != 1 {
		t.Errorf("listed %v", list)
	}
	w.must(0, "queue", "pause", "app", "--profile", "shop", "--config", "c.yaml")
	if err := l.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	l.wait()
	if r := w.must(0, "status", "--config", "c.yaml"); !strings.Contains(r.out, "; paused until a listener starts: whctl listen --config c.yaml --forward app=TARGET --profile shop\n") {
		t.Errorf("%s", r.out)
	}
}

// TestListenersPrintCommandsOfTheirProfile: what a listener says to type is about its profile and its settings.
func TestListenersPrintCommandsOfTheirProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write("c.yaml", "profiles:\n  shop:\n    api_url: https://shop.example.com\n")
	flags := []string{"--no-verify", "--ack", "now", "--profile", "shop", "--config", "c.yaml"}
	l := w.start(append([]string{"listen", "--addr", "127.0.0.1:0", "--forward", "app=" + closedPort(t)}, flags...)...)
	send(t, l.addr, event("1"))
	l.await("attempt")
	l.stop()
	l = w.spawn(append([]string{"listen", "--addr", "127.0.0.1:0", "--forward", "other=" + closedPort(t)}, flags...)...)
	l.says("stay in the journal: whctl queue list --profile shop --config c.yaml")
	if r := w.must(0, "why", "last", "--profile", "shop", "--config", "c.yaml"); !strings.Contains(r.out, " whctl queue retry --profile shop --config c.yaml ") {
		t.Errorf("%s", r.out)
	}
	l.stop()
	if r := w.must(0, "queue", "list", "--profile", "shop", "--config", "c.yaml"); !strings.Contains(r.out, "queued") && !strings.Contains(r.out, "waiting") {
		t.Errorf("%s%s", r.out, r.err)
	}
}
