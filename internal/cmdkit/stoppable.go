package cmdkit

// A standard input whose wait an interrupt ends.

import (
	"context"
	"io"
)

// stoppable is a reader whose wait an interrupt ends. Without it a silent pipe would hold the process for ever.
type stoppable struct {
	r    io.Reader
	stop <-chan struct{}
	buf  []byte
	read chan int
	err  error
}

const stoppableSize = 64 << 10

// Read reads through a buffer of its own: a read that was given up still writes to its buffer.
func (s *stoppable) Read(p []byte) (int, error) {
	if len(s.buf) == 0 && s.err == nil {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.buf)
	s.buf = s.buf[n:]
	if n == 0 && len(p) > 0 {
		return 0, s.err
	}
	return n, nil
}

func (s *stoppable) fill() error {
	buf := make([]byte, stoppableSize)
	var err error
	go func() {
		var n int
		n, err = s.r.Read(buf)
		s.read <- n
	}()
	select {
	case n := <-s.read:
		s.buf, s.err = buf[:n], err
		return nil
	case <-s.stop:
		return context.Canceled
	}
}

// lazyStdin opens Env.Stdin at the first read.
type lazyStdin struct {
	e *Env
	r io.Reader
}

func (l *lazyStdin) Read(p []byte) (int, error) {
	if l.r == nil {
		l.r = l.e.Stdin()
	}
	return l.r.Read(p)
}
