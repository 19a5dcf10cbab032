//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package term

// Keys are not heard here. A console of Windows has another mode for them, which has not been tried.

import "context"

const canHearKeys = false

type keyboard struct{}

func (*keyboard) hear(context.Context, int, func([]byte)) {}

func (*keyboard) giveBack(bool) {}

func inFront(int) bool { return false }
