package render

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/hub"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/term"
)

func explanation(id string, tried int, next string, findings ...explain.Finding) hub.Stamped {
	d := &record.Diagnosis{DeliveryID: id, Tried: tried, Findings: findings}
	if next != "" {
		d.Next = explain.Steps{{Text: next}}
	}
	return hub.Stamped{Event: record.Explained{Diagnosis: d}}
}

// What is found out about a delivery after another one, or a long body, has come between names it: by its event, and by
// its own id where that has no name.
func TestTextLateExplanationNamesItsDelivery(t *testing.T) {
	t.Parallel()
	long := `{"a":[` + strings.Repeat("1,", 20) + `1]}`
	found := explain.Finding{Title: "another key", Fix: "use that"}
	out, _ := play(t, term.FakeOptions{}, TextOptions{}, []hub.Stamped{
		delivery("01nameless", "14:00:00.000", "", "", "{}", sign.Mismatch),
		delivery("01typed", "14:00:01.000", "card.frozen", "", "{}", sign.Mismatch),
		delivery("01long", "14:00:02.000", "card.lost", "evt_12345678", long, sign.Mismatch),
		explanation("01long", 9, "", found),
		explanation("01nameless", 9, "", found),
		explanation("01typed", 9, "", found),
		explanation("01typed", 9, "", found),
	})
	indent := indentFor(0)
	want := indent + strings.Join([]string{
		"card.lost evt_1234: another key. use that", "01nameless: another key. use that", "card.frozen 01typed: another key. use that",
		"another key. use that",
	}, "\n"+indent) + "\n"
	if !strings.HasSuffix(out, want) {
		t.Errorf("%s\nwant at the end:\n%s", out, want)
	}
}

// An attempt of a delivery of an earlier run looks like one of this run, also after those that are long past.
func TestTextAttemptOfAnEarlierRun(t *testing.T) {
	t.Parallel()
	early := delivery("01early", "13:00:00.000", "card.lost", "evt_12345678", "", sign.Valid, target)
	deliveryOf(early).Size = 477
	tried := attempt("01early", "14:00:00.000", target, 200, 12*time.Millisecond, "")
	tried.Event = record.Attempted{Attempt: attemptOf(tried), Delivery: deliveryOf(early)}
	out, _ := play(t, term.FakeOptions{}, TextOptions{}, []hub.Stamped{tried})
	if want := "14:00:00.012  ✓ valid      card.lost           evt_1234  477 B  →  200 in 12 ms  localhost:3000\n"; out != want {
		t.Errorf("%s\nwant:\n%s", out, want)
	}
}

// Where nothing was searched, what to do is said at once, and once; whctl why is named only where it adds something.
func TestTextAdviceWithoutSearch(t *testing.T) {
	t.Parallel()
	var all []hub.Stamped
	for i := range 3 {
		id := fmt.Sprintf("01d%d", i)
		all = append(all, delivery(id, "14:00:00.000", "a", "b", "{}", sign.MissingSignature), explanation(id, 1, "check whether a proxy drops the header"))
	}
	all = append(all, delivery("01e", "14:00:00.000", "a", "b", "{}", sign.Mismatch), explanation("01e", 800, "check the key"))
	out, _ := play(t, term.FakeOptions{}, TextOptions{Body: BodyNone}, all)
	if strings.Count(out, "check whether a proxy drops the header") != 1 || strings.Count(out, "whctl why") != 1 || !strings.Contains(out, "details: whctl why 01e") {
		t.Error(out)
	}
}

// A target's hint that names each delivery is one hint all the same.
func TestTextHintIsShownOnce(t *testing.T) {
	t.Parallel()
	var all []hub.Stamped
	for _, id := range []string{"01a", "01b", "01c"} {
		tried := attempt(id, "14:00:00.000", target, 401, 0, "")
		attemptOf(tried).Hint = fault.StoredStep("it is the target's own check that fails; details: whctl why " + id)
		all = append(all, delivery(id, "14:00:00.000", "a", "b", "{}", sign.Valid, target), tried)
	}
	out, _ := play(t, term.FakeOptions{}, TextOptions{Body: BodyNone}, all)
	if strings.Count(out, "hint:") != 1 || !strings.Contains(out, "whctl why 01a") {
		t.Error(out)
	}
}

// Deliveries of one event may have other bodies: where they were not verified, nothing but their bytes tells.
func TestTextBodyIsLeftOutWhereItsBytesAreShown(t *testing.T) {
	t.Parallel()
	first := delivery("01a", "14:00:00.000", "a", "b", `{"amount":1}`, sign.Valid, target)
	other := delivery("01b", "14:00:01.000", "a", "b", `{"amount":23}`, sign.Mismatch, target)
	again := delivery("01c", "14:00:02.000", "a", "b", `{"amount":1}`, sign.Mismatch, target)
	for _, s := range []hub.Stamped{other, again} {
		deliveryOf(s).Duplicate = &record.Duplicate{ID: "01a"}
	}
	out, _ := play(t, term.FakeOptions{}, TextOptions{}, []hub.Stamped{first, other, again})
	if strings.Count(out, "same body as above") != 1 || strings.Count(out, `"amount": 1`+"\n") != 1 || strings.Count(out, `"amount": 23`) != 1 {
		t.Error(out)
	}
}
