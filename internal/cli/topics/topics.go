// Package topics holds the help topics that are not commands: exit codes, environment, schemes and JSON.
package topics

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/fault"
)

// New makes the topics. whctl help TOPIC and whctl TOPIC --help print them. They are not listed as commands.
func New() []*cobra.Command {
	return []*cobra.Command{
		topic("exit-codes", "What each exit code means", exitCodes()),
		topic("environment", "Environment variables", environment()),
		topic("schemes", "How signature schemes are described", schemes()),
		topic("json", "The JSON that commands print", jsonTopic()),
	}
}

func topic(name, short, long string) *cobra.Command {
	return &cobra.Command{Use: name, Short: short, Long: long}
}

func exitCodes() string {
	var b strings.Builder
	b.WriteString("The exit codes are a promise to scripts.\n\n")
	for _, r := range fault.Table() {
		fmt.Fprintf(&b, "  %3d  %-12s %s\n", r.Code, r.Kind, r.When)
	}
	return strings.TrimRight(b.String(), "\n")
}

// variables returns the variables that whctl reads: those of settings, then the others.
func variables() []config.Variable {
	return append(config.Variables(), []config.Variable{
		{Name: "WHCTL_TOKEN", Meaning: "bearer token of the management API; wins over whctl login"},
		{Name: "WHCTL_GITHUB_TOKEN", Meaning: "token of GitHub's API; wins over whctl login --platform github"},
		{Name: "WHCTL_SECRET", Meaning: "signing key, when no secret flag is given"},
		{Name: "WHCTL_ERRORS", Meaning: "form of errors: text or json; --errors wins"},
		{Name: "WHCTL_KEYRING", Meaning: "file keeps keys in a file without asking the OS keyring"},
		{Name: "XDG_CONFIG_HOME", Meaning: "folder that holds whctl/config.yaml (default ~/.config)"},
		{Name: "XDG_DATA_HOME", Meaning: "folder that holds whctl/journal.db (default ~/.local/share)"},
		{Name: "NO_COLOR", Meaning: "no colours"},
		{Name: "CLICOLOR_FORCE", Meaning: "colours even where there is no terminal"},
		{Name: "CLICOLOR", Meaning: "0 means no colours"},
		{Name: "TERM", Meaning: "dumb means no colours"},
		{Name: "HTTPS_PROXY, NO_PROXY", Meaning: "proxy of the management API; deliveries never use one"},
		{Name: "NOTIFY_SOCKET", Meaning: "whctl listen tells the service manager there how it is, as systemd has it"},
		{Name: "WATCHDOG_USEC", Meaning: "with NOTIFY_SOCKET: the service manager wants to know that whctl listen lives; WATCHDOG_PID names whom it asks"},
		{Name: "WHCTL_LISTEN_URL", Meaning: "never read: whctl expect gives it to COMMAND"},
		{Name: "WHCTL_SIGNATURE", Meaning: "never read: whctl sign --format env prints it"},
		{Name: "WHCTL_TIMESTAMP", Meaning: "as WHCTL_SIGNATURE"},
		{Name: "WHCTL_ID", Meaning: "as WHCTL_SIGNATURE"},
	}...)
}

func environment() string {
	var b strings.Builder
	b.WriteString("A flag wins over the environment, the environment over config files.\n\n")
	for _, v := range variables() {
		fmt.Fprintf(&b, "  %-22s %s\n", v.Name, v.Meaning)
	}
	return strings.TrimRight(b.String(), "\n")
}

func schemes() string {
	return `A scheme says how a provider signs, as data: algorithm, key form, signed content, where signature, time and id stand.
Many are built in: whctl schemes list finds one by any name that people use, and whctl schemes show NAME explains it.

Schemes of your own go into a config file, under schemes, with the same fields:

  schemes:
    acme:
      content: "{timestamp}.{body}"
      signature: {header: X-Acme-Signature, item: "v1={sig}"}
      timestamp: {header: X-Acme-Time, tolerance: 300}

The content template may hold {id} {timestamp} {body} {url} {method} {form} {header:Name} {json:path} {form:name} {query:name} {crc32:body} {sha256:body} {secret} {param:name}.
{json:path?} may be absent, {json:path|form:name} is the first that is there, and {[text {json:path}]} counts only where the path is there.
The algorithms are hmac-sha256, hmac-sha1, hmac-sha512, hmac-md5, ed25519, ecdsa-p256-sha256, rsa-sha256, rsa-sha1, rsa-sha512, sha256, sha1, sha512,
md5, token and none.`
}

func jsonTopic() string {
	return `With -o json every line of standard output is JSON: a stream is one object a line, everything else one document on one
line. Fields are camelCase and only ever added; times are RFC 3339 in UTC with milliseconds; durations are numbers whose
name ends in Ms; a body that is not UTF-8 is in bodyBase64.

  listen             {"type":"ready"|"delivery"|"handshake"|"attempt"|"job"|"diagnosis"|"state"|"error","time","seq",…}
  verify             {"verdict":{"ok","reason","scheme","keyIndex","signedAt","skewMs"},"findings":[…]}
  sign               {"scheme","headers":{…},"signature","timestamp","id"}
  send               {"eventType","eventId","status","durationMs","headers","body"}
  journal list       an array of deliveries, newest first
  journal show       {"delivery":{…},"attempts":[…]}
  queue list         an array of jobs, newest first; queue retry, drop: those that were changed
  webhooks list      an array of webhooks in the API's own fields; get, create, update, rotate: one webhook
  webhooks logs      {"count","logs":[…]}
  events list        {"total","events":[…]}; events get: one event; events logs: {"event","logs":[…]}
  events reconcile   {"summary":{…},"events":[{"eventId","state","gap",…}],"ranges":[…],"whole",…}
  events retry       an array of {"eventId","webhookCount","message"}
  help               {"command" or "topic","text","commands":[…]}, with -o on the command line alone

docs/json.md lists every field. --jq filters with a jq expression and prints as jq -r does: strings bare.`
}
