package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// outcomes are what whctl check says of a receiver, by case, and how it ended.
func (w *world) outcomes(code int, rc *receiver, url string, more ...string) map[string]string {
	w.t.Helper()
	w.write("check-key", rc.key)
	args := append([]string{"check", url + "/hooks", "--scheme", rc.scheme, "--secret-file", w.path("check-key"), "-o", "json"}, more...)
	r := w.run(args...)
	if r.code != code {
		w.t.Fatalf("%s, %s: exit code %d, want %d: %s", rc.scheme, rc.fault, r.code, code, r.err)
	}
	got := map[string]string{}
	cases, _ := jsonOf[object](w.t, r)["cases"].([]any)
	for _, c := range cases {
		one, _ := c.(map[string]any)
		got[object(one).str("id")] = object(one).str("outcome")
		if o := object(one).str("outcome"); o == "fail" || o == "warn" {
			got[object(one).str("id")] = o + ": " + object(one).str("detail")
		}
	}
	return got
}

// wrong are the cases that failed or warned.
func wrong(outcomes map[string]string) (lines []string) {
	for _, id := range slices.Sorted(maps.Keys(outcomes)) {
		if o, _, _ := strings.Cut(outcomes[id], ":"); o == "fail" || o == "warn" {
			lines = append(lines, id)
		}
	}
	return lines
}

// A right receiver passes for each scheme: nothing fails and nothing is warned of.
func TestCheckPassesRightReceivers(t *testing.T) {
	t.Parallel()
	for _, wire := range wirings() {
		t.Run(wire.scheme, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			rc := &receiver{wiring: wire}
			url := rc.serve(t)
			w.write("second-key", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
			rc.keys = append(rc.keys, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
			got := w.outcomes(0, rc, url, "--secret-file", w.path("second-key"), "--probe", "cat "+rc.counter)
			for _, id := range wrong(got) {
				t.Errorf("%s: %s", id, got[id])
			}
			if len(got) < 80 {
				t.Errorf("%d cases", len(got))
			}
		})
	}
}

// Each fault fails the cases that it should, and no other. The table of receivers and cases is a golden.
func TestCheckFindsFaults(t *testing.T) {
	t.Parallel()
	lines := make([]string, len(faults()))
	t.Cleanup(func() { matchGolden(t, "check-faults.txt", strings.Join(lines, "\n")+"\n") })
	for i, fault := range faults() {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			lines[i] = tryFault(t, fault)
		})
	}
}

// tryFault is the line of a fault: the cases that find it.
func tryFault(t *testing.T, fault string) string {
	t.Helper()
	wire := wirings()[0]
	if fault == "any label" {
		wire = wirings()[1]
	}
	if fault == "first key alone" {
		wire = wirings()[3]
	}
	w := newWorld(t)
	rc := &receiver{wiring: wire, fault: fault}
	url := rc.serve(t)
	w.write("second-key", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
	rc.keys = append(rc.keys, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
	more := []string{"--secret-file", w.path("second-key")}
	if strings.Contains("not idempotent, works before it verifies", fault) {
		more = append(more, "--probe", "cat "+rc.counter)
	}
	if !slices.Contains([]string{"no clock", "past alone", "NaN", "200 to everything"}, fault) {
		more = append(more, "--skip", "time")
	}
	code := 3
	switch fault {
	case "slow":
		more = append(more, "--timeout", "1s")
		code = 6
	case "one at a time":
		more = append(more, "--only", "load", "--timeout", "1s")
	case "first of two headers":
		code = 0
	}
	return fmt.Sprintf("%s: %s", fault, strings.Join(wrong(w.outcomes(code, rc, url, more...)), " "))
}
