package cmdkit

// What runs: each listener and sandbox tells of itself in the data folder as long as it lives.

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/files"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
)

const (
	runningFolder = "running" // in the data folder, with one file for each process
	runningEnd    = ".json"
	maxRunning    = 64 << 10 // bytes of one file
	mostRunning   = 100      // processes that are told of
)

// Running is a process that takes requests: a listener, a sandbox, or both in one. It holds no secret.
type Running struct {
	Command    string    `json:"command"` // listen, expect or sandbox
	PID        int       `json:"pid"`
	Version    string    `json:"version"`
	StartedAt  time.Time `json:"startedAt"`
	Profile    string    `json:"profile"`        // of what it records
	Addr       string    `json:"addr,omitempty"` // that accepts
	URL        string    `json:"url"`            // "" for a listener that takes deliveries from brokers alone
	From       []string  `json:"from,omitempty"` // the brokers and subjects
	Scheme     string    `json:"scheme"`
	Targets    []string  `json:"targets"` // by their names
	AdminURL   string    `json:"adminUrl,omitempty"`
	SandboxURL string    `json:"sandboxUrl,omitempty"` // of the sandbox in a listener
	Journal    string    `json:"journal,omitempty"`
	Troubles   []Trouble `json:"troubles"`
	Missed     int       `json:"missed,omitempty"` // events that came too fast to be read: a trouble may be missing, or over
}

// Trouble is a state that is not over.
type Trouble struct {
	State  record.State `json:"state"`
	Target string       `json:"target,omitempty"`
	Since  time.Time    `json:"since"`
}

// troublesEnd gives the state that each of these ends.
func troublesEnd() map[record.State]record.State {
	return map[record.State]record.State{
		record.Recovered: record.Lost, record.StorageRecovered: record.StorageLost, record.JournalRecovered: record.JournalLost,
		record.QueueDrained: record.QueueFull, record.QueueRecovered: record.QueueLost, record.LaneResumed: record.LanePaused,
		record.LaneOwned: record.LaneElsewhere, record.LogFolded: record.LogGrowing, record.SourceRecovered: record.SourceLost,
	}
}

// Mark is the file of this process. As a reader of the stream it keeps the troubles in it.
type Mark struct {
	mu   sync.Mutex
	run  Running
	file *kept // nil: it could not be written, or the run is over
}

// MarkRunning tells of this process until Release. Where the data folder cannot be written, the run goes on and people are told.
func (e *Env) MarkRunning(ctx context.Context, r Running) *Mark {
	r.PID, r.Version, r.StartedAt, r.Troubles = os.Getpid(), e.Version, e.Now().UTC(), []Trouble{}
	m := &Mark{run: r}
	if err := m.open(ctx, e); err != nil {
		m.file.release()
		m.file = nil
		e.Say("note: other commands do not see this run: %s", PathWords(err))
	}
	return m
}

func (m *Mark) open(ctx context.Context, e *Env) error {
	s, err := e.Settings()
	if err != nil {
		return err
	}
	if s.DataDir == "" {
		return fault.New(fault.Storage, "there is no home folder")
	}
	dir := filepath.Join(s.DataDir, runningFolder)
	if err := privateFolder(dir); err != nil {
		return err
	}
	sweepKept(ctx, dir, runningEnd, func(path string) { // no other process takes the name again
		_ = os.Remove(path)
		_ = os.Remove(lockOf(path))
	})
	name := make([]byte, 8)
	if _, err := io.ReadFull(e.Rand, name); err != nil {
		return err
	}
	if m.file, err = keep(ctx, filepath.Join(dir, hex.EncodeToString(name)+runningEnd)); err != nil {
		return err
	}
	return m.write()
}

func (m *Mark) write() error {
	b, err := json.Marshal(m.run)
	if err != nil {
		return err
	}
	return m.file.write(append(b, '\n'))
}

// Read keeps the troubles. One that cannot be written down is missing there alone.
func (m *Mark) Read(s hub.Stamped) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch e := s.Event.(type) {
	case record.Changed:
		if m.run.change(e, s.Time.UTC()) {
			_ = m.write()
		}
	case record.Missed:
		m.run.Missed += e.Count
		_ = m.write()
	default:
	}
}

// change takes a change of state, and says whether it began or ended a trouble.
func (r *Running) change(c record.Changed, at time.Time) bool {
	same := func(state record.State) int {
		return slices.IndexFunc(r.Troubles, func(t Trouble) bool { return t.State == state && t.Target == c.Target })
	}
	over, ends := troublesEnd()[c.State]
	if ends {
		i := same(over)
		if i >= 0 {
			r.Troubles = slices.Delete(r.Troubles, i, i+1)
		}
		return i >= 0
	}
	for _, begins := range troublesEnd() {
		if begins == c.State && same(c.State) < 0 {
			r.Troubles = append(r.Troubles, Trouble{c.State, c.Target, at})
			return true
		}
	}
	return false
}

// Close is for hub.Reader.
func (m *Mark) Close() error { return nil }

// Release ends what is told.
func (m *Mark) Release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.file.release()
	m.file = nil
}

// AllRunning are the listeners and sandboxes of this user that live and share this data folder, the oldest first. It makes no file.
func (e *Env) AllRunning() ([]Running, error) {
	s, err := e.Settings()
	if err != nil || s.DataDir == "" {
		return nil, err
	}
	dir := filepath.Join(s.DataDir, runningFolder)
	if _, err := files.Me().Folder(dir); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, fault.Wrap(fault.Storage, err, "cannot look for what runs")
	}
	found, err := filepath.Glob(filepath.Join(dir, "*"+runningEnd))
	if err != nil {
		return nil, err
	}
	var out []Running
	for _, path := range found { // those of killed processes do not count: the next start removes them
		if len(out) == mostRunning {
			break
		}
		if r, ok := readRunning(path); ok && inUse(path) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Running) int { return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.PID, b.PID)) })
	return out, nil
}

// readRunning reads a file. One that cannot be read is none: its process may be about to end.
func readRunning(path string) (r Running, ok bool) {
	f, err := files.Me().Open(path)
	if err != nil {
		return r, false
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxRunning))
	return r, err == nil && json.Unmarshal(b, &r) == nil && (r.URL != "" || len(r.From) > 0)
}
