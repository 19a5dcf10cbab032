package record

// The events of the stream.

import (
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
)

// Event is one thing that happened here. Its types are those of this file, and no others. Several readers share what an event
// points to, so nobody changes it.
//
//sumtype:decl
type Event interface{ event() }

func (Ready) event()          {}
func (Received) event()       {}
func (Asked) event()          {}
func (Attempted) event()      {}
func (Explained) event()      {}
func (JobChanged) event()     {}
func (Changed) event()        {}
func (Failed) event()         {}
func (Missed) event()         {}
func (Raised) event()         {}
func (Tried) event()          {}
func (Settled) event()        {}
func (WebhookChanged) event() {}
func (Forgotten) event()      {}

// Ready says that the socket is open, of a listener or of a sandbox. A sandbox has an address and a URL only.
type Ready struct {
	Addr       string   // host:port that accepts; "" without a socket
	URL        string   // what a sender posts to, or a client calls; "" without a socket
	From       []string // the brokers and subjects that deliveries are taken from
	Targets    []string // where deliveries go
	Names      []string // as in Attempt.Target, of each of Targets; nil: nobody named one
	Routes     []Route  // in order; none: every delivery goes to each of Targets
	Scheme     string
	Open       bool   // the scheme of each delivery is found
	Keys       int    // how many keys verify; 0: deliveries are marked unverified
	SandboxURL string // "" without --sandbox
	SandboxKey string // the throw-away key that --sandbox made; "" when the key was brought along
	Journal    string // path of the journal file
	AdminURL   string // "" without --admin
}

// Route says to which targets the deliveries of some event types go.
type Route struct {
	Name    string   // its patterns; "" for the one that takes the rest
	Targets []string // their names, as in Attempt.Target
}

// Received says that a delivery came and is recorded.
type Received struct{ Delivery *Delivery }

// Asked says that a provider asked whether this URL is the user's, and what it was told. That is no delivery: it is not recorded and
// counts for nothing.
type Asked struct {
	Scheme   string // whose provider asks
	Provider string // and its product
	Field    string // what asks: a field such as hub.challenge, or the method
	Method   string
	Path     string // request target as received, secret values replaced by masking.Masked
	Status   int    // of the answer
	Target   string // the name of the target that answered; "" when whctl did
	Duration time.Duration
	Withheld sign.Withheld // why whctl gave no answer; "": it did, or a target
	Key      KeyBrought
	KeyFile  string // where the key went
}

// KeyBrought says what became of the key that a handshake brought.
type KeyBrought string

// What becomes of it.
const (
	KeyNone KeyBrought = ""     // it brought none
	KeyLost KeyBrought = "lost" // nobody asked for it to be kept
	KeyKept KeyBrought = "kept"
)

// Attempted says that an attempt is over.
type Attempted struct {
	Attempt *Attempt
	// Delivery is what was tried, without its body, where it was read from the journal: the stream may not have told of it, or long
	// ago. It is nil for one that came a moment before.
	Delivery *Delivery
}

// JobChanged says that a job of the queue has a new state.
type JobChanged struct {
	Job *Job
	// Waits says of a queued job that it is not sent at once: others are before it, or its lane sends nothing now.
	Waits bool
}

// Explained says what was found out about a delivery that does not hold.
type Explained struct{ Diagnosis *Diagnosis }

// Diagnosis is what was found out about a refused delivery.
type Diagnosis struct {
	DeliveryID string
	Findings   []explain.Finding
	Tried      int
	Elapsed    time.Duration
	CutOff     bool          // the work bound ended the search before it was through
	Next       explain.Steps // when no finding is certain; none otherwise
	Look       *Look         // whose an unverified delivery looks like; nil: nobody's, or it was refused. It is not recorded
}

// Look is whose a delivery looks like: another provider's than the one whose scheme is in use.
type Look struct {
	Scheme   string
	Provider string
	Signed   bool // its signature is there
}

// Changed says that something has a new state, of which people and scripts should know.
type Changed struct {
	State      State
	Message    string
	DeliveryID string // "" when it concerns no single delivery
	Target     string
	Count      int // how many are waiting, were pruned, …; 0 when counting makes no sense
	// Shown says that the line of the delivery shows it to people already.
	Shown bool
}

// State is a new state.
type State string

// The states. docs/json.md says what each of them means.
const (
	Waiting          State = "waiting"
	Lost             State = "lost"
	Recovered        State = "recovered"
	StorageLost      State = "storage_lost"
	StorageRecovered State = "storage_recovered"
	JournalLost      State = "journal_lost"
	JournalRecovered State = "journal_recovered"
	LogGrowing       State = "log_growing"
	LogFolded        State = "log_folded"
	Pruned           State = "pruned"
	Migrating        State = "migrating"
	Guessed          State = "guessed"
	KeysChanged      State = "keys"
	Hinted           State = "hint"
	BrowserLooked    State = "browser"
	Filtered         State = "filtered"
	Draining         State = "draining"
	JobsLeft         State = "jobs_left"
	JobsTaken        State = "jobs_taken"
	LanePaused       State = "lane_paused"
	LaneResumed      State = "lane_resumed"
	QueueFull        State = "queue_full"
	QueueDrained     State = "queue_drained"
	ClockSkew        State = "clock_skew"
	QueueLost        State = "queue_lost"
	QueueRecovered   State = "queue_recovered"
	JobsInterrupted  State = "jobs_interrupted"
	JobsDropped      State = "jobs_dropped"
	JobsDead         State = "jobs_dead"
	LaneElsewhere    State = "lane_elsewhere"
	LaneOwned        State = "lane_owned"
	SourceLost       State = "source_lost"
	SourceRecovered  State = "source_recovered"
	MessageRefused   State = "message_refused"
	MessagesGone     State = "messages_gone"
)

// Failed says what went wrong. The run goes on.
type Failed struct {
	Message    string
	Hint       fault.Step
	DeliveryID string
}

// Missed tells one reader how many events it was too slow for.
type Missed struct {
	Count int
	// From is the lowest Seq of the deliveries and attempts among them, 0 when there are none. From there on the journal has
	// all of them, and others that the reader knows: IDs tell which.
	From int64
}

// Raised says that the sandbox raised an event.
type Raised struct{ EventID, EventType string }

// Tried says that the sandbox tried to deliver an event to a webhook, which to it is what a target is to the listener.
type Tried struct {
	EventID   string
	EventType string
	WebhookID string
	Webhook   string // its name
	URL       string
	Number    int           // from 1
	Status    int           // of the receiver's answer; 0 when there was none
	Duration  time.Duration // of the attempt
	Error     string        // why there was no answer
	NextAt    time.Time     // when it is tried again; zero: not at all
	Note      string        // what chaos did
}

// Settled says that an event of the sandbox reached its last status.
type Settled struct{ EventID, EventType, Status string }

// WebhookChanged says that a webhook of the sandbox was created, updated, rotated or deleted.
type WebhookChanged struct{ WebhookID, Webhook, URL, How string }

// Forgotten says how many events and attempts of the sandbox made room for newer ones.
type Forgotten struct {
	Events   int
	Attempts int
	Keep     int64 // bytes of each that are kept
}
