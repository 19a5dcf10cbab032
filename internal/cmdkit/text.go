package cmdkit

// Small words that several commands print.

import "strings"

// OriginWords is an origin as people write it, without the default port.
func OriginWords(origin string) string {
	for scheme, port := range map[string]string{"https://": ":443", "http://": ":80"} {
		if strings.HasPrefix(origin, scheme) {
			return strings.TrimSuffix(origin, port)
		}
	}
	return origin
}
