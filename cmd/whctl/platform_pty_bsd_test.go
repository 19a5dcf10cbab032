//go:build unix && !linux

package main

import "os"

func echoes(*os.File) bool { return false }
