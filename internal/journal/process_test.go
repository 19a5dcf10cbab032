package journal

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The tests in this file start this very test binary again, as another process with its own journal.
const (
	childPath  = "JOURNAL_TEST_CHILD_PATH"
	childCount = "JOURNAL_TEST_CHILD_COUNT" // deliveries to record; 0: until killed
	childReads = "JOURNAL_TEST_CHILD_READS" // a journal to hold a read transaction on until the input ends
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		if err := child(path, os.Getenv(childCount), os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if path := os.Getenv(childReads); path != "" {
		if err := holdReading(path, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if path := os.Getenv(childMigrates); path != "" {
		os.Exit(migrating(path, os.Getenv(childStops), os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// child records deliveries from 16 goroutines and says, once each is said to be durable, its id, event and body hash.
func child(path, count string, out io.Writer) error {
	total, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	tune := defaultTuning()
	tune.runDeliveries = 20 // so that the keys of events are in many runs
	j, err := open(context.Background(), path, Options{}, tune)
	if err != nil {
		return err
	}
	next := make(chan int)
	go func() {
		defer close(next)
		for i := 0; total == 0 || i < total; i++ {
			next <- i
		}
	}()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for range 16 {
		wg.Go(func() {
			for i := range next {
				line, err := recordOne(j, fmt.Sprint("e", i))
				mu.Lock()
				if err != nil && failed == nil {
					failed = err
				}
				_, _ = io.WriteString(out, line)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if failed != nil {
		return failed
	}
	return j.Close()
}

func recordOne(j *Journal, eventID string) (string, error) {
	d := delivery(time.Now(), eventID)
	d.Body, d.Size = make([]byte, 3000), 3000
	if _, err := rand.Read(d.Body); err != nil {
		return "", err
	}
	if err := j.AppendDelivery(context.Background(), d); err != nil {
		return "", err
	}
	duplicate := "-"
	if d.Duplicate != nil {
		duplicate = d.Duplicate.ID
	}
	return fmt.Sprintln(d.ID, eventID, hash(d.Body), duplicate), nil
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// said is one line of a child.
type said struct{ id, event, hash, duplicate string }

type process struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

func start(t *testing.T, path string, count int) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.run=^$")
	cmd.Env = append(os.Environ(), childPath+"="+path, childCount+"="+strconv.Itoa(count))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &process{cmd: cmd, lines: bufio.NewScanner(out)}
}

// read gives up to n of the child's lines, all that are left when n is 0. A line the kill cut short is left out.
func (p *process) read(n int) []said {
	var out []said
	for (n == 0 || len(out) < n) && p.lines.Scan() {
		f := strings.Fields(p.lines.Text())
		if len(f) == 4 && len(f[0]) == idChars && len(f[2]) == 64 && (f[3] == "-" || len(f[3]) == idChars) {
			out = append(out, said{f[0], f[1], f[2], f[3]})
		}
	}
	return out
}

func checkRecorded(t *testing.T, j *Journal, all []said) {
	t.Helper()
	got, err := j.List(t.Context(), Filter{Bodies: true})
	if err != nil {
		t.Fatal(err)
	}
	hashes := map[string]string{}
	for _, d := range got {
		hashes[d.ID] = hash(d.Body)
	}
	for _, s := range all {
		if hashes[s.id] != s.hash {
			t.Errorf("%s was said to be recorded, and holds %q instead of %q", s.id, hashes[s.id], s.hash)
		}
	}
	const wrong = "SELECT count(*) FROM deliveries AS d WHERE duplicate_of IS NOT nullif((SELECT min(id) FROM deliveries WHERE event_id = d.event_id), id)"
	if n := numberIn(t, j, wrong); n > 0 {
		t.Errorf("%d deliveries do not name the first one of their event", n)
	}
	if n := numberIn(t, j, "SELECT count(*) FROM event_runs"); n == 0 {
		t.Error("no run of keys was made")
	}
	var verdict string
	if err := j.readers.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("the file is %s, %v", verdict, err)
	}
}

func TestKilledUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	var all []said
	for round := range 4 {
		p := start(t, path, 0)
		all = append(all, p.read(200+150*round)...)
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		all = append(all, p.read(0)...)
		_ = p.cmd.Wait()
		if p.cmd.ProcessState.Success() {
			t.Fatal("the child ended by itself")
		}
		if round%2 == 1 { // the other times a child is the first to open what was left
			j, err := Open(t.Context(), path, Options{})
			if err != nil {
				t.Fatalf("open after a kill: %v", err)
			}
			checkRecorded(t, j, all)
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(all) < 4*200 {
		t.Errorf("only %d deliveries were tried", len(all))
	}
}

func TestSeveralProcessesAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	const each = 300
	var ps []*process
	for range 2 {
		ps = append(ps, start(t, path, each))
	}
	j := openAt(t, path, Options{}) // a third one, that reads and writes too
	var own []said
	for i := range 50 {
		line, err := recordOne(j, fmt.Sprint("e", i))
		if err != nil {
			t.Fatal(err)
		}
		f := strings.Fields(line)
		own = append(own, said{f[0], f[1], f[2], f[3]})
		if _, err := j.List(t.Context(), Filter{Limit: 5}); err != nil {
			t.Fatal(err)
		}
	}
	all := own
	for _, p := range ps {
		lines := p.read(0)
		if err := p.cmd.Wait(); err != nil || len(lines) != each {
			t.Errorf("a child recorded %d of %d, %v", len(lines), each, err)
		}
		all = append(all, lines...)
	}
	checkRecorded(t, j, all)
	if n := checkEvents(t, all); n != each {
		t.Errorf("%d events, want %d", n, each)
	}
}

// checkEvents says that no id was given out twice, and that of each event exactly one delivery came first, which all
// others name as theirs. It gives the number of events.
func checkEvents(t *testing.T, all []said) int {
	t.Helper()
	ids, firsts := map[string]bool{}, map[string]string{}
	for _, s := range all {
		if ids[s.id] {
			t.Errorf("id %s was given out twice", s.id)
		}
		ids[s.id] = true
		if s.duplicate == "-" {
			if firsts[s.event] != "" {
				t.Errorf("event %s came first twice: %s and %s", s.event, firsts[s.event], s.id)
			}
			firsts[s.event] = s.id
		}
	}
	for _, s := range all {
		if s.duplicate != "-" && s.duplicate != firsts[s.event] {
			t.Errorf("%s is a duplicate of %s, and %s came first", s.id, s.duplicate, firsts[s.event])
		}
	}
	return len(firsts)
}

func holdReading(path string, in io.Reader, out io.Writer) error {
	j, err := Open(context.Background(), path, Options{ReadOnly: true})
	if err != nil {
		return err
	}
	tx, err := j.readers.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	var n int
	if err := tx.QueryRowContext(context.Background(), "SELECT count(*) FROM deliveries").Scan(&n); err != nil {
		return err
	}
	_, _ = io.WriteString(out, "reading\n")
	_, _ = io.Copy(io.Discard, in)
	return tx.Rollback()
}
