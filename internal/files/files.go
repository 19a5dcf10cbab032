// Package files decides who may use a file and replaces one whole.
package files
