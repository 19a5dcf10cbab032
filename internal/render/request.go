package render

// A delivery as a raw HTTP request, and the head of an answer.

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/whctl/whctl/internal/masking"
	"github.com/whctl/whctl/internal/record"
)

// RequestHead is the request line and the headers of a delivery, with the blank line behind them. Its Content-Length is that of the
// body which was recorded, however the body came.
func RequestHead(d *record.Delivery) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", oneLine(d.Method), oneLine(masking.RequestTarget(d.Path)))
	if d.Host != "" {
		fmt.Fprintf(&b, "Host: %s\r\n", oneLine(d.Host))
	}
	head := maps.Clone(d.Header)
	if head == nil {
		head = http.Header{}
	}
	delete(head, "Transfer-Encoding")
	if head["Content-Length"] != nil || len(d.Body) > 0 {
		head["Content-Length"] = []string{strconv.Itoa(len(d.Body))}
	}
	writeHeaders(&b, head)
	return b.Bytes()
}

// AnswerHead is the status line and the headers of the answer to an attempt, with the blank line behind them.
func AnswerHead(a *record.Attempt) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", a.Status, http.StatusText(a.Status))
	writeHeaders(&b, a.Header)
	return b.Bytes()
}

func writeHeaders(b *bytes.Buffer, h http.Header) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			fmt.Fprintf(b, "%s: %s\r\n", oneLine(name), oneLine(value))
		}
	}
	b.WriteString("\r\n")
}

// oneLine keeps what was recorded from beginning a line of its own.
func oneLine(s string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(s) }
