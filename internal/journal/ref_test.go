package journal

import (
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/record"
)

// shortest is the shortest prefix that id has for itself.
func shortest(id string, ids []string) string {
	for n := 1; ; n++ {
		hits := 0
		for _, other := range ids {
			if strings.HasPrefix(other, id[:n]) {
				hits++
			}
		}
		if hits == 1 {
			return id[:n]
		}
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	var ids []string
	for i := range 8 {
		c.add(time.Hour)
		d := delivery(c.now(), "")
		if i%2 == 1 {
			d.Profile = "sandbox"
		}
		ids = append(ids, appendTest(t, j, d).ID)
	}
	for _, q := range []struct{ profile, ref, want string }{
		{"", "last", ids[7]},
		{"", "last~0", ids[7]},
		{"", "last~7", ids[0]},
		{"baanx", "last", ids[6]},
		{"baanx", "last~3", ids[0]},
		{"sandbox", "last~1", ids[5]},
		{"", ids[3], ids[3]},
		{"sandbox", ids[3], ids[3]},
		{"baanx", ids[1], ids[1]},
		{"", strings.ToUpper(ids[3]), ids[3]},
		{"", shortest(ids[5], ids), ids[5]},
		{"", strings.NewReplacer("0", "O", "1", "l").Replace(ids[2]), ids[2]},
		{"", strings.NewReplacer("0", "o", "1", "I").Replace(ids[2]), ids[2]},
	} {
		d, _, err := j.Get(t.Context(), q.profile, q.ref)
		if err != nil || d.ID != q.want {
			t.Errorf("%s in %q is %s, want %s, %v", q.ref, q.profile, d.ID, q.want, err)
		}
	}
	for _, q := range []struct {
		profile, ref string
		kind         fault.Kind
	}{
		{"", "last~8", fault.Refused},
		{"baanx", "last~4", fault.Refused},
		{"nobody", "last", fault.Refused},
		{"", "zzzz", fault.Refused},
		{"", "zzzzzzzzzz", fault.Refused},
		{"", ids[0] + "0", fault.Refused},
		{"", "what?", fault.Refused},
		{"", "u", fault.Refused},
		{"", "\x1b[2J", fault.Refused},
		{"baanx", shortest(ids[1], ids), fault.Refused},
		{"", ids[0][:1], fault.Usage},
		{"", "", fault.Usage},
		{"", "last~", fault.Usage},
		{"", "last~-1", fault.Usage},
		{"", "last~+1", fault.Usage},
		{"", "last~x", fault.Usage},
		{"", "last~99999999999999999999", fault.Usage},
	} {
		_, _, err := j.Get(t.Context(), q.profile, q.ref)
		if fault.KindOf(err) != q.kind || err == nil || fault.HintOf(err).String() == "" {
			t.Errorf("%q in %q: %v (%v), want a %v fault with a hint", q.ref, q.profile, err, fault.KindOf(err), q.kind)
		}
	}
}

func TestAmbiguousReferenceNamesCandidates(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	first := appendTest(t, j, delivery(c.now(), "")).ID
	second := appendTest(t, j, delivery(c.now(), "")).ID
	_, _, err := j.Get(t.Context(), "", first[:9])
	wantFault(t, err, fault.Usage)
	if !strings.Contains(err.Error(), first) || !strings.Contains(err.Error(), second) {
		t.Error(err)
	}
	for range 20 {
		appendTest(t, j, delivery(c.now(), ""))
	}
	_, _, err = j.Get(t.Context(), "", first[:5])
	if n := strings.Count(err.Error(), first[:5]); n > maxCandidates+1 {
		t.Errorf("%d candidates: %v", n, err)
	}
}

func TestReferenceOfAnotherProfileSaysWhose(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	d := appendTest(t, j, delivery(time.Now(), ""))
	for ref, is := range map[string]bool{d.ID[:9]: true, "last": true, "last~0": true, "last~1": false, "0": false} {
		_, _, err := j.Get(t.Context(), "sandbox", ref)
		wantFault(t, err, fault.Refused)
		if hint := fault.HintOf(err).String(); strings.Contains(hint, "--profile baanx") != is {
			t.Errorf("%s: %s", ref, hint)
		}
	}
}

func TestIDText(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 1, 31, 32, idMax, idMax - 1, 1 << 33, idAt(newClock().t)} {
		s := formatID(n)
		if got, ok := parseID(s); !ok || got != n || len(s) != idChars {
			t.Errorf("%d is %q, read as %d, %v", n, s, got, ok)
		}
	}
	before := newClock().t
	for i := range 100 {
		after := before.Add(time.Duration(i+1) * time.Microsecond)
		if idAt(after) < idAt(before) {
			t.Errorf("%v has a lower id than %v", after, before)
		}
	}
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if idAt(at) != 0 {
			t.Errorf("%v has an id of its own", at)
		}
	}
}

func FuzzRef(f *testing.F) {
	for _, s := range []string{"last", "last~2", "last~", "0", "358d7b5mh6", "358D7B5MH6", "oil", "zzzzzzzzzzz", "\x00", "last~-1", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := parseRef(s)
		switch {
		case err != nil:
			wantFault(t, err, fault.Usage)
		case r.last:
			if r.ok || r.back < 0 || !strings.HasPrefix(s, "last") {
				t.Errorf("%q: %+v", s, r)
			}
		case r.ok:
			checkRange(t, s, r)
		}
	})
}

// checkRange says that what a prefix names is exactly the ids that begin with it, in the canonical spelling.
func checkRange(t *testing.T, s string, r ref) {
	t.Helper()
	if r.lo < 0 || r.hi > idMax || r.lo > r.hi || len(s) > idChars {
		t.Fatalf("%q: %d to %d", s, r.lo, r.hi)
	}
	canonical := strings.NewReplacer("o", "0", "i", "1", "l", "1").Replace(strings.ToLower(s))
	names := func(n int64) bool { return n >= 0 && n <= idMax && strings.HasPrefix(formatID(n), canonical) }
	if !names(r.lo) || !names(r.hi) || names(r.lo-1) || names(r.hi+1) {
		t.Errorf("%q: %s to %s", s, formatID(r.lo), formatID(r.hi))
	}
}

func FuzzHeader(f *testing.F) {
	f.Add("Content-Type", "application/json", "\xff\"\\\x00")
	f.Add("X", "{\"base64\":\"AA==\"}", "\u2028")
	f.Fuzz(func(t *testing.T, name, a, b string) {
		name = strings.ToValidUTF8(name, "?")
		got, err := decodeHeader(encodeHeader(map[string][]string{name: {a, b}, name + "2": nil}))
		if err != nil || len(got) != 2 || len(got[name]) != 2 || got[name][0] != a || got[name][1] != b || got[name+"2"] != nil {
			t.Errorf("%q: %q, %q came back as %q, %v", name, a, b, got, err)
		}
	})
}

// The id of an event names its newest delivery, and so does what a listener shows of it.
func TestReferencesByEvent(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openTest(t, Options{Now: c.now})
	with := func(event string, change func(d *record.Delivery)) string {
		t.Helper()
		c.add(time.Minute)
		d := delivery(c.now(), event)
		change(d)
		return appendTest(t, j, d).ID
	}
	same := func(*record.Delivery) {}
	whole := with("51d2e8b6-0001", same)
	with("7be10d94-first", same)
	again := with("7be10d94-first", same)
	replay := with("7be10d94-first", func(d *record.Delivery) { d.ReplayOf = again })
	for range 2 {
		with("many-000-a", same)
		with("many-000-b", same)
	}
	short := with("e*", same)
	with("e.", same)
	other := with("elsewhere-1", func(d *record.Delivery) { d.Profile = "sandbox" })
	like := with(whole[:9], same)
	for ref, want := range map[string]string{
		"51d2e8b6-0001": whole, "51d2e8b6": whole, "51d2e8b6-000": whole, "7be10d94": again, "7be10d94-first": again, "e*": short,
		whole[:9]: whole, like: like, replay: replay, "last": like,
		"elsewhere-1": other,
	} {
		if d, _, err := j.Get(t.Context(), "baanx", ref); err != nil || d.ID != want {
			t.Errorf("%s is %s, want %s, %v", ref, d.ID, want, err)
		}
	}
	for ref, kind := range map[string]fault.Kind{
		"51d2e8b": fault.Refused, "51d2e8b7": fault.Refused, "many-000": fault.Usage, "many-000-": fault.Usage, "elsewher": fault.Refused, "elsewhere-": fault.Refused,
	} {
		_, _, err := j.Get(t.Context(), "baanx", ref)
		wantFault(t, err, kind)
	}
	if d, _, err := j.Get(t.Context(), "", "elsewhere"); err != nil || d.ID != other {
		t.Errorf("in all profiles: %s, %v", d.ID, err)
	}
}

// TestEventOrItsBeginning: references and filters read the id of an event alike: as a whole id wherever there is one, else as a beginning.
func TestEventOrItsBeginning(t *testing.T) {
	t.Parallel()
	j := openTest(t, Options{})
	now := time.Now()
	whole := delivery(now, "evt_0001")
	whole.Profile = "shop"
	appendTest(t, j, whole)
	longer := appendTest(t, j, delivery(now, "evt_0001_more"))
	for _, q := range []struct{ profile, text, want string }{
		{"baanx", "evt_0001", whole.ID}, {"", "evt_0001", whole.ID}, {"shop", "evt_0001", whole.ID}, {"baanx", "evt_0001_m", longer.ID}, {"baanx", "evt_000", ""},
	} {
		d, _, err := j.Get(t.Context(), q.profile, q.text)
		if d.ID != q.want || (err == nil) != (q.want != "") {
			t.Errorf("%s in profile %q is %s, %v; want %s", q.text, q.profile, d.ID, err, q.want)
		}
		n, err := j.Count(t.Context(), Filter{Event: q.text})
		if found := n > 0; err != nil || found != (q.want != "") || n > 1 {
			t.Errorf("%d deliveries of %s, %v", n, q.text, err)
		}
	}
}
