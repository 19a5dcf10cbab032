package listen

import (
	"slices"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/serve"
)

// TestFatesAreToldOnceASecond has requests of three fates. The code decides which are counted together, whatever the message says.
func TestFatesAreToldOnceASecond(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	var said []string
	l := New(Options{Now: func() time.Time { return now }, Emit: func(_ time.Time, e record.Event) {
		if f, ok := e.(record.Failed); ok {
			said = append(said, f.Message)
		}
	}})
	l.tell(brokeOff, "broke off after 1")
	l.tell(brokeOff, "broke off after 2")
	l.tell(sentSlowly, "slow after 1")
	l.tell(serve.LostTLS, "the same words")
	l.tell(serve.LostLate, "the same words")
	now = now.Add(time.Second)
	l.tell(brokeOff, "broke off after 3")
	l.tell(brokeOff, "broke off after 4")
	want := []string{"broke off after 1", "slow after 1", "the same words", "the same words", "broke off after 3 (2 times)"}
	if !slices.Equal(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
}
