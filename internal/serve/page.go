package serve

// What browsers say of web pages.

import (
	"net/http"
	"strings"
)

// FromOtherSite says whether a web page of another site sent a request. A script cannot hide its page's origin.
func FromOtherSite(h http.Header) bool {
	return h.Get("Origin") != "" || strings.HasSuffix(h.Get("Sec-Fetch-Site"), "-site")
}
