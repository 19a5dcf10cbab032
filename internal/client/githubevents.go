package client

// The deliveries of a webhook of GitHub, as reconcile.Platform has them. An event is all deliveries that share a guid, which they carry
// as X-GitHub-Delivery; a redelivery has the guid of its original.

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/reconcile"
)

// maxPages is how many pages of a hundred deliveries are read.
const maxPages = 100

// GitHubEvents is the events of one webhook of GitHub.
type GitHubEvents struct {
	c       *Client
	path    string
	pages   map[string]page // by cursor
	changed time.Time       // when a delivery was last asked for
}

// page is a page of the list as it was read last, with the tag by which GitHub says that it is still the same. That answer costs no call:
// docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
type page struct {
	tag  string
	list []gitHubDelivery
	next string
}

type gitHubDelivery struct {
	ID          json.Number `json:"id"`
	GUID        string      `json:"guid"`
	DeliveredAt time.Time   `json:"delivered_at"`
	Status      string      `json:"status"` // in words
	StatusCode  int         `json:"status_code"`
	Event       string      `json:"event"`
}

// Events returns the events of a webhook.
func (g *GitHub) Events(w GitHubWebhook) *GitHubEvents {
	return &GitHubEvents{c: g.c, path: w.path() + "/" + strconv.FormatInt(w.ID, 10) + "/deliveries", pages: map[string]page{}}
}

// Now is for reconcile.Platform.
func (g *GitHubEvents) Now() time.Time { return g.c.o.Now().Add(g.c.Ahead()) }

// Events reads the list of deliveries, newest first, back to a time or to its end. An event is dated by the oldest of its deliveries that
// was seen, as the list does not say when it came about.
func (g *GitHubEvents) Events(ctx context.Context, since time.Time) (reconcile.View, error) {
	var v reconcile.View
	seen := reconcile.Range{Total: -1}
	place := map[string]int{}
	read := map[string]bool{}
	for cursor := ""; len(read) < maxPages; {
		if read[cursor] {
			return v, g.c.misshapen("its pages lead in a circle")
		}
		read[cursor] = true
		p, err := g.page(ctx, cursor)
		if err != nil {
			return v, err
		}
		past := false
		for _, d := range p.list {
			if past = past || d.DeliveredAt.Before(since); past {
				break
			}
			if seen.From = d.DeliveredAt; seen.To.IsZero() {
				seen.To = d.DeliveredAt
			}
			v.Events = take(v.Events, place, d)
		}
		if past || p.next == "" {
			seen.Whole = true
			break
		}
		cursor = p.next
	}
	if seen.Seen = len(v.Events); seen.Whole {
		seen.Total = seen.Seen
	}
	sort.SliceStable(v.Events, func(i, j int) bool { return v.Events[i].Created.After(v.Events[j].Created) })
	v.Ranges = []reconcile.Range{seen}
	return v, nil
}

// take adds a delivery to its event. Deliveries come newest first.
func take(events []reconcile.Event, place map[string]int, d gitHubDelivery) []reconcile.Event {
	i, known := place[d.GUID]
	if !known {
		i = len(events)
		place[d.GUID] = i
		events = append(events, reconcile.Event{ID: d.GUID, Type: d.Event, Status: d.Status, Ref: d.ID.String(), Phase: reconcile.Failed})
	}
	e := &events[i]
	a := reconcile.Attempt{At: d.DeliveredAt, Status: d.StatusCode}
	if d.StatusCode/100 == 2 {
		e.Phase = reconcile.Done
	} else if d.StatusCode == 0 {
		a.Error = d.Status
	}
	e.Created = d.DeliveredAt
	e.Attempts = slices.Insert(e.Attempts, 0, a)
	return events
}

// page reads one page of the list, or finds that it is as it was.
func (g *GitHubEvents) page(ctx context.Context, cursor string) (page, error) {
	was := g.pages[cursor]
	q := url.Values{"per_page": {"100"}}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	a, err := g.c.exchange(ctx, call{method: http.MethodGet, path: g.path, query: q.Encode(), known: was.tag})
	if err != nil || a.status == http.StatusNotModified {
		return was, err
	}
	p := page{tag: a.header.Get("Etag"), next: nextCursor(a.header)}
	if err := g.c.parse(a.body, &p.list); err != nil {
		return p, err
	}
	if p.list == nil || slices.ContainsFunc(p.list, func(d gitHubDelivery) bool { return d.GUID == "" || d.ID == "" }) {
		return p, g.c.misshapen("it is no list of deliveries")
	}
	g.pages[cursor] = p
	return p, nil
}

// Attempts is for reconcile.Platform. The list holds them already, and only this webhook's.
func (g *GitHubEvents) Attempts(_ context.Context, e reconcile.Event) (full reconcile.Event, its bool, err error) {
	return e, true, nil
}

// Retry asks for a redelivery. It waits before it, as GitHub wants a second between calls that change something.
func (g *GitHubEvents) Retry(ctx context.Context, e reconcile.Event) error {
	if d := spare(g.changed, g.c.o.Now()); d > 0 {
		if err := g.c.o.Sleep(ctx, d); err != nil {
			return g.c.stopped(err)
		}
	}
	defer func() { g.changed = g.c.o.Now() }()
	if _, err := strconv.ParseInt(e.Ref, 10, 64); err != nil {
		return fault.New(fault.Refused, "%q is no delivery id of GitHub", e.Ref)
	}
	q := call{method: http.MethodPost, path: g.path + "/" + e.Ref + "/attempts", unsure: "it may be delivered again all the same"}
	_, err := g.c.do(ctx, q)
	return err
}
