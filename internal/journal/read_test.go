package journal

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

func TestListFilters(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	start := c.now()
	add := func(event string, change func(d *record.Delivery)) {
		t.Helper()
		c.add(time.Minute)
		d := delivery(c.now(), event)
		if change != nil {
			change(d)
		}
		appendTest(t, j, d)
	}
	add("e0", nil)
	add("e1", func(d *record.Delivery) { d.EventType = "card.blocked" })
	add("e2", func(d *record.Delivery) { d.EventType = "kyc.status.changed"; d.Profile = "sandbox" })
	add("e3", func(d *record.Delivery) {
		d.Verdict.OK, d.Verdict.Reason = false, sign.Mismatch
		d.Body, d.Size = []byte("x\xffNEEDLE"), 8
	})
	add("e4", func(d *record.Delivery) { d.Header.Set("X-Trace", "aBc-DeF"); d.Path = "/Über" })
	for name, q := range map[string]struct {
		f    Filter
		want string
	}{
		"all":            {Filter{}, "e4 e3 e2 e1 e0"},
		"limit":          {Filter{Limit: 2}, "e4 e3"},
		"profile":        {Filter{Profile: "sandbox"}, "e2"},
		"no profile":     {Filter{Profile: "nobody"}, ""},
		"type":           {Filter{Types: []string{"card.blocked"}}, "e1"},
		"type pattern":   {Filter{Types: []string{"card.*"}}, "e4 e3 e1 e0"},
		"type and limit": {Filter{Types: []string{"card.*"}, Limit: 3}, "e4 e3 e1"},
		"reason":         {Filter{Verdict: "mismatch"}, "e3"},
		"since":          {Filter{Since: start.Add(4 * time.Minute)}, "e4 e3"},
		"since the end":  {Filter{Since: start.Add(time.Hour)}, ""},
		"since long ago": {Filter{Since: time.Unix(0, 0)}, "e4 e3 e2 e1 e0"},
		"since, profile": {Filter{Since: start.Add(2 * time.Minute), Profile: "baanx"}, "e4 e3 e1"},
		"events":         {Filter{Events: []string{"e3", "e0", "e9", "e2"}}, "e3 e2 e0"},
		"in the body":    {Filter{Search: "needle"}, "e3"},
		"in a header":    {Filter{Search: "x-trace: ABC"}, "e4"},
		"in the path":    {Filter{Search: "/über"}, "e4"},
		"in the id":      {Filter{Search: "E2"}, "e2"},
		"in the type":    {Filter{Search: "STATUS"}, "e2"},
		"nowhere":        {Filter{Search: "haystack"}, ""},
	} {
		got, err := j.List(t.Context(), q.f)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, d := range got {
			ids = append(ids, d.EventID)
			if d.Body != nil {
				t.Errorf("%s: a body nobody asked for", name)
			}
		}
		if s := strings.Join(ids, " "); s != q.want {
			t.Errorf("%s: %q, want %q", name, s, q.want)
		}
	}
	got, err := j.List(t.Context(), Filter{Bodies: true, Search: "needle"})
	if err != nil || len(got) != 1 || string(got[0].Body) != "x\xffNEEDLE" {
		t.Errorf("bodies: %+v, %v", got, err)
	}
}

func TestOldest(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	want := func(profile string, at time.Time) {
		t.Helper()
		if got, err := j.Oldest(t.Context(), profile); err != nil || !got.Equal(at) {
			t.Errorf("the oldest of %q is of %s (%v), want %s", profile, got, err, at)
		}
	}
	want("", time.Time{})
	first := c.now().UTC()
	for _, profile := range []string{"sandbox", "baanx", "baanx"} {
		d := delivery(c.now(), "")
		d.Profile = profile
		appendTest(t, j, d)
		c.add(time.Minute)
	}
	want("", first)
	want("sandbox", first)
	want("baanx", first.Add(time.Minute))
	want("nobody", time.Time{})
}

// A delivery is found by its time of receipt even where ids run ahead of it or the clock was set back.
func TestSinceWhenTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	for _, at := range []time.Duration{10 * time.Hour, 0, time.Hour} {
		appendTest(t, j, delivery(newClock().t.Add(at), at.String()))
	}
	got, err := j.List(t.Context(), Filter{Since: newClock().t.Add(30 * time.Minute)})
	if err != nil || len(got) != 2 || got[0].EventID != "1h0m0s" || got[1].EventID != "10h0m0s" {
		t.Errorf("%v, %+v", err, got)
	}
}

func TestEachEndsWhenToldTo(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	for range 3 {
		appendTest(t, j, delivery(time.Now(), ""))
	}
	own := errors.New("enough")
	n := 0
	err := j.Each(t.Context(), Filter{}, func(*record.Delivery) error {
		n++
		return own
	})
	if !errors.Is(err, own) || n != 1 || fault.KindOf(err) != fault.Internal {
		t.Errorf("%v after %d", err, n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := j.List(ctx, Filter{}); fault.KindOf(err) != fault.Stopped {
		t.Errorf("cancelled: %v", err)
	}
}
