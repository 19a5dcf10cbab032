package render_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/render"
)

func selection(t *testing.T, expression string) *render.Selection {
	t.Helper()
	s, err := render.NewSelection("--filter", expression)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSelection(t *testing.T) {
	t.Parallel()
	d := &record.Delivery{
		EventType: "card.activated", Method: "POST", Path: "/in?a=b", Header: http.Header{"X-A": {"1", "2"}},
		Body: []byte(`{"amount":12345678901234567890,"tags":["a","b"]}`), Size: 50,
	}
	for expression, want := range map[string]bool{
		"true": true, "false": false, "null": false, "empty": false, "0": true, `""`: true, ".": true, ".nothing": false,
		`.eventType == "card.activated"`: true, `select(.eventType == "x")`: false, `.eventType | startswith("card.")`: true,
		".body | fromjson | .amount > 9": true, "(.body | fromjson).tags | index(\"b\")": true, `.headers["X-A"][] == "2"`: true, `.headers["X-A"][] == "3"`: false,
		"false, null, 1": true, "halt": false, ".body | fromjson | .amount == 12345678901234567890": true, "env | length > 0": false, "$ENV.HOME": false,
	} {
		if got, err := selection(t, expression).Keep(t.Context(), d); err != nil || got != want {
			t.Errorf("%s: %v (%v)", expression, got, err)
		}
	}
	for expression, words := range map[string]string{
		".body.amount": "expected an object", `error("no \u001b[2J")`: `no \x1b[2J`, "halt_error": "halt", ".body | tonumber": "number",
	} {
		_, err := selection(t, expression).Keep(t.Context(), d)
		if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%s: %v", expression, err)
		}
	}
	if _, err := selection(t, ".body | fromjson").Keep(t.Context(), &record.Delivery{Body: []byte("\xff")}); err == nil {
		t.Error("a body that is not text was read")
	}
	for _, expression := range []string{"", "if", ".a |", "nosuch", `import "a" as a; .`, "input", "$x"} {
		if _, err := render.NewSelection("--filter", expression); expression != "" && expression != "input" && (fault.KindOf(err) != fault.Usage || !strings.HasPrefix(err.Error(), "--filter: ")) {
			t.Errorf("%s: %v", expression, err)
		}
	}
}

// A filter that never ends, or that eats memory, is cut off. Many at a time leave the others waiting for no longer than that.
// It runs alone, because filters of other tests would be blamed for the memory.
func TestSelectionIsBounded(t *testing.T) {
	s := selection(t, `if .body == "x" then def f: f; f else true end`)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := s.Keep(t.Context(), &record.Delivery{Body: []byte("x")}); err == nil {
				t.Error("it came to an end")
			}
		})
	}
	wg.Wait()
	if keep, err := s.Keep(t.Context(), &record.Delivery{Body: []byte("y")}); !keep || err != nil {
		t.Errorf("after them: %v (%v)", keep, err)
	}
	for _, c := range []struct{ expression, words string }{ // the greedy one last: it goes on for a while after it is cut off
		{"def f: f; f", "does not come to an end"},
		{"[.body * 30000000, .body * 30000000] | length", "more than 256.0 MiB of memory"},
	} {
		_, err := selection(t, c.expression).Keep(t.Context(), &record.Delivery{Body: []byte("0123456789012345")})
		if err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", c.expression, err)
		}
	}
}

func BenchmarkSelection(b *testing.B) {
	s, err := render.NewSelection("--filter", ".body | fromjson | .amount > 9")
	if err != nil {
		b.Fatal(err)
	}
	d := &record.Delivery{EventType: "card.activated", Header: http.Header{"X-A": {"1"}}, Body: []byte(`{"amount":10,"x":"` + strings.Repeat("y", 1000) + `"}`)}
	for b.Loop() {
		if keep, err := s.Keep(b.Context(), d); !keep || err != nil {
			b.Fatal(keep, err)
		}
	}
}
