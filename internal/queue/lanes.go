package queue

// The lanes of jobs that outlive their process.

import (
	"context"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// window is how many jobs of a lane are kept in memory at least, if there are so many.
const window = 1024

// Backing is where jobs outlive the process.
type Backing interface {
	// Queued returns up to n queued jobs of a lane, those of the oldest deliveries first.
	Queued(ctx context.Context, lane string, n int) ([]record.Job, error)
	// Waiting returns up to n waiting jobs of a lane, those that are due first first.
	Waiting(ctx context.Context, lane string, n int) ([]record.Job, error)
	// Size returns how many open jobs a lane has, and the bytes of their deliveries.
	Size(ctx context.Context, lane string) (jobs int, bytes int64, err error)
}

// Lanes is a store of jobs that a Backing holds. Each lane sends to one target. In memory are the jobs that come next. Lanes decides
// what becomes of a job and of its lane after each try. It is safe for concurrent use.
type Lanes struct {
	backing Backing
	policy  Policy

	mu    sync.Mutex
	lanes map[string]*lane
	names []string
}

// lane is one target's jobs, as far as they are in memory.
type lane struct {
	health

	open  int
	bytes int64 // of the deliveries of open jobs

	queued      []record.Job // by delivery
	waiting     []record.Job // by due time
	moreQueued  bool         // the backing has more behind those in memory
	moreWaiting bool
	stale       bool   // what is here must be read again
	gap         string // a delivery: the backing may have jobs of earlier ones that are not here; "" if it has none
	changes     int    // how often others changed the backing
	sending     map[key]try
	owned       bool // this process sends its jobs
	userPaused  bool
}

// try is a job that is being sent.
type try struct {
	size    int64
	changes int // of the lane, when it began
}

// NewLanes makes a store without lanes.
func NewLanes(b Backing, p Policy) *Lanes {
	return &Lanes{backing: b, policy: p, lanes: map[string]*lane{}}
}

// Watch adds a lane whose jobs others send. They count as open.
func (l *Lanes) Watch(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lanes[name] == nil {
		l.lanes[name] = &lane{stale: true, sending: map[key]try{}}
	}
}

// Own adds a lane, or takes over one that was watched. From then on this process sends its jobs, unless a user paused it.
func (l *Lanes) Own(name string, paused bool) {
	l.Watch(name)
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.lanes[name]
	if !at.owned {
		l.names = append(l.names, name)
	}
	at.owned, at.stale, at.userPaused = true, true, paused
}

// Added takes jobs that the backing has now, in the order of their deliveries. Those of lanes that this process does not own are for
// others, and are counted.
func (l *Lanes) Added(jobs []record.Job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, job := range jobs {
		at := l.lanes[job.Target]
		if at == nil || at.stale { // it is read later
			continue
		}
		if len(at.queued) >= 2*window {
			at.moreQueued = true
		}
		if !at.owned || at.moreQueued || at.putQueued(job) {
			at.open, at.bytes = at.open+1, at.bytes+job.Size
		}
	}
}

// Missing says that the backing may have jobs of earlier deliveries than this one that were not Added: others put them there.
func (l *Lanes) Missing(before string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, at := range l.lanes {
		if at.gap == "" {
			at.gap = before
		}
	}
}

// Reread makes the lanes read their jobs again, since others changed them.
func (l *Lanes) Reread() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, at := range l.lanes {
		at.stale = true
		at.changes++
	}
}

// SetPaused says whether a user wants a lane to send nothing. It reports whether that is news.
func (l *Lanes) SetPaused(name string, paused bool) (changed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.lanes[name]
	if at == nil || at.userPaused == paused {
		return false
	}
	at.userPaused = paused
	return true
}

// Count counts the jobs of all lanes, where others have changed them and at first.
func (l *Lanes) Count() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, at := range l.lanes {
		if !at.stale {
			continue
		}
		read := l.count
		if at.owned { // to count its jobs is to read those that come next
			read = l.load
		}
		if err := read(name, at); err != nil {
			return err
		}
		at.stale = false
	}
	return nil
}

func (l *Lanes) count(name string, at *lane) (err error) {
	at.open, at.bytes, err = l.backing.Size(context.Background(), name)
	return err
}

// Open is how many jobs are open in all lanes, and the bytes of their deliveries.
func (l *Lanes) Open() (jobs int, bytes int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, at := range l.lanes {
		jobs, bytes = jobs+at.open, bytes+at.bytes
	}
	return jobs, bytes
}

// Behind is how many open jobs a lane has.
func (l *Lanes) Behind(name string) (open int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := l.lanes[name]; at != nil {
		open = at.open
	}
	return open
}

// Ahead is how many jobs of a lane are being sent or are in turn, the newest with them, and whether this process sends any: the target may
// be down, or a user paused it. Jobs that wait for their time hold up no other.
func (l *Lanes) Ahead(name string) (jobs int, sends bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.lanes[name]
	if at == nil {
		return 0, false
	}
	return at.open - len(at.waiting), at.sends()
}

// sends says whether nothing keeps a lane from sending.
func (at *lane) sends() bool { return at.owned && !at.down() && !at.userPaused }

// Idle says whether nothing is being sent or could be sent at a time.
func (l *Lanes) Idle(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, at := range l.lanes {
		if len(at.sending) > 0 {
			return false
		}
		due, _ := at.due(now, 1)
		if at.sends() && (at.stale || at.moreQueued || len(due) > 0) {
			return false
		}
	}
	return true
}

// Lanes is for Store.
func (l *Lanes) Lanes() ([]Lane, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Lane, len(l.names))
	for i, name := range l.names {
		out[i] = Lane{Name: name, Width: max(l.policy.Width, 1)}
	}
	return out, nil
}

// Due is for Store. A lane whose target was down last time tries one job alone.
func (l *Lanes) Due(lane Lane, now time.Time, n int) (due []record.Job, next time.Time, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.lanes[lane.Name]
	if at == nil || !at.owned {
		return nil, time.Time{}, nil
	}
	if err := l.load(lane.Name, at); err != nil { // also where nothing is sent: the jobs are counted
		return nil, time.Time{}, err
	}
	switch {
	case at.userPaused:
		return nil, time.Time{}, nil
	case now.Before(at.until):
		return nil, at.until, nil
	case at.down():
		if len(at.sending) > 0 {
			return nil, time.Time{}, nil // whose end wakes the queue
		}
		n = 1
	}
	due, next = at.due(now, n)
	if at.gap != "" && slices.ContainsFunc(due, func(job record.Job) bool { return job.DeliveryID >= at.gap }) {
		at.stale = true
		if err := l.load(lane.Name, at); err != nil {
			return nil, time.Time{}, err
		}
		due, next = at.due(now, n)
	}
	return due, next, nil
}

// load reads what comes next in a lane, where that is not in memory.
func (l *Lanes) load(name string, at *lane) error {
	short := func(more bool, jobs []record.Job) bool { return at.stale || more && len(jobs) < window/2 }
	n := window + len(at.sending)
	if at.stale {
		at.gap = ""
	}
	queued, waiting := short(at.moreQueued, at.queued), short(at.moreWaiting, at.waiting)
	if queued {
		jobs, err := l.backing.Queued(context.Background(), name, n)
		if err != nil {
			return err
		}
		at.moreQueued, at.queued = len(jobs) == n, at.idle(jobs)
	}
	if waiting {
		jobs, err := l.backing.Waiting(context.Background(), name, n)
		if err != nil {
			return err
		}
		at.moreWaiting, at.waiting = len(jobs) == n, at.idle(jobs)
	}
	switch {
	case !queued && !waiting:
	case !at.moreQueued && !at.moreWaiting: // all of them are here
		at.countHere()
	case at.stale:
		if err := l.count(name, at); err != nil {
			return err
		}
	}
	at.stale = false
	return nil
}

// countHere counts the jobs in memory.
func (at *lane) countHere() {
	at.open, at.bytes = len(at.queued)+len(at.waiting)+len(at.sending), 0
	for _, job := range slices.Concat(at.queued, at.waiting) {
		at.bytes += job.Size
	}
	for _, t := range at.sending {
		at.bytes += t.size
	}
}

// idle leaves out the jobs that are being sent.
func (at *lane) idle(jobs []record.Job) []record.Job {
	return slices.DeleteFunc(jobs, func(job record.Job) bool { _, sending := at.sending[keyOf(job)]; return sending })
}

// due returns up to n jobs that are due, those of the oldest deliveries first, and when the next one is.
func (at *lane) due(now time.Time, n int) (due []record.Job, next time.Time) {
	ready := 0
	for ready < len(at.waiting) && !at.waiting[ready].Due.After(now) {
		ready++
	}
	if ready < len(at.waiting) {
		next = at.waiting[ready].Due
	}
	due = slices.Concat(at.waiting[:ready], at.queued[:min(n, len(at.queued))])
	sort.Slice(due, func(i, j int) bool { return due[i].DeliveryID < due[j].DeliveryID })
	return due[:min(n, len(due))], next
}

func byDelivery(a, b record.Job) int { return strings.Compare(a.DeliveryID, b.DeliveryID) }

// byDue orders jobs that wait. Those of one moment are in the order of their deliveries.
func byDue(a, b record.Job) int {
	if c := a.Due.Compare(b.Due); c != 0 {
		return c
	}
	return byDelivery(a, b)
}

// putQueued keeps a job unless it is there already, or behind jobs that only the backing has. It reports whether the job is new here.
func (at *lane) putQueued(job record.Job) bool {
	_, sending := at.sending[keyOf(job)]
	i, found := slices.BinarySearchFunc(at.queued, job, byDelivery)
	if found || sending || i == len(at.queued) && at.moreQueued {
		return false
	}
	at.queued = slices.Insert(at.queued, i, job)
	return true
}

// putWaiting keeps a job that waits, unless it is due behind those in memory and others are too.
func (at *lane) putWaiting(job record.Job) {
	i, found := slices.BinarySearchFunc(at.waiting, job, byDue)
	if found || i == len(at.waiting) && at.moreWaiting {
		return
	}
	at.waiting = slices.Insert(at.waiting, i, job)
	if len(at.waiting) > 2*window {
		at.waiting, at.moreWaiting = at.waiting[:window], true
	}
}

// Begin says that a try of a job begins. It returns the job as it is now, and whether the job overtakes one of an earlier delivery
// that waits. It is false if the job is no longer to be sent, or not now: where the target was down last time, one job is tried alone.
func (l *Lanes) Begin(job record.Job) (now record.Job, overtakes, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.lanes[job.Target]
	if at.down() && len(at.sending) > 0 {
		return job, false, false
	}
	same := func(other record.Job) bool { return other.DeliveryID == job.DeliveryID }
	switch i, j := slices.IndexFunc(at.queued, same), slices.IndexFunc(at.waiting, same); {
	case i >= 0:
		now = at.queued[i]
		at.queued = slices.Delete(at.queued, i, i+1)
	case j >= 0:
		now = at.waiting[j]
		at.waiting = slices.Delete(at.waiting, j, j+1)
	default:
		return job, false, false
	}
	at.sending[keyOf(job)] = try{now.Size, at.changes}
	earlier := func(other record.Job) bool { return byDelivery(other, job) < 0 }
	return now, at.moreWaiting || slices.ContainsFunc(at.waiting, earlier), true
}

// Decide says what an outcome makes of a job and of its lane. The job is still being sent.
func (l *Lanes) Decide(job record.Job, o Outcome) (next record.Job, c Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lanes[job.Target].decide(job, o, &l.policy)
}

// Finish says that a try is over, and what the backing holds of the job now.
func (l *Lanes) Finish(job record.Job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.lanes[job.Target]
	if at.sending[keyOf(job)].changes != at.changes {
		at.stale = true // others changed jobs during the try, perhaps this one
	}
	delete(at.sending, keyOf(job))
	switch {
	case at.stale: // all is read again
	case job.State == record.JobQueued:
		at.putQueued(job)
	case job.State == record.JobWaiting:
		at.putWaiting(job)
	default:
		at.open, at.bytes = at.open-1, at.bytes-job.Size
	}
}
