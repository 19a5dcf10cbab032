package journal

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// benchDelivery is a delivery of 1 KiB with the headers a provider sends.
func benchDelivery() *record.Delivery {
	var raw [16]byte
	_, _ = rand.Read(raw[:])
	id := hex.EncodeToString(raw[:])
	const sum = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	at := time.Now()
	return &record.Delivery{
		Profile: "baanx", ReceivedAt: at, RemoteAddr: "127.0.0.1:50000", Method: http.MethodPost, Path: "/webhooks",
		Host: "localhost:4140", Header: http.Header{
			"Accept-Encoding": {"gzip"}, "Content-Length": {"1024"}, "Content-Type": {"application/json"},
			"User-Agent": {"Baanx-Webhooks/1.0"}, "X-Webhook-Id": {id}, "X-Webhook-Timestamp": {"1750000000"},
			"X-Webhook-Signature": {"sha256=" + sum},
		},
		Body: make([]byte, 1024), Size: 1024, BodySHA256: sum,
		Verdict:   sign.Verdict{OK: true, Reason: sign.Valid, Scheme: "baanx", SignedAt: at, Skew: time.Millisecond, ID: id},
		EventType: "kyc.status.changed", EventID: id, EventTime: "2026-01-01T00:00:00Z",
		Targets: []string{"http://localhost:3000"},
	}
}

// inParallel calls f b.N times from 64 goroutines and reports the rate and the 99th percentile of f's time.
func inParallel(b *testing.B, f func() error) {
	b.Helper()
	const writers = 64
	next := make(chan struct{}, writers)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var times []time.Duration
	b.ResetTimer()
	for range writers {
		wg.Go(func() {
			var own []time.Duration
			for range next {
				at := time.Now()
				if err := f(); err != nil {
					b.Error(err)
				}
				own = append(own, time.Since(at))
			}
			mu.Lock()
			times = append(times, own...)
			mu.Unlock()
		})
	}
	for range b.N {
		next <- struct{}{}
	}
	close(next)
	wg.Wait()
	b.StopTimer()
	slices.Sort(times)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkAppend compares group commit with a commit for each delivery, and with the floor: the same bytes appended
// to a plain file, synced for as many writers as wait.
func BenchmarkAppend(b *testing.B) {
	for name, batch := range map[string]int{"grouped": defaultTuning().maxBatch, "commit-each": 1} {
		b.Run(name, func(b *testing.B) {
			tune := defaultTuning()
			tune.maxBatch = batch
			j, err := open(b.Context(), filepath.Join(b.TempDir(), "journal.db"), Options{}, tune)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = j.Close() }()
			inParallel(b, func() error { return j.AppendDelivery(b.Context(), benchDelivery()) })
		})
	}
	b.Run("file", func(b *testing.B) {
		f, err := os.Create(filepath.Join(b.TempDir(), "log"))
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		g := &groupedFile{f: f, lines: make(chan fileLine, 512)}
		go g.loop()
		defer close(g.lines)
		inParallel(b, func() error {
			d := benchDelivery()
			done := make(chan error, 1)
			g.lines <- fileLine{append([]byte(encodeHeader(d.Header)), d.Body...), done}
			return <-done
		})
	})
}

// BenchmarkHandOn records a delivery and then what came of it, as the listener does.
func BenchmarkHandOn(b *testing.B) {
	j := openTest(b, Options{})
	answer := http.Header{"Content-Length": {"2"}, "Content-Type": {"text/plain; charset=utf-8"}, "Date": {"Thu, 01 Jan 2026 00:00:00 GMT"}}
	inParallel(b, func() error {
		d := benchDelivery()
		if err := j.AppendDelivery(b.Context(), d); err != nil {
			return err
		}
		return j.AppendAttempts(b.Context(), &record.Attempt{
			DeliveryID: d.ID, Target: d.Targets[0], StartedAt: d.ReceivedAt, Duration: time.Millisecond, Origin: record.OriginForward,
			Outcome: record.OutcomeDelivered, Status: 200, Answer: 200, Header: answer, Body: []byte("ok"), BodySize: 2,
		})
	})
}

type fileLine struct {
	text []byte
	done chan error
}

type groupedFile struct {
	f     *os.File
	lines chan fileLine
}

func (g *groupedFile) loop() {
	for first := range g.lines {
		batch := []fileLine{first}
		for more := true; more && len(batch) < 512; {
			select {
			case l, ok := <-g.lines:
				if more = ok; ok {
					batch = append(batch, l)
				}
			default:
				more = false
			}
		}
		var buf []byte
		for _, l := range batch {
			buf = append(buf, l.text...)
		}
		_, err := g.f.Write(buf)
		if err == nil {
			err = g.f.Sync()
		}
		for _, l := range batch {
			l.done <- err
		}
	}
}

// BenchmarkOpen opens and closes a journal that holds a few deliveries.
func BenchmarkOpen(b *testing.B) {
	for name, o := range map[string]Options{"writable": {}, "read-only": {ReadOnly: true}} {
		b.Run(name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "journal.db")
			j := openAt(b, path, Options{})
			for range 10 {
				appendTest(b, j, benchDelivery())
			}
			if err := j.Close(); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				j, err := Open(b.Context(), path, o)
				if err != nil {
					b.Fatal(err)
				}
				if err := j.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
