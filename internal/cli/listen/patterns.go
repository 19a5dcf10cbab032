package listen

// warnAboutEvents says which of --events match nothing: what they leave out is answered 200 and not seen again.
func (s *session) warnAboutEvents() {
	scheme := ""
	if !s.keys.Auto() {
		scheme = s.keys.Scheme()
	}
	s.env.WarnPatterns("--events", scheme, s.set.Events)
}
