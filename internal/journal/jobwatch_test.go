package journal

import (
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// looked gives the ids and states of the jobs that a look finds.
func looked(t *testing.T, w *JobWatch, most int) (out []string) {
	t.Helper()
	err := w.Look(t.Context(), most, func(l *ListedJob) error {
		out = append(out, l.ID()+" "+string(l.State))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestJobWatch: the newest jobs come first of all, then those that are new, changed or gone, oldest first, each once; and nothing is read
// while nobody commits.
func TestJobWatch(t *testing.T) {
	t.Parallel()
	c := newClock()
	writer := openTest(t, Options{Now: c.now})
	var jobs []string
	add := func(state record.JobState) {
		c.add(time.Second)
		jobs = append(jobs, handedOn(t, writer, c.now(), "", state, "shop").ID)
	}
	change := func(i int, change JobChange) {
		if _, err := writer.ChangeJobs(t.Context(), JobFilter{Delivery: jobs[i]}, change); err != nil {
			t.Fatal(err)
		}
	}
	for _, state := range []record.JobState{record.JobDead, record.JobWaiting, record.JobDelivered, record.JobWaiting} {
		add(state)
	}
	handedOn(t, writer, c.now(), "", record.JobDead, "other")
	j := openAt(t, writer.Path(), Options{ReadOnly: true})
	w := j.WatchJobs(JobFilter{Target: "shop", States: []record.JobState{record.JobQueued, record.JobWaiting, record.JobDead}})
	defer func() { _ = w.Close() }()
	want := func(most int, lines ...string) {
		t.Helper()
		if got := looked(t, w, most); !slices.Equal(got, lines) {
			t.Errorf("got %q, want %q", got, lines)
		}
	}
	want(2, jobs[1]+".1 waiting", jobs[3]+".1 waiting")
	want(0)
	if w.looks != 1 {
		t.Errorf("the jobs were read %d times", w.looks)
	}
	change(3, DropJobs)
	change(0, RetryJobs)
	add(record.JobWaiting)
	want(0, jobs[0]+".1 queued", jobs[3]+".1 dropped", jobs[4]+".1 waiting")
	change(3, RetryJobs)
	change(3, DropJobs) // and nobody saw it
	want(0)
	change(3, RetryJobs)
	want(0, jobs[3]+".1 queued")
	if w.looks != 4 || len(w.known) != 4 {
		t.Errorf("read %d times, %d known", w.looks, len(w.known))
	}
}

// TestJobWatchFindsOutThatTheFileIsAnother: a file that is removed, or made only after the watch began, ends it.
func TestJobWatchFindsOutThatTheFileIsAnother(t *testing.T) {
	t.Parallel()
	there := openTest(t, Options{})
	handedOn(t, there, time.Now(), "", record.JobDead, "shop")
	w := openAt(t, there.Path(), Options{ReadOnly: true}).WatchJobs(JobFilter{})
	defer func() { _ = w.Close() }()
	looked(t, w, 0)
	none := openAt(t, there.Path()+"-none", Options{ReadOnly: true}).WatchJobs(JobFilter{})
	looked(t, none, 0)
	if err := errors.Join(os.Rename(there.Path(), there.Path()+"-old"), os.WriteFile(there.Path()+"-none", nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, w := range []*JobWatch{w, none} {
		if err := w.Look(t.Context(), 0, nil); !errors.Is(err, ErrReplaced) {
			t.Errorf("%v", err)
		}
	}
	if err := os.Rename(there.Path()+"-old", there.Path()); err != nil {
		t.Fatal(err)
	}
}
