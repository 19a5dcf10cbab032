package journal

// Counting the deliveries of a part, and adding parts up. Facts come as numbers where they can: a text costs more than the rest of its
// row.

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
)

// tally is what was counted.
type tally struct {
	Stats
	types          map[typeKey]*typeTally
	oldest, newest int64 // ids
}

func newTally() *tally {
	return &tally{types: map[typeKey]*typeTally{}, Stats: Stats{
		Skipped: map[record.Skip]int{}, Verdicts: map[sign.Reason]int{}, Outcomes: map[record.OutcomeKind]int{},
	}}
}

// typeKey is the scheme of deliveries and the type of their events, with NUL between them: one text costs less to read than two.
type typeKey string

func (k typeKey) parts() (scheme, typ string) {
	scheme, typ, _ = strings.Cut(string(k), "\x00")
	return scheme, typ
}

// typeTally is what was counted of one type.
type typeTally struct {
	deliveries int
	tries      []int64 // first tries, as factsOfAttempt has them
}

// of gives the type of a delivery, nil when there are too many.
func (t *tally) of(k typeKey) *typeTally {
	counted := t.types[k]
	if counted == nil && len(t.types) < mostTypes {
		counted = new(typeTally)
		t.types[k] = counted
	}
	return counted
}

// add adds what another one counted.
func (t *tally) add(p *tally) {
	if p.Deliveries == 0 {
		return
	}
	if t.Deliveries == 0 || p.oldest < t.oldest {
		t.oldest = p.oldest
	}
	t.newest = max(t.newest, p.newest)
	for _, n := range []struct{ to, from *int }{
		{&t.Deliveries, &p.Deliveries},
		{&t.Attempts, &p.Attempts},
		{&t.Duplicates, &p.Duplicates},
		{&t.Conflicts, &p.Conflicts},
		{&t.Late, &p.Late},
		{&t.OutOfOrder, &p.OutOfOrder},
		{&t.Waiting, &p.Waiting},
		{&t.Dead, &p.Dead},
		{&t.MoreTypes, &p.MoreTypes},
	} {
		*n.to += *n.from
	}
	t.Received += p.Received
	addAll(t.Skipped, p.Skipped)
	addAll(t.Verdicts, p.Verdicts)
	addAll(t.Outcomes, p.Outcomes)
	for k, from := range p.types {
		if to := t.of(k); to != nil {
			to.deliveries += from.deliveries
			to.tries = append(to.tries, from.tries...)
		} else {
			t.MoreTypes += from.deliveries
		}
	}
}

func addAll[K comparable](to, from map[K]int) {
	for k, n := range from {
		to[k] += n
	}
}

// partTally counts a part.
type partTally struct {
	*tally
	*counter
	ids   []int64      // of its deliveries, in order
	types []*typeTally // of these
}

// The bits of what is known of a delivery, as deliveryFacts has them: its marks, above them the place of its verdict among all, and
// above that its size.
const (
	isDuplicate = 1 << iota
	isConflict
	isLate
	isOutOfOrder
	isFiltered
	isUnrouted
	markBits    = 6
	verdictBits = 4
	noVerdict   = 1<<verdictBits - 1
)

// deliveryFacts is an expression with all that is counted of a delivery.
func deliveryFacts(format int) string {
	column := func(name string) string {
		if old, is := oldColumns(format)[name]; is {
			return old
		}
		return name
	}
	conflict, late, outOfOrder, skipped := column("conflict"), column("late"), column("out_of_order"), column("skipped")
	unmarked := fmt.Sprintf("duplicate_of IS NULL AND %s IS NULL AND %s <= 0 AND %s = 0 AND %s = ''", conflict, late, outOfOrder, skipped) // as most are
	marks := fmt.Sprintf("(duplicate_of IS NOT NULL) | (%s IS NOT NULL) * %d | (%s > 0) * %d | (%s <> 0) * %d | CASE %s WHEN '%s' THEN %d WHEN '%s' THEN %d ELSE 0 END",
		conflict, isConflict, late, isLate, outOfOrder, isOutOfOrder, skipped, record.SkipFiltered, isFiltered, record.SkipUnrouted, isUnrouted)
	return fmt.Sprintf("size * %d | %s | CASE WHEN %s THEN 0 ELSE %s END", 1<<(markBits+verdictBits), placeOf("reason", sign.Reasons(), markBits, noVerdict), unmarked, marks)
}

// deliveries counts the deliveries.
func (p *partTally) deliveries(ctx context.Context, conn *sql.Conn, c conditions, from, to int64) error {
	c = conditions{slices.Clone(c.list), slices.Clone(c.args)}
	c.add("id BETWEEN ? AND ?", from, to)
	query, err := newStatement(ctx, conn, withJobs(p.format, "SELECT id, scheme || char(0) || event_type, "+deliveryFacts(p.format)+" FROM "+p.table+c.where()+" ORDER BY id"))
	if err != nil {
		return err
	}
	defer func() { _ = query.Close() }()
	reasons := sign.Reasons()
	return query.query(ctx, func(row []driver.Value) error {
		id, _ := row[0].(int64)
		typ, _ := row[1].(string)
		facts, _ := row[2].(int64)
		p.Received += facts >> (markBits + verdictBits)
		if verdict := int(facts >> markBits & noVerdict); verdict < len(reasons) {
			p.Verdicts[reasons[verdict]]++
		}
		p.delivery(id, typeKey(typ), facts&(1<<markBits-1))
		return nil
	}, c.args...)
}

func (p *partTally) delivery(id int64, k typeKey, marks int64) {
	if p.Deliveries++; p.Deliveries == 1 {
		p.oldest = id
	}
	p.newest = id
	counted := p.of(k)
	if counted == nil {
		p.MoreTypes++
	} else {
		counted.deliveries++
	}
	p.ids, p.types = append(p.ids, id), append(p.types, counted)
	p.Waiting += p.waiting[id]
	p.Dead += p.dead[id]
	if marks == 0 {
		return
	}
	for mark, n := range map[int64]*int{isDuplicate: &p.Duplicates, isConflict: &p.Conflicts, isLate: &p.Late, isOutOfOrder: &p.OutOfOrder} {
		if marks&mark != 0 {
			*n++
		}
	}
	for mark, skip := range map[int64]record.Skip{isFiltered: record.SkipFiltered, isUnrouted: record.SkipUnrouted} {
		if marks&mark != 0 {
			p.Skipped[skip]++
		}
	}
}

// The bits of what is known of an attempt, as attemptFacts has them. How long it took stands above them.
const (
	answerBits  = 2 // one of the answers
	isFirstTry  = 1 << 2
	outcomeFrom = 3 // the place of its outcome among all
	noOutcome   = 7
	attemptBits = 6
)

// The answers.
const (
	answered2xx = iota
	answered4xx
	answeredElse // or not in time
	notAnswered  // how long that took says nothing
)

// attemptFacts is an expression with all that is known of an attempt.
func attemptFacts(format int) string {
	outcome := "outcome"
	if old, is := oldColumns(format)[outcome]; is {
		outcome = "(" + old + ")"
	}
	return fmt.Sprintf("max(duration, 0) * %d | (number = 1) * %d | CASE WHEN status BETWEEN 200 AND 299 OR status = 0 AND %s = 'delivered' THEN %d WHEN status BETWEEN 400 AND 499 THEN %d "+
		"WHEN status > 0 OR %s = 'timeout' THEN %d ELSE %d END | %s", 1<<attemptBits, isFirstTry, outcome, answered2xx, answered4xx, outcome, answeredElse, notAnswered,
		placeOf(outcome, record.Outcomes(), outcomeFrom, noOutcome))
}

// placeOf is an expression with the place of a text in a list, from a bit on. Where the list does not have it, it is another number.
func placeOf[T ~string](column string, list []T, from, none int) string {
	var b strings.Builder
	b.WriteString("CASE " + column)
	for i, text := range list {
		fmt.Fprintf(&b, " WHEN '%s' THEN %d", text, i<<from)
	}
	fmt.Fprintf(&b, " ELSE %d END", none<<from)
	return b.String()
}

// attempts counts what came of the deliveries. The attempts of a delivery at a target stand one after the other, the first one first.
func (p *partTally) attempts(ctx context.Context, conn *sql.Conn, from, to int64) error {
	if len(p.ids) == 0 {
		return nil
	}
	at, args := "", []any{from, to}
	if p.target != "" {
		at, args = " AND target = ?", append(args, p.target)
	}
	query, err := newStatement(ctx, conn, "SELECT delivery, "+attemptFacts(p.format)+" FROM attempts WHERE delivery BETWEEN ? AND ?"+at+" ORDER BY delivery, target, number")
	if err != nil {
		return err
	}
	defer func() { _ = query.Close() }()
	next, last := 0, int64(-1) // the attempt before, which is the last one of its job unless the next one is another try
	err = query.query(ctx, func(row []driver.Value) error {
		id, _ := row[0].(int64)
		facts, _ := row[1].(int64)
		for next < len(p.ids) && p.ids[next] < id {
			next++
		}
		if next == len(p.ids) || p.ids[next] != id {
			return nil
		}
		p.Attempts++
		if facts&isFirstTry != 0 {
			p.outcome(last)
			p.firstTry(p.types[next], facts)
		}
		last = facts
		return nil
	}, args...)
	p.outcome(last)
	return err
}

// outcome counts what the last attempt of a job came to.
func (p *partTally) outcome(facts int64) {
	if kinds := record.Outcomes(); facts >= 0 {
		if i := int(facts >> outcomeFrom & noOutcome); i < len(kinds) {
			p.Outcomes[kinds[i]]++
		}
	}
}

func (p *partTally) firstTry(counted *typeTally, facts int64) {
	cancelled := slices.Index(record.Outcomes(), record.OutcomeCancelled)
	if counted != nil && int(facts>>outcomeFrom&noOutcome) != cancelled {
		counted.tries = append(counted.tries, facts)
	}
}

// stats works out what the numbers say.
func (t *tally) stats(budget func(scheme string) Budget) Stats {
	s := t.Stats
	s.Types = make([]TypeStats, len(t.types))
	var group sync.WaitGroup // the times of each are sorted
	i := 0
	for k, counted := range t.types {
		scheme, typ := k.parts()
		to, b := &s.Types[i], budget(scheme)
		group.Go(func() { *to = counted.stats(scheme, typ, b) })
		i++
	}
	group.Wait()
	sort.Slice(s.Types, func(i, j int) bool {
		a, b := &s.Types[i], &s.Types[j]
		return cmp.Or(cmp.Compare(b.Deliveries, a.Deliveries), strings.Compare(a.Type, b.Type), strings.Compare(a.Scheme, b.Scheme)) < 0
	})
	return s
}

func (c *typeTally) stats(scheme, typ string, b Budget) TypeStats {
	out := TypeStats{Type: typ, Scheme: scheme, Deliveries: c.deliveries, Tries: len(c.tries)}
	var times []int64
	for _, facts := range c.tries {
		answer, took := facts&(1<<answerBits-1), facts>>attemptBits
		if answer != notAnswered {
			times = append(times, took)
		}
		switch {
		case b.Answer > 0 && answer != notAnswered && took > int64(b.Answer):
			out.Slow++
		case answer == answered2xx, answer == answered4xx && b.Final4xx:
		default:
			out.Failed++
		}
	}
	slices.Sort(times)
	out.Took = Took{P50: quantile(times, 50), P95: quantile(times, 95), P99: quantile(times, 99), Most: quantile(times, 100)}
	return out
}

// quantile is the least of sorted times that so many of a hundred do not exceed; 0 without times.
func quantile(sorted []int64, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return time.Duration(sorted[(len(sorted)*percent+99)/100-1])
}
