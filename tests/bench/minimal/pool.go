package main

// Handing on over kept connections: one write for a request, the answer read where it is needed.

import (
	"bufio"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

type pool struct {
	addr string
	mu   sync.Mutex
	idle []*conn
}

type conn struct {
	net.Conn
	in  *bufio.Reader
	out []byte
}

func (p *pool) take() (c *conn, reused bool, err error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c = p.idle[n-1]
		p.idle = p.idle[:n-1]
	}
	p.mu.Unlock()
	if c != nil {
		return c, true, nil
	}
	nc, err := net.DialTimeout("tcp", p.addr, 5*time.Second) //nolint:noctx // there is none to pass on
	if err != nil {
		return nil, false, err
	}
	return &conn{Conn: nc, in: bufio.NewReader(nc)}, false, nil
}

func (p *pool) give(c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, c)
}

// forward sends a request, once more where a kept connection was dead.
func (p *pool) forward(w http.ResponseWriter, r *http.Request, body []byte) error {
	for {
		c, reused, err := p.take()
		if err != nil {
			return err
		}
		res, err := c.ask(p.addr, r, body)
		if err != nil {
			_ = c.Close()
			if reused {
				continue
			}
			return err
		}
		maps.Copy(w.Header(), res.Header)
		w.WriteHeader(res.StatusCode)
		_, err = io.Copy(w, res.Body)
		_ = res.Body.Close()
		if err != nil || res.Close {
			return c.Close()
		}
		p.give(c)
		return nil
	}
}

func (c *conn) ask(host string, r *http.Request, body []byte) (*http.Response, error) {
	out := append(c.out[:0], r.Method+" "+r.RequestURI+" HTTP/1.1\r\nHost: "+host+"\r\n"...)
	for name, values := range r.Header {
		if name == "Connection" || name == "Content-Length" {
			continue
		}
		for _, v := range values {
			out = append(out, name+": "+v+"\r\n"...)
		}
	}
	out = append(out, "Content-Length: "...)
	out = strconv.AppendInt(out, int64(len(body)), 10)
	out = append(append(out, "\r\n\r\n"...), body...)
	c.out = out
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := c.Write(out); err != nil {
		return nil, err
	}
	return http.ReadResponse(c.in, r)
}
