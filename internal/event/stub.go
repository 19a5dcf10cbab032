package event

import "errors"

var errStub = errors.New("not there yet")

// Set is one edit: a path and the JSON value to put there.
type Set struct {
	path  string
	value string
}

// Error names the type and the scheme.
func (e *UnknownTypeError) Error() string { return e.Type }

// Error names the path and the problem.
func (e *SetError) Error() string { return e.Path + ": " + e.Problem }

// Extract reads type, id and time.
func Extract(_ Spec, _ map[string][]string, _ []byte) Info { return Info{} }

// CheckPath says whether a path of a Spec can be read.
func CheckPath(_ string) error { return nil }

// SampleSchemes lists the scheme families that have samples, sorted.
func SampleSchemes() []string { return nil }

// SampleTypes lists the event types a scheme has samples of, in documented order.
func SampleTypes(_ string) []string { return nil }

// FindType lists the scheme families that have a sample of typ, sorted.
func FindType(_ string) []string { return nil }

// Build makes a fresh sample event.
func Build(_, _ string, _ BuildOptions) (Sample, error) { return Sample{}, errStub }

// BuildGeneric makes an event of any type from a Spec alone.
func BuildGeneric(_ Spec, _ string, _ BuildOptions) (Sample, error) { return Sample{}, errStub }

// ParseSet reads "path=value".
func ParseSet(s string) (Set, error) { return Set{path: s, value: ""}, errStub }

// SetString makes the edit that puts a string at path, whatever the string looks like.
func SetString(path, value string) (Set, error) { return Set{path: path, value: value}, errStub }

// ApplySets makes the edits in order.
func ApplySets(_ []byte, _ []Set) ([]byte, error) { return nil, errStub }

// Match says whether a subscription pattern covers an event type.
func Match(pattern, typ string) bool { return pattern == "*" || pattern == typ }

// PatternWarning says why a pattern is taken literally, or "".
func PatternWarning(_ string) string { return "" }
