package webhooks

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/term"
)

func clean(s string) string { return term.Clean(s) }

func sortedKeys(m map[string]json.RawMessage) []string { return slices.Sorted(maps.Keys(m)) }

// when is a time for people: how long ago, and exactly.
func when(e *cmdkit.Env, t api.Time) string {
	if t.IsZero() {
		return ""
	}
	return render.Ago(e.Now(), t.Time) + e.IO.Style().Dim("  "+t.Local().Format(time.RFC3339))
}
