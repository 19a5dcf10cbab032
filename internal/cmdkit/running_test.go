package cmdkit_test

import (
	"fmt"
	"os"
	"path/filepath"
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
	all, err := e.AllRunning()
	if err != nil || len(all) != 1 || all[0].Missed != 3 || len(all[0].Troubles) != 1 || said() != "" {
		t.Errorf("%+v, %v, %q", all, err, said())
	}
}

// TestRunningAmongTheKilled: a process that lives is found among the files of very many that were killed.
func TestRunningAmongTheKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e, _ := env(t, map[string]string{"WHCTL_DATA_DIR": dir})
	m := e.MarkRunning(t.Context(), cmdkit.Running{Command: "listen", URL: "http://127.0.0.1:1"})
	defer m.Release()
	for i := range 150 {
		if err := os.WriteFile(filepath.Join(dir, "running", fmt.Sprintf("%016x.json", i)), []byte(`{"url":"http://127.0.0.1:2"}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := e.AllRunning(); err != nil || len(all) != 1 || all[0].URL != "http://127.0.0.1:1" {
		t.Errorf("%v, %v", all, err)
	}
}
