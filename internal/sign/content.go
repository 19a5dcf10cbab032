package sign

// The content of one message: which of its parts are there, and what they stand for.

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"strconv"

	"github.com/whctl/whctl/internal/jsonbytes"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// look finds what the parts of the content stand for in a message, once for all keys. The detail says what is missing. Parts that may
// be absent, and are, are left out of in.Content.
func (r *Rules) look(m *Message, in *Values) Detail {
	in.Content = r.Content
	if !r.Looks() {
		return Detail{}
	}
	if in.Members == nil {
		in.Members = make(map[string]string, scheme.MaxLookups)
	}
	content := make([]scheme.Piece, 0, len(r.Content))
	gone := map[int]bool{} // groups
	for i := range r.Content {
		p := &r.Content[i]
		found, detail := in.choose(m, p)
		switch {
		case !detail.IsZero():
			return detail
		case found != nil:
			content = append(content, *found)
		case p.Group > 0:
			gone[p.Group] = true
		case !p.Optional:
			return Detail{Code: MissingSigned, Place: placeOf(p)}
		}
	}
	in.Content = content[:0]
	for i := range content {
		if !gone[content[i].Group] {
			in.Content = append(in.Content, content[i])
		}
	}
	return Detail{}
}

// choose is the first of a part's places where its value is, nil when there is none. The detail says what is wrong with the value.
func (in *Values) choose(m *Message, p *scheme.Piece) (*scheme.Piece, Detail) {
	for i := range len(p.Or) + 1 {
		one := *p
		if i > 0 {
			one = p.Or[i-1]
			one.Group = p.Group
		}
		ok, detail := in.find(m, &one)
		if ok || !detail.IsZero() {
			return &one, detail
		}
	}
	return nil, Detail{}
}

// find looks one value up. Programs differ on a field or parameter that stands twice, so it is refused; ambiguous looks for members of
// JSON that do.
func (in *Values) find(m *Message, p *scheme.Piece) (bool, Detail) {
	if _, known := in.Members[p.Name()]; known {
		return true, Detail{}
	}
	var values []string
	switch p.Kind {
	case scheme.PieceHeader:
		return scheme.HeaderValue(in.Header, p.Text) != "", Detail{}
	case scheme.PieceParam:
		return in.Params[p.Text] != "", Detail{}
	case scheme.PieceJSON:
		if v, ok := scheme.Lookup(m.Body, p.Path); ok {
			values = []string{v}
		}
	case scheme.PieceField:
		values = scheme.FormValues(m.Header, m.Body, p.Text)
	case scheme.PieceQuery:
		values = scheme.QueryValues(m.whole(), p.Text)
	default:
		return true, Detail{}
	}
	switch len(values) {
	case 0:
		return false, Detail{}
	case 1:
		in.Members[p.Name()] = values[0]
		return true, Detail{}
	default:
		return false, Detail{Code: StandsTwice, Place: placeOf(p)}
	}
}

// ambiguous says which member of a body that is not signed whole stands twice or in another case, or that its JSON is followed by something: a receiver
// could read another value there than the one that is signed.
func ambiguous(body []byte, covered []jsonbytes.Path) Detail {
	if len(covered) == 0 || !jsonbytes.Begins(body) {
		return Detail{}
	}
	if path := jsonbytes.Twice(body, covered); path != "" {
		return Detail{Code: StandsTwice, Place: Place{InBody, path}}
	}
	if path := jsonbytes.OtherCase(body, covered); path != "" {
		return Detail{Code: OtherCase, Place: Place{InBody, path}}
	}
	if !jsonbytes.Valid(body) {
		return Detail{Code: NotJSON}
	}
	return Detail{}
}

// placeOf is where the value of a part should stand.
func placeOf(p *scheme.Piece) Place {
	in, ok := map[string]Part{scheme.PieceField: InForm, scheme.PieceQuery: InQuery, scheme.PieceHeader: InHeader, scheme.PieceParam: InSettings}[p.Kind]
	if !ok {
		in = InBody
	}
	return Place{in, p.Text}
}

// whole is the URL, or where it is not known path and query.
func (m *Message) whole() string {
	if m.URL != "" {
		return m.URL
	}
	return m.Target
}

// Contents gives the parts of the content that a message has, with what they stand for. What is missing has no value.
func (r *Rules) Contents(m *Message, in *Values) []scheme.Piece {
	if d := r.look(m, in); !d.IsZero() {
		return r.Content
	}
	return in.Content
}

// CertificateURL is the URL of the certificate that a message names, and where it stands. ok is false where none may be fetched.
func (r *Rules) CertificateURL(m *Message) (url string, place Place, ok bool) {
	url, header, member, ok := r.Certificate.URL(m.Header, m.Body)
	if header != "" {
		return url, Place{InHeader, header}, ok
	}
	return url, Place{InBody, member}, ok
}

// BodyDigest is what a placeholder for a digest of the body stands for; "" for any other placeholder.
func BodyDigest(piece string, body []byte) string {
	switch piece {
	case scheme.PieceCRC32: // that of zlib and zip, as a decimal number
		return strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)
	case scheme.PieceSHA256:
		sum := sha256.Sum256(body)
		return hex.EncodeToString(sum[:])
	default:
		return ""
	}
}
