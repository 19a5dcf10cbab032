package client_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/client"
)

// TestTenantSaysWhatItSaw: a list of 100 out of more is whole for a time that it reaches back to, if it came newest first.
func TestTenantSaysWhatItSaw(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 3, 4, 9, 0, 0, 0, time.UTC)
	turned := false
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		list := []string{}
		total := 0
		if r.URL.Query().Get("status") == api.StatusCompleted {
			total = 137
			for i := range api.MaxLimit { // one a minute
				list = append(list, fmt.Sprintf(`{"id":"r%d","eventId":"e%d","status":"completed","createdAt":%q}`, i, i, begun.Add(-time.Duration(i)*time.Minute).Format(time.RFC3339)))
			}
		}
		if turned {
			slices.Reverse(list)
		}
		_, _ = fmt.Fprintf(w, `{"total":%d,"events":[%s]}`, total, strings.Join(list, ","))
	})
	tenant := newClient(t, client.Options{BaseURL: base}).Tenant(nil)
	for _, tc := range []struct {
		since  time.Time
		turned bool
		events int
		whole  bool
	}{
		{time.Time{}, false, 100, false},
		{begun.Add(-30 * time.Minute), false, 31, true},
		{begun.Add(-30 * time.Minute), true, 31, false}, // nobody knows which ones they are
		{begun.Add(-99 * time.Minute), false, 100, false},
		{begun.Add(-200 * time.Minute), false, 100, false},
	} {
		turned = tc.turned
		v, err := tenant.Events(t.Context(), tc.since)
		if err != nil || len(v.Ranges) != len(api.EventStatuses()) {
			t.Fatalf("%+v, %v", v.Ranges, err)
		}
		r := v.Ranges[slices.Index(api.EventStatuses(), api.StatusCompleted)]
		if len(v.Events) != tc.events || r.Whole != tc.whole || r.Seen != 100 || r.Total != 137 {
			t.Errorf("since %s: %d events, %+v", tc.since, len(v.Events), r)
		}
	}
}

// TestTenantTakesALaterStatus: an event that moves on while the statuses are asked for is one event, as it was seen last.
func TestTenantTakesALaterStatus(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		status := r.URL.Query().Get("status")
		list := []map[string]string{}
		if status == api.StatusPending || status == api.StatusCompleted {
			list = append(list, map[string]string{"id": "r", "eventId": "e", "status": status})
		}
		b, _ := json.Marshal(map[string]any{"total": len(list), "events": list})
		_, _ = w.Write(b)
	})
	v, err := newClient(t, client.Options{BaseURL: base}).Tenant(nil).Events(t.Context(), time.Time{})
	if err != nil || len(v.Events) != 1 || v.Events[0].Status != api.StatusCompleted {
		t.Errorf("%+v, %v", v.Events, err)
	}
}
