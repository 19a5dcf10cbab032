package check

// The report for other programs: JUnit, SARIF, Markdown.

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/whctl/whctl/internal/check"
	"github.com/whctl/whctl/internal/render"
)

// junit is the report in the form that CI systems read. A warning fails nothing there; it stands in the output of its case.
func (p *printer) junit(report check.Report) string {
	var all []render.JUnitSuite
	for _, group := range check.Groups() {
		s := render.JUnitSuite{Name: group}
		for i := range report.Results {
			r := &report.Results[i]
			if r.Group != group {
				continue
			}
			c := render.JUnitCase{Name: r.ID, Class: "whctl.check." + group, Took: r.Took}
			switch r.Outcome {
			case check.Failed:
				c.Failure, c.Text = cmp.Or(r.Detail, r.Title), p.explained(r)
			case check.Skipped:
				c.Skipped = cmp.Or(r.Detail, "not run")
			case check.Warned, check.Known:
				c.Text = string(r.Outcome) + ": " + r.Detail + "\n" + p.explained(r)
			case check.Passed:
			}
			s.Cases = append(s.Cases, c)
		}
		if len(s.Cases) > 0 {
			all = append(all, s)
		}
	}
	return string(render.JUnit(all...))
}

// explained is what a failure means, in lines.
func (p *printer) explained(r *check.Result) string {
	lines := []string{r.Title, "expected: " + r.Expects, "why: " + r.Why, "fix: " + r.Fix}
	if r.Request != nil {
		if line := p.repeat(r.Request); line.Send != "" {
			lines = append(lines, "again: "+line.Send)
		}
	}
	return strings.Join(lines, "\n")
}

// The parts of a SARIF 2.1.0 report that are used.
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool    sarifTool     `json:"tool"`
	Results []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"semanticVersion,omitempty"`
	URI     string      `json:"informationUri"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID    string     `json:"id"`
	Short sarifText  `json:"shortDescription"`
	Full  sarifText  `json:"fullDescription"`
	Help  sarifText  `json:"help"`
	Level sarifLevel `json:"defaultConfiguration"`
}

type sarifLevel struct {
	Level string `json:"level"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	Kind      string          `json:"kind"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifLocation struct {
	Logical []sarifLogical `json:"logicalLocations"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

// sarif is the report as a log of findings (SARIF 2.1.0, section 3). What passed or was skipped is no finding.
func (p *printer) sarif(report check.Report) sarifLog {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "whctl check", URI: "https://github.com/whctl/whctl", Rules: []sarifRule{}}}, Results: []sarifResult{}}
	for i := range report.Results {
		r := &report.Results[i]
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: r.ID, Short: sarifText{r.Title}, Full: sarifText{r.Why}, Help: sarifText{r.Fix}, Level: sarifLevel{level(r.Severity)},
		})
		if r.Outcome != check.Failed && r.Outcome != check.Warned {
			continue
		}
		severity := r.Severity
		if r.Outcome == check.Warned {
			severity = check.Warning
		}
		run.Results = append(run.Results, sarifResult{
			RuleID: r.ID, Kind: "fail", Level: level(severity), Message: sarifText{r.Detail + "\n" + p.explained(r)},
			Locations: []sarifLocation{{[]sarifLogical{{Name: p.o.to, Kind: "resource"}}}},
		})
	}
	return sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}

func level(s check.Severity) string {
	if s == check.Warning {
		return "warning"
	}
	return "error"
}

// markdown is the report for a page: a badge, the figures, and what failed.
func (p *printer) markdown(report check.Report) string {
	var b strings.Builder
	failed, colour := report.Count(check.Failed), "brightgreen"
	badge := fmt.Sprintf("%d_passed", report.Count(check.Passed))
	if failed > 0 {
		badge, colour = fmt.Sprintf("%d_failed", failed), "red"
	}
	fmt.Fprintf(&b, "## Check of a receiver\n\n![receiver check](https://img.shields.io/badge/whctl_check-%s-%s)\n\n%s, scheme %s: %s\n", badge, colour, code(p.o.to), code(p.keys.Scheme()), strings.TrimSpace(p.summary(report)))
	if o := report.Obstacle; o != nil {
		fmt.Fprintf(&b, "\n**%s**: %s. Fix: %s\n", cell(o.Title), cell(o.Why), cell(o.Fix))
	}
	var rows strings.Builder
	for i := range report.Results {
		r := &report.Results[i]
		if !r.Follows && (r.Outcome == check.Failed || r.Outcome == check.Warned || r.Outcome == check.Known) {
			fmt.Fprintf(&rows, "| %s | %s | %s | %s | %s |\n", r.Outcome, code(r.ID), cell(r.Title), cell(r.Detail), cell(r.Fix))
		}
	}
	if rows.Len() > 0 {
		b.WriteString("\n| outcome | case | what was sent | what happened | fix |\n| --- | --- | --- | --- | --- |\n" + rows.String())
	}
	return b.String()
}

func code(s string) string { return "`" + strings.ReplaceAll(s, "`", "'") + "`" }

// cell is text in a table: nothing in it ends the cell or is markup.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[").Replace(s)
}
