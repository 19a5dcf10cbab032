package queue

import (
	"time"

	"github.com/whctl/whctl/internal/record"
)

// Store holds the jobs of a queue. It alone says whose they are: a store that several processes share names only the lanes that
// this one owns.
type Store interface {
	// Lanes gives the lanes that may hold open jobs, in the order in which they are looked at.
	Lanes() ([]Lane, error)
	// Due gives up to n open jobs of a lane that are due at now, in the order in which they are tried, and when the first of the
	// others is due: zero when there is none, or when more than n are due. Jobs that are under way may be among them.
	Due(lane Lane, now time.Time, n int) (due []record.Job, next time.Time, err error)
}

// Lane holds jobs that wait for one another.
type Lane struct {
	Name  string
	Width int           // how many of its jobs may be under way at one time
	Hold  time.Duration // how long one of them keeps its place at most; 0: until it is over
}
