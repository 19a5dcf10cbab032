package render

// Reports in the form of JUnit, which CI systems read.

import (
	"encoding/xml"
	"fmt"
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

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Time    string        `xml:"time,attr"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
	Error   *junitMessage `xml:"error,omitempty"`
	Failure *junitMessage `xml:"failure,omitempty"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit is the report of some suites, as a file.
func JUnit(suites ...JUnitSuite) ([]byte, error) {
	var all junitSuites
	for _, s := range suites {
		out := junitSuite{Name: xmlText(s.Name), Tests: len(s.Cases)}
		var took time.Duration
		for _, c := range s.Cases {
			took += c.Took
			out.Cases = append(out.Cases, junitCaseOf(c, &out))
		}
		out.Time = seconds(took)
		all.Suites = append(all.Suites, out)
		all.Tests, all.Failures, all.Errors = all.Tests+out.Tests, all.Failures+out.Failures, all.Errors+out.Errors
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	return append(append([]byte(xml.Header), text...), '\n'), err
}

// junitCaseOf makes a case, and counts it in its suite.
func junitCaseOf(c JUnitCase, in *junitSuite) junitCase {
	out := junitCase{Name: xmlText(c.Name), Class: xmlText(c.Class), Time: seconds(c.Took)}
	text := xmlText(c.Text)
	switch {
	case c.Error != "":
		in.Errors++
		out.Error = &junitMessage{xmlText(c.Error), text}
	case c.Failure != "":
		in.Failures++
		out.Failure = &junitMessage{xmlText(c.Failure), text}
	case c.Skipped != "":
		in.Skipped++
		out.Skipped = &junitMessage{xmlText(c.Skipped), text}
	default:
		out.Out = text
	}
	return out
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// xmlText takes out what XML cannot hold (XML 1.0, 2.2).
func xmlText(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' || c == 0xfffe || c == 0xffff {
			return '\ufffd'
		}
		return c
	}, s)
}
