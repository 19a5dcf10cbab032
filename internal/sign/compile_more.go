package sign

import (
	"maps"
	"slices"
	"strings"
)

func (c *compiler) requirements() {
	for _, name := range slices.Sorted(maps.Keys(c.r.scheme.Require)) {
		field := "require." + name
		if !validHeaderName(name) {
			c.fail(field, quote(name)+" is not a header name", "")
			return
		}
		value, bad := parseTemplate(c.r.scheme.Require[name], []string{tokParam + ":"})
		if bad != nil {
			c.fail(field, bad.problem, bad.nearest)
			return
		}
		c.r.require = append(c.r.require, requirement{header: canonical(name), name: name, value: value})
	}
}

func (c *compiler) bodyHash() {
	s := &c.r.scheme
	if s.BodyHash == nil {
		return
	}
	switch {
	case s.BodyHash.Query == "":
		c.fail("body_hash.query", "is missing: say which query parameter holds the body's hash", "")
	case !c.r.uses[tokURL]:
		c.fail("body_hash.query", "means nothing unless {url} is part of content", "")
	case c.r.uses[tokBody]:
		c.fail("body_hash.query", "is not needed when {body} itself is part of content", "")
	}
}

// uses checks what content refers to against the rest of the scheme.
func (c *compiler) uses() {
	r := c.r
	switch {
	case r.uses[tokID] && len(r.idHeaders) == 0:
		c.fail("content", "uses {id}, but there is no id.header", "")
	case r.uses[tokTime] && !r.hasTime:
		c.fail("content", "uses {timestamp}, but there is no timestamp.header, timestamp.item or timestamp.json", "")
	case r.uses[tokBody] && r.sigPath != nil:
		c.fail("signature.json", "the signature cannot stand in the body while {body} is part of content", "")
	}
	valid := []string{urlPort, urlDecoded}
	for _, form := range r.scheme.URLMatch {
		if !slices.Contains(valid, form) {
			c.fail("url_match", quote(form)+" is not one of "+strings.Join(valid, ", "), nearest(form, valid))
		}
	}
	if len(r.scheme.URLMatch) > 0 && !r.uses[tokURL] {
		c.fail("url_match", "means nothing unless {url} is part of content", "")
	}
	n := len(r.sigHeaders)
	r.headerSet = n > 1 && !r.sigAny &&
		(len(r.timeHeaders) == n || len(r.timeHeaders) == 0) && (len(r.idHeaders) == n || len(r.idHeaders) == 0) &&
		len(r.timeHeaders)+len(r.idHeaders) > 0
}

func (c *compiler) event() {
	e := &c.r.scheme.Event
	c.eventPaths("event.type", e.Type)
	c.eventPaths("event.id", e.ID)
	c.eventPaths("event.time", e.Time)
}

func (c *compiler) eventPaths(field string, paths Names) {
	for _, p := range paths {
		if header, ok := strings.CutPrefix(p, "header:"); ok {
			if !validHeaderName(header) {
				c.fail(field, quote(header)+" is not a header name", "")
			}
			c.r.eventNames = append(c.r.eventNames, canonical(header))
			continue
		}
		c.path(field, p)
	}
}

func (c *compiler) delivery() {
	c.seconds("answer_timeout", c.r.scheme.AnswerTimeout)
	for _, wait := range c.r.scheme.Retry {
		c.seconds("retry", wait)
	}
	if len(c.r.scheme.Retry) > 100 {
		c.fail("retry", "has more than 100 waits", "")
	}
}
