//go:build unix

package e2e

import (
	"maps"
	"strings"
	"syscall"
)

// subject is a command with arguments it accepts, and what is wrong for each of its flags.
type subject struct {
	name  string
	args  []string
	code  int // without more flags
	flags map[string][]string
	free  []string // flags that take any text
}

// signing are the flags of every command that signs or verifies.
func signing(w *world, more map[string][]string) map[string][]string {
	w.write("empty", "")
	w.write("masked", "whk_****...****9d4e\n")
	w.write("newline", "\n")
	w.write("large", strings.Repeat("k", 70_000))
	w.setenv("EMPTY=", "MASKED=whk_****...****9d4e")
	flags := map[string][]string{
		"scheme":         {"nonsense", "BAANX", "baanx ", strings.Repeat("x", 5000), "../baanx"},
		"secret-file":    append(badFiles(w), w.path("empty"), w.path("masked"), w.path("newline"), w.path("large"), "/dev/null", "stripe="+w.path("gone"), "stripe=", "strpe="+w.path("key")),
		"secret-env":     {"", "NOT_SET_ANYWHERE", "EMPTY", "MASKED", "$KEY", "A=B", "a b", "stripe=", "stripe=NOT_SET_ANYWHERE", "auto=KEY", "strpe=KEY"},
		"secret-command": {"", " ", "'", "no-such-program-anywhere", "false", "true", "cat " + w.path("masked"), "cat " + w.path("large"), "yes", "strpe=cat key", "stripe=", w.dir},
		"webhook":        {"", "nobody", strings.Repeat("x", 5000)}, // not found, which is 5
		"secret":         {"", " ", "whk_****...****9d4e"},
		"param":          badPairs(),
	}
	maps.Copy(flags, more)
	return flags
}

// subjects are the commands under test, in a world whose sandbox answers at api and whose receiver at to.
func subjects(w *world, api, to string) []subject {
	fifo := w.path("fifo") // any file that is not plain must stay, as a device might be here
	_ = syscall.Mkfifo(fifo, 0o600)
	platform := []string{"--profile", "sandbox", "--api-url", "http://" + api}
	with := func(args ...string) []string { return append(args, platform...) }
	return []subject{
		{name: "listen", args: []string{"--addr", "127.0.0.1:0", "--for", "1ms", "--secret-file", w.path("key")}, flags: signing(w, map[string][]string{
			"forward":       {"", "0", "65536", "ftp://x", "http://", "localhost:", "http://u:p@x", "http://x?q r", "http://x#f", "::::", "-1", "http://[::1", "a b", "localhost:99999", "/path", "nats://x", "nats://x/a..b", "nats://x/a.*", "nats://x/{card}", "nats://u:p@x/a", "nats://x,/a", "kafka://x", "kafka://x/a/b", "kafka://x/a,b", "kafka://x/{id}", "kafka://x,/a", "kafka://u:p@x/a"},
			"addr":          {"", "nonsense", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "192.0.2.1:0", "300.0.0.1:0", ":::::"},
			"tolerance":     badDurations(),
			"on-invalid":    badWords(),
			"handshake":     badWords(),
			"verify-token":  {""},
			"key-file":      {w.dir, w.path("key")},
			"ack":           append(badWords(), "sink", "now"), // without a target
			"dedupe":        badWords(),
			"nats-creds":    {w.dir, w.path("gone")},
			"nats-ca":       {w.dir, w.path("gone"), w.path("key")},
			"nats-cert":     {w.dir, w.path("gone"), w.path("key")},
			"kafka-creds":   {w.dir, w.path("gone"), w.path("key")},        // which has no user
			"kafka-sasl":    append(badWords(), "gssapi", "scram-sha-256"), // without credentials
			"kafka-ca":      {w.dir, w.path("gone"), w.path("key")},
			"kafka-cert":    {w.dir, w.path("gone"), w.path("key")},
			"retries":       badDurations(),
			"retry-on":      {"", "x", "200", "600", "409,", "-1"},
			"from":          {"", "localhost:3000", "nats://", "nats://h", "nats://h/a b", "nats://u:p@h/a", "http://h/a", "kafka://h", "kafka://h/a.*", "nats://h/a.>.b", "nats://h/{card}"},
			"lane-width":    {"", "x", "0", "-1", "99999999999999999999"},
			"max-queue":     {"", "x", "0", "-1", "5XiB", "99999999999999999999"},
			"events":        {""},
			"timeout":       badDurations(),
			"header":        badHeaders(),
			"max-body":      {"", "x", "0", "-1", "5XiB", "300MiB", "99999999999999999999", "MiB", "1.x"},
			"body":          badWords(),
			"public-url":    {"nonsense", "ftp://x", "http://", "http://a b", "/path"},
			"samples":       {w.dir, w.path("gone")},   // without --sandbox
			"trigger":       {"all", "card.activated"}, // without --sandbox
			"chaos":         {"drop=0.1"},              // likewise
			"seed":          append(badNumbers(), "7"),
			"scrub":         {"", "nonsense", "cards,", "json:", "json:a..b"},
			"sandbox-token": {"", w.path("plain")}, // likewise
			"ready-file":    {w.path("gone/ready"), w.dir, w.path("plain/ready"), "/proc/ready"},
			"exit-after":    append(badNumbers(), "0"),
			"for":           append(badDurations(), "0"),
			"delay":         badDurations(),
			"respond":       {"", "x", "99", "600", "200 ok", "-1", "204:x"},
			"route":         {"", "card.*", "=localhost:3000", "card.*=", "card.*=nobody-of-this-name", ",=localhost:3000", "card.*=http://u:p@x"},
			"filter":        {"", "[", ".a |", "nosuchfunction"},
			"admin":         {"", "nonsense", "127.0.0.1:70000", "192.0.2.1:0"},
			"max-down":      badDurations(),
			"notify":        {"", " ", "/nowhere/program"},
		})},
		// Its other flags are those of listen.
		{name: "expect", args: []string{"--addr", "127.0.0.1:0", "--count", "0", "--within", "1ms", "--secret-file", w.path("key"), "-q"}, flags: signing(w, map[string][]string{
			"type":   {"", ","},
			"match":  {"", "[", ".a |", "nosuchfunction"},
			"count":  badNumbers(),
			"within": {"", "0", "5", "abc", "-1s", "1", "99999999999h", "1s1", "NaN", "∞"},
			"junit":  {"", w.path("gone/report"), w.path("plain/report"), w.dir, fifo},
		}), free: []string{
			"forward", "from", "route", "addr", "tolerance", "on-invalid", "handshake", "verify-token", "key-file", "events", "filter", "timeout", "ack", "dedupe", "nats-creds", "nats-ca", "nats-cert", "kafka-creds", "kafka-sasl", "kafka-ca", "kafka-cert", "retries", "retry-on", "lane-width", "max-queue", "header",
			"max-body", "body", "scrub", "public-url", "admin", "max-down", "notify", "trigger", "samples", "chaos", "seed", "sandbox-token", "ready-file", "exit-after", "for", "respond", "delay",
		}},
		{name: "sign", args: []string{w.path("body"), "--secret-file", w.path("key")}, flags: signing(w, map[string][]string{
			"timestamp": badTimes(),
			"id":        {"a\nb", "a\x1bb"},
			"format":    badWords(),
			"to":        {"::::", "http://", "http://a b", "a\nb"},
			"method":    {"", "a b", "GET\r\n", "é"},
			"header":    badHeaders(),
		})},
		{name: "verify", args: []string{"--secret-file", w.path("key"), "--at", "1750000000"}, code: 3, flags: signing(w, map[string][]string{
			"header":       badHeaders(),
			"headers-file": append(badFiles(w), w.path("body"), "/proc/self/exe"),
			"request":      append(badFiles(w), w.path("body"), "/dev/null", "/proc/self/exe", w.path("cut.http")),
			"curl":         append(badFiles(w), w.path("body"), "/proc/self/exe", w.path("cut.http")),
			"delivery":     {"", "last", "nobody", "last~x"},
			"url":          {"", "nonsense", "http://", "a\nb"},
			"method":       {"", "a b", "é"},
			"tolerance":    badDurations(),
			"at":           badTimes(),
			"lang":         {"nolanguage", "a\nb", "a\x1bb"},
		})},
		{name: "send", args: []string{"card.activated", "--to", to, "--secret-file", w.path("key")}, flags: signing(w, map[string][]string{
			"samples":      {w.path("gone"), w.path("key")},
			"verify-token": {""},
			"to":           {"", "::::", "http://", "ftp://x", "http://a b", "0", "65536", "localhost:", "/path"},
			"url":          {"nonsense", "http://", "a\nb", "https://hooks.example.com/"},
			"set":          {"", "=", "=x", "a", "a..b=1", "a[x]=1", "a[-1]=1", "a[99999999999]=1", strings.Repeat("a.", 50_000) + "a=1", ".=1", "a.=1", "[0]=1"},
			"header":       badHeaders(),
			"timestamp":    badTimes(),
			"age":          {"", "5", "abc", "99999999999h", "1y"},
			"method":       {"", "a b", "GET\r\n", "é", "/"},
			"expect":       {"", "nonsense", "2x", "0xx", "6xx", "20", "2000", "-1", "401,", "refused or so"},
			"wait":         badDurations(),
			"tamper":       {"nonsense", "BODY", "body "},
			"timeout":      badDurations(),
			"count":        append(badNumbers(), "-5"),
			"duration":     badDurations(),
			"rate":         {"", "x", "0", "-1/s", "0/s", "1/d", "1/", "NaN", "Inf/s", "10 /s"},
			"concurrency":  badNumbers(),
			"fail-if":      {"", "p99", "p99>", "p98>1ms", "p99>250", "errors>x", "errors>1", "p99=1ms", ">", "p99>-1ms"},
		}), free: []string{"id"}},
		{name: "replay", args: []string{"--since", "1h", "--to", to, "--secret-file", w.path("key")}, flags: signing(w, map[string][]string{
			"to":          {"", "::::", "http://", "ftp://x", "http://a b", "0", "65536", "localhost:", "/path", "http://u:p@x"},
			"url":         {"nonsense", "http://", "a\nb"},
			"set":         {"", "=", "=x", "a", "a..b=1", "a[x]=1", ".=1"},
			"header":      badHeaders(),
			"at":          badTimes(),
			"rate":        {"", "x", "0", "-1/s", "0/s", "1/d", "1/", "NaN", "Inf/s", "1e-9/s", "10 /s"},
			"concurrency": append(badNumbers(), "0", "257"),
			"timeout":     badDurations(),
			"resume":      {"", "yesterday", "1h", "1750000000"},
			"type":        {"", ","},
			"verdict":     {"nonsense", "VALID"},
			"outcome":     {"", "never", "Delivered"},
			"target":      {""},
			"since":       {"", "yesterday", "5x"},
			"until":       {"", "yesterday", "5x"},
			"event":       {""},
			"path":        {""},
			"match":       {"", ".[", "nothing"},
		})},
		{name: "journal list", flags: map[string][]string{
			"verdict": {"nonsense", "VALID", "valid "},
			"since":   {"", "yesterday", "1e9", "5x", "99999999999999999999", "-", "99999999999h", "9999999d"},
			"until":   {"", "yesterday", "1e9", "5x", "99999999999999999999", "-", "99999999999h", "9999999w"},
			"outcome": {"", "never", "Delivered", "dropped"},
			"target":  {""},
			"event":   {""},
			"path":    {""},
			"match":   {"", ".[", "nothing", "input"},
			"limit":   badNumbers(),
		}, free: []string{"type", "search"}},
		{name: "journal path"},
		{name: "journal diff", args: []string{"last", "last"}, code: 5},
		{name: "journal export", flags: map[string][]string{
			"format":  badWords(),
			"out":     {"", w.path("plain/out"), "/proc/out", fifo},
			"to":      {"ftp://x", "http://a b", "localhost:", "/path", "", "65536"},
			"scrub":   {"", "nonsense", "cards,", "json:", "json:a..b"},
			"verdict": {"nonsense", "VALID", "valid "},
			"outcome": {"nonsense", "DEAD"},
			"since":   {"yesterday", "1e9", "99999999999999999999", "-"},
			"until":   {"yesterday", "-"},
		}, free: []string{"type", "target", "event", "path", "match"}},
		{name: "journal show", args: []string{"last"}, code: 5},
		{name: "queue list", flags: map[string][]string{
			"state": append(badWords(), "queued ", "dead,open"),
			"limit": badNumbers(),
		}, free: []string{"target"}},
		{name: "queue retry", args: []string{"--dead"}, free: []string{"target"}},
		{name: "queue drop", args: []string{"--dead", "--yes"}, free: []string{"target"}},
		{name: "sandbox", args: []string{"--addr", "127.0.0.1:0", "--for", "1ms"}, flags: map[string][]string{
			"verify-token": {""},
			"addr":         {"", "nonsense", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "0.0.0.0:0", "192.0.2.1:0"},
			"scheme":       {"nonsense", "BAANX"},
			"chaos":        {"nonsense", "duplicate", "duplicate=", "duplicate=2", "duplicate=-1", "duplicate=NaN", "delay=5", "delay=-1s", "status=99:0.1", "status=500:2", "=", "drop=1e-400x", "api=503:0.1,api=503:0.2"},
			"seed":         badNumbers(),
			"ready-file":   {w.path("gone/ready"), w.dir, w.path("plain/ready"), "/proc/ready", fifo},
			"for":          append(badDurations(), "0"),
			"samples":      {w.path("gone"), w.path("key")},
			"data":         {"", w.dir, w.path("gone/data"), w.path("plain/data"), w.write("notes.txt", "not a data file"), fifo, "/proc/self/mem"},
		}},
		{name: "sandbox trigger", args: with("card.activated"), flags: map[string][]string{
			"set":   {"", "=", "=x", "a", "a..b=1", "a[x]=1"},
			"count": append(badNumbers(), "0", "1000000"),
			"addr":  {"", "x", "example.test:4141", "0.0.0.0:4141", ":", "-1"},
		}},
		{name: "sandbox play", args: with("customer-approved"), flags: map[string][]string{"addr": {"", "x", "example.test:4141", "70000"}}},
		{name: "sandbox status", args: with(), flags: map[string][]string{"addr": {"", "x", "example.test:4141", "70000"}}},
		{name: "api", args: with("/v1/webhooks"), flags: map[string][]string{
			"input":      append(badFiles(w), w.path("body")), // a GET has no body
			"platform":   badWords(),
			"token-file": append(badFiles(w), w.path("key")), // not with the platform of --profile
		}},
		{name: "keys show", args: []string{"nobody"}, code: 5},
		{name: "status"},
		{name: "schemes list"},
		{name: "schemes show", args: []string{"stripe"}, flags: map[string][]string{"code": {"", "nonsense", "NODE " + strings.Repeat("x", 5000), "../x"}}},
		{name: "version", flags: map[string][]string{
			"profile": {"nonsense", "BAANX", "a b", "../x", strings.Repeat("x", 5000)},
			"api-url": {"nonsense", "ftp://x", "http://example.com", "http://u:p@127.0.0.1", "https://", "https://x?q", "https://x#f", "http://127.0.0.1:99999", "/path"},
			"output":  {"", "nonsense", "JSON", "text ", "xml"},
			"jq":      {"nonsense(", ".[", "|", "$x", "import \"a\" as b; ."},
			"color":   {"", "nonsense", "ALWAYS"},
			"errors":  {"", "nonsense", "JSON", "yaml"},
			"config":  append(badFiles(w), w.write("bad.yaml", "a: [\n"), w.write("unknown.yaml", "outptu: json\n"), w.write("list.yaml", "- a\n"), w.write("binary.yaml", "\x00\xff\x1b")),
		}},
		{name: "completion", args: []string{"bash"}},
		{name: "completion", args: []string{"powershell"}},
		{name: "help", args: []string{"exit-codes"}},
	}
}
