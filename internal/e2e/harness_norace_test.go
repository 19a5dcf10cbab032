//go:build !race

package e2e

// racing says that the race detector is on, under which everything takes ten times as long.
const racing = false
