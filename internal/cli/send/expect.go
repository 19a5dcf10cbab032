package send

// --expect: which answer is right.

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/refusal"
)

const expectRefused = "refused"

// expectation is the value of --expect: statuses and classes of statuses, separated by commas. The zero value is none.
type expectation struct {
	text string
	fits []func(status int) bool
}

func (e *expectation) String() string { return e.text }
func (e *expectation) Type() string   { return "STATUS" }

// Set reads STATUS, 2xx or refused.
func (e *expectation) Set(text string) error {
	var fits []func(int) bool
	for word := range strings.SplitSeq(text, ",") {
		fit := statusFit(strings.ToLower(strings.TrimSpace(word)))
		if fit == nil {
			return fault.Hint(fault.New(fault.Usage, "%q is not an answer to expect", word), "use a status such as 401, a class such as 2xx or 4xx, or refused")
		}
		fits = append(fits, fit)
	}
	e.text, e.fits = text, fits
	return nil
}

func statusFit(word string) func(int) bool {
	if word == expectRefused {
		return func(status int) bool { return slices.Contains(refusal.SignatureStatuses(), status) }
	}
	if class, ok := strings.CutSuffix(word, "xx"); ok && len(class) == 1 && class >= "1" && class <= "5" {
		return func(status int) bool { return strconv.Itoa(status/100) == class }
	}
	if n, err := strconv.Atoi(word); err == nil && len(word) == 3 && n >= 100 && n <= 999 {
		return func(status int) bool { return status == n }
	}
	return nil
}

// given reports whether --expect was given.
func (e *expectation) given() bool { return e.fits != nil }

// met reports whether an answer is right: an expected one, or a 2xx without --expect.
func (e *expectation) met(status int) bool {
	if !e.given() {
		return status/100 == 2
	}
	return slices.ContainsFunc(e.fits, func(fits func(int) bool) bool { return fits(status) })
}

// outcome returns how the command ends after an answer.
func (e *expectation) outcome(status int) error {
	switch {
	case e.met(status):
		return nil
	case !e.given():
		return fault.Exit(fault.Refused)
	}
	err := fault.New(fault.Unverified, "the receiver answered %d, and %s was expected", status, e.words())
	if status/100 == 2 && e.met(http.StatusUnauthorized) {
		return fault.Hint(err, "it accepted what it must refuse: it has to verify the signature over the raw body, and the time, before anything else")
	}
	return fault.Hint(err, "its answer is above; --debug shows the request that it got")
}

func (e *expectation) words() string {
	if strings.EqualFold(e.text, expectRefused) {
		var codes []string
		for _, code := range refusal.SignatureStatuses() {
			codes = append(codes, strconv.Itoa(code))
		}
		return fmt.Sprintf("%s (%s)", expectRefused, strings.Join(codes, ", "))
	}
	return e.text
}
