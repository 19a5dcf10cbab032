package main

// How soon a program takes connections after it was started.

import (
	"context"
	"fmt"
	"io"
	"time"
)

// measureReady starts each contender again and again, and prints the medians.
func measureReady(ctx context.Context, s *stage, o options, out io.Writer) error {
	names := []string{"nginx", "caddy", "minimal", "whctl", "whctl full"}
	took := map[string][]float64{}
	made, err := contenders()["whctl full"](s, ctx, "full") // before anything is measured
	if err != nil {
		return err
	}
	made.stop()
	for range o.rounds {
		for _, name := range names {
			began := time.Now()
			srv, err := contenders()[name](s, ctx, name)
			if err != nil {
				return err
			}
			took[name] = append(took[name], float64(time.Since(began))/float64(time.Millisecond))
			srv.stop()
		}
	}
	const title = "\nready: ms until the port takes a connection; full: with a million deliveries and 100,000 open jobs\n"
	if _, err := io.WriteString(out, title); err != nil {
		return err
	}
	base := middle(took[names[0]])
	for _, name := range names {
		if _, err := fmt.Fprintf(out, "  %12s  %6.1f  %.2fx\n", name, middle(took[name]), middle(took[name])/base); err != nil {
			return err
		}
	}
	return nil
}
