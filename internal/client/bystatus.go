package client

// The events of the last hours or days, as far as the API shows them.

import (
	"context"
	"sort"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/reconcile"
)

// EventsSince gives the events of some statuses that were created since a time, newest first, each once, and what was seen of each status.
// It asks for one status after the other, as the API lists at most 100 of what it is asked for and has no way to go on. An event that
// moves on meanwhile is seen in its next status, where the statuses are in the order of its life. since is asked once the API has
// answered, when its clock is known; zero is all that the API lists.
func (c *Client) EventsSince(ctx context.Context, statuses []string, since func() time.Time) (events []api.Event, ranges []reconcile.Range, err error) {
	place := map[string]int{} // of an event among all
	for _, status := range statuses {
		list, err := c.ListEvents(ctx, api.EventQuery{Status: status, Limit: api.MaxLimit})
		if err != nil {
			return events, ranges, err
		}
		from := since()
		ranges = append(ranges, rangeOf(status, list, from))
		for _, e := range list.Events {
			if e.CreatedAt.Before(from) {
				continue
			}
			id := idOf(e)
			if i, seen := place[id]; seen {
				events[i] = e
				continue
			}
			place[id] = len(events)
			events = append(events, e)
		}
	}
	sort.SliceStable(events, func(i, j int) bool { return events[i].CreatedAt.After(events[j].CreatedAt.Time) })
	return events, ranges, nil
}

// idOf is the id of an event, else that of its record.
func idOf(e api.Event) string {
	if e.EventID == "" {
		return e.ID
	}
	return e.EventID
}

// rangeOf says what was seen of a status. A list that is cut off still holds everything since a time, if it goes back further.
func rangeOf(status string, list api.EventList, since time.Time) reconcile.Range {
	r := reconcile.Range{Status: status, Seen: len(list.Events), Total: list.Total}
	if r.Seen > 0 { // newest first
		r.From, r.To = list.Events[r.Seen-1].CreatedAt.Time, list.Events[0].CreatedAt.Time
	}
	r.Whole = r.Total <= r.Seen || list.Newest && r.From.Before(since)
	return r
}
