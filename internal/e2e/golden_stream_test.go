package e2e

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A golden of the JSON stream: every field of every line, of an embedded sandbox's deliveries and of a refused one.

// TestGoldenStream compares what a listener prints with -o json, whole. Ids have numbers, in the order in which they come up.
func TestGoldenStream(t *testing.T) {
	t.Parallel()
	w, app := newWorld(t), okTarget(t)
	l := w.embedded("--trigger", "all", "--forward", "app="+app.addr)
	for range 3 {
		l.await("attempt")
	}
	exchange(t, l.addr, request("POST", "/hooks?a=b", "X-Signature: 00\r\n", event("refused")))
	l.await("diagnosis")
	l.interrupt()
	if code := l.wait(); code != 0 {
		t.Fatalf("exit code %d: %s", code, l.errs)
	}
	w.golden("listen.ndjson", numbered(inDeliveryOrder(t, l.out.String())))
}

// inDeliveryOrder puts the lines about a delivery behind it: whether the next delivery comes first is up to the machine. So is
// whether a target takes longer than a second, which a line says.
func inDeliveryOrder(t *testing.T, stream string) string {
	t.Helper()
	order, lines := map[string]int{}, slices.Collect(strings.Lines(stream))
	lines = slices.DeleteFunc(lines, func(line string) bool { return jsonOf[object](t, result{out: line}).str("state") == "waiting" })
	place := func(line string) int {
		o := jsonOf[object](t, result{out: line})
		switch o.str("type") {
		case "ready":
			return -1
		case "delivery":
			return order[o.str("id")]
		default:
			if at, is := order[o.str("deliveryId")]; is {
				return at
			}
			return len(lines)
		}
	}
	for _, line := range lines {
		if o := jsonOf[object](t, result{out: line}); o.str("type") == "delivery" {
			order[o.str("id")] = len(order)
		}
	}
	slices.SortStableFunc(lines, func(a, b string) int { return place(a) - place(b) })
	return strings.Join(lines, "")
}

// numbered replaces ids, and what samples make up, by names with numbers: what is equal stays equal.
func numbered(text string) string {
	for name, form := range map[string]string{
		"ID":       `\b\d[0-9a-z]{9}\b`,
		"UUID":     `\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`,
		"CUSTOMER": `\bcust-\d+\b`,
	} {
		seen := map[string]string{}
		text = regexp.MustCompile(form).ReplaceAllStringFunc(text, func(id string) string {
			if name == "ID" && !strings.ContainsAny(id, "abcdefghijklmnopqrstuvwxyz") { // a time in seconds
				return id
			}
			if seen[id] == "" {
				seen[id] = name + "-" + strconv.Itoa(len(seen)+1)
			}
			return seen[id]
		})
	}
	return text
}
