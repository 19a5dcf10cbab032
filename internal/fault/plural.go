package fault

// Numbers of things.

import (
	"strconv"
	"strings"
)

// Plural is "1 key" or "3 keys". A word that ends in a consonant and y gets ies: "2 deliveries".
func Plural[N ~int | ~int64](n N, one string) string {
	number := strconv.FormatInt(int64(n), 10) + " "
	if n == 1 {
		return number + one
	}
	if stem, is := strings.CutSuffix(one, "y"); is && stem != "" && !strings.ContainsAny(stem[len(stem)-1:], "aeiou") {
		return number + stem + "ies"
	}
	return number + one + "s"
}
