package listen

// Which targets are down. A sender's own attempt and the lane of the queue may both find out; people are told once.

import "sync"

// finder is who found out that a target is down.
type finder int

const (
	bySender finder = iota // an attempt whose answer goes to the sender
	byLane                 // the lane of the target's jobs
	finders
)

// downs knows by its name which target is down, and who says so. It is ready for use.
type downs struct {
	mu      sync.Mutex
	targets map[string][finders]bool
}

// set takes what one of them found. It says whether that changes anything: a target is down while one says so.
func (d *downs) set(name string, by finder, down bool) (changed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	said := d.targets[name]
	before := said != [finders]bool{}
	said[by] = down
	if d.targets == nil {
		d.targets = map[string][finders]bool{}
	}
	d.targets[name] = said
	return before != (said != [finders]bool{})
}
