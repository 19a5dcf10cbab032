package check

// The list of all cases.

import (
	"slices"
	"strings"
)

// The groups, in the order in which they run.
const (
	groupAccept    = "accept"
	groupSignature = "signature"
	groupTime      = "time"
	groupBody      = "body"
	groupHeaders   = "headers"
	groupInput     = "input"
	groupRepeat    = "repeat"
	groupLoad      = "load"
	groupTransport = "transport"
	groupKeys      = "keys"
	groupSecrecy   = "secrecy"
)

// Groups are the groups of cases, in order.
func Groups() []string {
	return []string{
		groupAccept, groupSignature, groupTime, groupBody, groupHeaders, groupInput, groupRepeat, groupLoad, groupTransport, groupKeys, groupSecrecy,
	}
}

// Cases are all cases for a receiver of some event types, in order.
func Cases(types []string) []Case {
	return slices.Concat(acceptCases(types), handshakeCases()[:1], signatureCases(), handshakeCases()[1:], timeCases(), bodyCases(), headerCases(), inputCases(), repeatCases(),
		loadCases(), transportCases(), keyCases(), secrecyCases())
}

// Chosen are the cases with some ids or in some groups; all where none are given.
func Chosen(types, only []string) []Case {
	all := Cases(types)
	if len(only) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(c Case) bool { return !slices.Contains(only, c.ID) && !slices.Contains(only, c.Group) })
}

// idOf is an event type as a part of an id.
func idOf(typ string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("._-/", c) {
			return c
		}
		return '-'
	}, typ)
}
