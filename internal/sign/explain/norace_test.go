//go:build !race

package explain_test

// nonMistakes is how many unrelated requests are diagnosed.
const nonMistakes = 1000
