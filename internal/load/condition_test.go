package load

import (
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

func sample() *Summary {
	return &Summary{
		Plan: Plan{Step: time.Second / 100}, Sent: 1000, Refused: 20, Failed: 5, Sending: 10 * time.Second, Took: 11 * time.Second,
		Latencies: Latencies{Count: 995, P50: time.Millisecond, P90: 10 * time.Millisecond, P99: 250 * time.Millisecond, P999: time.Second, Max: 2 * time.Second},
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		met bool
		is  string
	}{
		"p99>250ms":     {false, "250ms"},
		"p99>=250ms":    {true, "250ms"},
		"p99 > 249ms":   {true, "250ms"},
		"p50<1ms":       {false, "1ms"},
		"p50<=1ms":      {true, "1ms"},
		"p90>0.01s":     {false, "10ms"},
		"p99.9>999ms":   {true, "1s"},
		"max>1d":        {false, "2s"},
		"errors>0":      {true, "5"},
		"errors>5":      {false, "5"},
		"errors>0.5%":   {false, "0.5%"},
		"errors>=0.5%":  {true, "0.5%"},
		"refused>1%":    {true, "2%"},
		"refused>20":    {false, "20"},
		"sent<1000":     {false, "1000"},
		"sent<1001":     {true, "1000"},
		"rate<100":      {false, "100"},
		"rate<100.1/s":  {true, "100"},
		"rate<99%":      {false, "100%"},
		"rate<=100%":    {true, "100%"},
		" p99 >\t250ms": {false, "250ms"},
	} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if met, is := c.Met(sample()); met != want.met || is != want.is {
			t.Errorf("%q: met %v, it is %q", text, met, is)
		}
	}
}

// TestNoLatency: a bound of a latency does not hold where there is none.
func TestNoLatency(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"p99>1h", "max<1ms"} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		if met, is := c.Met(&Summary{Sent: 3, Failed: 3}); !met || is != "not known" {
			t.Errorf("%q: met %v, it is %q", text, met, is)
		}
	}
}

func TestBrokenConditions(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "p99", "p99>", ">250ms", "p99=250ms", "p99==250ms", "p99=>250ms", "p99<>1ms", "p99!=1ms", "p98>1ms", "p99>250", "p99>0", "p99>-1ms", "p99>1%",
		"errors>x", "errors>1ms", "errors>%", "errors>-1", "errors>1e3", "errors>1%%", "sent<10%", "rate<10/m", "P99>1ms", "p99>1ms p50>1ms", "errors>NaN", "errors>Inf",
	} {
		_, err := ParseCondition(text)
		if fault.KindOf(err) != fault.Usage || fault.HintOf(err) == (fault.Step{}) {
			t.Errorf("%q: %v", text, err)
		}
	}
	c, err := ParseCondition("rate<99%")
	if err != nil || c.Fits(Plan{Step: time.Second}) != nil || fault.KindOf(c.Fits(Plan{})) != fault.Usage {
		t.Errorf("a part of no rate: %v", err)
	}
}
