package e2e

// docs/operate.md and docs/alerts.yml name the figures that there are.

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func readDoc(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// familiesOf are the names of figures, each with the names of its labels.
func familiesOf(found map[string]float64) map[string][]string {
	families := map[string][]string{}
	label := regexp.MustCompile(`[{,]([a-z]+)=`)
	for line := range found {
		name, _, _ := strings.Cut(line, "{")
		for _, end := range []string{"_bucket", "_sum", "_count"} { // of a histogram
			name = strings.TrimSuffix(name, end)
		}
		labels := families[name]
		for _, m := range label.FindAllStringSubmatch(line, -1) {
			if m[1] != "le" && !slices.Contains(labels, m[1]) {
				labels = append(labels, m[1])
			}
		}
		families[name] = labels
	}
	return families
}

// TestFiguresAreDocumented: the table of docs/operate.md and /metrics name the same figures with the same labels, and so do the
// alerts' expressions.
func TestFiguresAreDocumented(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen("--admin", "127.0.0.1:0", "--forward", okTarget(t).addr)
	send(t, l.addr, event("1"))
	families := familiesOf(awaitFigures(t, adminOf(t, l), map[string]float64{`whctl_events_total{type="card.activated"}`: 1}))
	l.stop()
	_, table, _ := strings.Cut(readDoc(t, "operate.md"), "<!-- figures")
	table, _, _ = strings.Cut(table, "<!-- end of figures -->")
	documented := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([^|]*)\\|").FindAllStringSubmatch(table, -1) {
		documented[row[1]] = regexp.MustCompile("[a-z]+").FindAllString(row[2], -1)
	}
	for name, labels := range families {
		if want, there := documented[name]; strings.HasPrefix(name, "whctl_") && (!there || !slices.Equal(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(labels)))) {
			t.Errorf("%s has the labels %q, docs/operate.md says %q", name, labels, want)
		}
	}
	for name := range documented {
		if _, there := families[name]; !there {
			t.Errorf("there is no %s", name)
		}
	}
	checkAlerts(t, families)
}

// alert is one of the rules in docs/alerts.yml.
type alert struct {
	Alert, Expr string
	Annotations map[string]string
	Labels      map[string]string
}

// names are the figures that an alert looks at.
func (a alert) names() []string {
	names := regexp.MustCompile(`\b(?:whctl|process|go)_[a-z_]+`).FindAllString(a.Expr, -1)
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], "_bucket")
	}
	return names
}

// checkAlerts compares the rules with the figures, and with the table of alerts.
func checkAlerts(t *testing.T, families map[string][]string) {
	t.Helper()
	var rules struct{ Groups []struct{ Rules []alert } }
	if err := yaml.Unmarshal([]byte(readDoc(t, "alerts.yml")), &rules); err != nil {
		t.Fatal(err)
	}
	page, seen := readDoc(t, "operate.md"), map[string]bool{}
	for _, g := range rules.Groups {
		for _, a := range g.Rules {
			if seen[a.Alert] || !strings.Contains(page, "`"+a.Alert+"`") {
				t.Errorf("%s is there twice, or is not in docs/operate.md", a.Alert)
			}
			seen[a.Alert] = true
			a.check(t, families)
		}
	}
	for _, m := range regexp.MustCompile("`(Whctl[A-Za-z]+)`").FindAllStringSubmatch(page, -1) {
		if !seen[m[1]] {
			t.Errorf("docs/operate.md names %s, which is no alert", m[1])
		}
	}
}

// check looks whether an alert's figures exist and have the labels that it names.
func (a alert) check(t *testing.T, families map[string][]string) {
	t.Helper()
	if a.Annotations["summary"] == "" || a.Labels["severity"] == "" {
		t.Errorf("%s says nothing", a.Alert)
	}
	labels := []string{"instance"}
	for _, name := range a.names() {
		own, there := families[name]
		if !there {
			t.Errorf("%s looks at %s, and there are %q", a.Alert, name, slices.Sorted(maps.Keys(families)))
		}
		labels = append(labels, own...)
	}
	if len(labels) == 1 && len(a.names()) == 0 && !strings.HasPrefix(a.Expr, "up{") {
		t.Errorf("%s looks at nothing", a.Alert)
	}
	for _, m := range regexp.MustCompile(`\$labels\.([a-z]+)`).FindAllStringSubmatch(a.Annotations["summary"], -1) {
		if !slices.Contains(labels, m[1]) {
			t.Errorf("%s names the label %s, which its figures do not have", a.Alert, m[1])
		}
	}
}
