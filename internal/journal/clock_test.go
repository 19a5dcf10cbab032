package journal

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
)

// told keeps what a journal tells.
type told struct{ ch chan record.Changed }

func newTold() told { return told{make(chan record.Changed, 100)} }

func (s told) tell(st record.Changed) { s.ch <- st }

// all gives what was told of a state until now.
func (s told) all(state record.State) (out []record.Changed) {
	for {
		select {
		case st := <-s.ch:
			if st.State == state {
				out = append(out, st)
			}
		default:
			return out
		}
	}
}

func events(t *testing.T, j *Journal) string {
	t.Helper()
	got, err := j.List(t.Context(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range slices.Backward(got) {
		out = append(out, d.EventID)
	}
	return strings.Join(out, " ")
}

// A clock that is wrong for a moment, in either direction, makes nothing old: neither under the wrong time nor after it.
func TestAWrongClockPrunesNothing(t *testing.T) {
	t.Parallel()
	for name, jump := range map[string]time.Duration{
		"a month ahead": 31 * 24 * time.Hour, "a year ahead": 366 * 24 * time.Hour, "sixty years ahead": 60 * 366 * 24 * time.Hour,
		"a month behind": -31 * 24 * time.Hour, "an empty battery": -20000 * 24 * time.Hour,
	} {
		c, said := newClock(), newTold()
		j := openTest(t, Options{Now: c.now, Tell: said.tell})
		want := ""
		add := func(name string) {
			t.Helper()
			appendTest(t, j, delivery(c.now(), name))
			c.add(4 * time.Hour)
			settle(t, j)
			want = strings.TrimSpace(want + " " + name)
		}
		for i := range 20 {
			add(fmt.Sprint("e", i))
		}
		c.add(jump)
		for i := range 5 { // twenty hours of it
			add(fmt.Sprint("wrong", i))
		}
		c.add(-jump)
		add("right")
		if got := events(t, j); got != want {
			t.Errorf("%s: %s are left of %s", name, got, want)
		}
		c.add(26 * time.Hour)
		add("next")
		if got := events(t, j); got != want || len(said.all("pruned")) != 0 {
			t.Errorf("%s, a day later: %s are left of %s", name, got, want)
		}
	}
}

// A jump that lasts makes things old after all: machines are switched off for months.
func TestTimeThatPassedUnseenCountsADayLater(t *testing.T) {
	t.Parallel()
	c, said := newClock(), newTold()
	path := openTest(t, Options{}).Path()
	j := openAt(t, path, Options{Now: c.now, Tell: said.tell})
	appendTest(t, j, delivery(c.now(), "old"))
	c.add(100 * 24 * time.Hour)
	for i := range 3 {
		appendTest(t, j, delivery(c.now(), fmt.Sprint("new", i)))
		settle(t, j)
		c.add(23 * time.Hour)
	}
	if got := events(t, j); got != "new0 new1 new2" {
		t.Error(got)
	}
	pruned := said.all("pruned")
	if len(pruned) != 1 || pruned[0].Count != 1 || !strings.Contains(pruned[0].Message, "1 delivery was dropped from the journal, older than 30 days") {
		t.Errorf("told %+v", pruned)
	}
}
