package queue

import "time"

// Schedule is how long a job waits before its second and each later try. At its end a job that failed again is given up.
type Schedule []time.Duration

// Wait is how long a job waits after so many failed tries. It is false when the job is given up.
func (s Schedule) Wait(tries int) (time.Duration, bool) {
	if tries < 1 || tries > len(s) {
		return 0, false
	}
	return s[tries-1], true
}
