package listen

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// TestOrderForgets has more rows than are known. What came lately stays, and what did not makes no mark.
func TestOrderForgets(t *testing.T) {
	t.Parallel()
	var o order
	now := time.Now()
	for i := range 3 * mostRows {
		o.older("row "+strconv.Itoa(i), now)
		o.older("busy", now)
	}
	if n := len(o.young) + len(o.old); n > mostRows {
		t.Errorf("%d rows are known", n)
	}
	if o.older("row 1", now.Add(-time.Hour)) || !o.older("busy", now.Add(-time.Hour)) {
		t.Error("the wrong rows were forgotten")
	}
}

// TestRecallEnds has a journal of more deliveries than are read.
func TestRecallEnds(t *testing.T) {
	t.Parallel()
	rules, err := rulesOf("baanx")
	if err != nil {
		t.Fatal(err)
	}
	j, read := judge.New(rules, nil, judge.Options{}), 0
	l := &Listener{o: Options{Judge: func(context.Context) *judge.Judge { return j }, Recent: func(_ context.Context, fn func(*record.Delivery) error) error {
		for {
			read++
			if err := fn(&record.Delivery{Body: make([]byte, 1000), EventTime: "2026-03-04T09:15:00Z"}); err != nil {
				return err
			}
		}
	}}}
	l.recall(t.Context())
	if read != mostRecalled+1 {
		t.Errorf("%d deliveries were read", read)
	}
}

func rulesOf(name string) (*sign.Rules, error) {
	s, err := scheme.Builtin(name)
	if err != nil {
		return nil, err
	}
	return sign.Compile(s)
}

// BenchmarkMark measures what marks cost a delivery: its time read, its object found, and the newest of its row looked up.
func BenchmarkMark(b *testing.B) {
	rules, err := rulesOf("baanx")
	if err != nil {
		b.Fatal(err)
	}
	l := &Listener{}
	l.o.Judge = func(context.Context) *judge.Judge { return nil }
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "/", http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	jm := judge.Judgement{Rules: rules, Verdict: sign.Verdict{OK: true, Scheme: "baanx"}}
	at := time.Now().UTC().Format(time.RFC3339Nano)
	for b.Loop() {
		in := &incoming{r: r, jm: jm, d: &record.Delivery{Verdict: jm.Verdict, EventType: "card.activated", ReceivedAt: time.Now()}}
		in.about.object = "0c4f9a52-7d1e-4b86-9c43-5a2be81d6f70"
		in.about.at, _ = event.ParseTime(at)
		l.mark(in)
	}
}
