//go:build race

package main

// racing says that the race detector is on, under which everything takes ten times as long.
const racing = true
