package e2e

// The page of listen --admin: what it says, to whom, and what it holds out.

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/files"
)

// adminOf is the address of a listener's admin page.
func adminOf(t testing.TB, l *process) string {
	t.Helper()
	addr, found := strings.CutPrefix(l.ready.str("adminUrl"), "http://")
	if !found {
		t.Fatalf("ready says %v", l.ready)
	}
	return addr
}

// ask asks an admin page as a program on this machine does.
func ask(t testing.TB, addr, path string) message {
	t.Helper()
	return exchange(t, addr, []byte("GET "+path+" HTTP/1.1\r\nHost: "+addr+"\r\nConnection: close\r\n\r\n"))
}

// figures are the lines of /metrics, by name with labels.
func figures(t testing.TB, addr string) map[string]float64 {
	t.Helper()
	m := ask(t, addr, "/metrics")
	if m.status != 200 || m.value("Content-Type") != "text/plain; version=0.0.4; charset=utf-8" {
		t.Fatalf("%s %q", m.start, m.head)
	}
	line := regexp.MustCompile(`^([a-z_]+(?:\{[a-z]+="[A-Za-z0-9_.:+\[\]-]*"(?:,[a-z]+="[A-Za-z0-9_.:+\[\]-]*")*\})?) (\S+)$`)
	found := map[string]float64{}
	for text := range strings.Lines(string(m.body)) {
		if strings.HasPrefix(text, "#") {
			continue
		}
		parts := line.FindStringSubmatch(strings.TrimSuffix(text, "\n"))
		if parts == nil {
			t.Fatalf("not a figure: %q", text)
		}
		value, err := strconv.ParseFloat(parts[2], 64)
		if _, twice := found[parts[1]]; err != nil || twice {
			t.Fatalf("%q: %v, twice %v", text, err, twice)
		}
		found[parts[1]] = value
	}
	return found
}

// awaitFigures asks until the figures have these values.
func awaitFigures(t testing.TB, addr string, want map[string]float64) map[string]float64 {
	t.Helper()
	var got map[string]float64
	fits := eventually(func() bool {
		got = figures(t, addr)
		for name, value := range want {
			if v, there := got[name]; !there || v != value {
				return false
			}
		}
		return true
	})
	if !fits {
		t.Fatalf("want %v, got %v", want, got)
	}
	return got
}

func TestAdminFigures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := okTarget(t)
	refuses := newTarget(t, func(message) string { return answering(401) })
	dead := closedPort(t)
	l := w.listen("--admin", "0", "--forward", "shop="+good.addr, "--forward", refuses.addr+"/hooks/s3cr3t-path", "--forward", dead)
	addr := adminOf(t, l)
	if host, _, err := net.SplitHostPort(addr); err != nil || host != "127.0.0.1" {
		t.Errorf("a bare port is bound at %s", addr)
	}
	awaitFigures(t, addr, map[string]float64{ // what has not been is 0
		`whctl_deliveries_total{verdict="valid"}`: 0, `whctl_refused_total`: 0, `whctl_ready`: 1,
		`whctl_attempts_total{target="shop",outcome="delivered"}`: 0, `whctl_target_up{target="` + dead + `"}`: 1,
	})
	began := float64(time.Now().Unix())
	for _, id := range []string{"1", "2", "2"} {
		if status := send(t, l.addr, event(id)); status != 200 {
			t.Errorf("answered %d", status)
		}
	}
	exchange(t, l.addr, request("POST", "/", "", []byte(`{"event_type":"stranger.type"}`)))
	got := awaitFigures(t, addr, map[string]float64{
		`whctl_deliveries_total{verdict="valid"}`: 3, `whctl_deliveries_total{verdict="missing_signature"}`: 1, `whctl_refused_total`: 1,
		`whctl_duplicates_total`: 1, `whctl_events_total{type="card.activated"}`: 3,
		`whctl_attempts_total{target="shop",outcome="delivered"}`: 3, `whctl_attempts_total{target="` + refuses.addr + `",outcome="refused"}`: 3,
		`whctl_attempts_total{target="` + dead + `",outcome="unreachable"}`: 3,
		`whctl_answer_seconds_count{target="shop"}`:                         3, `whctl_answer_seconds_bucket{target="shop",le="+Inf"}`: 3, `whctl_answer_seconds_count{target="` + dead + `"}`: 0,
		`whctl_target_up{target="shop"}`: 1, `whctl_target_up{target="` + dead + `"}`: 0,
		`whctl_events_missed_total{reader="output"}`: 0, `whctl_events_missed_total{reader="metrics"}`: 0, `whctl_filtered_total`: 0,
	})
	if since := got[`whctl_target_down_since_seconds{target="`+dead+`"}`]; since < began || since > float64(time.Now().Unix()+1) {
		t.Errorf("down since %f", since)
	}
	if got[`whctl_journal_bytes`] < 4096 || got[`whctl_journal_limit_bytes`] != 1<<30 || got[`whctl_disk_free_bytes`] <= 0 || got[`go_goroutines`] < 1 ||
		got[`go_memstats_heap_alloc_bytes`] <= 0 || got[`process_start_time_seconds`] > began+1 || got[`process_start_time_seconds`] < began-60 {
		t.Errorf("%v", got)
	}
	if runtime.GOOS == "linux" {
		processFigures(t, got, l.cmd.Process.Pid)
	}
	for name := range got {
		if strings.Contains(name, "stranger") || strings.Contains(name, "s3cr3t") || strings.Contains(name, "hooks") {
			t.Errorf("there is %s", name)
		}
	}
	l.stop()
}

// processFigures holds what a listener says of its process against what the system says of it from outside.
func processFigures(t *testing.T, got map[string]float64, pid int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for name, field := range map[string]string{"process_virtual_memory_bytes": "VmSize", "process_resident_memory_bytes": "VmRSS"} {
		_, text, _ := strings.Cut(string(status), "\n"+field+":")
		text, _, _ = strings.Cut(strings.TrimSpace(text), " ")
		want, err := strconv.ParseFloat(text, 64) // KiB
		if err != nil || got[name] < want*512 || got[name] > want*2048 {
			t.Errorf("%s is %.0f, and %s %s KiB", name, got[name], field, text)
		}
	}
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if open := got["process_open_fds"]; err != nil || open < float64(len(files))/2 || open > float64(len(files))*2 || open > got["process_max_fds"] {
		t.Errorf("%.0f files are open of %.0f, and the system sees %d: %v", open, got["process_max_fds"], len(files), err)
	}
	if cpu := got["process_cpu_seconds_total"]; cpu < 0 || cpu > 60 {
		t.Errorf("%f seconds of processor", cpu)
	}
}

// TestAdminFiguresOfTheQueue: what waits for a target, how old it is, and what was given up.
func TestAdminFiguresOfTheQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	refuses, down := newTarget(t, func(message) string { return answering(400) }), closedPort(t)
	l := w.listen("--admin", "127.0.0.1:0", "--ack", "now", "--forward", "shop="+refuses.addr, "--forward", "down="+down,
		"--notify", "sh -c 'cat >>"+w.path("changes")+"'")
	for i := range 3 {
		if status := send(t, l.addr, event(strconv.Itoa(i))); status != 200 {
			t.Errorf("answered %d", status)
		}
	}
	got := awaitFigures(t, adminOf(t, l), map[string]float64{
		`whctl_jobs_total{target="shop",state="dead"}`: 3, `whctl_dead_letters{target="shop"}`: 3, `whctl_queue_jobs{target="shop"}`: 0,
		`whctl_queue_jobs{target="down"}`: 3, `whctl_target_up{target="down"}`: 0, `whctl_target_up{target="shop"}`: 1, `whctl_queue_jobs{target="other"}`: 0,
		`whctl_queue_oldest_age_seconds{target="shop"}`: 0, `whctl_ready`: 1,
	})
	if age := got[`whctl_queue_oldest_age_seconds{target="down"}`]; age <= 0 || age > patience.Seconds() {
		t.Errorf("the oldest job is %v s old", age)
	}
	told := func() string { text, _ := os.ReadFile(w.path("changes")); return string(text) }
	if !onWindows() && !eventually(func() bool {
		return strings.Count(told(), `"state":"dead"`) == 3 && strings.Contains(told(), `"state":"lost"`)
	}) {
		t.Errorf("the command was told %s", told())
	}
	l.stop()
}

// TestAdminHoldsNothingOfDeliveries sends what a stranger and what a sender with the key could want to have shown.
func TestAdminHoldsNothingOfDeliveries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := newTarget(t, func(message) string {
		return answerOf("500 Oops-s3cr3t", "X-Answer: s3cr3t\r\nSet-Cookie: s3cr3t\r\n", "body s3cr3t")
	})
	l := w.listen("--admin", "127.0.0.1:0", "--forward", app.addr, "-H", "Authorization: Bearer s3cr3t")
	addr := adminOf(t, l)
	before := len(ask(t, addr, "/metrics").body)
	for i := range 300 { // more types than have a figure of their own
		body, _ := json.Marshal(map[string]string{"event_id": "s3cr3t" + strconv.Itoa(i), "event_type": "type." + strconv.Itoa(i), "note": "s3cr3t"})
		send(t, l.addr, body)
	}
	for _, typ := range []string{
		"with space s3cr3t", "s3cr3t\"} 1\nwhctl_ready 0", `s3cr3t\`, "s3cr3t\x00", "s3cr3té", strings.Repeat("s3cr3t", 20), `a",type="s3cr3t`, "<script>s3cr3t", "s3cr3t\u202e",
	} {
		body, _ := json.Marshal(map[string]string{"event_id": "e", "event_type": typ})
		exchange(t, l.addr, request("POST", "/s3cr3t?token=s3cr3t", "X-Token: s3cr3t\r\n"+signedHeader(testKey, time.Now(), body), body))
		exchange(t, l.addr, request("POST", "/s3cr3t", "X-Signature: s3cr3t\r\nX-Timestamp: s3cr3t\r\n", body))
	}
	got := awaitFigures(t, addr, map[string]float64{
		`whctl_deliveries_total{verdict="valid"}`: 309, `whctl_refused_total`: 9, `whctl_events_total{type="other"}`: 209,
	})
	types := 0
	for name := range got {
		if strings.HasPrefix(name, "whctl_events_total{") {
			types++
		}
	}
	if types != 101 {
		t.Errorf("%d types have a figure", types)
	}
	for _, path := range []string{"/metrics", "/healthz", "/readyz", "/s3cr3", "/metrics?x=s3cr3"} {
		m := ask(t, addr, path)
		if text := m.start + strings.Join(m.head, "\n") + string(m.body); strings.Contains(text, "s3cr3") || strings.Contains(text, testKey[4:]) || len(m.body) > before+20_000 {
			t.Errorf("%s: %d bytes: %.2000s", path, len(m.body), text)
		}
	}
	l.stop()
}

// TestAdminAnswersNoStrangers tries what a web page, a proxy's client or a clumsy attacker could.
func TestAdminAnswersNoStrangers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen("--admin", "127.0.0.1:0")
	addr := adminOf(t, l)
	own := "Host: " + addr + "\r\n"
	for name, c := range map[string]struct {
		raw    string
		status int
	}{
		"plain":                {"GET /metrics HTTP/1.1\r\n" + own, 200},
		"head":                 {"HEAD /metrics HTTP/1.1\r\n" + own, 200},
		"localhost":            {"GET /readyz HTTP/1.1\r\nHost: LOCALHOST:1\r\n", 200},
		"a person's browser":   {"GET /metrics HTTP/1.1\r\n" + own + "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\n", 200},
		"query":                {"GET /healthz?x=1 HTTP/1.1\r\n" + own, 200},
		"foreign host":         {"GET /metrics HTTP/1.1\r\nHost: evil.example\r\n", 403},
		"foreign host, health": {"GET /healthz HTTP/1.1\r\nHost: evil.example:80\r\n", 403},
		"rebound name":         {"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n", 403},
		"name of another":      {"GET /metrics HTTP/1.1\r\nHost: 10.0.0.1\r\n", 403},
		"odd spelling":         {"GET /metrics HTTP/1.1\r\nHost: 2130706433\r\n", 403},
		"empty host":           {"GET /metrics HTTP/1.1\r\nHost:\r\n", 403},
		"no host":              {"GET /metrics HTTP/1.1\r\n", 400},
		"two hosts":            {"GET /metrics HTTP/1.1\r\n" + own + "Host: evil.example\r\n", 400},
		"no host, 1.0":         {"GET /metrics HTTP/1.0\r\n", 403},
		"absolute form":        {"GET http://evil.example/metrics HTTP/1.1\r\n" + own, 403},
		"connect":              {"CONNECT evil.example:443 HTTP/1.1\r\n" + own, 403},
		"origin":               {"GET /metrics HTTP/1.1\r\n" + own + "Origin: http://localhost:3000\r\n", 403},
		"cross-site":           {"GET /metrics HTTP/1.1\r\n" + own + "Sec-Fetch-Site: cross-site\r\n", 403},
		"same-site":            {"GET /metrics HTTP/1.1\r\n" + own + "Sec-Fetch-Site: same-site\r\n", 403},
		"post":                 {"POST /metrics HTTP/1.1\r\n" + own + "Content-Length: 4\r\n\r\nbody", 405},
		"put":                  {"PUT /healthz HTTP/1.1\r\n" + own + "Content-Length: 0\r\n", 405},
		"delete":               {"DELETE /readyz HTTP/1.1\r\n" + own, 405},
		"trace":                {"TRACE /metrics HTTP/1.1\r\n" + own, 405},
		"options":              {"OPTIONS * HTTP/1.1\r\n" + own, 405},
		"huge body":            {"POST /metrics HTTP/1.1\r\n" + own + "Content-Length: 99999999999\r\n\r\n" + strings.Repeat("x", 1<<20), 405},
		"chunked body":         {"POST /readyz HTTP/1.1\r\n" + own + "Transfer-Encoding: chunked\r\n\r\nfffff\r\n" + strings.Repeat("x", 1<<20), 405},
		"huge header":          {"GET /metrics HTTP/1.1\r\n" + own + "X-Big: " + strings.Repeat("x", 1<<20) + "\r\n", 431},
		"many headers":         {"GET /metrics HTTP/1.1\r\n" + own + strings.Repeat("X-Many: x\r\n", 20_000), 431},
		"huge path":            {"GET /" + strings.Repeat("x", 1<<20) + " HTTP/1.1\r\n" + own, 431},
		"smuggling":            {"GET /metrics HTTP/1.1\r\n" + own + "Content-Length: 4\r\nTransfer-Encoding: odd\r\n", 501},
		"above":                {"GET /metrics/.. HTTP/1.1\r\n" + own, 404},
		"below":                {"GET /metrics/x HTTP/1.1\r\n" + own, 404},
		"double slash":         {"GET //metrics HTTP/1.1\r\n" + own, 404},
		"dot":                  {"GET /./metrics HTTP/1.1\r\n" + own, 404},
		"climbing":             {"GET /../../etc/passwd HTTP/1.1\r\n" + own, 404},
		"escaped climbing":     {"GET /%2e%2e/metrics HTTP/1.1\r\n" + own, 404},
		"NUL":                  {"GET /metrics%00 HTTP/1.1\r\n" + own, 404},
		"capitals":             {"GET /Metrics HTTP/1.1\r\n" + own, 404},
		"profiles":             {"GET /debug/pprof/heap HTTP/1.1\r\n" + own, 404},
		"root":                 {"GET / HTTP/1.1\r\n" + own, 404},
		"the listener's work":  {"GET /hooks HTTP/1.1\r\n" + own, 404},
	} {
		raw := c.raw
		if !strings.Contains(raw, "\r\n\r\n") {
			raw += "Connection: close\r\n\r\n"
		}
		m := exchange(t, addr, []byte(raw))
		if m.status != c.status || c.status != 200 && strings.Contains(string(m.body), "whctl_") || len(m.values("Access-Control-Allow-Origin")) > 0 {
			t.Errorf("%s: %s, want %d: %.300s", name, m.start, c.status, m.body)
		}
	}
	// the admin page is no second way to the listener, nor the other way round
	if m := exchange(t, l.addr, []byte("GET /metrics HTTP/1.1\r\n"+own+"Connection: close\r\n\r\n")); strings.Contains(string(m.body), "whctl_") {
		t.Errorf("the listener says %s", m.body)
	}
	if got := figures(t, addr); got[`whctl_deliveries_total{verdict="valid"}`] != 0 {
		t.Errorf("what came to the page counts: %v", got)
	}
	l.stop()
}

// TestAdminUnderAttack holds a thousand connections to the page, which send nothing, half a head or a body without end, while
// deliveries come. Those do not feel it, and the page still answers.
func TestAdminUnderAttack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := okTarget(t)
	l := w.listen("--admin", "127.0.0.1:0", "--forward", app.addr)
	addr := adminOf(t, l)
	over := make(chan struct{})
	var attackers sync.WaitGroup
	halves := []string{"", "GET /metrics HTTP/1.1\r\nHost: " + addr + "\r\n", "POST /metrics HTTP/1.1\r\nHost: " + addr + "\r\nContent-Length: 100000\r\n\r\n"}
	for i := range 1000 {
		attackers.Go(func() { dribble(t, addr, halves[i%len(halves)], over) })
	}
	const sent = 200
	slowest := time.Duration(0)
	for i := range sent {
		began := time.Now()
		if status := send(t, l.addr, event(strconv.Itoa(i))); status != 200 {
			t.Errorf("answered %d", status)
		}
		slowest = max(slowest, time.Since(began))
	}
	if slowest > 20*time.Second {
		t.Errorf("a delivery took %s", slowest)
	}
	got := awaitFigures(t, addr, map[string]float64{`whctl_attempts_total{target="` + app.addr + `",outcome="delivered"}`: sent})
	if got["process_open_fds"] > 400 {
		t.Errorf("%.0f files are open", got["process_open_fds"])
	}
	close(over)
	attackers.Wait()
	l.stop()
}

// dribble begins a request and goes on with it a byte at a time, until it is thrown out or over is closed.
func dribble(t *testing.T, addr, begin string, over <-chan struct{}) {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		return // the queue of the socket is full
	}
	defer func() { _ = conn.Close() }()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for more := begin; ; more = "x" {
		if _, err := conn.Write([]byte(more)); err != nil {
			return
		}
		select {
		case <-over:
			return
		case <-tick.C:
		}
	}
}

// TestAdminReadyAgain takes the journal away and gives it back. Nobody sends anything then: being asked is enough to find out.
func TestAdminReadyAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen("--admin", "127.0.0.1:0")
	addr := adminOf(t, l)
	expect := func(path string, status int, body string) {
		t.Helper()
		m := message{}
		if !eventually(func() bool { m = ask(t, addr, path); return m.status == status }) || string(m.body) != body {
			t.Fatalf("%s: %s %q, want %d %q", path, m.start, m.body, status, body)
		}
	}
	expect("/readyz", 200, "ready\n")
	expect("/healthz", 200, "ok\n")
	send(t, l.addr, event("1"))
	journal := w.path("data/journal.db")
	if err := os.Rename(journal, journal+"-away"); err != nil {
		t.Fatal(err)
	}
	if status := send(t, l.addr, event("2")); status != 503 {
		t.Errorf("answered %d", status)
	}
	expect("/readyz", 503, "deliveries cannot be recorded\n")
	expect("/healthz", 200, "ok\n") // a new start mends nothing
	awaitFigures(t, addr, map[string]float64{"whctl_ready": 0})
	if err := os.Rename(journal+"-away", journal); err != nil {
		t.Fatal(err)
	}
	expect("/readyz", 200, "ready\n")
	awaitFigures(t, addr, map[string]float64{"whctl_ready": 1})
	if lost, back := l.await("state"), l.await("state"); lost.str("state") != "storage_lost" || back.str("state") != "storage_recovered" || back.num("count") != 1 {
		t.Errorf("said %v, %v", lost, back)
	}
	if status := send(t, l.addr, event("2")); status != 200 {
		t.Errorf("answered %d", status)
	}
	l.stop()
}

// TestAdminWhileStarting holds the journal back: the page says that the listener lives, and that it is not ready yet.
func TestAdminWhileStarting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := os.Mkdir(w.path("data"), 0o700); err != nil {
		t.Fatal(err)
	}
	release, err := files.LockFolder(t.Context(), w.path("data"), files.Wait{})
	if err != nil {
		t.Fatal(err)
	}
	addr := closedPort(t)
	l := w.spawn("listen", "--addr", "127.0.0.1:0", "--admin", addr, "--secret-file", "key", "-o", "json")
	l.says("waiting: ")
	for path, want := range map[string]string{"/readyz": "starting: the socket is not open yet\n", "/healthz": "ok\n"} {
		if m := ask(t, addr, path); string(m.body) != want {
			t.Errorf("%s: %s %s", path, m.start, m.body)
		}
	}
	if got := figures(t, addr); got["whctl_ready"] != 0 || !math.IsNaN(got[`whctl_queue_jobs{target="other"}`]) {
		t.Errorf("%v", got)
	}
	release()
	l.await("ready")
	if m := ask(t, addr, "/readyz"); m.status != 200 {
		t.Errorf("%s %s", m.start, m.body)
	}
	l.stop()
}

// TestAdminAtTheEnd: while the end waits for a target, the page says that no more deliveries are taken.
func TestAdminAtTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hold, held := make(chan struct{}), make(chan struct{}, 1)
	app := newTarget(t, func(message) string {
		held <- struct{}{}
		<-hold
		return okAnswer
	})
	l := w.listen("--admin", "127.0.0.1:0", "--forward", app.addr)
	addr := adminOf(t, l)
	conn := dial(t, l.addr)
	if _, err := conn.Write(delivery(event("slow"))); err != nil {
		t.Fatal(err)
	}
	<-held
	l.interrupt()
	m := message{}
	if !eventually(func() bool { m = ask(t, addr, "/readyz"); return m.status == 503 }) || string(m.body) != "ending: no more deliveries are taken\n" {
		t.Errorf("%s %s", m.start, m.body)
	}
	close(hold)
	if m, err := readMessage(bufio.NewReader(conn), true); err != nil || m.status != 200 {
		t.Errorf("%s, %v", m.start, err)
	}
	if code := l.wait(); code != 0 {
		t.Errorf("exit code %d\n%s", code, l.errs)
	}
}

// TestAdminAddress: a page that other machines reach is asked for, warned of, and answers under addresses in numbers. Its port is
// its own.
func TestAdminAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen("--admin", "0.0.0.0:0")
	_, port, err := net.SplitHostPort(adminOf(t, l))
	if err != nil || !strings.Contains(l.errs.String(), "warning: other machines can read the figures at") {
		t.Errorf("%v: %s", err, l.errs)
	}
	addr := "127.0.0.1:" + port
	for host, status := range map[string]int{addr: 200, "10.1.2.3:" + port: 200, "[fd00::1]": 200, "evil.example": 403, "127.0.0.1.nip.io": 403, "": 403} {
		if m := exchange(t, addr, []byte("GET /metrics HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n")); m.status != status {
			t.Errorf("host %q: %s, want %d", host, m.start, status)
		}
	}
	busy := w.must(2, "listen", "--addr", "127.0.0.1:0", "--no-verify", "--admin", addr)
	if !strings.Contains(busy.err, "the port is in use") || !strings.Contains(busy.err, "hint: use --admin 127.0.0.1:0") {
		t.Errorf("%s", busy.err)
	}
	if r := w.must(2, "listen", "--addr", addr, "--no-verify", "--admin", port); !strings.Contains(r.err, "--admin and --addr are both "+addr) {
		t.Errorf("%s", r.err)
	}
	l.stop()
	if r := w.must(2, "listen", "--addr", "127.0.0.1:0", "--no-verify", "--admin", "nonsense"); !strings.Contains(r.err, "hint: write it like 127.0.0.1:0") {
		t.Errorf("%s", r.err)
	}
	w.write(".whctl.yaml", "listen: {admin: '127.0.0.1:0'}\n")
	if r := w.must(2, "listen", "--no-verify"); !strings.Contains(r.err, "a project file may not set listen.admin") {
		t.Errorf("%s", r.err)
	}
	if l.ready.str("adminUrl") == "" || fmt.Sprint(w.listen("--config", w.write("own.yaml", "")).ready["adminUrl"]) != "<nil>" {
		t.Error("adminUrl stands there without --admin")
	}
}
