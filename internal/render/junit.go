package render

// Reports in the form of JUnit, which CI systems read.

import (
	"fmt"
	"html"
	"strings"
	"time"
)

// JUnitSuite is a group of cases.
type JUnitSuite struct {
	Name  string
	Cases []JUnitCase
}

// JUnitCase is one case. It passed if all of Failure, Error and Skipped are "".
type JUnitCase struct {
	Name    string
	Class   string
	Took    time.Duration
	Failure string // what did not hold, in a line
	Error   string // why it could not be told whether it holds
	Skipped string // why nothing was tried
	Text    string // more lines, for any outcome
}

// junitSums are what a suite and the whole report count.
type junitSums struct{ tests, failures, errors, skipped int }

// JUnit is the report of some suites, as a file.
func JUnit(suites ...JUnitSuite) []byte {
	var all junitSums
	var inside strings.Builder
	for _, suite := range suites {
		var cases strings.Builder
		sums, took := junitSums{tests: len(suite.Cases)}, time.Duration(0)
		for _, c := range suite.Cases {
			took += c.Took
			sums.add(c)
			c.write(&cases)
		}
		all = junitSums{tests: all.tests + sums.tests, failures: all.failures + sums.failures, errors: all.errors + sums.errors}
		fmt.Fprintf(&inside, "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\" time=\"%s\">\n%s  </testsuite>\n",
			xmlValue(suite.Name), sums.tests, sums.failures, sums.errors, sums.skipped, seconds(took), cases.String())
	}
	return fmt.Appendf(nil, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%d\" failures=\"%d\" errors=\"%d\">\n%s</testsuites>\n",
		all.tests, all.failures, all.errors, inside.String())
}

// outcome is the element that says what came of a case, and its message. The element is "" for a case that passed.
func (c *JUnitCase) outcome() (element, message string) {
	switch {
	case c.Error != "":
		return "error", c.Error
	case c.Failure != "":
		return "failure", c.Failure
	case c.Skipped != "":
		return "skipped", c.Skipped
	default:
		return "", ""
	}
}

func (s *junitSums) add(c JUnitCase) {
	switch element, _ := c.outcome(); element {
	case "error":
		s.errors++
	case "failure":
		s.failures++
	case "skipped":
		s.skipped++
	}
}

func (c *JUnitCase) write(out *strings.Builder) {
	fmt.Fprintf(out, "    <testcase name=\"%s\" classname=\"%s\" time=\"%s\">", xmlValue(c.Name), xmlValue(c.Class), seconds(c.Took))
	end := "</testcase>\n"
	switch element, message := c.outcome(); {
	case element != "":
		fmt.Fprintf(out, "\n      <%s message=\"%s\">%s</%s>", element, xmlValue(message), xmlText(c.Text), element)
		end = "\n    " + end
	case c.Text != "":
		fmt.Fprintf(out, "\n      <system-out>%s</system-out>", xmlText(c.Text))
		end = "\n    " + end
	}
	out.WriteString(end)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// xmlText writes text for an element. What XML cannot hold (XML 1.0, 2.2) is replaced.
func xmlText(s string) string {
	return html.EscapeString(strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' || c == 0xfffe || c == 0xffff {
			return '\ufffd'
		}
		return c
	}, s))
}

// xmlValue writes text for an attribute, in which a reader turns bare line ends and tabs into blanks (XML 1.0, 3.3.3).
func xmlValue(s string) string {
	return strings.NewReplacer("\n", "&#xA;", "\t", "&#x9;").Replace(xmlText(s))
}
