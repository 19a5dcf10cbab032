package sign

import "strings"

// values keeps the scheme's template and changes one of its values.
func (t *texter) values() {
	r := t.s.r
	if r.uses[tokTime] {
		for i, n := range t.times {
			t.timeValues(i, n)
		}
	}
	if r.uses[tokID] {
		for i, n := range t.ids {
			if i > 0 || t.in.id == "" {
				in := t.in
				in.id = n.value
				a := t.mistake("id.other", 32, "another id was signed", "with the id of "+t.source(n.name), "the code that signs must sign the id that is sent in "+strings.Join(r.idHeaders, " or "))
				t.add(a.or(fieldOf("id.header", n.name)), in)
			}
		}
	}
	if r.uses[tokMethod] {
		t.methodValues()
	}
	if r.uses[tokURL] {
		t.urlValues()
	}
}

// timeValues are one of the times that were found, and other ways to write it. The first one is the scheme's own.
func (t *texter) timeValues(i int, n named) {
	if i > 0 {
		in := t.in
		in.ts = n.value
		a := t.mistake("timestamp.other", 31, "another time was signed", "with the time of "+t.source(n.name), "the code that signs must sign the time that is sent in "+t.timePlace())
		t.add(a.or(fieldOf("timestamp.header", n.name)), in)
	}
	for _, c := range otherClocks(n.value) {
		in := t.in
		in.ts = c.value
		a := t.mistake("unit."+c.name, 30, "the time was signed in another form", "with the time of "+t.source(n.name)+" as "+c.name, "the code that signs must sign the time exactly as it sends it")
		t.add(a.or(""), in)
	}
}

func (t *texter) methodValues() {
	for _, m := range []string{strings.ToUpper(t.method), lower(t.method), "POST", "GET", ""} {
		in := t.in
		in.method = m
		fix := "the code that signs must sign the method as it is sent, in capitals"
		if m != "" && strings.Trim(m, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
			fix = "give the method that was sent (whctl verify --method " + m + "), and look what changes it on its way"
		}
		t.add(t.mistake("method", 33, "another method was signed", "with the method as "+quote(m), fix), in)
	}
}

// fieldOf sets a scheme's field to where a value stands; "" for a name that says none.
func fieldOf(field, header string) string {
	if path, ok := strings.CutPrefix(header, "the body's "); ok {
		return strings.Replace(field, "header", "json", 1) + ": " + path
	}
	if !validHeaderName(header) {
		return ""
	}
	return field + ": " + header
}

// shapeSet are the fields of a scheme whose content is a shape, its time and id being those of the headers that were used.
func (t *texter) shapeSet(shape, time string) string {
	if t.s.r.uses[tokSecret] {
		shape = "{" + tokSecret + "}" + shape
	}
	out := `content: "` + shownTemplate(shape) + `"`
	if strings.Contains(shape, "{"+tokTime+"}") && time != "the message" {
		out = joinWords(out, fieldOf("timestamp.header", time), " and ")
	}
	if strings.Contains(shape, "{"+tokID+"}") && len(t.s.r.idHeaders) == 0 && len(t.ids) > 0 {
		out = joinWords(out, fieldOf("id.header", t.ids[0].name), " and ")
	}
	return out
}
