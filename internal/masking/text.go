package masking

// Secrets inside a text.

import (
	"regexp"
	"slices"
	"strings"
)

// Text masks in s the known secrets and all that looks like a secret. It is for messages and logs: it errs on the side of hiding,
// and leaves paths, URLs, ids and words as they are.
func Text(s string, secrets ...string) string {
	s = keyBlocks(s)
	s = given(s, secrets)
	s = userInfo(s)
	s = named(s)
	var b strings.Builder
	at := 0
	for _, w := range words(s) {
		b.WriteString(s[at:w.from])
		b.WriteString(screen(s[:w.from], s[w.from:w.to]))
		at = w.to
	}
	return b.String() + s[at:]
}

// given masks secrets that are known, the longest first: one may hold another.
func given(s string, secrets []string) string {
	const shortest = 4 // a shorter one is part of many words
	secrets = slices.DeleteFunc(slices.Clone(secrets), func(k string) bool { return len(k) < shortest })
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, k := range secrets {
		s = strings.ReplaceAll(s, k, Mask)
	}
	return s
}

// keyBlocks masks PEM blocks that hold a key, whole.
func keyBlocks(s string) string {
	for from := 0; ; {
		begin := strings.Index(s[from:], "-----BEGIN ")
		if begin < 0 {
			return s
		}
		begin += from
		const tail = "-----END "
		end := strings.Index(s[begin:], tail)
		if end < 0 {
			return s[:begin] + Mask
		}
		rest := s[begin+end+len(tail):]
		if i := strings.Index(rest, "-----"); i >= 0 {
			rest = rest[i+5:]
		}
		s, from = s[:begin]+Mask+rest, begin
	}
}

// userInfo masks the password of a URL, or the user name if there is no password, also in a URL without a scheme.
func userInfo(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	s = regexp.MustCompile(`://[^/?#\s"'@]*(@[^/?#\s"'@]*)*@`).ReplaceAllString(s, "://"+Mask+"@")
	// This is a password with a slash in it. Only the port tells it from a host, a port and a path that begins with @.
	port := regexp.MustCompile(`^://[^:]*:[0-9]{1,5}[/?#]`)
	s = regexp.MustCompile(`://[^/?#\s"'@:]*:[^\s"'@]*@`).ReplaceAllStringFunc(s, func(m string) string {
		if port.MatchString(m) {
			return m
		}
		return "://" + Mask + "@"
	})
	return regexp.MustCompile(`(^|[\s"'=(,])([^\s"'/:@=(,]+):([^\s"'@]{4,})@`).ReplaceAllString(s, "${1}${2}:"+Mask+"@")
}

// named masks values that their name gives away: ?key=…, api_key=…, "apiKey":"…", Authorization: ….
func named(s string) string {
	if strings.Contains(s, ":") {
		s = regexp.MustCompile(`(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-[a-z0-9-]*(?:token|key|secret|password)|[a-z0-9-]*api-?key)`+
			`(\\?["']?\s*:\s*\\?["']?)([^\s"'][^"'\n]*)`).ReplaceAllStringFunc(s, header)
	}
	if strings.Contains(s, "earer") || strings.Contains(s, "BEARER") || strings.Contains(s, "Basic") {
		s = regexp.MustCompile(`\b(Bearer|bearer|BEARER|Basic)\s+[A-Za-z0-9+/=_.~-]{6,}`).ReplaceAllStringFunc(s, func(m string) string {
			scheme, value, _ := strings.Cut(m, " ")
			if prose(strings.TrimSpace(value)) {
				return m
			}
			return scheme + " " + Mask
		})
	}
	if !strings.ContainsAny(s, `="`) {
		return s
	}
	given := regexp.MustCompile(`([A-Za-z][A-Za-z0-9_.-]*)(=|\\?"\s*:\s*\\?")([^\s"'&;,)…]+)`)
	return given.ReplaceAllStringFunc(s, func(m string) string {
		parts := given.FindStringSubmatch(m)
		if len(parts) != 4 || !Name(parts[1]) || placeholder(parts[3]) {
			return m
		}
		return parts[1] + parts[2] + Mask
	})
}

// header masks the value of a header line, unless the line is a sentence about the header.
func header(line string) string {
	name, value, _ := strings.Cut(line, ":")
	space := len(value) - len(strings.TrimLeft(value, " \t\\\"'"))
	first, rest, more := strings.Cut(value[space:], " ")
	switch {
	case placeholder(value[space:]), more && !credentials(name) && prose(first) && len(first) < longestScheme:
		return line
	case more && !credentials(name):
		return name + ":" + value[:space] + Mask + " " + rest
	default:
		return name + ":" + value[:space] + Mask
	}
}

// longestScheme is longer than the name of any scheme of credentials.
const longestScheme = 12

// credentials says whether a header's value is several words, all of them secret.
func credentials(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, "authorization") || strings.HasSuffix(name, "cookie")
}

// placeholder says whether a value is a placeholder, as in SECRET=VALUE or key=FILE.
func placeholder(value string) bool {
	return strings.Contains(value, Mask) || strings.Contains(value, "…") || len(value) <= 16 && strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_|") == ""
}

// span is a word within a text.
type span struct{ from, to int }

// words are the runs of what keys, paths and URLs are made of.
func words(s string) []span {
	var found []span
	from := -1
	for i := 0; i <= len(s); i++ {
		if i < len(s) && (digestRune(rune(s[i])) || s[i] == '.' || s[i] == '=' || s[i] == '~' || s[i] == ':' || s[i] == '%') {
			if from < 0 {
				from = i
			}
			continue
		}
		if from >= 0 {
			found = append(found, span{from, i})
			from = -1
		}
	}
	return found
}

// screen masks what looks like a secret in one word, with what stands before it.
func screen(before, word string) string {
	if len(word) < enough {
		return word
	}
	if at := keyAt(word, keyPrefixes()); at >= 0 { // what stands before it, such as a folder or a name, stays
		return word[:at] + Mask
	}
	if at := strings.IndexByte(word, ':'); at >= 0 && !strings.HasPrefix(word[at:], "://") {
		return screenList(before, word)
	}
	if bare := strings.Trim(word, ".~"); whole(bare) && !digestOf(before) {
		return strings.Replace(word, bare, Mask, 1)
	}
	if path(before, word) {
		return screenParts(before, word, "/:=~%")
	}
	bare := strings.Trim(word, ".:~")
	if name, value, found := strings.Cut(bare, "="); found && len(value) > 0 && !strings.HasPrefix(value, "=") && len(name) < longRun {
		return strings.Replace(word, value, screen(before+name+"=", value), 1)
	}
	// base64 holds + and /, and base64url - and _: what looks random as a whole is one secret.
	if !strings.ContainsAny(bare, ".:%~") && !uuid(bare) && len(bare) >= 24 && random(bare) && !digestOf(before) {
		return strings.Replace(word, bare, Mask, 1)
	}
	return screenParts(before, word, "/:.=~%")
}

// screenList screens what stands between colons.
func screenList(before, word string) string {
	parts := strings.Split(word, ":")
	for i, part := range parts {
		parts[i] = screen(before, part)
		before = part + ":"
	}
	return strings.Join(parts, ":")
}

// screenParts looks at what stands between separators, each on its own.
func screenParts(before, word, separators string) string {
	var b strings.Builder
	for len(word) > 0 {
		n := strings.IndexAny(word, separators)
		if n < 0 {
			n = len(word)
		}
		part := word[:n]
		if random(part) && !digestOf(before+b.String()) && !fileOfDigest(part, word[n:]) {
			part = Mask
		}
		b.WriteString(part)
		if n < len(word) {
			b.WriteByte(word[n])
			n++
		}
		word = word[n:]
	}
	return b.String()
}

// whole says whether a word is one secret with slashes in it, as base64 has them. A path has no plus and no padding, and is
// made of words.
func whole(word string) bool {
	if len(word) < 24 || strings.ContainsAny(word, ".:%~") || strings.HasPrefix(word, "/") && !strings.Contains(word, "+") && !strings.HasSuffix(word, "=") {
		return false
	}
	return strings.Contains(word, "/") && changes(word)*5 >= len(word) && random(strings.ReplaceAll(word, "/", ""))
}

// path says whether a word is a path or a URL, whose parts are names.
func path(before, word string) bool {
	if strings.HasPrefix(word, "/") || strings.HasPrefix(word, "./") || strings.HasPrefix(word, "../") || strings.HasPrefix(word, "~/") ||
		strings.Contains(word, "://") || strings.HasSuffix(before, `\`) {
		return true
	}
	return strings.Count(word, "/") > 2 && !strings.HasSuffix(word, "=")
}

// digestOf says whether what stands before a run names it as a digest: sha256:…, "its SHA-256 is …".
func digestOf(before string) bool {
	const near = 40
	before = strings.TrimRight(strings.ToLower(before[max(0, len(before)-near):]), `"'`)
	for _, link := range []string{": ", ":", " is ", " "} {
		head, is := strings.CutSuffix(before, link)
		if !is {
			continue
		}
		head = head[strings.LastIndexAny(head, " \"'(,=")+1:]
		if slices.Contains([]string{
			"sha", "sha1", "sha-1", "sha224", "sha256", "sha-256", "sha384", "sha-384", "sha512", "sha-512", "md5", "digest", "hash", "checksum", "etag", "commit",
			"revision", "trace", "traceid", "trace-id", "fingerprint", "bytes",
		}, head) {
			return true
		}
	}
	return false
}

// fileOfDigest says whether a run is a digest that a file is named after.
func fileOfDigest(part, after string) bool {
	const longest = 6 // of an ending, with its dot
	if !hex(part) || !strings.HasPrefix(after, ".") {
		return false
	}
	ending := leading(after[1:])
	return len(ending) > 0 && len(ending) < longest && ending[0] >= 'a' && ending[0] <= 'z'
}
