package queue

// What a queue needs of its store.

import (
	"time"

	"github.com/whctl/whctl/internal/record"
)

// Store holds the jobs of a queue. A store that several processes share shows each of them only the lanes that it owns.
type Store interface {
	// Lanes returns the lanes that may hold open jobs. The first ones are served first when the queue is full.
	Lanes() ([]Lane, error)
	// Due returns up to n open jobs of a lane that are due at now, in the order in which to try them. Jobs under way may be
	// among them. The time is when the next job becomes due, zero if there is none or if more than n are due now.
	Due(lane Lane, now time.Time, n int) (due []record.Job, next time.Time, err error)
}

// Lane is a set of jobs that wait for one another.
type Lane struct {
	Name  string
	Width int           // how many of its jobs may be under way at one time
	Hold  time.Duration // how long a job keeps its place at most; 0: until it is over
}
