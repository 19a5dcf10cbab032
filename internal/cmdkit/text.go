package cmdkit

// Small words that several commands print.

import (
	"fmt"
	"strings"
)

// Plural is "1 key" or "3 keys". A word that ends in a consonant and y gets ies: "2 deliveries".
func Plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	if stem, is := strings.CutSuffix(one, "y"); is && stem != "" && !strings.ContainsAny(stem[len(stem)-1:], "aeiou") {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// OriginWords is an origin as people write it, without the default port.
func OriginWords(origin string) string {
	for scheme, port := range map[string]string{"https://": ":443", "http://": ":80"} {
		if strings.HasPrefix(origin, scheme) {
			return strings.TrimSuffix(origin, port)
		}
	}
	return origin
}
