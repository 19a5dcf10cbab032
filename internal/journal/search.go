package journal

// Searching: every delivery is looked through, and what holds the text is given as it is found, newest first. There is no index of
// words: it costs as much as to read everything, for each delivery, and keeps what was pruned. The deliveries are divided into
// parts, which several connections read, each part from its beginning on, as a disk reads fastest.

import (
	"cmp"
	"context"
	"database/sql"
	"runtime"
	"sync"

	"github.com/whctl/whctl/internal/record"
)

const (
	partRows    = 1024 // deliveries of a part
	mostParts   = 64   // that are read ahead of what was given
	mostReaders = 3    // of the connections
)

// Hit is a delivery that holds the text, without its body.
type Hit struct {
	record.Delivery
	Found []Found // at least one
}

// Searched says what a search looked through.
type Searched struct {
	Deliveries int
	Compressed int // of these, have a body in an encoding, which is searched as it came
}

// Search calls fn for every delivery that passes the filter and holds the text in its path, a header or its body, newest first, as
// they are found. Case does not count. An error of fn ends the search and is returned. What cannot be read is left out; a storage
// fault then comes at the end.
func (j *Journal) Search(ctx context.Context, f Filter, text string, fn func(*Hit) error) (Searched, error) {
	format, table, err := j.facts(ctx)
	if err != nil || j.readers == nil {
		return Searched{}, err
	}
	s := search{j: j, f: f, format: format, table: table, needle: newNeedle(text)}
	s.changed = sync.NewCond(&s.mu)
	if err := s.ends(ctx); err != nil {
		return Searched{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer context.AfterFunc(ctx, s.stop)()
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), mostReaders) {
		workers.Go(func() { s.work(ctx) })
	}
	err = s.give(ctx, fn)
	s.stop()
	cancel()
	workers.Wait()
	return s.searched, err
}

// search is a search under way.
type search struct {
	j      *Journal
	f      Filter
	format int
	table  string // that knows the ids
	needle *needle

	mu       sync.Mutex
	changed  *sync.Cond
	parts    []*part // that are taken and not given yet, newest first
	below    int64   // what was not taken: up to this id
	oldest   int64   // from this one on
	stopped  bool
	broken   error // what ended a worker
	searched Searched
}

// part is the deliveries from an id up to another.
type part struct {
	from, to int64
	done     bool
	partRead
}

// ends finds the oldest and the newest delivery.
func (s *search) ends(ctx context.Context) error {
	return s.j.query(ctx, "SELECT coalesce(min(id), 0), coalesce(max(id), -1) + 1 FROM deliveries", nil, func(rows *sql.Rows) (bool, error) {
		return false, rows.Scan(&s.oldest, &s.below)
	})
}

func (s *search) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	s.changed.Broadcast()
}

// work reads parts on one connection until there are no more.
func (s *search) work(ctx context.Context) {
	r, err := s.newPartReader(ctx)
	if err != nil {
		s.mu.Lock()
		s.broken = cmp.Or(s.broken, err)
		s.mu.Unlock()
		s.stop()
		return
	}
	defer r.close()
	for p := s.take(ctx, r); p != nil; p = s.take(ctx, r) {
		s.finish(p, r.read(ctx, p))
	}
}

// take gives the newest part that nobody has taken, nil when there is none.
func (s *search) take(ctx context.Context, r *partReader) *part {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.parts) >= mostParts && !s.stopped {
		s.changed.Wait()
	}
	if s.stopped || s.below <= s.oldest {
		return nil
	}
	p := &part{from: r.begin(ctx, s.oldest, s.below), to: s.below}
	s.below, s.parts = p.from, append(s.parts, p)
	return p
}

func (s *search) finish(p *part, read partRead) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.partRead, p.done = read, true
	s.searched.Deliveries += read.Deliveries
	s.searched.Compressed += read.Compressed
	s.changed.Broadcast()
}

// give hands on what was found, in order.
func (s *search) give(ctx context.Context, fn func(*Hit) error) error {
	given := 0
	var lost lost
	for p := s.next(); p != nil; p = s.next() {
		for _, id := range p.lost {
			lost.rows.add(id)
		}
		lost.uncounted = lost.uncounted || p.err != nil || p.miss != nil
		for i := range p.hits {
			if err := fn(&p.hits[i]); err != nil {
				return err
			}
			if given++; s.f.Limit > 0 && given >= s.f.Limit {
				return nil
			}
		}
	}
	if err := cmp.Or(ctx.Err(), s.broken); err != nil {
		return storage(err, s.j.path, "search the journal")
	}
	return lost.err(s.j.path)
}

// next waits for the newest part and takes it away, nil when there are no more.
func (s *search) next() *part {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.stopped && (len(s.parts) > 0 || s.below > s.oldest) {
		if len(s.parts) > 0 && s.parts[0].done {
			p := s.parts[0]
			s.parts = s.parts[1:]
			s.changed.Broadcast()
			return p
		}
		s.changed.Wait()
	}
	return nil
}
