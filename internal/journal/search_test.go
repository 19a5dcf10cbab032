package journal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// searched gives the ids of the deliveries that hold a text.
func searched(t *testing.T, j *Journal, f Filter, text string) (ids []string) {
	t.Helper()
	if _, err := j.Search(t.Context(), f, text, func(h *Hit) error {
		ids = append(ids, h.ID)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return ids
}

// TestSearchFindsPlaces has a text in each place that is looked through, and in those that are not.
func TestSearchFindsPlaces(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	appendOne := func(change func(*record.Delivery)) *record.Delivery {
		d := delivery(time.Now(), "")
		change(d)
		return appendTest(t, j, d)
	}
	appendOne(func(d *record.Delivery) { d.Host, d.RemoteAddr = "needle", "needle" })
	odd := appendOne(func(d *record.Delivery) { d.Header = http.Header{"X-Odd": {"\xff Needle", "b"}} })
	quoted := appendOne(func(d *record.Delivery) { d.Header = http.Header{"X-Needle": {`<"a">`}} })
	path := appendOne(func(d *record.Delivery) { d.Path = "/in?q=NEEDLE" })
	body := appendOne(func(d *record.Delivery) { d.Body = []byte("{\n\"a\": \"a needle in hay\"}") })
	all := appendOne(func(d *record.Delivery) {
		d.Path, d.Header, d.Body = "/needle", http.Header{"A": {"needle"}, "Content-Encoding": {"gzip"}}, []byte("needle")
	})
	var got []Hit
	n, err := j.Search(t.Context(), Filter{}, "needle", func(h *Hit) error {
		got = append(got, *h)
		return nil
	})
	if err != nil || n.Deliveries != 6 || n.Compressed != 1 || len(got) != 5 {
		t.Fatalf("%d hits, %+v, %v", len(got), n, err)
	}
	type place struct {
		in   Place
		name string
		text string
	}
	for i, want := range []struct {
		d      *record.Delivery
		places []place
	}{
		{all, []place{{InPath, "", "needle"}, {InHeader, "A", "needle"}, {InBody, "", "needle"}}},
		{body, []place{{InBody, "", "needle"}}},
		{path, []place{{InPath, "", "NEEDLE"}}},
		{quoted, []place{{InHeader, "X-Needle", "Needle"}}},
		{odd, []place{{InHeader, "X-Odd", "Needle"}}},
	} {
		var places []place
		for _, f := range got[i].Found {
			places = append(places, place{f.In, f.Name, string(f.Excerpt[f.From:f.To])})
		}
		if got[i].ID != want.d.ID || !slices.Equal(places, want.places) || got[i].Body != nil {
			t.Errorf("%d: %v, want %v", i, places, want.places)
		}
	}
	for text, want := range map[string]*record.Delivery{`x-needle: <"a">`: quoted, `needle: <`: quoted, "\xff": odd, "in?q=": path} {
		if ids := searched(t, j, Filter{}, text); !slices.Equal(ids, []string{want.ID}) {
			t.Errorf("%q: %v", text, ids)
		}
	}
	if ids := searched(t, j, Filter{}, "not there"); len(ids) != 0 {
		t.Errorf("found %v", ids)
	}
}

// TestSearchIsInOrder has more deliveries than a part, and finds them newest first.
func TestSearchIsInOrder(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	var all []*record.Delivery
	for i := range 3*partRows + 7 {
		d := delivery(time.Now(), fmt.Sprint("e", i))
		if i%100 == 0 {
			d.Body = []byte("needle")
		}
		if i%200 == 0 {
			d.EventType = "kyc.done"
		}
		all = append(all, d)
	}
	appendMany(t, j, all)
	var want []string
	for _, d := range all {
		if string(d.Body) == "needle" {
			want = append(want, d.ID)
		}
	}
	slices.Sort(want)
	slices.Reverse(want)
	if got := searched(t, j, Filter{}, "needle"); !slices.Equal(got, want) {
		t.Errorf("%d hits, want %d in order", len(got), len(want))
	}
	if got := searched(t, j, Filter{Limit: 3}, "needle"); !slices.Equal(got, want[:3]) {
		t.Errorf("%v, want %v", got, want[:3])
	}
	if got := searched(t, j, Filter{Types: []string{"kyc.*"}}, "needle"); len(got) != 16 {
		t.Errorf("%d of the type", len(got))
	}
	match := func(_ context.Context, d *record.Delivery) (bool, error) { return d.ID == want[2], nil }
	if got := searched(t, j, Filter{Match: match}, "needle"); !slices.Equal(got, want[2:3]) {
		t.Errorf("%v, want %v", got, want[2])
	}
}

// TestSearchEnds ends by an error of the caller, and by its context.
func TestSearchEnds(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	for range 5 {
		appendTest(t, j, delivery(time.Now(), ""))
	}
	enough, n := errors.New("enough"), 0
	_, err := j.Search(t.Context(), Filter{}, "activated", func(*Hit) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	_, err = j.Search(t.Context(), Filter{}, "application", func(*Hit) error {
		n++
		return enough
	})
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = j.Search(ctx, Filter{}, "application", func(*Hit) error {
		cancel()
		return nil
	})
	if fault.KindOf(err) != fault.Stopped {
		t.Errorf("cancelled: %v", err)
	}
	none := openAt(t, filepath.Join(t.TempDir(), "journal.db"), Options{ReadOnly: true})
	if got := searched(t, none, Filter{}, "a"); len(got) != 0 {
		t.Errorf("found %v in no journal", got)
	}
}
