package config

// A setting is a row of one table. Its flag, its variable, its key in files, its place in lists, its help and its row in
// docs/configuration.md come from there.

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/scrub"
)

// Values are the settings that have a single value or a list.
type Values struct {
	Profile string
	APIURL  string // without a trailing slash
	GitHub  string // base URL of GitHub's API, without a trailing slash
	Scheme  string // a name; LookupScheme finds it
	Output  string // text, json or yaml
	Color   string // auto, always or never
	Quiet   bool
	Debug   bool
	NoInput bool
	DataDir string
	Samples string // folder; "" for none
	Listen  ListenSettings
}

// ListenSettings are the settings of whctl listen. Zero and nil mean not set.
type ListenSettings struct {
	Forward    []string
	From       []string
	Targets    Pairs // NAME=TARGET
	Routes     Pairs // PATTERN[,PATTERN]=NAME or =TARGET, in order
	Filter     string
	Addr       string
	Tolerance  *time.Duration
	NoVerify   bool
	OnInvalid  string
	Handshake  string
	Events     []string
	Timeout    *time.Duration
	Headers    Lines // as --header takes them
	Insecure   bool
	Ack        string
	Dedupe     string
	NATSCreds  string
	NATSCA     string
	NATSCert   string
	KafkaCreds string
	KafkaSASL  string
	KafkaCA    string
	KafkaCert  string
	Retries    *time.Duration
	RetryOn    []string
	LaneWidth  Count
	MaxQueue   string
	MaxBody    Size
	Body       string
	Scrub      []string
	PublicURL  string
	Admin      string
	MaxDown    *time.Duration
	Notify     string
}

// Flags are the settings of the command line. Zero means not given, unless Given has the name.
type Flags struct {
	Values
	ConfigFile string
	JQ         string
	// Given holds the names of the flags on the command line ("api-url", …). It tells --insecure=false from no flag.
	Given []string

	table table // see rows
}

// rows returns the table of settings, which is made once for all that is asked of these flags.
func (f *Flags) rows() table {
	if f.table == nil {
		f.table = settings()
	}
	return f.table
}

// setting is a row of the table.
type setting struct {
	key   string // in a config file, with the block before a dot; "" for none
	flag  string // "" for none
	short string // one letter, or ""
	on    Commands
	env   string
	def   string // the default
	help  string // of flag and variable; the flag's value is named in back quotes
	// field returns where the value goes: a *string, *bool, *[]string, *Lines, *Pairs, *Size, *Count or **time.Duration.
	field  func(*Flags) any
	check  func(from, text string) (string, error) // returns a text of any source in its final form; from is its flag, variable or key
	inFile func(from, text string) error           // refuses a text of a config file; from is its key
	block  func(*layer, *block, *yaml.Node) error  // reads a block of names instead of a field
	own    bool                                    // a profile may have one of its own

	level    level                    // which project files may set it
	harmless func(text string) string // what a text does that an untrusted project file may not, or ""; nil accepts all
	limit    string                   // the same for the docs: "as far as …"
	why      string                   // what the setting is, if no project file may set it
}

// Commands are the commands that have a flag.
type Commands int

// The commands that have flags of settings.
const (
	Everywhere Commands = iota
	Signing             // those that sign or verify
	Listening           // whctl listen
)

// table holds all settings in the order in which they are shown.
type table []setting

func settings() table {
	return slices.Concat(generalSettings(), receiveSettings(), handOnSettings(), watchSettings())
}

func generalSettings() table {
	return table{
		{
			key: "profile", flag: "profile", env: "WHCTL_PROFILE", def: ProfileBaanx,
			help:  "`name` of the profile to use: baanx, sandbox or one of yours",
			field: func(f *Flags) any { return &f.Profile }, inFile: checkProfile, level: trusted, // it decides to which API WHCTL_TOKEN goes
		},
		{
			key: "api_url", flag: "api-url", env: "WHCTL_API_URL", help: "base `URL` of the management API",
			field: func(f *Flags) any { return &f.APIURL }, check: CheckAPIURL, own: true, level: trusted,
		},
		{
			key: "scheme", flag: "scheme", on: Signing, env: "WHCTL_SCHEME", def: DefaultScheme,
			help:  "signature `scheme`, see whctl schemes list; auto guesses when verifying (default: the profile's, else baanx)",
			field: func(f *Flags) any { return &f.Scheme }, check: checkSchemeName, own: true, level: always, harmless: safeScheme,
			limit: "it is built in, and neither `auto` nor one that sends the key itself (a token) or hashes it plainly",
		},
		{key: "headers", help: "headers of every call of the management API", block: (*layer).decodeHeaders, own: true, level: trusted},
		{
			key: "output", flag: "output", short: "o", env: "WHCTL_OUTPUT", def: "text", help: "output `format`: text, json or yaml",
			field: func(f *Flags) any { return &f.Output }, check: oneOf("text", "json", "yaml"), own: true, level: trusted,
		},
		{flag: "jq", help: "filter the JSON output with a jq `expression`", field: func(f *Flags) any { return &f.JQ }},
		{
			key: "color", flag: "color", def: "auto", help: "`when` to use colours: auto, always or never",
			field: func(f *Flags) any { return &f.Color }, check: oneOf("auto", "always", "never"), own: true, level: trusted,
		},
		{
			flag: "config", env: "WHCTL_CONFIG", help: "config `file` to use instead of the ones found",
			field: func(f *Flags) any { return &f.ConfigFile },
		},
		{
			key: "quiet", flag: "quiet", short: "q", help: "print less on standard error",
			field: func(f *Flags) any { return &f.Quiet }, level: trusted,
		},
		{
			key: "debug", flag: "debug", help: "show HTTP traffic on standard error, secrets masked",
			field: func(f *Flags) any { return &f.Debug }, level: trusted,
		},
		{
			key: "no_input", flag: "no-input", env: "CI", help: "never ask",
			field: func(f *Flags) any { return &f.NoInput }, level: trusted,
		},
		{
			key: "data_dir", env: "WHCTL_DATA_DIR", help: "folder of journal and key file, instead of whctl in the XDG data folder",
			field: func(f *Flags) any { return &f.DataDir }, inFile: checkDir, own: true, level: trusted,
		},
		{
			key: "samples", help: "folder with samples of your own, TYPE.json or TYPE/VARIANT.json, seen from the folder of the file",
			field: func(f *Flags) any { return &f.Samples }, own: true, level: always, harmless: insideProject, limit: "it is a folder inside the project",
		},
		{
			key: "github_url", env: "WHCTL_GITHUB_URL", def: GitHubURL,
			help:  "base `URL` of GitHub's API; that of an Enterprise Server ends in /api/v3",
			field: func(f *Flags) any { return &f.GitHub }, check: CheckAPIURL, own: true, level: trusted,
		},
		{key: "profiles", help: "profiles, by name", block: (*layer).decodeProfiles, level: trusted},
		// A scheme may send the key as it is, or leave the body unsigned.
		{key: "schemes", help: "schemes of your own, by name", block: (*layer).decodeSchemes, level: trusted},
		{key: "listen", help: "settings of whctl listen", block: func(l *layer, b *block, n *yaml.Node) error { return l.decodeBlock(n, "listen", b) }, level: always}, // each has a level of its own
	}
}

// receiveSettings say what is received, how it is verified, and where it goes. Like the settings of whctl listen that follow, they are named
// like its flags, but for headers, which --header sets.
func receiveSettings() table {
	return table{
		{
			key: "listen.forward", flag: "forward", on: Listening,
			help:  "hand deliveries on to this `target`: [NAME=]URL, HOST:PORT, port, nats://HOST/SUBJECT or kafka://HOST/TOPIC (repeatable; the first one's answer goes back)",
			field: func(f *Flags) any { return &f.Listen.Forward }, inFile: checkTarget, level: always, harmless: onThisMachine,
			limit: "each target is `localhost` or a loopback address, written the usual way. Deliveries go nowhere else, whatever the name resolves to",
		},
		{
			key: "listen.targets", on: Listening, help: "targets by name, which --forward and --route may then say",
			field: func(f *Flags) any { return &f.Listen.Targets }, inFile: checkNamedTarget, level: always, harmless: onThisMachine,
			limit: "as for `listen.forward`",
		},
		{
			key: "listen.routes", flag: "route", on: Listening,
			help: "hand some event types on elsewhere: a `route` is PATTERN[,PATTERN]=TARGET, or the name of a target (repeatable; the first that matches " +
				"is taken, --forward gets the rest; the same patterns again add a target)",
			field: func(f *Flags) any { return &f.Listen.Routes }, inFile: checkRoute, level: always, harmless: nameOrOnThisMachine,
			limit: "each target is one as for `listen.forward`, also where it is named",
		},
		{
			key: "listen.from", flag: "from", on: Listening,
			help: "take deliveries from this `source` and not from a socket: [NAME=]nats://HOST/SUBJECT or kafka://HOST/TOPIC, where another whctl handed them over (repeatable; " +
				"machines with one NAME share the work)",
			field: func(f *Flags) any { return &f.Listen.From }, inFile: checkSource, level: trusted,
		},
		{
			key: "listen.addr", flag: "addr", on: Listening, def: "127.0.0.1:4140", help: "`address` to listen on: HOST:PORT or port; port 0 takes a free one",
			field: func(f *Flags) any { return &f.Listen.Addr }, check: checkAddr, level: always, harmless: boundHere,
			limit: "it is an address of loopback, also when it is bound",
		},
		{
			key: "listen.tolerance", flag: "tolerance", on: Listening, help: "how far a delivery's time may be off (default: the scheme's own)",
			field: func(f *Flags) any { return &f.Listen.Tolerance }, level: always, harmless: shortTolerance, limit: "it is at most ten minutes",
		},
		{
			key: "listen.no_verify", flag: "no-verify", on: Listening, help: "do not verify signatures; hand everything on, marked unverified",
			field: func(f *Flags) any { return &f.Listen.NoVerify }, level: trusted,
		},
		{
			key: "listen.on_invalid", flag: "on-invalid", on: Listening, def: "reject",
			help:  "`action` on a delivery whose signature does not hold: reject or forward",
			field: func(f *Flags) any { return &f.Listen.OnInvalid }, check: oneOf("reject", "forward"), level: trusted,
		},
		{
			key: "listen.handshake", flag: "handshake", on: Listening, def: "forward",
			help:  "`who` answers a provider that asks whether this URL is yours: answer (whctl), forward (the first target, and whctl where it has no answer), off (it is a delivery)",
			field: func(f *Flags) any { return &f.Listen.Handshake }, check: oneOf("answer", "forward", "off"), level: trusted,
		},
		{
			key: "listen.events", flag: "events", on: Listening,
			help:  "show and forward only event types that match this `pattern`, such as 'card.*'; several are comma separated (repeatable)",
			field: func(f *Flags) any { return &f.Listen.Events }, inFile: checkPatterns, level: always,
		},
		{
			key: "listen.filter", flag: "filter", on: Listening,
			help:  "show and forward only deliveries for which this jq `expression` of their JSON is true, such as '.body | fromjson | .amount > 9'",
			field: func(f *Flags) any { return &f.Listen.Filter }, level: never, why: "a jq filter and so a program",
		},
	}
}

// handOnSettings say how deliveries are handed on.
func handOnSettings() table {
	return table{
		{
			key: "listen.timeout", flag: "timeout", on: Listening,
			help:  "how long to wait for a target; 0 waits for ever (default: the scheme's answer time less a second)",
			field: func(f *Flags) any { return &f.Listen.Timeout }, level: always,
		},
		{
			key: "listen.ack", flag: "ack", on: Listening, def: "forward",
			help:  "answer senders `when`: forward (with the target's answer), now (once the delivery is recorded; the queue hands it on) or sink (once a broker has it)",
			field: func(f *Flags) any { return &f.Listen.Ack }, check: oneOf("forward", "now", "sink"), level: trusted,
		},
		{
			key: "listen.retries", flag: "retries", on: Listening, help: "how long the queue tries a job before it is given up (default: 72h)",
			field: func(f *Flags) any { return &f.Listen.Retries }, level: trusted,
		},
		{
			key: "listen.retry_on", flag: "retry-on", on: Listening,
			help:  "one more `status` after which the queue tries a job again, besides 408, 425, 429 and 5xx; several are comma separated (repeatable)",
			field: func(f *Flags) any { return &f.Listen.RetryOn }, inFile: checkStatuses, level: trusted,
		},
		{
			key: "listen.lane_width", flag: "lane-width", on: Listening, def: "1", help: "how many jobs of the queue a target is sent at once; more than 1 gives up their order",
			field: func(f *Flags) any { return &f.Listen.LaneWidth }, level: trusted,
		},
		{
			key: "listen.max_queue", flag: "max-queue", on: Listening, def: "100000", help: "how many `jobs` may be open, or how many bytes of them (SIZE); beyond that senders are answered 503",
			field: func(f *Flags) any { return &f.Listen.MaxQueue }, check: checkRoom, level: trusted,
		},
		{
			key: "listen.headers", flag: "header", short: "H", on: Listening,
			help:  "`header` line to set on forwarded requests, as 'Name: value' or, from a file, @FILE; 'Name:' leaves one out, 'Name;' sends it empty (repeatable)",
			field: func(f *Flags) any { return &f.Listen.Headers }, level: trusted,
		},
		{
			key: "listen.dedupe", flag: "dedupe", on: Listening, def: "window",
			help:  "`how` a broker's stream is kept from taking an event twice: window (by its id, for as long as the stream's duplicate window is) or subject (each event has a subject of its own)",
			field: func(f *Flags) any { return &f.Listen.Dedupe }, check: oneOf("window", "subject"), level: trusted,
		},
		{
			key: "listen.nats_creds", flag: "nats-creds", on: Listening, env: "WHCTL_NATS_CREDS",
			help:  "`file` with what a NATS server asks for: a .creds file, a user's seed, USER:PASSWORD, or a token",
			field: func(f *Flags) any { return &f.Listen.NATSCreds }, level: trusted,
		},
		{
			key: "listen.nats_ca", flag: "nats-ca", on: Listening, env: "WHCTL_NATS_CA",
			help:  "`file` with the certificates (PEM) of those who vouch for a NATS server; TLS is then a must",
			field: func(f *Flags) any { return &f.Listen.NATSCA }, level: trusted,
		},
		{
			key: "listen.nats_cert", flag: "nats-cert", on: Listening, env: "WHCTL_NATS_CERT",
			help:  "`file` with whctl's own certificate for a NATS server and its key (PEM); TLS is then a must",
			field: func(f *Flags) any { return &f.Listen.NATSCert }, level: trusted,
		},
		{
			key: "listen.kafka_creds", flag: "kafka-creds", on: Listening, env: "WHCTL_KAFKA_CREDS",
			help:  "`file` with what Kafka asks for: USER:PASSWORD",
			field: func(f *Flags) any { return &f.Listen.KafkaCreds }, level: trusted,
		},
		{
			key: "listen.kafka_sasl", flag: "kafka-sasl", on: Listening, env: "WHCTL_KAFKA_SASL", def: "plain",
			help:  "`how` Kafka is given user and password: plain, scram-sha-256 or scram-sha-512",
			field: func(f *Flags) any { return &f.Listen.KafkaSASL }, check: oneOf("plain", "scram-sha-256", "scram-sha-512"), level: trusted,
		},
		{
			key: "listen.kafka_ca", flag: "kafka-ca", on: Listening, env: "WHCTL_KAFKA_CA",
			help:  "`file` with the certificates (PEM) of those who vouch for the brokers of Kafka; TLS is then a must",
			field: func(f *Flags) any { return &f.Listen.KafkaCA }, level: trusted,
		},
		{
			key: "listen.kafka_cert", flag: "kafka-cert", on: Listening, env: "WHCTL_KAFKA_CERT",
			help:  "`file` with whctl's own certificate for Kafka and its key (PEM); TLS is then a must",
			field: func(f *Flags) any { return &f.Listen.KafkaCert }, level: trusted,
		},
		{
			key: "listen.insecure", flag: "insecure", on: Listening, help: "accept any TLS certificate of a target",
			field: func(f *Flags) any { return &f.Listen.Insecure }, level: trusted,
		},
	}
}

// watchSettings say what a run takes, shows and tells.
func watchSettings() table {
	return table{
		{
			key: "listen.max_body", flag: "max-body", on: Listening, def: "5MiB", help: "largest body to take",
			field: func(f *Flags) any { return &f.Listen.MaxBody }, level: always,
		},
		{
			key: "listen.body", flag: "body", on: Listening, def: "pretty", help: "`form` to show bodies in: pretty, raw or none",
			field: func(f *Flags) any { return &f.Listen.Body }, check: oneOf("pretty", "raw", "none"), level: always,
		},
		{
			key: "listen.scrub", flag: "scrub", on: Listening,
			help: "replace what this `rule` names before anything is recorded or shown: cards, email, bearer, all or json:PATH (repeatable); " +
				"targets get what came",
			field: func(f *Flags) any { return &f.Listen.Scrub }, inFile: checkScrub, level: trusted,
		},
		{
			key: "listen.public_url", flag: "public-url", on: Listening, help: "origin of this listener as the provider knows it, for schemes that sign the `URL`",
			field: func(f *Flags) any { return &f.Listen.PublicURL }, inFile: checkPublicURL, level: always,
		},
		{
			key: "listen.admin", flag: "admin", on: Listening,
			help:  "serve /healthz, /readyz and /metrics on this `address`: HOST:PORT or port",
			field: func(f *Flags) any { return &f.Listen.Admin }, check: checkAddr, level: trusted,
		},
		{
			key: "listen.max_down", flag: "max-down", on: Listening, help: "end with exit code 6 when a target is down for this long",
			field: func(f *Flags) any { return &f.Listen.MaxDown }, level: trusted,
		},
		{
			key: "listen.notify", flag: "notify", on: Listening,
			help:  "run this `command` when a target goes down or comes back, or a job dies; no shell runs it, and it gets the event as JSON on standard input",
			field: func(f *Flags) any { return &f.Listen.Notify }, level: never, why: "a command to run",
		},
	}
}

// find returns the row of a key.
func (t table) find(key string) (setting, bool) {
	i := slices.IndexFunc(t, func(s setting) bool { return s.key == key && key != "" })
	if i < 0 {
		return setting{}, false
	}
	return t[i], true
}

// keys returns the names that a block may have; "" is the file itself. Names that a profile may have come first.
func (t table) keys(block string) (list []string) {
	for _, own := range []bool{true, false} {
		for _, s := range t {
			if in, name := s.split(); in == block && name != "" && s.own == own {
				list = append(list, name)
			}
		}
	}
	return list
}

// ofProfile returns the names that a profile may have.
func (t table) ofProfile() (list []string) {
	for _, s := range t {
		if s.own {
			list = append(list, s.key)
		}
	}
	return list
}

// split returns the block of a setting, or "", and its name in the block.
func (s setting) split() (block, name string) {
	if block, name, ok := strings.Cut(s.key, "."); ok {
		return block, name
	}
	return "", s.key
}

// Flag is a flag of a setting.
type Flag struct {
	Name, Short, Default, Help string
	To                         any // a *string, *bool, *[]string, or a flag value with String, Set and Type
}

// For returns the flags of some commands. They write to f.
func (f *Flags) For(on Commands) []Flag { return f.rows().flags(f, on) }

func (t table) flags(f *Flags, on Commands) (list []Flag) {
	for _, s := range t {
		if s.flag == "" || s.on != on {
			continue
		}
		to := s.field(f)
		switch field := to.(type) {
		case *Lines:
			to = (*[]string)(field)
		case *Pairs:
			to = (*[]string)(field)
		case **time.Duration:
			to = durationFlag{field}
		}
		list = append(list, Flag{Name: s.flag, Short: s.short, Default: s.def, Help: s.help, To: to})
	}
	return list
}

// Variable is an environment variable that whctl reads.
type Variable struct{ Name, Meaning string }

// Variables returns the variables of settings.
func Variables() []Variable { return settings().variables() }

func (t table) variables() (list []Variable) {
	for _, s := range t {
		if s.env == "" {
			continue
		}
		meaning := strings.ReplaceAll(s.help, "`", "")
		if s.flag != "" {
			meaning += "; --" + s.flag + " wins"
		}
		list = append(list, Variable{s.env, meaning})
	}
	return list
}

func checkProfile(from, text string) error {
	if err := checkProfileName(text); err != nil {
		return fault.Wrap(fault.Usage, err, "%s", from)
	}
	return nil
}

// checkTarget refuses what deliveries cannot be handed on to.
func checkTarget(from, text string) error {
	_, address := netname.CutName(text)
	_, err := netname.ParseTarget(address)
	switch {
	case errors.Is(err, netname.ErrUserInfo):
		return secretFault("user info in a URL is one")
	case err != nil:
		return fault.Hint(fault.New(fault.Usage, "%s: %s is not a target: %s", from, quoted(text), err), "write a URL, HOST:PORT or PORT")
	}
	return nil
}

// checkSource refuses what may be a secret. The rest of a source is read where it is used.
func checkSource(_, text string) error {
	_, where, _ := strings.Cut(text, "://")
	authority, _, _ := strings.Cut(where, "/")
	if strings.Contains(authority, "@") {
		return secretFault("user info in a URL is one")
	}
	return nil
}

func checkPatterns(from, text string) error {
	if _, ok := event.SplitPatterns([]string{text}); !ok {
		return fault.Hint(fault.New(fault.Usage, "%s holds an empty event type", from), "events: card.activated,kyc.status.changed")
	}
	return nil
}

func checkStatuses(from, text string) error {
	if _, err := ParseStatuses(from, []string{text}); err != nil {
		return fault.Hint(err, "retry_on: [409, 423]")
	}
	return nil
}

// ParseStatuses reads lists of HTTP statuses. Errors are usage faults.
func ParseStatuses(from string, lists []string) (out []int, err error) {
	for _, list := range lists {
		for part := range strings.SplitSeq(list, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(part))
			if err != nil || n < 300 || n > 599 {
				return nil, fault.Hint(fault.New(fault.Usage, "%s takes statuses from 300 to 599, not %s", from, quoted(part)), "write them like 409,423")
			}
			out = append(out, n)
		}
	}
	return out, nil
}

func checkRoom(from, text string) (string, error) {
	if _, _, err := ParseRoom(text); err != nil {
		return text, fault.Wrap(fault.Usage, err, "%s", from)
	}
	return text, nil
}

func checkScrub(from, text string) error {
	_, err := scrub.New(from, []string{text}, nil)
	return err
}

func checkPublicURL(from, text string) error {
	if u, err := url.Parse(text); err != nil || u.Hostname() == "" || u.User != nil {
		return fault.Hint(fault.New(fault.Usage, "%s is not an absolute URL", from), "public_url: https://hooks.example.com")
	}
	return nil
}
