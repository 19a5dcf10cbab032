// Package events holds whctl events and its verbs.
package events

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/reconcile"
	"github.com/whctl/whctl/internal/term"
)

// New makes the group. Its reconcile sends recorded deliveries again with replay.
func New(e *cmdkit.Env, replay Replay) *cobra.Command {
	c := &cobra.Command{
		Use:     "events",
		Aliases: []string{"event"},
		Short:   "Show the platform's events and deliver them again",
		Long: `Show the platform's events and how their deliveries went, and deliver events again. EVENT is an event id,
the beginning of one, or the id of its record.`,
		Example: `  whctl events list --status failed
  whctl events stats --since 24h
  whctl events retry --all-failed --yes --wait`,
	}
	c.AddCommand(newList(e, runList), newGet(e, runGet), newLogs(e, runLogs), newRetry(e, runRetry), newStats(e, runStats), newReconcile(e, replay, runReconcile))
	return c
}

// reader is the calls that the verbs for reading events make.
type reader interface {
	ListEvents(ctx context.Context, q api.EventQuery) (api.EventList, error)
	EventStatus(ctx context.Context, id string) (api.EventStatus, error)
	EventLogs(ctx context.Context, id string) (api.EventLogs, error)
	EventsSince(ctx context.Context, statuses []string, since func() time.Time) ([]api.Event, []reconcile.Range, error)
}

// resolve finds the event id that an argument means: a whole id as it is, else the only one that begins so among all that the platform lists.
func resolve(ctx context.Context, c reader, ref string) (string, error) {
	if ref == "" {
		return "", fault.Hint(fault.New(fault.Usage, "the event id is empty"), "see whctl events list")
	}
	if event.IsUUID(ref) {
		return ref, nil
	}
	events, err := all(ctx, c)
	found := beginning(events, ref)
	switch {
	case err != nil:
		return "", err
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0:
		return "", fault.Hint(fault.New(fault.Refused, "no event %q among the newest %d of any status", ref, api.MaxLimit), "see whctl events list")
	default:
		const most = 5
		shown := strings.Join(found[:min(len(found), most)], ", ")
		return "", fault.Hint(fault.New(fault.Usage, "%q means %d events: %s", ref, len(found), shown), "use more of the id")
	}
}

// all gives the events that the platform lists: the newest of all and, where there are more, the newest of each status.
func all(ctx context.Context, c reader) ([]api.Event, error) {
	list, err := c.ListEvents(ctx, api.EventQuery{Limit: api.MaxLimit})
	if err != nil || list.Total <= len(list.Events) {
		return list.Events, err
	}
	more, _, err := c.EventsSince(ctx, api.EventStatuses(), func() time.Time { return time.Time{} })
	return append(list.Events, more...), err
}

// beginning gives the ids of the events that begin as ref does, each once, or only the one that ref is.
func beginning(events []api.Event, ref string) (found []string) {
	for _, ev := range events {
		id := cmp.Or(ev.EventID, ev.ID)
		if ev.EventID == ref || ev.ID == ref {
			return []string{id}
		}
		if (strings.HasPrefix(ev.EventID, ref) || strings.HasPrefix(ev.ID, ref)) && !slices.Contains(found, id) {
			found = append(found, id)
		}
	}
	return found
}

// byRecord looks for an event whose record has this id, for servers that know events by their event id only.
func byRecord(ctx context.Context, c reader, id string, notFound error) (string, error) {
	if client.Status(notFound) != http.StatusNotFound {
		return "", notFound
	}
	events, err := all(ctx, c)
	if err != nil {
		return "", notFound
	}
	for _, ev := range events {
		if ev.ID == id && ev.EventID != id {
			return ev.EventID, nil
		}
	}
	return "", notFound
}

// logsOf reads an event and its attempts by either of its ids.
func logsOf(ctx context.Context, c reader, ref string) (api.EventLogs, error) {
	id, err := resolve(ctx, c, ref)
	if err != nil {
		return api.EventLogs{}, err
	}
	logs, err := c.EventLogs(ctx, id)
	if err == nil {
		return logs, nil
	}
	if id, err = byRecord(ctx, c, id, err); err != nil {
		return api.EventLogs{}, err
	}
	return c.EventLogs(ctx, id)
}

func paintOf(style term.Style, status string) func(string) string {
	switch status {
	case api.StatusCompleted:
		return style.Good
	case api.StatusFailed:
		return style.Bad
	case api.StatusSkipped:
		return style.Warn
	default:
		return style.Dim
	}
}
