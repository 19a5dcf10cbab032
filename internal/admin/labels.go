package admin

// Labels of metrics. Event types and targets come from elsewhere, so their number, length and characters are bounded.

import (
	"strconv"
	"strings"
)

const (
	maxLabel = 64 // bytes
	maxTypes = 100
	other    = "other" // stands for all that does not fit
)

// labelled is the text of labels, given as name and value in turn. No value needs an escape.
func labelled(pairs ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(pairs[i] + `="` + pairs[i+1] + `"`)
	}
	return b.String()
}

// plain says whether a text is short and made of what names are made of.
func plain(text string) bool {
	const chars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.:[]"
	return text != "" && len(text) <= maxLabel && !strings.ContainsFunc(text, func(c rune) bool { return !strings.ContainsRune(chars, c) })
}

// Target is a target as the figures call it.
type Target struct {
	Names []string // what events call it
	Label string   // what the figures call it: its name, or its host and port; never its path, which may hold a secret
}

// targets gives each target a label of its own.
type targets map[string]string

func newTargets(list []Target) (byName targets, labels []string) {
	byName, taken := targets{}, map[string]bool{}
	for i, t := range list {
		label, place := t.Label, "-"+strconv.Itoa(i+1)
		if !plain(label + place) {
			label = "target" + place
		}
		if taken[label] {
			label += place
		}
		taken[label] = true
		labels = append(labels, label)
		for _, name := range t.Names {
			byName[name] = label
		}
	}
	return byName, labels
}

// label is what the figures call a target.
func (t targets) label(name string) string {
	if label, known := t[name]; known {
		return label
	}
	return other
}

// types are the event types that have a figure of their own: the first that came.
type types map[string]struct{}

func (t types) label(text string) string {
	if _, known := t[text]; known {
		return text
	}
	if !plain(text) || len(t) >= maxTypes {
		return other
	}
	t[text] = struct{}{}
	return text
}
