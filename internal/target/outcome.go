// Package target knows where deliveries are handed on to, and what came of it.
package target

import (
	"github.com/whctl/whctl/internal/deliver"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/refusal"
)

// Kind is what came of a delivery over HTTP.
func Kind(res deliver.Result) record.OutcomeKind {
	switch res.Cause {
	case deliver.None:
		return answered(res)
	case deliver.Timeout:
		return record.OutcomeTimeout
	case deliver.Canceled:
		return record.OutcomeCancelled
	case deliver.Refused, deliver.DNS, deliver.TLS, deliver.Denied, deliver.Other:
		return record.OutcomeUnreachable
	case deliver.Cut, deliver.NotHTTP, deliver.Invalid:
		return record.OutcomeFailed
	}
	return record.OutcomeFailed
}

func answered(res deliver.Result) record.OutcomeKind {
	switch {
	case res.OK():
		return record.OutcomeDelivered
	case refusal.Is(res.Status):
		return record.OutcomeRefused
	default:
		return record.OutcomeFailed
	}
}
