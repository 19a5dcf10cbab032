package main

// The handler of the recording: it verifies, and until it is mended it verifies JSON that was written again.

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	window = 300     // seconds
	limit  = 2 << 20 // bytes
)

type handler struct {
	key    []byte
	mended atomic.Bool
	port   int
	server *http.Server
}

// serve listens on a port between 3000 and 3999: its address is as long as the one that is shown.
func serve(ctx context.Context, key string) (*handler, error) {
	h := &handler{key: []byte(key)}
	var listening net.ListenConfig
	for port := 3000; port < 4000; port++ {
		socket, err := listening.Listen(ctx, "tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err != nil {
			continue
		}
		h.port = port
		mux := http.NewServeMux()
		mux.HandleFunc("POST /hooks", h.hooks)
		h.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
		go func() { _ = h.server.Serve(socket) }()
		return h, nil
	}
	return nil, errors.New("no port between 3000 and 3999 is free")
}

func (h *handler) addr() string { return "localhost:" + strconv.Itoa(h.port) }

func (h *handler) close() { _ = h.server.Close() }

func (h *handler) hooks(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	signed := raw
	if !h.mended.Load() {
		var again bytes.Buffer
		_ = json.Compact(&again, raw) // what is no JSON leaves nothing
		signed = again.Bytes()
	}
	if !h.verify(signed, r.Header) {
		http.Error(w, "invalid signature", http.StatusUnauthorized)
		return
	}
	if !json.Valid(raw) {
		w.WriteHeader(http.StatusBadRequest)
	}
}

func (h *handler) verify(body []byte, header http.Header) bool {
	stamps, signatures := header.Values("X-Timestamp"), header.Values("X-Signature")
	if len(stamps) != 1 || len(signatures) != 1 {
		return false
	}
	at, err := strconv.ParseUint(stamps[0], 10, 40)
	if err != nil {
		return false
	}
	if age := time.Now().Unix() - int64(at); age > window || age < -window {
		return false
	}
	given, err := hex.DecodeString(signatures[0])
	mac := hmac.New(sha256.New, h.key)
	mac.Write([]byte(stamps[0] + "."))
	mac.Write(body)
	return err == nil && hmac.Equal(mac.Sum(nil), given)
}
