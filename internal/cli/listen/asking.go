package listen

// Sample events that are handshakes.

import (
	"net/http"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/craft"
	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/listen"
	"github.com/whctl/whctl/internal/sign"
)

// asking are the types of those of the raised events that are handshakes.
func (s *session) asking(raised []api.TriggeredEvent) []string {
	var out []string
	for i := range raised {
		sample, err := craft.Sample(s.keys.Rules, raised[i].EventType, event.BuildOptions{Now: s.env.Now(), Rand: s.env.Rand})
		if err != nil {
			continue
		}
		if _, asks := s.keys.Rules.Question(&sign.Message{Method: http.MethodPost, Target: "/", Body: sample.Body}); asks {
			out = append(out, sample.Type)
		}
	}
	return out
}

// tellUncounted says of handshakes among the raised events that --exit-after does not count them, where the run would wait for more
// deliveries than are left.
func (s *session) tellUncounted(raised []api.TriggeredEvent) {
	if s.exitAfter == 0 || listen.Handshakes(s.set.Handshake) == listen.HandshakesOff {
		return
	}
	if asking := s.asking(raised); len(asking) > 0 && s.exitAfter > len(raised)-len(asking) {
		s.env.Say("note: %s is a handshake, which --exit-after does not count; %s has it taken for a delivery", strings.Join(slices.Compact(asking), ", "), fault.Command("").Flag("--handshake", "off"))
	}
}
