package cmdkit

// --rate: how many are sent in a time.

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
)

// Rate is the value of --rate. The zero value is no limit.
type Rate struct {
	Text string
	Step time.Duration // between the beginnings of two
}

// String is the flag's text.
func (r *Rate) String() string { return r.Text }

// Type is the placeholder in help texts.
func (r *Rate) Type() string { return "N/s" }

// Set reads N, N/s, N/m or N/h.
func (r *Rate) Set(text string) error {
	number, unit, has := strings.Cut(text, "/")
	per, known := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	if !has {
		per, known = time.Second, true
	}
	n, err := strconv.ParseFloat(number, 64)
	step := float64(per) / n
	if err != nil || !known || !(n > 0) || math.IsInf(n, 0) || step > float64(24*time.Hour) { // n may be no number
		return fault.Hint(fault.New(fault.Usage, "%q is not a rate", text), "write it as 10/s, 30/m or 100/h")
	}
	r.Text, r.Step = text, time.Duration(step)
	return nil
}
