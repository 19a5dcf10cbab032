// Package e2e tests the whole program through its binary: scripts in testdata/script, and Go tests for what a script cannot
// say. Files named harness_ hold what the tests share, script_test.go the commands of the scripts; the others are named
// after the behaviour that they prove. It holds no product code.
package e2e
