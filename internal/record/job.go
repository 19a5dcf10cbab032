package record

// Jobs, their states, and the outcomes of their attempts.

import (
	"strconv"
	"time"
)

// Job is one delivery owed to one target. A delivery has at most one for each target.
type Job struct {
	DeliveryID string
	Profile    string // of the delivery; with Target it names the lane
	Target     string // its name, as in Attempt.Target
	Place      int    // its number among the jobs of its delivery, from 0
	State      JobState
	Due        time.Time // when it is tried next; the time of receipt before the first try
	Since      time.Time // when the time began after which it is given up
	Tries      int
	Size       int64 // of the delivery's body, in bytes
	Origin     Origin
	Reason     JobReason // why it is dead; "" while it is not
}

// Jobs are the jobs that a delivery makes when it is recorded, one for each of its targets.
func (d *Delivery) Jobs() []Job {
	var jobs []Job
	for place, target := range d.Targets {
		job := d.Job(target, OriginForward)
		job.Place = place
		if place < d.FirstQueued() {
			job.State = JobSending
		}
		jobs = append(jobs, job)
	}
	return jobs
}

// Job is the delivery's only job, for a target. It is queued.
func (d *Delivery) Job(target string, origin Origin) Job {
	return Job{
		DeliveryID: d.ID, Profile: d.Profile, Target: target, State: JobQueued,
		Due: d.ReceivedAt, Since: d.ReceivedAt, Size: int64(len(d.Body)), Origin: origin,
	}
}

// FirstQueued is the place of the first job that goes through the queue. The job before it, if there is one, answers the sender.
func (d *Delivery) FirstQueued() int {
	if d.Answer == 0 && len(d.Targets) > 0 {
		return 1
	}
	return 0
}

// ID names the job to people.
func (j *Job) ID() string { return j.DeliveryID + "." + strconv.Itoa(j.Place+1) }

// Lane is the jobs of one profile for one target, in numbers.
type Lane struct {
	Profile, Target string
	Open            int
	Oldest          time.Time // when the delivery of its oldest open job was recorded; zero without one
	Bytes           int64     // of the bodies of open jobs
	Dead            int
	Paused          bool // by a user
}

// OwnedLane is a lane that this process owns, and what it found there.
type OwnedLane struct {
	Release     func()
	Paused      bool // by a user
	Interrupted int  // jobs that were answering a sender when their process ended
	Dropped     int  // jobs of other runs, if this one has nothing to do with them
}

// JobReason says why a job is dead.
type JobReason string

// The reasons.
const (
	ReasonRefused JobReason = "refused" // the target will not have it
	ReasonExpired JobReason = "expired" // it was not delivered in time
	ReasonDamaged JobReason = "damaged" // the journal no longer has what was received
)

// JobState is how far a job has come.
type JobState string

// The states of a job. A job is open in the first three: it is still owed.
const (
	JobQueued      JobState = "queued"
	JobSending     JobState = "sending"
	JobWaiting     JobState = "waiting" // for its next try
	JobDelivered   JobState = "delivered"
	JobFailed      JobState = "failed"      // tried once, and not to be tried again
	JobInterrupted JobState = "interrupted" // the try was cut off, by the user or a crash
	JobDead        JobState = "dead"        // given up
	JobDropped     JobState = "dropped"     // by the user
)

// JobStates are all states.
func JobStates() []JobState {
	return []JobState{JobQueued, JobSending, JobWaiting, JobDelivered, JobFailed, JobInterrupted, JobDead, JobDropped}
}

// Open says whether the job is still owed.
func (s JobState) Open() bool { return s == JobQueued || s == JobSending || s == JobWaiting }

// Origin says why a job exists, and so why its attempts were made.
type Origin string

// The origins.
const (
	OriginForward Origin = "forward" // the delivery came in
	OriginRetry   Origin = "retry"
	OriginReplay  Origin = "replay"
)

// OutcomeKind is what came of an attempt.
type OutcomeKind string

// The kinds of outcome.
const (
	OutcomeDelivered   OutcomeKind = "delivered"   // the target took it
	OutcomeRefused     OutcomeKind = "refused"     // the target read it and will not have it
	OutcomeFailed      OutcomeKind = "failed"      // any other answer, or one that was cut off or cannot be read
	OutcomeUnreachable OutcomeKind = "unreachable" // no connection, or a broker that takes nothing for now
	OutcomeTimeout     OutcomeKind = "timeout"     // no whole answer in time
	OutcomeCancelled   OutcomeKind = "cancelled"   // whctl gave up, which says nothing about the target
)

// Outcomes are all kinds.
func Outcomes() []OutcomeKind {
	return []OutcomeKind{OutcomeDelivered, OutcomeRefused, OutcomeFailed, OutcomeUnreachable, OutcomeTimeout, OutcomeCancelled}
}

// Once is the state in which this outcome leaves a job that is tried only once.
func (k OutcomeKind) Once() JobState {
	switch k {
	case OutcomeDelivered:
		return JobDelivered
	case OutcomeCancelled:
		return JobInterrupted
	default:
		return JobFailed
	}
}
