// Package masking decides which text looks like a secret, and holds the one mask.
package masking
