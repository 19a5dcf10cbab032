//go:build race

package explain_test

// nonMistakes is how many unrelated requests are diagnosed: fewer where each takes ten times as long.
const nonMistakes = 81
