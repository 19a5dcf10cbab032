// Package refusal decides which answers of a target refuse a delivery, and reads in them why it was refused, or failed. The listener,
// why and journal show say the same.
package refusal

import (
	"net/http"
	"slices"

	"github.com/whctl/whctl/internal/fault"
)

// Answer is what a target answered, and what it was asked.
type Answer struct {
	Status int
	Method string // that it was asked with
	Type   string // the content type of what it was asked to take
	Header http.Header
	Body   []byte // its beginning
	URL    string // that was asked, as far as it is known
	Host   string // of the delivery, which whctl hands on in X-Forwarded-Host
}

// Cause is why a target did not take a delivery.
type Cause struct {
	ID      string // of the row, such as csrf
	Title   string // what is in the way
	Fix     fault.Step
	Certain bool // the answer says so; else it is the likely one
}

// Step is the cause and its cure as one line.
func (c Cause) Step() fault.Step {
	if c.Certain {
		return fault.NextStep("%s: %s", fault.Literal(c.Title), fault.Literal(c.Fix.String()))
	}
	return fault.NextStep("probably %s: %s", fault.Literal(c.Title), fault.Literal(c.Fix.String()))
}

// Signature is the ID of the cause where the target itself names its check of the signature.
const Signature = "signature"

// Statuses are those with which a target refuses a delivery that it has read: redirects, which senders do not follow, and
// what is answered to a wrong signature, a missing login or token, or content that is not taken. GoCardless asks for 498;
// Laravel answers 419 and Rails 422 to a missing CSRF token.
func Statuses() []int {
	return append(SignatureStatuses(), 419, http.StatusUnprocessableEntity,
		http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect)
}

// SignatureStatuses are those of Statuses with which receivers refuse a signature.
func SignatureStatuses() []int {
	return []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, 498}
}

// Is says whether a status is one of Statuses.
func Is(status int) bool { return slices.Contains(Statuses(), status) }

// MayBeSignature says whether this status alone makes a refused signature the likely cause, where the answer says nothing.
func MayBeSignature(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status == 498
}

// Read says why a delivery was not taken, as far as the answer tells. ok is false when it tells nothing, and for a success.
func Read(a Answer) (cause Cause, ok bool) {
	if a.Status < 300 && !denied(a) {
		return Cause{}, false
	}
	if location := a.Header.Get("Location"); location != "" && a.Status < 400 && Is(a.Status) {
		return redirect(a, location), true
	}
	text := plain(a.Header, a.Body)
	for _, r := range rows() {
		if !r.matches(a, text) {
			continue
		}
		cause := Cause{ID: r.id, Title: r.title, Fix: r.fix, Certain: !r.likely}
		if r.make != nil {
			cause = r.make(a, text, cause)
		}
		return cause, true
	}
	return Cause{}, false
}
