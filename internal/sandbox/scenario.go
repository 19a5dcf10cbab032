package sandbox

// Scenarios: one customer through the states that the provider documents.

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/event"
)

// stepTime is how far apart the events of a scenario happen. The last one happens now.
const stepTime = time.Second

// playScenario raises the events of a scenario. The platform has no such call.
func (s *Sandbox) playScenario(r *http.Request) (int, any, error) {
	var q api.PlayRequest
	if err := request(r, &q); err != nil {
		return 0, nil, err
	}
	all := event.Scenarios(s.scheme.Name)
	i := slices.IndexFunc(all, func(c event.Scenario) bool { return c.Name == q.Scenario })
	if i < 0 {
		return 0, nil, refuse(http.StatusBadRequest, s.lacks(q.Scenario, all))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out, err := s.raiseSteps(all[i].Steps)
	return http.StatusOK, out, triggerError(err)
}

// raiseSteps makes the events of a scenario, which are about the same customer. The caller holds the lock.
func (s *Sandbox) raiseSteps(steps []string) (api.Triggered, error) {
	s.steady()
	var (
		made  []*eventRecord
		notes []string
		names = map[string]string{}
		first = s.clock.now().Add(-stepTime * time.Duration(len(steps)-1))
	)
	for i, step := range steps {
		e, note, err := s.newEvent(wish{name: step, o: event.BuildOptions{Now: first.Add(stepTime * time.Duration(i)), Names: names}})
		if err != nil {
			return api.Triggered{}, err
		}
		made = append(made, e)
		if note != "" && !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	return s.enter(made, notes)
}

// lacks says which scenarios there are instead.
func (s *Sandbox) lacks(name string, all []event.Scenario) string {
	text := fmt.Sprintf("scheme %s has no scenario %q", s.scheme.Name, name)
	var names []string
	for _, c := range all {
		names = append(names, c.Name)
	}
	if len(names) > 0 {
		return text + "; there are " + strings.Join(names, ", ")
	}
	if having := event.FindScenario(name); len(having) > 0 {
		return text + "; start a sandbox with --scheme " + having[0] + ", which has it"
	}
	return text + ", nor any other"
}

// samples lists what there is to raise.
func (s *Sandbox) samples(*http.Request) (int, any, error) {
	out := api.Samples{Scheme: s.scheme.Name, Types: []api.SampleType{}, Scenarios: []api.Scenario{}}
	for _, typ := range event.SampleNames(s.scheme.Name) {
		if event.TypeOf(s.scheme.Name, typ) != typ {
			continue
		}
		t := api.SampleType{Type: typ, Variants: []string{}}
		for _, name := range event.Variants(s.scheme.Name, typ) {
			t.Variants = append(t.Variants, strings.TrimPrefix(name, typ+"/"))
		}
		out.Types = append(out.Types, t)
	}
	for _, name := range s.o.Own.Names() {
		if !event.IsSample(s.scheme.Name, name) {
			out.Types = append(out.Types, api.SampleType{Type: name, Variants: []string{event.Tricky}})
		}
	}
	for _, c := range event.Scenarios(s.scheme.Name) {
		out.Scenarios = append(out.Scenarios, api.Scenario{Name: c.Name, Steps: c.Steps})
	}
	return http.StatusOK, out, nil
}
