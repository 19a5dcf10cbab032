package journal

// What to type next about a delivery.

import (
	"context"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/secret"
	"github.com/whctl/whctl/internal/sign"
)

// mostNext is how many commands are offered.
const mostNext = 3

// nextSteps are the commands that tell more of a delivery or do something about it, the most useful first. Each works as it is printed.
func (o *showOptions) nextSteps(ctx context.Context, s *shown) []string {
	d := &s.delivery
	var list []fault.Words
	if s.explained() {
		list = append(list, fault.Command("whctl why", d.ID))
	}
	retried := []record.JobState{record.JobDead, record.JobDropped, record.JobFailed, record.JobInterrupted, record.JobWaiting}
	if i := slices.IndexFunc(s.jobs, func(j record.Job) bool { return slices.Contains(retried, j.State) }); i >= 0 {
		list = append(list, fault.Command("whctl queue retry", s.jobs[i].ID()))
	}
	if s.before != nil && !d.Truncated() && !d.BodyDamaged {
		list = append(list, fault.Command("whctl journal diff", s.before.ID, d.ID))
	}
	if again, can := o.again(ctx, s); can {
		list = append(list, again)
	}
	if len(list) == 0 && !d.Truncated() && !d.BodyDamaged {
		list = append(list, fault.Command("whctl journal export", d.ID).Flag("--format", asCurl))
	}
	if len(list) == 0 {
		list = append(list, fault.Command("whctl journal export", d.ID))
	}
	out := make([]string, min(len(list), mostNext))
	for i := range out {
		out[i] = o.env.AsTyped(o.env.OfProfile(list[i], d.Profile).String())
	}
	return out
}

// explained says whether there is a refusal that whctl why tells more of.
func (s *shown) explained() bool {
	if !s.delivery.Verdict.OK && s.delivery.Verdict.Reason != sign.Unverified {
		return true
	}
	return slices.ContainsFunc(s.attempts, func(a record.Attempt) bool { return a.Outcome == record.OutcomeRefused })
}

// again is the command that sends a delivery again. There is none where it went to no target or to several, to one whose address is
// not known by its name, or where the journal does not have all that came.
func (o *showOptions) again(ctx context.Context, s *shown) (fault.Words, bool) {
	d := &s.delivery
	if len(s.jobs) != 1 || !strings.Contains(s.jobs[0].Target, "://") || d.Truncated() || d.BodyDamaged || d.Scrubbed > 0 {
		return fault.Words{}, false
	}
	again := fault.Command("whctl replay", d.ID)
	if o.saved(ctx, d) {
		return again, true
	}
	for _, name := range secretHeaders(o.env, *d) {
		if slices.Contains(d.Header[name], masking.Masked) {
			return again, false // it was not recorded, and no saved key makes it
		}
	}
	return again.Switch("--as-captured"), true
}

// saved says whether the key that verified a delivery is a saved one. It does not ask the keyring.
func (o *showOptions) saved(ctx context.Context, d *record.Delivery) bool {
	store, err := o.env.Store()
	if err != nil || d.KeyName == "" {
		return false
	}
	keys, err := store.ListKeys(ctx, d.Profile)
	return err == nil && slices.ContainsFunc(keys, func(k secret.KeyInfo) bool { return slices.Contains(k.Labels(), d.KeyName) })
}

// secretHeaders are the headers that carry the key itself under a delivery's scheme.
func secretHeaders(e *cmdkit.Env, d record.Delivery) []string {
	s, err := e.Settings()
	if err != nil {
		return nil
	}
	rules, err := cmdkit.RulesOf(s, d.Verdict.Scheme)
	if err != nil {
		return nil
	}
	return rules.SecretHeaders()
}
