package cmdkit

// Saved keys that are left out because nobody chose among their schemes.

import (
	"fmt"
	"strings"

	"github.com/whctl/whctl/internal/fault"
)

// mostNamed is how many saved keys are named.
const mostNamed = 5

// Undecided says which saved keys the run leaves out because they are for other schemes than its own, which nobody named; "" for none.
func (s *KeySet) Undecided() string {
	if len(s.others) == 0 || SchemeNamed(s.env) {
		return ""
	}
	var names []string
	for _, k := range s.others[:min(len(s.others), mostNamed)] {
		names = append(names, fmt.Sprintf("%s: %s", fault.Word(k.Name), fault.Word(k.Scheme)))
	}
	if more := len(s.others) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	list := strings.Join(names, ", ")
	if len(s.others) == 1 {
		return "1 key is saved, for another scheme (" + list + ")"
	}
	return fmt.Sprintf("%d keys are saved, for other schemes (%s)", len(s.others), list)
}

// NoKey refuses work that needs a key.
func (s *KeySet) NoKey(what string) error {
	if others := s.Undecided(); others != "" {
		return fault.Hint(fault.New(fault.Usage, "no key of scheme %s to %s: %s", s.Scheme(), what, others), "choose with --scheme or --webhook")
	}
	return fault.Hint(fault.New(fault.Usage, "no key to %s", what), "add --secret-file FILE, or set WHCTL_SECRET")
}
