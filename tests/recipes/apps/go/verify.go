package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
)

// verify is what every app calls with what it takes for the raw bytes.
func verify(raw []byte, h http.Header) bool {
	mac := hmac.New(sha256.New, []byte(os.Getenv("KEY")))
	mac.Write(raw)
	return hex.EncodeToString(mac.Sum(nil)) == h.Get("X-Signature")
}
