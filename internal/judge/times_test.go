package judge

// Which texts hold a time.

import "testing"

func TestTimesInText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ holds, ends bool }{
		"":                                     {},
		"id-7":                                 {},
		"2026-02-03":                           {}, // a day is no time
		"2026-2-03T04:05":                      {},
		"2026-02-03T04:05":                     {true, true},
		"2026-02-03t04:05:06Z":                 {true, true},
		"2026-02-03 04:05:06.123456Z":          {true, true},
		"a2026-02-03T04:05":                    {true, true}, // right behind an id
		"12026-02-03T04:05":                    {true, false},
		"2026-02-03T04:05, and a lot.":         {true, true},
		"2026-02-03T04:05, and a lot more":     {true, true},
		"2026-02-03T04:05, and much more text": {true, false},
		"Tue, 03 Feb 2026 04:05:06 GMT":        {true, true},
		"x03 Feb 2026 04:05:06":                {false, true},
		"103 Feb 2026 04:05:06":                {},
		"03 feb 2026 04:05:06":                 {},
		"1767225600":                           {true, true},
		"1767225600000 ":                       {true, true},
		"v1.1767225600":                        {true, true},
		"id1767225600":                         {false, true},
		"17672256001":                          {},
		"1767225600 and then a long text":      {true, false},
		"\xff1767225600é":                      {true, true},
	} {
		if holds, ends := holdsTime(text), endsInTime(text); holds != want.holds || ends != want.ends {
			t.Errorf("%q: holds a time: %v, ends in one: %v; want %+v", text, holds, ends, want)
		}
	}
}
