package secret

// How a long run notices that saved keys change.

import (
	"io/fs"
	"os"
	"time"
)

// Stamp identifies a state of the store without reading it.
type Stamp struct{ info fs.FileInfo }

// Stamp identifies the store's state by its file. Every change replaces the file, also one of a key in the keyring.
func (s *Store) Stamp() Stamp {
	fi, err := os.Stat(s.Path())
	if err != nil {
		return Stamp{}
	}
	return Stamp{fi}
}

// Same says whether the store did not change between two stamps.
func (s Stamp) Same(o Stamp) bool {
	if s.info == nil || o.info == nil {
		return s.info == nil && o.info == nil
	}
	return os.SameFile(s.info, o.info) && s.info.Size() == o.info.Size() && s.info.ModTime().Equal(o.info.ModTime())
}

// Expiry is when the next of the profile's previous keys stops verifying. It is zero when there is none.
func (s *Store) Expiry(profile string) time.Time {
	v, err := s.read()
	if err != nil {
		return time.Time{}
	}
	var first time.Time
	for _, e := range v.entries(profile) {
		for _, p := range s.live(e) {
			if end := p.RotatedAt.Add(PreviousFor); first.IsZero() || end.Before(first) {
				first = end
			}
		}
	}
	return first
}
