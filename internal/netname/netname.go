// Package netname decides what a host name or address means: this machine or another, and the text of a target.
package netname
