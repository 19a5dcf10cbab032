package queue

// How long a job waits before it is tried again.

import "time"

// Schedule is how long a job waits before its second and each later try. A job that fails after the last one is given up.
type Schedule []time.Duration

// Wait returns how long a job waits after so many failed tries, or false if it is given up.
func (s Schedule) Wait(tries int) (time.Duration, bool) {
	if tries < 1 || tries > len(s) {
		return 0, false
	}
	return s[tries-1], true
}
