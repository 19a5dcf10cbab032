package main

// The case of a listener that starts with many open jobs, as many as its queue may hold.

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/record"
)

const (
	backlogKey = "whk_exampleonly0000000000000000000000012"
	starts     = 9                      // of which the middle one counts
	readyIn    = 100 * time.Millisecond // at most
)

func backlog(ctx context.Context, w *world) error {
	t, err := w.target(ctx, "one")
	if err != nil {
		return err
	}
	t.keys = [][]byte{[]byte(backlogKey)}
	key := w.file("key")
	if err := errors.Join(w.configure(), os.WriteFile(key, []byte(backlogKey), 0o600), w.owe(ctx, t)); err != nil {
		return err
	}
	l := w.listen("first", "127.0.0.1:0", key)
	l.args = append(l.args, "--max-queue", strconv.Itoa(w.jobs))
	if err := w.startAgain(ctx, l); err != nil {
		return err
	}
	if err := w.turnedAway(ctx, l); err != nil {
		return err
	}
	if err := w.roomAgain(ctx, l, t); err != nil {
		return err
	}
	l.kill()
	if err := w.firstJob(ctx, l, t); err != nil {
		return err
	}
	l.kill()
	b, err := w.read(ctx)
	if err != nil {
		return err
	}
	var v verdict
	v.holds(len(t.bad) == 0, "%s refused %d: %s", t.name, len(t.bad), strings.Join(t.bad[:min(3, len(t.bad))], "; "))
	v.order(t.name, b)
	return v.err()
}

// owe fills a journal: with older deliveries that are over, and then with those that the target is owed.
func (w *world) owe(ctx context.Context, t *target) error {
	began := time.Now()
	j, err := journal.Open(ctx, filepath.Join(w.data, "journal.db"), journal.Options{MaxBytes: -1})
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	fill := func(n int, kind string, targets ...string) error {
		var writers sync.WaitGroup
		errs := make([]error, 256)
		for i := range errs {
			writers.Go(func() {
				for k := i; k < n && errs[i] == nil; k += len(errs) {
					errs[i] = j.AppendDelivery(ctx, made(fmt.Sprintf("%s-%d", kind, k), targets))
				}
			})
		}
		writers.Wait()
		return errors.Join(errs...)
	}
	if err := errors.Join(fill(w.older, "older"), fill(w.jobs, "owed", t.name)); err != nil {
		return err
	}
	w.say("%d deliveries and %d open jobs made in %.0f s", w.older+w.jobs, w.jobs, time.Since(began).Seconds())
	return nil
}

// made is a delivery as the listener records it.
func made(event string, targets []string) *record.Delivery {
	now, body := time.Now(), bodyOf(event)
	at := strconv.FormatInt(now.Unix(), 10)
	d := &record.Delivery{
		Profile: "baanx", ReceivedAt: now, RemoteAddr: "127.0.0.1:4711", Method: http.MethodPost, Path: "/", Host: "127.0.0.1:4140",
		Header: http.Header{"Content-Type": {"application/json"}, "X-Timestamp": {at}, "X-Signature": {sign([]byte(backlogKey), at, body)}},
		Body:   body, Size: int64(len(body)), EventType: "test.event", EventID: event, Answer: http.StatusOK, Targets: targets,
	}
	d.Verdict.OK, d.Verdict.Reason, d.Verdict.Scheme, d.Verdict.SignedAt = true, "valid", "short", now.Truncate(time.Second)
	d.BodySHA256 = sum(body)
	return d
}

func bodyOf(event string) []byte {
	return fmt.Appendf(nil, `{"event_type":"test.event","event_id":%q,"data":{"n":1}}`, event)
}

// startAgain starts the listener again and again, and leaves the last one running. Nothing listens where its target should be.
func (w *world) startAgain(ctx context.Context, l *listener) error {
	var took []time.Duration
	for i := range starts {
		began := time.Now()
		if err := l.start(ctx); err != nil {
			return err
		}
		took = append(took, time.Since(began))
		if i < starts-1 {
			l.kill()
		}
	}
	slices.Sort(took)
	w.say("ready with %d open jobs in %s (fastest %s, slowest %s)", w.jobs, took[starts/2].Round(time.Millisecond), took[0].Round(time.Millisecond), took[starts-1].Round(time.Millisecond))
	if took[starts/2] > readyIn {
		return fmt.Errorf("ready in %s, with %d open jobs", took[starts/2], w.jobs)
	}
	return nil
}

// turnedAway sends to a listener whose queue is full.
func (w *world) turnedAway(ctx context.Context, l *listener) error {
	for range 3 {
		status, after, err := w.post(ctx, l, "one too many")
		if err != nil {
			return err
		}
		if status != http.StatusServiceUnavailable || after == "" {
			return fmt.Errorf("a full queue answered %d, Retry-After %q", status, after)
		}
	}
	if err := l.tells(ctx, "queue_full"); err != nil {
		return err
	}
	w.say("senders are answered 503 while the queue is full; peak memory %d MiB", l.peak()>>20)
	n, err := l.told()
	if err == nil && n["statequeue_full"] != 1 {
		err = fmt.Errorf("the listener told of it %d times", n["statequeue_full"])
	}
	return err
}

// roomAgain opens the target's port, and sends until the listener says that there is room again.
func (w *world) roomAgain(ctx context.Context, l *listener, t *target) error {
	began := time.Now()
	if err := t.open(ctx); err != nil {
		return err
	}
	taken := 0
	err := wait(ctx, 2*time.Minute, "the queue has room again", func() (bool, error) {
		status, _, err := w.post(ctx, l, fmt.Sprintf("again-%d", taken))
		if err != nil {
			return false, err
		}
		if status == http.StatusOK {
			taken++
		}
		n, err := l.told()
		return n["statequeue_drained"] == 1 && taken > 0, err
	})
	if err != nil {
		return err
	}
	w.say("%d jobs sent in %.0f s, then there was room again, said once; peak memory %d MiB", t.reached(), time.Since(began).Seconds(), l.peak()>>20)
	return nil
}

// firstJob starts the listener before a target that is up.
func (w *world) firstJob(ctx context.Context, l *listener, t *target) error {
	before, began := t.reached(), time.Now()
	if err := l.start(ctx); err != nil {
		return err
	}
	err := wait(ctx, 10*time.Second, "a first job arrives", func() (bool, error) { return t.reached() > before, nil })
	w.say("the first job arrived %s after the start", time.Since(began).Round(time.Millisecond))
	return err
}

// post sends a delivery to a listener, and returns the status of the answer and its Retry-After.
func (w *world) post(ctx context.Context, l *listener, event string) (status int, after string, err error) {
	body, at := bodyOf(event), strconv.FormatInt(time.Now().Unix(), 10)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+l.addr, strings.NewReader(string(body)))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("X-Timestamp", at)
	req.Header.Set("X-Signature", sign([]byte(backlogKey), at, body))
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	return res.StatusCode, res.Header.Get("Retry-After"), res.Body.Close()
}

// peak is the most memory that the listener had, in bytes; 0 where the system does not tell.
func (l *listener) peak() int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", l.cmd.Process.Pid))
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			n, _ := strconv.Atoi(strings.Fields(rest)[0])
			return n << 10
		}
	}
	return 0
}
