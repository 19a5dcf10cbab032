package refusal

// The one line of an answer that tells the most.

import (
	"html"
	"net/http"
	"strings"
	"unicode/utf8"
)

// mostLine bounds the line, in bytes.
const mostLine = 200

// traceback is how Python begins to tell of an error: https://docs.python.org/3/library/traceback.html
const traceback = "Traceback (most recent call last):"

// Line is what an answer says in one line of at most 200 bytes: JSON as a whole, of a page its title or its first words, of text its first
// line, and of a traceback of Python its last, where the error stands. It is "" where the body is empty or no text. It is remote text.
func Line(h http.Header, body []byte) string {
	if strings.EqualFold(h.Get("Content-Encoding"), "gzip") {
		body = unpacked(body)
	}
	text := strings.TrimSpace(string(body[:min(len(body), mostText)]))
	switch {
	case strings.ContainsRune(text, 0):
		return ""
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["):
		text = strings.Join(strings.Fields(text), " ")
	case strings.HasPrefix(text, "<"):
		text = pageLine(text)
	case strings.HasPrefix(text, traceback):
		text = text[strings.LastIndexByte(text, '\n')+1:]
	default:
		text, _, _ = strings.Cut(text, "\n")
	}
	return cutLine(strings.TrimSpace(text))
}

// pageLine is the title of a page that tells something, else the first words on it.
func pageLine(page string) string {
	title := between(page, "<title", "</title>")
	if strings.ContainsAny(title, " :") {
		return title
	}
	rest := page
	for _, tag := range []struct{ start, end string }{{"<!--", "-->"}, {"<head", "</head>"}, {"<title", "</title>"}, {"<style", "</style>"}, {"<script", "</script>"}} {
		rest = without(rest, tag.start, tag.end)
	}
	for part := range strings.SplitSeq(rest, "<") {
		_, words, _ := strings.Cut(part, ">")
		if words = shown(words); words != "" {
			return words
		}
	}
	return title
}

// between is the text of the first element that begins with start, which has no element in it.
func between(page, start, end string) string {
	_, rest, _ := strings.Cut(page, start)
	_, rest, _ = strings.Cut(rest, ">")
	text, _, found := strings.Cut(rest, end)
	if !found {
		return ""
	}
	return shown(text)
}

// shown is the first line of a page's text, as a browser shows it.
func shown(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(html.UnescapeString(text)), "\n")
	return strings.TrimSpace(text)
}

// cutLine makes a line valid text of at most mostLine bytes.
func cutLine(text string) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	if len(text) <= mostLine {
		return text
	}
	end := mostLine
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
