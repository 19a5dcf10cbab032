package explain

// Fields that were sorted: all orders in which a few of them may have come. They are too many to be tried with anything else.

import "github.com/whctl/whctl/internal/sign/explain/restyle"

// How many fields may have stood in any order: 7 have 5,040 orders, 8 have 40,320.
const (
	mostOrdered         = 7
	mostOrderedThorough = 8
)

// orders tries all orders of a sorted query, of a sorted form, and of a form that is sorted JSON now.
func (s *search) orders(bodies *bodyList, texts *textList) {
	most := mostOrdered
	if s.o.Thorough {
		most = mostOrderedThorough
	}
	if q, ok := texts.query(); ok && len(s.found) == 0 {
		s.queryOrders(bodies, q, most)
	}
	if s.canonical() || len(s.found) > 0 {
		return
	}
	if f, ok := restyle.ParseForm(s.m.Body); ok {
		s.formOrders(f, most, func(w *restyle.Writing) *mistake {
			row := bodies.in.anewRow(w, f.Authors(), f.Sorters())
			return row.mistake()
		})
		return
	}
	if text, ok := bodies.in.json(); ok && bodies.in.declared {
		forms := text.Forms() // a list or a scalar was never a form
		if len(forms) == 0 {
			return
		}
		s.formOrders(forms[0], most, func(w *restyle.Writing) *mistake {
			row := bodies.in.jsonRow(w)
			return row.mistake()
		})
	}
}

// queryOrders stops at the order that matches. Its words are made then.
func (s *search) queryOrders(bodies *bodyList, q *query, most int) {
	for w := range q.form.Orders(most) {
		for _, v := range q.texts(w.Text, nil) {
			if !s.trySorted(&bodies.asis, &v) {
				continue
			}
			v.why = q.mistake(&w)
			s.tryAgain(&bodies.asis, &v)
			return
		}
		if s.cutOff {
			return
		}
	}
}

// formOrders stops at the order that matches. Its words are made then.
func (s *search) formOrders(f *restyle.Form, most int, words func(*restyle.Writing) *mistake) {
	for w := range f.Orders(most) {
		body := bodyVariant{b: w.Text, why: &mistake{}}
		if s.trySorted(&body, &s.texts[0]) {
			body.why = words(&w)
			s.tryAgain(&body, &s.texts[0])
			return
		}
		if s.cutOff {
			return
		}
	}
}

// trySorted says whether one order matches.
func (s *search) trySorted(body *bodyVariant, text *textVariant) bool {
	for _, key := range s.baseKeys() {
		s.try(body, key, text, &s.hash[0])
	}
	return len(s.found) > 0
}

// tryAgain notes the order that matched with its words.
func (s *search) tryAgain(body *bodyVariant, text *textVariant) {
	s.found = nil
	s.trySorted(body, text)
}
