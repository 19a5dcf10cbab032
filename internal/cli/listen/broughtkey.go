package listen

// The key that a handshake brings.

import "sync"

// keeper writes the key of the first handshake that brings one to --key-file; nil without that flag.
func (s *session) keeper() func(text string) (where string, err error) {
	if s.keyPath == "" {
		return nil
	}
	var mu sync.Mutex
	kept := ""
	return func(text string) (string, error) {
		s.env.Hide(text)
		mu.Lock()
		defer mu.Unlock()
		if kept != "" && kept != text {
			return "", nil
		}
		if kept == "" {
			if err := s.brought.Write(text); err != nil {
				return "", err
			}
			kept = text
		}
		return s.keyPath, nil
	}
}
