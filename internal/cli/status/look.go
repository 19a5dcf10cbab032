package status

// Looking at what there is. A part that cannot be read does not keep the others from being shown.

import (
	"context"
	"os"
	"sync"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/config"
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/fault"
	store "github.com/whctl/whctl/internal/journal"
)

func look(ctx context.Context, e *cmdkit.Env) (report, error) {
	s, err := e.Settings()
	if err != nil {
		return report{}, err
	}
	r := report{
		Version: e.Version, Profile: profile{s.Profile, s.Origin("profile")}, API: platform{URL: s.APIURL, Origin: s.Origin("api_url")},
		Listeners: []listener{}, Sandboxes: []sandbox{}, Targets: []target{}, At: e.Now(),
	}
	from, err := e.TokenFrom()
	r.API.TokenFrom = string(from)
	r.API.failure = failed(e, err)
	r.running(e)
	r.keys(ctx, e, s.Profile)
	r.journal(ctx, e, s)
	r.knock(ctx)
	return r, nil
}

func failed(e *cmdkit.Env, err error) failure {
	if err == nil {
		return failure{}
	}
	return failure{e.Screen(err.Error()), e.Screen(fault.HintOf(err).String())}
}

// running finds the processes.
func (r *report) running(e *cmdkit.Env) {
	all, err := e.AllRunning()
	r.Running = failed(e, err)
	for _, p := range all {
		box := sandbox{URL: p.URL, PID: p.PID, Version: p.Version, StartedAt: api.At(p.StartedAt), Scheme: p.Scheme}
		if p.Command != "sandbox" {
			r.Listeners = append(r.Listeners, listenerOf(p))
			if box.URL, box.Listener = p.SandboxURL, p.URL; box.URL == "" {
				continue
			}
		}
		r.Sandboxes = append(r.Sandboxes, box)
	}
}

func listenerOf(p cmdkit.Running) listener {
	l := listener{
		Command: p.Command, PID: p.PID, Version: p.Version, StartedAt: api.At(p.StartedAt), Profile: p.Profile, Addr: p.Addr, URL: p.URL, From: p.From, Scheme: p.Scheme,
		Targets: append([]string{}, p.Targets...), AdminURL: p.AdminURL, SandboxURL: p.SandboxURL, Journal: p.Journal, Troubles: []trouble{}, Missed: p.Missed,
	}
	for _, t := range p.Troubles {
		l.Troubles = append(l.Troubles, trouble{string(t.State), t.Target, api.At(t.Since)})
	}
	return l
}

// keys lists the saved keys of the profile.
func (r *report) keys(ctx context.Context, e *cmdkit.Env, profile string) {
	r.Keys.Saved = []savedKey{}
	s, err := e.Store()
	if err != nil {
		r.Keys.failure = failed(e, err)
		return
	}
	list, err := s.ListKeys(ctx, profile)
	r.Keys.failure = failed(e, err)
	for _, k := range list {
		r.Keys.Saved = append(r.Keys.Saved, savedKey{k.Name, k.WebhookID, k.Scheme})
	}
	r.Keys.Count = len(list)
}

// countedSize is how large a journal may be whose deliveries are counted, in bytes: nobody waits for a status.
const countedSize = 64 << 20

// journal reads the journal. Of one that cannot be used the size is told.
func (r *report) journal(ctx context.Context, e *cmdkit.Env, s *config.Settings) {
	r.Journal.Path = s.JournalPath
	if info, err := os.Stat(s.JournalPath); err == nil {
		r.Journal.Bytes = info.Size()
	}
	j, err := store.Open(ctx, s.JournalPath, store.Options{Now: e.Now, ReadOnly: true})
	if err != nil {
		r.Journal.failure = failed(e, err)
		return
	}
	defer func() { _ = j.Close() }()
	r.Journal.Bytes = j.FileBytes()
	oldest, newest, err := j.Ends(ctx)
	r.Journal.Oldest, r.Journal.Newest = api.At(oldest), api.At(newest)
	if err == nil && r.Journal.Bytes <= countedSize {
		n := 0
		n, err = j.Count(ctx, store.Filter{})
		r.Journal.Deliveries = &n
	}
	if err == nil {
		err = r.targets(ctx, e, j)
	}
	r.Journal.failure = failed(e, err)
}

// targets tells what is owed to whom. A journal of an earlier whctl has no queue.
func (r *report) targets(ctx context.Context, e *cmdkit.Env, j *store.Journal) error {
	has, err := j.HasQueue(ctx)
	if err != nil || !has {
		return err
	}
	lanes, err := j.Lanes(ctx, "")
	for _, l := range lanes {
		_, owned, err := j.LaneOwner(l.Profile, l.Target)
		r.Journal.Open, r.Journal.Dead = r.Journal.Open+l.Open, r.Journal.Dead+l.Dead
		if l.Open+l.Dead > 0 || owned {
			r.Targets = append(r.Targets, target{l.Target, l.Profile, l.Open, l.Dead, api.At(l.Oldest), l.Paused, owned, failed(e, err)})
		}
	}
	return err
}

// knock asks all addresses on this machine at once whether something takes connections there.
func (r *report) knock(ctx context.Context) {
	var asked sync.WaitGroup
	for i := range r.Listeners {
		if r.Listeners[i].URL == "" { // it asks a broker itself
			continue
		}
		asked.Go(func() { r.Listeners[i].Answers = deliver.Opens(ctx, r.Listeners[i].URL) })
	}
	for i := range r.Sandboxes {
		asked.Go(func() { r.Sandboxes[i].Answers = deliver.Opens(ctx, r.Sandboxes[i].URL) })
	}
	if cmdkit.Here(r.API.URL) {
		asked.Go(func() { r.API.Answers = new(deliver.Opens(ctx, r.API.URL)) })
	}
	asked.Wait()
}
