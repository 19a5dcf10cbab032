package verify

// The commands in an explanation, as they work here.

import (
	"slices"

	"github.com/whctl/whctl/internal/cmdkit"
	"github.com/whctl/whctl/internal/sign/explain"
)

// typed is an explanation whose commands have the flags that say which profile and settings this run is about.
func typed(e *cmdkit.Env, d explain.Diagnosis) explain.Diagnosis {
	d.Findings, d.Next = slices.Clone(d.Findings), slices.Clone(d.Next)
	for i := range d.Findings {
		d.Findings[i].Fix = e.AsTyped(d.Findings[i].Fix)
	}
	for i, step := range d.Next {
		d.Next[i].Text, d.Next[i].Command = e.AsTyped(step.Text), e.AsTyped(step.Command)
	}
	return d
}
