package main

// The load: signed deliveries, sent by wrk over connections that are kept.

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// load is what is sent.
type load struct {
	conns, threads int
	size           int // of a body, in bytes
	events         int // different ones; wrk begins again after the last
}

// How often, and how long at most, it is looked whether all has arrived.
const (
	settleEvery = 20 * time.Millisecond
	settleTime  = 30 * time.Second
)

// bodies bounds the bodies of one round in memory, in bytes.
const bodies = 48 << 20

// script gives wrk its requests: each thread reads its part of a file in which the length of a request stands before it.
const script = `local threads = 0
function setup(thread) thread:set("id", threads); threads = threads + 1 end
local requests, n, i = {}, 0, 0
function init(args)
  local f, all, k = assert(io.open(args[1], "rb")), tonumber(args[2]), 0
  while true do
    local size = f:read(8)
    if not size then break end
    local request = f:read(tonumber(size))
    if k % all == id then n = n + 1; requests[n] = request end
    k = k + 1
  end
  f:close()
end
function request() i = i % n + 1; return requests[i] end
`

// prepare writes the script and the deliveries of one round. They are signed now.
func (l load) prepare(dir, round string) error {
	if err := os.WriteFile(filepath.Join(dir, "load.lua"), []byte(script), 0o600); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, "requests"))
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	at := strconv.FormatInt(time.Now().Unix(), 10)
	if l.events < 5000 {
		round = "0" // the same ones each time
	}
	mac := hmac.New(sha256.New, []byte(signer))
	for i := range min(l.events, bodies/l.size) {
		body := event(round, i, l.size)
		mac.Reset()
		_, _ = io.WriteString(mac, at+".")
		_, _ = mac.Write(body)
		head := fmt.Sprintf("POST /webhooks HTTP/1.1\r\nHost: bench.test\r\nContent-Type: application/json\r\nUser-Agent: bench/1\r\nStripe-Signature: t=%s,v1=%x\r\nContent-Length: %d\r\n\r\n",
			at, mac.Sum(nil), len(body))
		_, _ = fmt.Fprintf(w, "%08d%s%s", len(head)+len(body), head, body)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// event is a body like a payment provider's.
func event(round string, i, size int) []byte {
	b := fmt.Appendf(nil, `{"id":"evt_%s_%08d","type":"invoice.paid","created":1760000000,"data":{"object":{"id":"in_%08d","amount":4200,"currency":"usd","paid":true}},"note":"`, round, i, i)
	const letters = "abcdefghijklmnopqrstuvwxyz"
	for len(b) < size-2 {
		b = append(b, letters[(i+len(b))%len(letters)])
	}
	return append(b, `"}`...)
}

// sample is what one round of one contender came to.
type sample struct {
	rate     float64 // answers a second
	p50, p99 float64 // ms
	spent    float64 // µs of processor for an answer
	answered int     // with 2xx or 3xx
	arrived  float64 // of those a second, at the target; the same as rate where the target's answer is waited for
	errors   int     // other answers, and connections that failed
	lost     int     // answered, and not handed on
}

// send loads a server for a while.
func (l load) send(ctx context.Context, s *stage, to *server, length time.Duration) (sample, error) {
	before, err := s.handedOn(ctx)
	if err != nil {
		return sample{}, err
	}
	used := to.used()
	cmd := exec.CommandContext(ctx, s.bin.wrk, "-t", strconv.Itoa(l.threads), "-c", strconv.Itoa(l.conns), "-d", fmt.Sprintf("%ds", int(length.Seconds())),
		"--latency", "-s", filepath.Join(s.work, "load.lua"), "http://"+to.addr+"/webhooks", "--", filepath.Join(s.work, "requests"), strconv.Itoa(l.threads))
	text, err := cmd.CombinedOutput()
	if err != nil {
		return sample{}, fmt.Errorf("wrk: %w: %s", err, text)
	}
	got, err := parse(string(text))
	if err != nil {
		return got, err
	}
	ended := time.Now()
	after, err := s.settled(ctx, before, got.answered)
	if got.answered > 0 {
		got.spent = float64((to.used() - used).Microseconds()) / float64(got.answered)
		got.arrived = float64(got.answered) / (length + time.Since(ended)).Seconds()
	}
	got.lost = max(0, got.answered-(after-before))
	return got, err
}

// settled waits until the upstream has all that was answered, and gives its count. It does not wait for ever.
func (s *stage) settled(ctx context.Context, before, answered int) (count int, err error) {
	look := time.NewTicker(settleEvery)
	defer look.Stop()
	for looks := 1; looks*int(settleEvery) < int(settleTime); looks++ {
		count, err = s.handedOn(ctx)
		count -= looks // looking is a request too
		if err != nil || count-before >= answered {
			return count, err
		}
		<-look.C
	}
	return count, nil
}

// parse reads what wrk prints.
func parse(text string) (sample, error) {
	var got sample
	field := func(pattern string) string {
		if m := regexp.MustCompile(pattern).FindStringSubmatch(text); m != nil {
			return m[1]
		}
		return ""
	}
	total, err := strconv.Atoi(field(`(\d+) requests in`))
	if err != nil {
		return got, fmt.Errorf("wrk printed no count: %s", text)
	}
	bad, _ := strconv.Atoi(field(`Non-2xx or 3xx responses: (\d+)`))
	if m := regexp.MustCompile(`Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)`).FindStringSubmatch(text); m != nil {
		for _, n := range m[1:] {
			k, _ := strconv.Atoi(n)
			got.errors += k
		}
	}
	got.answered = total - bad
	got.errors += bad
	got.rate, _ = strconv.ParseFloat(field(`Requests/sec:\s+([\d.]+)`), 64)
	got.p50, got.p99 = millis(field(`50%\s+(\S+)`)), millis(field(`99%\s+(\S+)`))
	return got, nil
}

// millis reads a time of wrk's, such as 1.20ms.
func millis(text string) float64 {
	d, _ := time.ParseDuration(strings.ReplaceAll(text, "us", "µs"))
	return float64(d) / float64(time.Millisecond)
}

// handedOn is how many requests the upstream has counted.
func (s *stage) handedOn(ctx context.Context) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.up+"/count", nil)
	if err != nil {
		return 0, err
	}
	r.Close = true
	res, err := new(http.Client).Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) < 3 {
		return 0, fmt.Errorf("nginx counts in another way: %q", text)
	}
	fields := strings.Fields(lines[2]) // accepts handled requests
	return strconv.Atoi(fields[len(fields)-1])
}
