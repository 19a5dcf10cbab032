package main

// What the deliveries are, drawn with a seed.

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
)

// plan says which deliveries there are. The same plan gives the same ones.
type plan struct {
	n, open int
	seed    uint64
	from    time.Time
}

// at is when a delivery came.
func (p plan) at(i int) time.Time { return p.from.Add(period / time.Duration(p.n) * time.Duration(i)) }

// share is a value and how often it is drawn among all that stand with it.
type share struct {
	value string
	often int
}

func pick(r *rand.Rand, shares []share) string {
	all := 0
	for _, s := range shares {
		all += s.often
	}
	n := r.IntN(all)
	for _, s := range shares {
		if n -= s.often; n < 0 {
			return s.value
		}
	}
	return ""
}

func types() []share {
	return []share{
		{"card.transaction.created", 300000},
		{"card.transaction.settled", 250000},
		{"card.activated", 90000},
		{"card.blocked", 30000},
		{"kyc.status.changed", 120000},
		{"account.created", 60000},
		{"account.updated", 80000},
		{"account.closed", 9000},
		{"transfer.created", 25000},
		{"transfer.settled", 25000},
		{"transfer.failed", 5000},
		{"invoice.paid", 4000},
		{"invoice.overdue", 1900},
		{"limit.reached", 80},
		{"card.lost", 15},
		{"", 5},
	}
}

func reasons() []share {
	return []share{
		{"valid", 965000},
		{"mismatch", 20000},
		{"too_old", 8000},
		{"missing_signature", 5000},
		{"unverified", 1900},
		{"malformed_signature", 90},
		{"too_new", 10},
	}
}

func states() []share {
	return []share{
		{string(record.JobDelivered), 972000},
		{string(record.JobFailed), 20000},
		{string(record.JobDead), 5000},
		{string(record.JobInterrupted), 2900},
		{string(record.JobWaiting), 100},
	}
}

// event is the number of the delivery whose event a delivery carries: one in a hundred comes again.
func event(r *rand.Rand, i int) (of int, again bool) {
	if r.IntN(100) == 0 && i > 1000 {
		return i - 500 - r.IntN(400), true
	}
	return i, false
}

func eventID(seed uint64, i int) string {
	r := rand.New(rand.NewPCG(seed, uint64(i)<<1)) //nolint:gosec // nothing is secret here
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Int64N(1<<48))
}

// body is a JSON text of a KiB. A word stands in three bodies of a million.
func body(r *rand.Rand, typ, id string, i int) []byte {
	words := strings.Fields("card account amount currency merchant settled pending Berlin Lisbon Vilnius euro limit customer reference terminal contactless online refund")
	b := fmt.Appendf(nil, `{"event_type":%q,"event_id":%q,"data":{"amount":%d,"status":%q,"note":"`, typ, id, r.IntN(100000), pick(r, []share{{"ok", 99}, {"failed", 1}}))
	if i%333_333 == 1000 {
		b = append(b, "xylophone "...)
	}
	for len(b) < 990 {
		b = append(append(b, words[r.IntN(len(words))]...), ' ')
	}
	b = append(b, `","number":`...)
	return append(strconv.AppendInt(b, int64(i), 10), '}', '}')
}

// delivery draws one.
func (p plan) delivery(r *rand.Rand, i int) *record.Delivery {
	of, again := event(r, i)
	id, typ := eventID(p.seed, of), pick(r, types())
	text := body(r, typ, id, of)
	sum := sha256.Sum256(text)
	at := p.at(i)
	d := &record.Delivery{
		Profile: pick(r, []share{{"baanx", 960}, {"sandbox", 39}, {"acme", 1}}), ReceivedAt: at, RemoteAddr: "203.0.113.7:" + strconv.Itoa(20000+i%30000),
		Method: http.MethodPost, Path: pick(r, []share{{"/webhooks", 90000}, {"/webhooks/cards?v=2", 9990}, {"/hooks/old", 10}}), Host: "localhost:4140",
		Header: http.Header{
			"Accept-Encoding": {"gzip"}, "Content-Length": {strconv.Itoa(len(text))}, "Content-Type": {"application/json"}, "User-Agent": {"Baanx-Webhooks/1.0"},
			"X-Webhook-Id": {id}, "X-Webhook-Timestamp": {strconv.FormatInt(at.Unix(), 10)}, "X-Webhook-Signature": {"sha256=" + hex.EncodeToString(sum[:])},
		},
		Body: text, Size: int64(len(text)), BodySHA256: hex.EncodeToString(sum[:]), EventType: typ, EventID: id, EventTime: at.UTC().Format(time.RFC3339),
	}
	v := &d.Verdict
	setTo(&v.Reason, pick(r, reasons()))
	v.OK, v.Scheme, v.SignedAt, v.Skew, v.ID = v.Reason == "valid", "baanx", at.Truncate(time.Second), time.Millisecond, id
	switch {
	case !d.Verdict.OK:
		d.Answer = http.StatusUnauthorized
	case r.IntN(1000) == 0:
		d.Answer, d.Skipped = http.StatusOK, record.SkipFiltered
	default:
		d.KeyName, d.Targets = "default", []string{"api"}
		if r.IntN(5) == 0 {
			d.Targets = append(d.Targets, "billing")
		}
		if r.IntN(100_000) == 0 {
			d.Targets = append(d.Targets, "archive")
		}
	}
	if again && r.IntN(10) == 0 {
		d.Conflict = "0000000000"
	}
	if r.IntN(200) == 0 {
		d.Late = time.Duration(r.IntN(1000)) * time.Minute
	}
	d.OutOfOrder = r.IntN(100) == 0
	return d
}

// setTo sets a text of a type whose room is not known here.
func setTo[T ~string](to *T, text string) { *to = T(text) }

// record appends a delivery, and what came of its jobs.
func (p plan) record(ctx context.Context, j *journal.Journal, i int) error {
	r := rand.New(rand.NewPCG(p.seed, uint64(i)<<1+1)) //nolint:gosec // nothing is secret here
	d := p.delivery(r, i)
	owed := i >= p.n-p.open && len(d.Targets) > 0
	if owed {
		d.Answer, d.Targets = http.StatusOK, append(d.Targets, "down")
	}
	if err := j.AppendDelivery(ctx, d); err != nil {
		return err
	}
	if r.IntN(200) == 0 {
		again := *d
		again.ReplayOf, again.Duplicate, again.Targets = d.ID, nil, []string{"replayed"}
		if err := j.AppendDelivery(ctx, &again); err != nil {
			return err
		}
	}
	for _, job := range d.Jobs() {
		if job.Target == "down" {
			continue
		}
		if err := p.settle(ctx, r, j, d, job); err != nil {
			return err
		}
	}
	return nil
}

// settle records the attempt at a job.
func (p plan) settle(ctx context.Context, r *rand.Rand, j *journal.Journal, d *record.Delivery, job record.Job) error {
	next := job
	next.State, next.Tries = record.JobState(pick(r, states())), 1
	a := &record.Attempt{
		DeliveryID: d.ID, Target: job.Target, Number: 1, StartedAt: d.ReceivedAt.Add(time.Millisecond), Duration: time.Duration(r.ExpFloat64() * float64(20*time.Millisecond)),
		Origin: record.OriginForward, Outcome: record.OutcomeDelivered, Status: http.StatusOK, Body: []byte("ok"), BodySize: 2,
		Header: http.Header{"Content-Length": {"2"}, "Content-Type": {"text/plain; charset=utf-8"}, "Date": {d.ReceivedAt.UTC().Format(http.TimeFormat)}},
	}
	switch next.State {
	case record.JobDelivered:
	case record.JobDead:
		a.Outcome, a.Status, next.Reason = record.OutcomeRefused, http.StatusUnprocessableEntity, record.ReasonRefused
	case record.JobInterrupted:
		a.Outcome, a.Status, a.Error, a.Body, a.BodySize = record.OutcomeCancelled, 0, "stopped before there was an answer", nil, 0
	default:
		a.Outcome, a.Status = record.OutcomeFailed, http.StatusInternalServerError
	}
	if job.Place == 0 && d.Answer == 0 {
		a.Answer = cmp.Or(a.Status, http.StatusBadGateway)
	}
	return j.Backlog(d.Profile, journal.TakeUp).AppendTry(ctx, a, job, next)
}
