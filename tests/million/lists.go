package main

// How long each filter takes on a journal of very many deliveries, by the program itself.

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const triesOfList = 5

// longest says how long a command may take.
func longest(line string) time.Duration {
	if strings.HasPrefix(line, "search ") {
		return 3 * time.Second
	}
	return time.Second
}

// lists are command lines of whctl, most of which find little or nothing.
func lists() []string {
	return []string{
		"show last", "stats", "search nothing-of-the-kind", "list", "list --type card.lost", "list --type nothing.*", "list --verdict too_new", "list --verdict refused", "list --outcome delivered",
		"list --outcome waiting", "list --outcome failed", "list --outcome dead", "list --outcome none", "list --target archive", "list --target nothing",
		"list --target archive --outcome failed", "list --since 1h", "list --until 27d", "list --event nothing", "list --event nothing-of-the-kind", "list --path /nope*", "list --type card.lost --outcome dead",
		"show nothing-of-the-kind",
	}
}

// measureLists runs each and compares the middle of some tries with what it may take.
func measureLists(ctx context.Context, whctl, journal string) error {
	// A folder without a journal reads as an empty one, in which everything is fast.
	if filepath.Base(journal) != "journal.db" {
		return fmt.Errorf("%s: whctl reads a journal.db alone", journal)
	}
	if info, err := os.Stat(journal); err != nil || info.Size() == 0 {
		return fmt.Errorf("%s holds nothing: %w", journal, err)
	}
	var slow []string
	for _, line := range lists() {
		var took, worked []time.Duration
		for range triesOfList {
			began := time.Now()
			cpu, err := runList(ctx, whctl, journal, line)
			if err != nil {
				return err
			}
			took, worked = append(took, time.Since(began)), append(worked, cpu)
		}
		slices.Sort(took)
		slices.Sort(worked)
		middle := took[len(took)/2]
		_, _ = fmt.Fprintf(os.Stdout, "%6d ms, processor %4d ms  whctl journal %s\n", middle.Milliseconds(), worked[len(worked)/2].Milliseconds(), line)
		if middle > longest(line) {
			slow = append(slow, line)
		}
	}
	if len(slow) > 0 {
		return fmt.Errorf("too slow: %s", strings.Join(slow, "; "))
	}
	return nil
}

// runList gives the processor time of a command that must find something or nothing.
func runList(ctx context.Context, whctl, journal, line string) (time.Duration, error) {
	const nothing = 5 // the exit code of a reference that names nothing
	c := exec.CommandContext(ctx, whctl, append([]string{"journal"}, strings.Fields(line)...)...)
	c.Env = append(os.Environ(), "WHCTL_DATA_DIR="+filepath.Dir(journal))
	said, err := c.CombinedOutput()
	if err != nil && c.ProcessState.ExitCode() != nothing {
		return 0, fmt.Errorf("%s: %w: %s", line, err, said)
	}
	return c.ProcessState.UserTime() + c.ProcessState.SystemTime(), nil
}
