package listen

import "testing"

func TestDowns(t *testing.T) {
	t.Parallel()
	var d downs
	for i, step := range []struct {
		name          string
		by            finder
		down, changed bool
	}{
		{"a", bySender, false, false},
		{"a", bySender, true, true},
		{"a", byLane, true, false}, // people know
		{"b", byLane, true, true},
		{"a", bySender, false, false}, // the lane still waits
		{"a", byLane, false, true},
		{"a", byLane, true, true},
		{"a", bySender, true, false},
		{"a", byLane, false, false},
		{"a", bySender, false, true},
		{"b", byLane, true, false},
	} {
		if got := d.set(step.name, step.by, step.down); got != step.changed {
			t.Errorf("step %d: %t", i, got)
		}
	}
}
