// Package e2e tests the whole program through its binary: scripts under testdata, and tests that drive it from the outside.
// It holds no product code.
package e2e
