package verify

// whctl why, when a target did not take the delivery.

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/judge"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/explain/restyle"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/verifier"
)

// refusedByJSON is the target that did not take a delivery; docs/json.md lists it.
type refusedByJSON struct {
	Target string `json:"target"`
	Status int    `json:"status"`          // 0 where there was no answer
	Line   string `json:"line"`            // what its answer says in a line
	Error  string `json:"error,omitempty"` // what came instead of an answer
	Cause  string `json:"cause,omitempty"` // what the answer says: csrf, host, auth, path, redirect.slash, …; or unreachable, timeout
}

func (w *why) refusedByJSON() *refusedByJSON {
	if w.refusedBy == nil {
		return nil
	}
	return &refusedByJSON{Target: w.refusedBy.Target, Status: w.refusedBy.Status, Line: refusal.Line(w.refusedBy.Header, w.refusedBy.Body), Error: w.refusedBy.Error, Cause: w.cause}
}

// refusedWords say, after the verdict, that a target refused.
func (w *why) refusedWords() string {
	if w.refusedBy == nil {
		return ""
	}
	and := "; and "
	if w.jm.Verdict.OK {
		and = "; but "
	}
	if w.refusedBy.Error != "" {
		return fmt.Sprintf("%s%s: %s", and, w.refusedBy.Target, w.refusedBy.Error)
	}
	words := fmt.Sprintf("%s%s answered %d", and, w.refusedBy.Target, w.refusedBy.Status)
	if line := refusal.Line(w.refusedBy.Header, w.refusedBy.Body); line != "" {
		words += " (body: " + line + ")"
	}
	return words
}

// handedOn explains why a target did not take the delivery: by its answer, or by what came instead of one, or else, if it refused what
// holds here, by what can be wrong with the target's own check.
func (o *whyOptions) handedOn(ctx context.Context, w *why, j *judge.Judge) {
	w.refusedBy = lastFailure(w.attempts)
	switch {
	case w.refusedBy == nil:
		return
	case w.refusedBy.Error != "":
		w.noAnswer()
		w.thenAgain()
		return
	}
	cause, told := refusal.Read(cmdkit.AnswerOf(&w.delivery, w.refusedBy))
	if told {
		w.cause = cause.ID
	}
	switch {
	case told && cause.ID != refusal.Signature:
		w.inTheWay(cause)
	case !w.jm.Verdict.OK:
	case !told && w.refusedBy.Status != http.StatusBadRequest && !refusal.MayBeSignature(w.refusedBy.Status):
		w.found = explain.Diagnosis{Next: explain.Steps{{Text: "its answer does not speak of a signature: see your program's log"}}}
	default:
		w.targetCheck(told, o.recipes.choice(o.env, w.refusedBy.Header))
		w.rotatedFirst(ctx, j)
	}
	w.thenAgain()
}

// thenAgain adds the command that hands the delivery on again, to do last. An attempt of a replay is of no job.
func (w *why) thenAgain() {
	place := slices.Index(w.delivery.Targets, w.refusedBy.Target)
	if place < 0 || !w.jm.Verdict.OK && w.jm.Verdict.Reason != sign.Unverified {
		return
	}
	job := record.Job{DeliveryID: w.delivery.ID, Place: place}
	w.found.Next = append(w.found.Next, explain.Step{Text: "then hand it on again", Command: fault.Command("whctl queue retry", job.ID()).String()})
}

// lastFailure is the last attempt that was no success; nil where there is none, or where each target of one took the delivery later.
func lastFailure(attempts []record.Attempt) *record.Attempt {
	for i := len(attempts) - 1; i >= 0; i-- {
		a := &attempts[i]
		later := slices.ContainsFunc(attempts[i+1:], func(b record.Attempt) bool {
			return b.Target == a.Target && b.Outcome == record.OutcomeDelivered
		})
		if a.Outcome != record.OutcomeDelivered && a.Outcome != record.OutcomeCancelled && !later {
			return a
		}
	}
	return nil
}

// noAnswer tells what came instead of a target's answer.
func (w *why) noAnswer() {
	w.cause = string(w.refusedBy.Outcome)
	if !w.jm.Verdict.OK && w.jm.Verdict.Reason != sign.Unverified {
		return
	}
	hint := w.refusedBy.Hint.String()
	switch {
	case hint != "":
		w.found = explain.Diagnosis{Next: explain.Steps{{Text: hint}}}
	case w.refusedBy.Outcome == record.OutcomeTimeout:
		w.found = explain.Diagnosis{Next: explain.Steps{
			{Text: "have your program answer sooner: it takes the delivery, answers 200, then works"},
			{Text: "or let whctl listen wait longer with --timeout, as senders do not"},
		}}
	default:
		w.found = explain.Diagnosis{Next: explain.Steps{{Text: "see your program's log"}}}
	}
}

// inTheWay puts what a target's answer says first, unless whctl refused the delivery too.
func (w *why) inTheWay(cause refusal.Cause) {
	f := explain.Finding{ID: "target." + cause.ID, Title: cause.Title, Fix: cause.Fix.String(), Certain: cause.Certain}
	if !cause.Certain {
		f.Title = "probably " + f.Title
	}
	if line := refusal.Line(w.refusedBy.Header, w.refusedBy.Body); line != "" {
		f.Evidence = fmt.Sprintf("it answered %d: %s", w.refusedBy.Status, line)
	}
	if w.jm.Verdict.OK || w.jm.Verdict.Reason == sign.Unverified {
		w.found = explain.Diagnosis{Findings: []explain.Finding{f}}
		return
	}
	w.found.Findings = append(w.found.Findings, f)
}

// targetCheck says what can be wrong with the target's check when the signature holds here.
func (w *why) targetCheck(told bool, recipes explain.Choice) {
	s := w.jm.Rules.Scheme()
	next := explain.Steps{{Text: "look at the key and the clock"}}
	if s.Name == w.jm.Verdict.Scheme { // otherwise the verdict comes from rules that are not here
		next = lookAt(s, w.jm.Rules.Needs())
		if verifier.Writable(w.jm.Rules.Parsed) {
			next = append(next, explain.Step{Text: "compare your verifier with one that is right", Command: fault.Command("whctl schemes show", s.Name).Switch("--code LANGUAGE").String()})
		}
	}
	if !told {
		next = append(next, explain.Step{Text: fmt.Sprintf("if that %d is not about the signature, see your program's log", w.refusedBy.Status)})
	}
	if s.Algorithm == scheme.Token || !w.jm.Rules.NeedsBody() {
		w.found = explain.Diagnosis{Next: next}
		return
	}
	w.found = rewritten(w.delivery.Body, next, recipes)
}

// rotatedFirst puts a recent rotation of the key that verified the delivery before all other findings.
func (w *why) rotatedFirst(ctx context.Context, j *judge.Judge) {
	r, ago, ok := j.Rotated(ctx, cmp.Or(w.jm.Key, w.delivery.KeyName), w.delivery.ReceivedAt)
	if !ok {
		return
	}
	w.found.Findings = append([]explain.Finding{{
		ID: "target.key.rotated", Title: "the key of webhook " + r.Name + " was rotated " + ago + ", and your program probably has the old one",
		Evidence: "the signature holds here, with the keys that are saved now",
		Fix:      "give your program the new key, and start it again",
	}}, w.found.Findings...)
}

// rewritten says whether a JSON library that parses and writes this body changes it. If so, the target may have verified other
// bytes than those that came.
func rewritten(body []byte, next explain.Steps, recipes explain.Choice) explain.Diagnosis {
	const raw = "verify the raw bytes, before a JSON parser runs"
	all := restyle.Rewritings(body)
	var same, changed []string
	instead := ""
	for _, r := range all {
		if r.Same {
			same = append(same, r.Library)
		} else {
			changed, instead = append(changed, r.Library), cmp.Or(instead, r.Raw)
		}
	}
	first := func(text string) explain.Diagnosis {
		return explain.Diagnosis{Next: append(explain.Steps{{Text: text}}, next...)}
	}
	switch {
	case len(all) == 0:
		return first("see that your program verifies the raw bytes, before anything parses them")
	case len(changed) == 0:
		return first("leave the body aside: a JSON library that parses it and writes it again does not change it")
	case all[0].Same:
		return first(fmt.Sprintf("with %s, %s (%s): it changes the body when it parses and rewrites it; %s do not", list(changed), raw, instead, list(same)))
	}
	evidence := fmt.Sprintf("that changes this body: %s writes …%s… for …%s…", all[0].Library, all[0].Is, all[0].Was)
	if len(changed) > 1 {
		evidence += "; " + list(changed[1:]) + " would change it too"
	}
	found := first("see that your program verifies the raw bytes, as above")
	found.Findings = []explain.Finding{recipes.RawBody(explain.Finding{
		ID: "target.body.rewritten", Title: "your program probably parses and rewrites the body before it verifies", Evidence: evidence, Fix: raw,
	})}
	return found
}

// lookAt names what can differ between whctl and the target besides the body.
func lookAt(s *scheme.Scheme, needs scheme.Needs) explain.Steps {
	const newline = " (whctl leaves out a line break at the end of a key file or variable)"
	if s.Algorithm == scheme.Token {
		return explain.Steps{{Text: "look at the token: your program must compare it with the one that whctl has" + newline}}
	}
	out := explain.Steps{
		{Text: "look at the key: your program must use the one that whctl has" + newline},
		{Text: fmt.Sprintf("look at the encodings of scheme %s (key: %s, signature: %s)", s.Name, encodingWords(s.Key.Encoding), encodingWords(s.Signature.Encoding))},
	}
	if needs.URL {
		out = append(out, explain.Step{Text: "look at the URL: your program must sign the one that the provider knows, which a proxy may have changed"})
	}
	if s.Timestamp != nil {
		out = append(out, explain.Step{Text: "look at the clock: your program's must be right"})
	}
	return out
}

func encodingWords(encoding string) string {
	if encoding == "utf8" {
		return "its text as it is"
	}
	return encoding
}

func list(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}
