package secret

import (
	"io/fs"
	"os"
	"time"
)

// Stamp tells one state of the store from another without reading it.
type Stamp struct{ info fs.FileInfo }

// Stamp looks at the file, which is replaced whole at every change; a key that the keyring holds has a new place in it.
func (s *Store) Stamp() Stamp {
	fi, err := os.Stat(s.Path())
	if err != nil {
		return Stamp{}
	}
	return Stamp{fi}
}

// Same says whether nothing was changed between two stamps.
func (s Stamp) Same(o Stamp) bool {
	if s.info == nil || o.info == nil {
		return s.info == nil && o.info == nil
	}
	return os.SameFile(s.info, o.info) && s.info.Size() == o.info.Size() && s.info.ModTime().Equal(o.info.ModTime())
}

// Expiry is when the next of a profile's previous keys stops verifying; zero when none does.
func (s *Store) Expiry(profile string) time.Time {
	v, err := s.read()
	if err != nil {
		return time.Time{}
	}
	var first time.Time
	for _, e := range v.of(profile) {
		for _, p := range s.live(e) {
			if end := p.RotatedAt.Add(PreviousFor); first.IsZero() || end.Before(first) {
				first = end
			}
		}
	}
	return first
}
