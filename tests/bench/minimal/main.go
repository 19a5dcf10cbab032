// Command minimal is the least that a Go program does to take webhooks in: it verifies the signature, stores the delivery so
// that it outlives a crash, hands it on over connections of its own, and gives the answer back. whctl is measured against it.
// It lacks all that makes such a program safe to use.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const maxBody = 1 << 20

func main() {
	addr := flag.String("addr", "127.0.0.1:9100", "address to listen on")
	forward := flag.String("forward", "", "address to hand on to")
	secret := flag.String("secret", "", "key")
	path := flag.String("store", "store.db", "file to store in")
	flag.Parse()
	st, err := openStore(*path)
	if err == nil {
		h := &handler{key: newKey(*secret), store: st, pool: &pool{addr: *forward}}
		err = (&http.Server{Addr: *addr, Handler: h, ReadHeaderTimeout: 10 * time.Second}).ListenAndServe()
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

type handler struct {
	key   *key
	store *store
	pool  *pool
	bufs  sync.Pool
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := h.bufs.Get().(*bytes.Buffer)
	if b == nil {
		b = new(bytes.Buffer)
	}
	b.Reset()
	defer h.bufs.Put(b)
	if _, err := b.ReadFrom(io.LimitReader(r.Body, maxBody)); err != nil {
		http.Error(w, "cannot read", http.StatusBadRequest)
		return
	}
	if !h.key.verify(r.Header.Get("Stripe-Signature"), b.Bytes()) {
		http.Error(w, "invalid", http.StatusUnauthorized)
		return
	}
	if err := h.store.append(b.Bytes()); err != nil {
		http.Error(w, "cannot store", http.StatusServiceUnavailable)
		return
	}
	if err := h.pool.forward(w, r, b.Bytes()); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
}

// key verifies "t=TIME,v1=HEX", the HMAC of "TIME.BODY".
type key struct{ macs sync.Pool }

func newKey(secret string) *key {
	return &key{sync.Pool{New: func() any { return hmac.New(sha256.New, []byte(secret)) }}}
}

func (k *key) verify(header string, body []byte) bool {
	at, sig, _ := strings.Cut(header, ",v1=")
	at, timed := strings.CutPrefix(at, "t=")
	unix, err := strconv.ParseInt(at, 10, 64)
	given, hexErr := hex.DecodeString(sig)
	if !timed || err != nil || hexErr != nil || time.Since(time.Unix(unix, 0)).Abs() > 5*time.Minute {
		return false
	}
	mac, _ := k.macs.Get().(hash.Hash)
	defer k.macs.Put(mac)
	mac.Reset()
	_, _ = io.WriteString(mac, at)
	_, _ = mac.Write([]byte{'.'})
	_, _ = mac.Write(body)
	return hmac.Equal(given, mac.Sum(nil))
}
