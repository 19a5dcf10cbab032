package term

// Keys that are pressed while a program runs, one by one.

import "context"

// MayHearKeys says whether keys can be heard at all: input and output are terminals, and the terminal is no dumb one.
func (t *IO) MayHearKeys() bool {
	if !canHearKeys || !t.InTTY() || !t.OutTTY() {
		return false
	}
	name := t.getenv("TERM")
	return name != "" && name != "dumb"
}

// HearsKeys says whether keys would be heard now: they are for this process while it is in the foreground.
func (t *IO) HearsKeys() bool {
	fd, ok := descriptor(t.In)
	return ok && t.MayHearKeys() && inFront(fd)
}

// HearKeys gives heard what is typed, as it comes and without showing it, until ctx ends or the terminal is gone. ^C, ^Z and ^\ keep
// their meaning. The terminal has its own mode back at the end, after GiveBack, and whenever this process stops or goes to the
// background, where it reads nothing. More than one byte at a time is a key that sends several, or was pasted. heard must not block.
func (t *IO) HearKeys(ctx context.Context, heard func(typed []byte)) {
	if fd, ok := descriptor(t.In); ok && t.MayHearKeys() {
		t.keys.hear(ctx, fd, heard)
	}
}

// GiveBack gives the terminal its own mode back, for good. Call it before the process ends, however it ends.
func (t *IO) GiveBack() { t.keys.giveBack(true) }

// Guard is for the defer of a goroutine. A panic there ends the process, and goes on once the terminal has its own mode back.
func (t *IO) Guard() {
	if p := recover(); p != nil {
		t.GiveBack()
		panic(p)
	}
}

// ClearScreen is what a terminal takes for: clear the screen, and go on at the top. What was scrolled away stays.
const ClearScreen = "\x1b[H\x1b[2J"
