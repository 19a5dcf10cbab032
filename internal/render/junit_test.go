package render_test

import (
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/render"
)

// TestJUnit has one case for each outcome, with text that XML must escape or cannot hold.
func TestJUnit(t *testing.T) {
	t.Parallel()
	text := render.JUnit(render.JUnitSuite{Name: "a <suite>", Cases: []render.JUnitCase{
		{Name: "passes", Class: "c", Took: 1500 * time.Millisecond, Text: "out ]]> & \x1b[31m"},
		{Name: "fails", Class: "c", Failure: `not "met"`, Text: "why"},
		{Name: "errs", Class: "c", Error: "no answer"},
		{Name: "is skipped", Class: "c", Skipped: "no probe"},
	}})
	want := `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1" errors="1">
  <testsuite name="a &lt;suite&gt;" tests="4" failures="1" errors="1" skipped="1" time="1.500">
    <testcase name="passes" classname="c" time="1.500">
      <system-out>out ]]&gt; &amp; ` + "\ufffd" + `[31m</system-out>
    </testcase>
    <testcase name="fails" classname="c" time="0.000">
      <failure message="not &#34;met&#34;">why</failure>
    </testcase>
    <testcase name="errs" classname="c" time="0.000">
      <error message="no answer"></error>
    </testcase>
    <testcase name="is skipped" classname="c" time="0.000">
      <skipped message="no probe"></skipped>
    </testcase>
  </testsuite>
</testsuites>
`
	if string(text) != want {
		t.Errorf("%s", text)
	}
	if err := xml.NewDecoder(strings.NewReader(string(text))).Decode(new(struct{})); err != nil {
		t.Error(err)
	}
}
