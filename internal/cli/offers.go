package cli

// What a shell is offered from the journal, the key store and the platform.

import (
	"context"
	"strings"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/journal"
	"github.com/whctl/whctl/internal/netname"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
)

// newest is how many deliveries or events are offered.
const newest = 20

// refs are references to deliveries, the newest first.
func refs(e *cmdkit.Env) cmdkit.Words {
	return func(ctx context.Context, _ string) (words []cmdkit.Word) {
		eachNewest(ctx, e, newest, func(d *record.Delivery) {
			about := strings.TrimPrefix(d.EventType+", "+render.Ago(e.Now(), d.ReceivedAt), ", ")
			if words == nil {
				words = append(words, cmdkit.Word{Text: "last", About: about})
			}
			words = append(words, cmdkit.Word{Text: d.ID, About: about})
		})
		return words
	}
}

// recordedEvents are ids of events, the newest first.
func recordedEvents(e *cmdkit.Env) cmdkit.Words {
	return func(ctx context.Context, _ string) (words []cmdkit.Word) {
		eachNewest(ctx, e, newest, func(d *record.Delivery) {
			words = append(words, cmdkit.Word{Text: d.EventID, About: d.EventType})
		})
		return words
	}
}

// typesFrom is in how many deliveries event types are looked for.
const typesFrom = 200

// recordedTypes are event types that came lately, then those that there are samples of.
func recordedTypes(e *cmdkit.Env) cmdkit.Words {
	return func(ctx context.Context, _ string) (words []cmdkit.Word) {
		eachNewest(ctx, e, typesFrom, func(d *record.Delivery) {
			words = append(words, cmdkit.Word{Text: d.EventType, About: "recorded"})
		})
		return append(words, cmdkit.Plain(sampleTypes(e))...)
	}
}

func eachNewest(ctx context.Context, e *cmdkit.Env, limit int, fn func(*record.Delivery)) {
	e.Glance(ctx, func(ctx context.Context, j *journal.Journal, profile string) error {
		return j.Each(ctx, journal.Filter{Profile: profile, Limit: limit}, func(d *record.Delivery) error {
			fn(d)
			return nil
		})
	})
}

// targets are those that have a lane.
func targets(e *cmdkit.Env) cmdkit.Words {
	return func(ctx context.Context, _ string) (words []cmdkit.Word) {
		e.Glance(ctx, func(ctx context.Context, j *journal.Journal, profile string) error {
			if has, err := j.HasQueue(ctx); err != nil || !has {
				return err
			}
			lanes, err := j.Lanes(ctx, profile)
			for _, l := range lanes {
				words = append(words, cmdkit.Word{Text: netname.ShortTarget(l.Target)})
			}
			return err
		})
		return words
	}
}

// named is what is known by a name and an id.
type named struct{ name, id, more string }

// namedWords are names that only one has, else ids, and ids where one is begun.
func namedWords(list []named, typed string) (words []cmdkit.Word) {
	same := map[string]int{}
	for _, n := range list {
		same[n.name]++
	}
	for _, n := range list {
		if cmdkit.PlainWord(n.name) && same[n.name] == 1 {
			words = append(words, cmdkit.Word{Text: n.name, About: strings.TrimSuffix(n.id+", "+n.more, ", ")})
			if typed == "" || !strings.HasPrefix(n.id, typed) {
				continue
			}
		}
		words = append(words, cmdkit.Word{Text: n.id, About: strings.TrimSuffix(n.name+", "+n.more, ", ")})
	}
	return words
}

// platformWebhooks are those of the platform.
func platformWebhooks(e *cmdkit.Env) cmdkit.Words {
	return func(ctx context.Context, typed string) (words []cmdkit.Word) {
		e.GlanceAPI(ctx, func(ctx context.Context, c *client.Client) error {
			all, err := c.ListWebhooks(ctx)
			list := make([]named, 0, len(all))
			for _, w := range all[:min(len(all), mostNamed)] {
				list = append(list, named{w.Name, w.ID, ""})
			}
			words = namedWords(list, typed)
			return err
		})
		return words
	}
}

// gitHubWebhooks are those of the repository or organisation that is typed already.
func gitHubWebhooks(e *cmdkit.Env) cmdkit.Words {
	return func(ctx context.Context, typed string) (words []cmdkit.Word) {
		place, err := client.ParseGitHubWebhook(strings.TrimSuffix(typed, "/"))
		if err != nil {
			return nil
		}
		e.GlanceGitHub(ctx, func(ctx context.Context, g *client.GitHub) error {
			all, err := g.Webhooks(ctx, place)
			for _, w := range all {
				url, _, _ := strings.Cut(w.Config.URL, "?") // what follows may be a secret
				words = append(words, cmdkit.Word{Text: w.Name(), About: url})
			}
			return err
		})
		return words
	}
}

// mostNamed is how many webhooks are looked at.
const mostNamed = 1000

// savedKeys are webhooks whose keys are saved.
func savedKeys(e *cmdkit.Env) cmdkit.Words {
	return func(ctx context.Context, typed string) []cmdkit.Word {
		s, err := e.Settings()
		if err != nil {
			return nil
		}
		store, err := e.Store()
		if err != nil {
			return nil
		}
		keys, err := store.ListKeys(ctx, s.Profile)
		if err != nil {
			return nil
		}
		list := make([]named, 0, len(keys))
		for _, k := range keys {
			list = append(list, named{k.Name, k.WebhookID, k.Scheme})
		}
		return namedWords(list, typed)
	}
}

// platformEvents are ids of the platform's events, the newest first.
func platformEvents(e *cmdkit.Env) cmdkit.Words {
	return func(ctx context.Context, _ string) (words []cmdkit.Word) {
		e.GlanceAPI(ctx, func(ctx context.Context, c *client.Client) error {
			all, err := c.ListEvents(ctx, api.EventQuery{Limit: newest})
			for _, ev := range all.Events {
				words = append(words, cmdkit.Word{Text: ev.EventID, About: ev.EventType + ", " + ev.Status})
			}
			return err
		})
		return words
	}
}
