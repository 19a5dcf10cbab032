package journal

import (
	"context"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/sign/explain"
)

func TestDiagnosisIsKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	j := openAt(t, path, Options{Now: newClock().now})
	d := delivery(newClock().now(), "e")
	if err := j.AppendDelivery(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if _, has, err := j.Diagnosis(t.Context(), d.ID); has || err != nil {
		t.Errorf("before: %v, %v", has, err)
	}
	want := record.Diagnosis{
		DeliveryID: d.ID, Tried: 7, Elapsed: 3 * time.Millisecond, CutOff: true, Next: explain.Steps{{Text: "look"}, {Text: "look again", Command: "whctl why"}},
		Findings: []explain.Finding{{ID: "body.compact", Title: "<é>", Certain: true, Recipes: []explain.Recipe{{Framework: "Flask", Code: "x\ny"}}}},
	}
	for range 2 { // the second one takes the place of the first
		if err := j.AppendDiagnosis(t.Context(), &want); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = openAt(t, path, Options{ReadOnly: true})
	if got, has, err := j.Diagnosis(t.Context(), d.ID); !has || err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, %v", got, has, err)
	}
	if err := j.AppendDiagnosis(t.Context(), &record.Diagnosis{DeliveryID: "?"}); err == nil {
		t.Error("a diagnosis of nothing was taken")
	}
}

func TestDiagnosisGoesWithItsDelivery(t *testing.T) {
	t.Parallel()
	clock := newClock()
	j := openTest(t, Options{Now: clock.now})
	d := delivery(clock.now().Add(-time.Hour), "e")
	if err := j.AppendDelivery(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := j.AppendDiagnosis(t.Context(), &record.Diagnosis{DeliveryID: d.ID, Next: explain.Steps{{Text: "x"}}}); err != nil {
		t.Fatal(err)
	}
	if n := dropBefore(t, j, clock.now().Add(time.Millisecond)); n != 1 {
		t.Fatalf("%d deliveries were dropped", n)
	}
	if _, has, err := j.Diagnosis(t.Context(), d.ID); has || err != nil {
		t.Errorf("after pruning: %v, %v", has, err)
	}
}

// TestFormat1IsBroughtUpToDate: a file of the first format can be read as it is, and is changed by the first writer.
func TestFormat1IsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	path := oldFile(t, 1)
	j := openAt(t, path, Options{ReadOnly: true})
	all, err := j.List(t.Context(), Filter{})
	if err != nil || len(all) == 0 {
		t.Fatalf("%d deliveries, %v", len(all), err)
	}
	if _, has, err := j.Diagnosis(t.Context(), all[0].ID); has || err != nil {
		t.Errorf("%v, %v", has, err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = openAt(t, path, Options{})
	if err := j.AppendDiagnosis(context.WithoutCancel(t.Context()), &record.Diagnosis{DeliveryID: all[0].ID, Next: explain.Steps{{Text: "x"}}}); err != nil {
		t.Fatal(err)
	}
	if got, has, err := j.Diagnosis(t.Context(), all[0].ID); !has || err != nil || got.Next.String() != "x" {
		t.Errorf("%+v, %v, %v", got, has, err)
	}
}
