// Package queuetest is the suite that every store of a queue passes. Only tests import it.
package queuetest

import (
	"slices"
	"testing"
	"time"
)

// Store is a store under test. Its methods name a job by its delivery.
type Store interface {
	Add(t *testing.T, target string, due time.Time) (delivery string)
	Again(t *testing.T, delivery string, due time.Time) // a try failed, and another is due then
	End(t *testing.T, delivery string)                  // the job is delivered or given up
	Due(t *testing.T, target string, now time.Time, n int) (deliveries []string, next time.Time)
	Reopen(t *testing.T) // closes and opens it, as the next process does; nothing if it does not outlive its process
}

// Run tests stores that open makes, an empty one for each test.
func Run(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Store){
		"due jobs in order": dueInOrder, "each lane its own": lanesApart, "tried again": triedAgain, "over": over, "opened again": openedAgain,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func start() time.Time { return time.Date(2026, 3, 4, 9, 15, 0, 0, time.UTC) }

// expect compares what a target has due at a time.
func expect(t *testing.T, s Store, target string, at time.Duration, n int, want []string, next time.Duration) {
	t.Helper()
	due, then := s.Due(t, target, start().Add(at), n)
	if !slices.Equal(due, want) {
		t.Errorf("due after %s for %s: %v, want %v", at, target, due, want)
	}
	switch {
	case next < 0 && !then.IsZero():
		t.Errorf("after %s the next for %s is due at %s, want none", at, target, then)
	case next >= 0 && !then.Equal(start().Add(next)):
		t.Errorf("after %s the next for %s is due at %s, want %s", at, target, then, start().Add(next))
	}
}

const none time.Duration = -1

func dueInOrder(t *testing.T, s Store) {
	t.Helper()
	expect(t, s, "one", 0, 5, nil, none)
	a := s.Add(t, "one", start())
	b := s.Add(t, "one", start())
	c := s.Add(t, "one", start().Add(time.Second))
	d := s.Add(t, "one", start().Add(time.Minute))
	expect(t, s, "one", -time.Second, 5, nil, 0)
	expect(t, s, "one", 0, 5, []string{a, b}, time.Second)
	expect(t, s, "one", 0, 2, []string{a, b}, time.Second)
	one, _ := s.Due(t, "one", start(), 1)
	if !slices.Equal(one, []string{a}) {
		t.Errorf("the first is %v, want %s", one, a)
	}
	expect(t, s, "one", 2*time.Second, 5, []string{a, b, c}, time.Minute)
	expect(t, s, "one", time.Hour, 5, []string{a, b, c, d}, none)
}

func lanesApart(t *testing.T, s Store) {
	t.Helper()
	a := s.Add(t, "one", start())
	b := s.Add(t, "two", start())
	s.Again(t, a, start().Add(time.Hour))
	expect(t, s, "one", 0, 5, nil, time.Hour)
	expect(t, s, "two", 0, 5, []string{b}, none)
	expect(t, s, "two", 2*time.Hour, 5, []string{b}, none)
	expect(t, s, "three", 2*time.Hour, 5, nil, none)
}

func triedAgain(t *testing.T, s Store) {
	t.Helper()
	a := s.Add(t, "one", start())
	s.Again(t, a, start().Add(time.Second))
	expect(t, s, "one", 0, 5, nil, time.Second)
	expect(t, s, "one", time.Second, 5, []string{a}, none)
	s.Again(t, a, start().Add(time.Minute))
	expect(t, s, "one", time.Second, 5, nil, time.Minute)
	b := s.Add(t, "one", start())
	expect(t, s, "one", time.Second, 5, []string{b}, time.Minute)
}

func over(t *testing.T, s Store) {
	t.Helper()
	a := s.Add(t, "one", start())
	b := s.Add(t, "one", start())
	s.End(t, a)
	expect(t, s, "one", 0, 5, []string{b}, none)
	s.End(t, b)
	expect(t, s, "one", time.Hour, 5, nil, none)
}

func openedAgain(t *testing.T, s Store) {
	t.Helper()
	a := s.Add(t, "one", start())
	b := s.Add(t, "one", start())
	c := s.Add(t, "one", start())
	gone := s.Add(t, "two", start())
	s.End(t, gone)
	s.Again(t, b, start().Add(time.Minute))
	s.Reopen(t)
	expect(t, s, "one", 0, 5, []string{a, c}, time.Minute)
	expect(t, s, "two", time.Hour, 5, nil, none)
	d := s.Add(t, "one", start())
	expect(t, s, "one", 0, 5, []string{a, c, d}, time.Minute)
}
