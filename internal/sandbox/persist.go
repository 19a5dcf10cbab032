package sandbox

// The state and its data file: read at the start, written at each change. Without a data file the state is in memory alone, and all
// of this does nothing.

import "io"

// open reads the data file and rewrites it. It adds the fixtures if there is nothing else.
func (s *Sandbox) open() (err error) {
	if s.o.DataFile != "" {
		if s.data, err = openDataFile(s.o.DataFile); err != nil {
			return err
		}
		if err := s.data.read(s.load); err != nil {
			return err
		}
		if err := s.data.start(s.lines()); err != nil {
			return err
		}
	}
	if s.o.Fixtures && len(s.webhooks) == 0 && len(s.events) == 0 {
		return s.addFixtures()
	}
	return nil
}

// load makes the state what the file says. Attempts that were under way when the process ended are made again.
func (s *Sandbox) load(file io.Reader) error {
	err := readLines(file, func(line saved, n int) error {
		if err := s.replay(line); err != nil {
			return err
		}
		if n%1000 == 0 || s.eventBytes > 2*s.keep {
			return s.makeRoom()
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, e := range s.events {
		for _, j := range e.Jobs {
			j.event = e
			s.jobs.order = max(s.jobs.order, j.Order+j.Order%2)
			if !j.over() {
				j.Stage = waiting
				s.jobs.add(j)
			}
		}
	}
	return s.makeRoom()
}

// save writes changes to disk. The error is a storage fault, and stays. The caller holds the lock.
func (s *Sandbox) save(lines ...saved) error {
	if s.data == nil || len(lines) == 0 {
		return nil
	}
	s.data.append(lines)
	if s.data.written > compactFrom {
		s.data.replace(s.lines())
	}
	err := s.data.failure()
	if err != nil {
		s.queue.Wake() // Run ends with it
	}
	return err
}

// dataError returns why the data file can no longer be written, or nil.
func (s *Sandbox) dataError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data.failure()
}
