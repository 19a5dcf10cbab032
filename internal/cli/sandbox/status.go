package sandbox

// whctl sandbox status: what the sandbox holds.

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

func runStatus(ctx context.Context, e *cmdkit.Env) error {
	return control(ctx, e, func(s client.Sandbox) (api.SandboxStatus, error) { return s.Status(ctx) },
		func(s api.SandboxStatus) error { return printStatus(e, s) })
}

func printStatus(e *cmdkit.Env, s api.SandboxStatus) error {
	style := e.IO.Style()
	b := render.NewCard(style, 9)
	clock := s.Now.Local().Format(time.RFC3339)
	if ahead := render.Milliseconds(s.OffsetMs); ahead > 0 {
		clock += ", " + render.Dur(ahead) + " ahead"
	}
	if s.Stands {
		clock += ", stands still"
	}
	b.Row("clock", term.Clean(clock))
	b.Row("scheme", term.Clean(s.Scheme))
	b.Row("retries", schedule(s.Schedule))
	b.Row("events", term.Clean(counts(s.Events)))
	if s.ForgottenEvents+s.ForgottenAttempts > 0 {
		b.Row("forgotten", fmt.Sprintf("%s, %s, to make room", fault.Plural(s.ForgottenEvents, "event"), fault.Plural(s.ForgottenAttempts, "attempt")))
	}
	b.Row("queued", strconv.Itoa(s.Queued))
	if s.Chaos != "" {
		b.Row("chaos", term.Clean(fmt.Sprintf("%s, seed %d", s.Chaos, s.Seed)))
	}
	if err := b.Print(e.IO); err != nil {
		return err
	}
	if len(s.Webhooks) > 0 {
		t := render.NewTable(
			render.Column{Title: "WEBHOOK", Narrow: render.ID}, render.Column{Title: "NAME", Least: 16}, render.Column{Title: "STATUS", Narrow: render.Uncut},
			render.Column{Title: "EVENTS", Worth: 1}, render.Column{Title: "URL", Narrow: render.CutMiddle, Least: 24},
		)
		for _, w := range s.Webhooks {
			t.AddCells(
				render.Cell{Text: w.ID}, render.Cell{Text: w.Name}, render.Cell{Text: map[bool]string{true: "active", false: "inactive"}[w.IsActive]},
				render.Cell{Text: strings.Join(w.EventTypes, ", ")}, render.URLCell(w.URL),
			)
		}
		if err := printTable(e, t); err != nil {
			return err
		}
	}
	if len(s.Queue) == 0 {
		return nil
	}
	t := render.NewTable(
		render.Column{Title: "DUE", Narrow: render.Uncut}, render.Column{Title: "EVENT", Narrow: render.ID},
		render.Column{Title: "TYPE", Narrow: render.CutMiddle, Least: render.LeastType}, render.Column{Title: "#", Right: true, Worth: 1}, render.Column{Title: "TO", Least: 16},
	)
	for _, q := range s.Queue {
		t.AddCells(
			render.AgoCell(s.Now.Time, q.DueAt.Time), render.Cell{Text: q.EventID}, render.Cell{Text: q.EventType}, render.Cell{Text: strconv.Itoa(q.Attempt)},
			render.Cell{Text: q.WebhookName},
		)
	}
	return printTable(e, t)
}

func printTable(e *cmdkit.Env, t *render.Table) error {
	if _, err := fmt.Fprintln(e.IO.Out); err != nil {
		return err
	}
	return t.Print(e.IO)
}

func schedule(seconds []float64) string {
	if len(seconds) == 0 {
		return "none"
	}
	parts := make([]string, 0, len(seconds))
	for _, s := range seconds {
		parts = append(parts, render.Dur(render.Seconds(s)))
	}
	return "after " + strings.Join(parts, ", ") + " (assumed: the platform documents the first)"
}

func counts(m map[string]int) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if m[k] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", m[k], k))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}
