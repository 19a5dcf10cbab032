package cmdkit_test

import (
	"testing"
	"time"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
)

// TestMarkTellsWhatItMissed: a process that fell behind says how many events its troubles do not count.
func TestMarkTellsWhatItMissed(t *testing.T) {
	t.Parallel()
	e, said := env(t, map[string]string{"WHCTL_DATA_DIR": t.TempDir()})
	e.Now = time.Now
	m := e.MarkRunning(t.Context(), cmdkit.Running{Command: "listen", URL: "http://127.0.0.1:1"})
	defer m.Release()
	for _, event := range []record.Event{record.Changed{State: record.Lost, Target: "shop"}, record.Missed{Count: 2}, record.Missed{Count: 1}} {
		m.Read(hub.Stamped{Event: event})
	}
	all, err := e.AllRunning(t.Context())
	if err != nil || len(all) != 1 || all[0].Missed != 3 || len(all[0].Troubles) != 1 || said() != "" {
		t.Errorf("%+v, %v, %q", all, err, said())
	}
}
