package scheme

// How large a scheme may be.

import (
	"maps"
	"slices"
	"strconv"
)

// The limits of a scheme. No provider needs more. A scheme that does is made to cost time: every placeholder is read and hashed
// for every request and key, and tried in several ways when a refusal is explained.
const (
	maxPieces     = 32      // placeholders and literals of content
	MaxLookups    = 8       // of them, those that are read from the body
	maxTemplate   = 1 << 10 // bytes of a template or pattern
	maxSchemeText = 4 << 10 // bytes of what is for people, and of a header's name
	maxNames      = 16      // names of a list, or required headers
	maxWildcards  = 4       // of an item
)

// limits refuses what is too large before anything is made of it.
func (c *parser) limits() {
	s := &c.p.scheme
	c.longest("content", maxTemplate, s.Content)
	c.longest("items", maxTemplate, s.Items)
	c.longest("title", maxSchemeText, s.Title)
	c.longest("url", maxSchemeText, s.URL)
	c.list("names", s.Names)
	c.longest("quirks", maxSchemeText, s.Quirks)
	c.longest("note", maxSchemeText, s.Note)
	c.longest("key.prefix", maxTemplate, s.Key.Prefix)
	c.longest("key.signing_prefix", maxTemplate, s.Key.SigningPrefix)
	c.longest("key.where", maxTemplate, s.Key.Where)
	c.table("key.not", s.Key.Not)
	g := &s.Signature
	c.list("signature.header", g.Header)
	c.longest("signature.json", maxTemplate, g.JSON)
	c.longest("signature.form", maxTemplate, g.Form)
	c.longest("signature.prefix", maxTemplate, g.Prefix)
	c.longest("signature.item", maxTemplate, g.Item)
	c.longest("signature.next_item", maxTemplate, g.NextItem)
	if t := s.Timestamp; t != nil {
		c.list("timestamp.header", t.Header)
		c.longest("timestamp.item", maxTemplate, t.Item)
		c.longest("timestamp.json", maxTemplate, t.JSON)
		c.longest("timestamp.form", maxTemplate, t.Form)
		c.longest("timestamp.copy", maxTemplate, t.Copy)
		c.longest("timestamp.unit", maxTemplate, t.Unit)
	}
	if s.ID != nil {
		c.list("id.header", s.ID.Header)
	}
	if s.BodyHash != nil {
		c.longest("body_hash.query", maxTemplate, s.BodyHash.Query)
	}
	c.jwtLimits(s.JWT)
	c.messageSignatureLimits(s.MessageSignature)
	c.list("url_match", s.URLMatch)
	c.list("event.type", s.Event.Type)
	c.list("event.id", s.Event.ID)
	c.list("event.time", s.Event.Time)
	c.list("event.object", s.Event.Object)
	if h := s.Handshake; h != nil {
		c.handshakeLimits(h)
	}
	if cert := s.Certificate; cert != nil {
		c.list("certificate.url", cert.URL)
		c.list("certificate.hosts", cert.Hosts)
		c.list("certificate.names", cert.Names)
	}
	c.table("require", s.Require)
	c.table("signature.refused_by", g.RefusedBy)
}

func (c *parser) longest(field string, most int, text string) {
	if len(text) > most {
		c.fail(field, "is longer than "+strconv.Itoa(most)+" bytes", "")
	}
}

func (c *parser) list(field string, names Names) {
	if len(names) > maxNames {
		c.fail(field, "has more than "+strconv.Itoa(maxNames)+" names", "")
	}
	for _, n := range names[:min(len(names), maxNames)] {
		c.longest(field, maxTemplate, n)
	}
}

func (c *parser) table(field string, m map[string]string) {
	if len(m) > maxNames {
		c.fail(field, "has more than "+strconv.Itoa(maxNames)+" entries", "")
		return
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		c.longest(field, maxTemplate, k)
		c.longest(field, maxTemplate, m[k])
	}
}

// costs refuses a content that takes too long to put together.
func (c *parser) costs(pieces []Piece) {
	count := map[string]int{}
	for _, t := range pieces {
		count[t.Kind]++
		for _, o := range t.Or {
			count[o.Kind]++
		}
	}
	switch {
	case len(pieces) > maxPieces:
		c.fail("content", "has more than "+strconv.Itoa(maxPieces)+" parts", "")
	case count[PieceJSON]+count[PieceField]+count[PieceQuery] > MaxLookups:
		c.fail("content", "has more than "+strconv.Itoa(MaxLookups)+" members of the body and parameters of the URL", "")
	case count[PieceForm]+count[PieceSorted] > 1:
		c.fail("content", "{form} or {url:sorted} may stand once only", "")
	case count[PieceBody]+count[PieceCRC32]+count[PieceSHA256] > 1:
		c.fail("content", "{body}, {crc32:body} or {sha256:body} may stand once only", "")
	}
}
