package cli

// Words of other tools: what stripe, gh, hookdeck, ngrok, curl and kubectl call what whctl has under another name.

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// elseCommand is the command line that a command of another tool stands for under parent, "" for none.
func elseCommand(parent, word string) string {
	return map[string]map[string]string{
		"whctl": { //nolint:gosec // words, no credentials
			"trigger": "whctl sandbox trigger TYPE", "fixtures": "whctl sandbox --fixtures", "play": "whctl sandbox play SCENARIO", "scenario": "whctl sandbox play SCENARIO", "samples": "whctl sandbox trigger", "mock": "whctl sandbox", "server": "whctl sandbox", "emulate": "whctl sandbox",
			"logs": "whctl journal list --follow", "log": "whctl journal list --follow", "tail": "whctl journal list --follow", "watch": "whctl journal list --follow",
			"requests": "whctl journal list", "deliveries": "whctl journal list", "history": "whctl journal list", "inspect": "whctl journal show last", "show": "whctl journal show last",
			"list": "whctl journal list", "ls": "whctl journal list", "get": "whctl journal show last", "search": "whctl journal search TEXT", "grep": "whctl journal search TEXT",
			"diff": "whctl journal diff REF REF", "export": "whctl journal export", "stats": "whctl journal stats", "prune": "whctl journal prune",
			"resend": "whctl replay last", "redeliver": "whctl replay last", "retry": "whctl queue retry --dead", "jobs": "whctl queue list",
			"forward": "whctl listen --forward localhost:3000", "proxy": "whctl listen --forward localhost:3000", "tunnel": "whctl listen --forward localhost:3000",
			"serve": "whctl listen", "start": "whctl listen", "run": "whctl listen", "receive": "whctl listen", "http": "whctl listen --forward localhost:3000", "client": "whctl listen",
			"init": "whctl listen --sandbox --trigger all", "setup": "whctl listen --sandbox --trigger all", "demo": "whctl listen --sandbox --trigger all",
			"auth": "whctl login", "doctor": "whctl status", "ps": "whctl status", "info": "whctl status", "health": "whctl status", "curl": "whctl api PATH", "request": "whctl api PATH", "call": "whctl api PATH", "test": "whctl check URL", "lint": "whctl check URL",
			"validate": "whctl verify --request FILE", "explain": "whctl why", "diagnose": "whctl why", "debug": "whctl why", "post": "whctl send TYPE --to URL",
			"emit": "whctl send TYPE --to URL", "fire": "whctl send TYPE --to URL", "simulate": "whctl send TYPE --to URL", "wait": "whctl expect --type TYPE", "assert": "whctl expect --type TYPE",
			"endpoint": "whctl webhooks list", "endpoints": "whctl webhooks list", "hook": "whctl webhooks list", "hooks": "whctl webhooks list", "subscriptions": "whctl webhooks list",
			"create": "whctl webhooks create", "delete": "whctl webhooks delete WEBHOOK", "rotate": "whctl webhooks rotate WEBHOOK", "secret": "whctl keys list", "secrets": "whctl keys list",
			"providers": "whctl schemes list", "provider": "whctl schemes list", "reconcile": "whctl events reconcile", "profiles": "whctl profile list", "env": "whctl config list",
			"settings": "whctl config list", "configure": "whctl config list", "trust": "whctl config trust", "alert": "whctl help", "man": "whctl help",
			"docs": "whctl help", "feedback": "whctl help", "update": "whctl version", "upgrade": "whctl version", "autocomplete": "whctl completion bash",
			"view": "whctl journal show last", "describe": "whctl journal show last", "message": "whctl send TYPE --to URL", "edit": "whctl webhooks update WEBHOOK",
			"rm": "whctl webhooks delete WEBHOOK", "remove": "whctl webhooks delete WEBHOOK", "new": "whctl webhooks create", "webhook-endpoints": "whctl webhooks list",
			"connect": "whctl listen --forward localhost:3000", "expose": "whctl listen --forward localhost:3000", "share": "whctl listen --forward localhost:3000",
			"smee": "whctl listen --forward localhost:3000", "top": "whctl status", "port": "whctl status", "stop": "whctl status", "kill": "whctl status", "attach": "whctl journal list --follow",
		},
		"whctl journal": {
			"logs": "whctl journal list --follow", "tail": "whctl journal list --follow", "follow": "whctl journal list --follow", "find": "whctl journal search TEXT",
			"grep": "whctl journal search TEXT", "rm": "whctl journal prune", "delete": "whctl journal prune", "clear": "whctl journal prune", "clean": "whctl journal prune",
			"replay": "whctl replay REF", "resend": "whctl replay REF", "retry": "whctl replay REF", "why": "whctl why REF", "inspect": "whctl journal show REF", "count": "whctl journal stats",
		},
		"whctl queue": {
			"show": "whctl queue list", "get": "whctl queue list", "status": "whctl queue list", "resend": "whctl queue retry JOB", "rm": "whctl queue drop JOB",
			"delete": "whctl queue drop JOB", "clear": "whctl queue drop --dead", "stop": "whctl queue pause TARGET", "start": "whctl queue resume TARGET",
		},
		"whctl webhooks": {
			"forward": "whctl listen --forward localhost:3000", "listen": "whctl listen", "describe": "whctl webhooks get WEBHOOK", "trigger": "whctl sandbox trigger TYPE",
			"add": "whctl webhooks create", "new": "whctl webhooks create", "edit": "whctl webhooks update WEBHOOK", "set": "whctl webhooks update WEBHOOK",
			"roll": "whctl webhooks rotate WEBHOOK", "remove": "whctl webhooks delete WEBHOOK", "deliveries": "whctl webhooks logs WEBHOOK", "tail": "whctl webhooks logs WEBHOOK --follow",
			"start": "whctl webhooks enable WEBHOOK", "stop": "whctl webhooks disable WEBHOOK", "activate": "whctl webhooks enable WEBHOOK", "deactivate": "whctl webhooks disable WEBHOOK",
		},
		"whctl events": {
			"resend": "whctl events retry EVENT", "redeliver": "whctl events retry EVENT", "replay": "whctl events retry EVENT", "tail": "whctl events list --follow",
			"follow": "whctl events list --follow", "trigger": "whctl sandbox trigger TYPE", "types": "whctl sandbox trigger",
		},
		"whctl sandbox": {
			"start": "whctl sandbox", "run": "whctl sandbox", "serve": "whctl sandbox", "fire": "whctl sandbox trigger TYPE", "send": "whctl sandbox trigger TYPE",
			"scenario": "whctl sandbox play SCENARIO", "scenarios": "whctl sandbox play --list", "samples": "whctl sandbox trigger", "types": "whctl sandbox trigger",
			"clear": "whctl sandbox reset", "wait": "whctl sandbox advance 1h", "sleep": "whctl sandbox advance 1h", "info": "whctl sandbox status",
		},
		"whctl keys": {
			"create": "whctl keys add NAME --secret-file FILE", "set": "whctl keys add NAME --secret-file FILE", "import": "whctl keys add NAME --secret-file FILE",
			"delete": "whctl keys remove NAME", "rotate": "whctl webhooks rotate WEBHOOK", "reveal": "whctl keys show NAME --reveal", "export": "whctl keys show NAME --reveal",
		},
		"whctl schemes": {"providers": "whctl schemes list", "search": "whctl schemes list WORD", "find": "whctl schemes list WORD"},
		"whctl config":  {"edit": "whctl config path", "view": "whctl config list", "show": "whctl config list", "rm": "whctl config unset KEY", "init": "whctl config path"},
		"whctl profile": {"switch": "whctl profile use NAME", "add": "whctl profile create NAME", "new": "whctl profile create NAME", "select": "whctl profile use NAME"},
	}[parent][word]
}

// placeholders are the words of a command line that stand for what people give it.
func placeholders() []string {
	return []string{"TYPE", "EVENT", "WEBHOOK", "REF", "JOB", "TARGET", "NAME", "WORD", "KEY", "TEXT", "last", "localhost:3000", "1h"}
}

// aroundPlaceholder cuts a command line at its first placeholder. found is false where it has none.
func aroundPlaceholder(line string) (before, after string, found bool) {
	for word := range strings.FieldsSeq(line) {
		if slices.Contains(placeholders(), word) {
			before, after, found = strings.Cut(line, word)
			return before, after, found
		}
	}
	return line, "", false
}

// elseFlag is the flag of the command that a flag of another tool stands for, with its value where there is only one, "" for none. The
// first of its meanings that the command has is taken. Where it may mean two flags, both are told: --skip-verify of stripe is about the
// target's certificate (docs/guides/coming-from.md), and others read it as signatures.
func elseFlag(c *cobra.Command, word string) string {
	for _, meaning := range map[string][]string{
		"forward-to": {"forward"}, "fwd": {"forward"}, "forward-connect-to": {"forward"}, "target": {"forward", "to"}, "destination": {"forward", "to"}, "upstream": {"forward"}, "proxy": {"forward"},
		"load-from-webhooks-api": {"events"}, "use-configured-webhooks": {"events"}, "repo": {"webhook"},
		"to": {"forward"}, "url": {"public-url", "forward", "to"}, "f": {"forward", "follow", "secret-file"}, "u": {"forward", "to", "url"}, "endpoint": {"forward", "to", "url"},
		"port": {"addr", "to"}, "p": {"addr", "profile"}, "host": {"addr"}, "bind": {"addr"}, "listen": {"addr"}, "b": {"addr"}, "l": {"addr", "limit"}, "address": {"addr"},
		"key": {"secret-file"}, "k": {"insecure", "secret-file"}, "signing-secret": {"secret-file"}, "webhook-secret": {"secret-file"}, "signing-key": {"secret-file"}, "api-key": {"secret-file"},
		"provider": {"scheme"}, "source": {"scheme"}, "s": {"scheme"}, "algorithm": {"scheme"},
		"event": {"events", "event", "type"}, "e": {"events", "type"}, "event-type": {"type", "events"}, "types": {"events", "type"}, "t": {"type", "tolerance"},
		"skip-verify": {"no-verify or --insecure", "insecure"}, "no-verify-ssl": {"insecure"}, "no-ssl": {"insecure"}, "tls-skip-verify": {"insecure"}, "skip-verification": {"no-verify"},
		"headers": {"header"}, "L": {"limit"}, "n": {"limit", "count"}, "max": {"limit"}, "size": {"limit"}, "per-page": {"limit"}, "number": {"limit", "count"},
		"json": {"output json"}, "j": {"output json"}, "print-json": {"output json"}, "format": {"output"}, "template": {"jq"}, "verbose": {"debug"}, "v": {"version", "debug"}, "trace": {"debug"}, "log-level": {"debug"},
		"y": {"yes"}, "force": {"yes"}, "confirm": {"yes"}, "assume-yes": {"yes"}, "w": {"follow", "wait"}, "watch": {"follow"}, "tail": {"follow"}, "live": {"follow"},
		"after": {"since"}, "before": {"until"}, "from": {"since"}, "filter": {"match"}, "query": {"match", "jq"}, "status": {"outcome", "expect"}, "result": {"outcome"},
		"expect-status": {"expect"}, "repeat": {"count"}, "times": {"count"}, "c": {"concurrency"}, "connections": {"concurrency"}, "workers": {"concurrency", "lane-width"},
		"rps": {"rate"}, "qps": {"rate"}, "d": {"set", "duration", "delay"}, "data": {"set"}, "payload": {"request"}, "signature": {"header"}, "override": {"set"}, "add": {"set"}, "data-override": {"set"}, "retry": {"retries"}, "max-retries": {"retries"},
		"timeout-seconds": {"timeout"}, "max-time": {"timeout"}, "m": {"timeout"}, "context": {"profile"}, "env": {"profile"}, "token": {"token-file"}, "dir": {"out"}, "o": {"out"}, "age": {"timestamp -10m", "at -10m", "older"}, "dryrun": {"dry-run"},
	}[word] {
		name, _, _ := strings.Cut(meaning, " ")
		if f := c.Flag(name); f != nil && !f.Hidden {
			return meaning
		}
	}
	return ""
}
