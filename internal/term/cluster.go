package term

// Characters that must not reach a terminal, by themselves or by their number.

import "unicode"

// How many characters may be drawn in one place. Towers of marks reach into the lines above and below, and a chain of
// hundreds of characters drawn as one hides what it is. Real scripts need fewer.
const (
	mostMarks  = 6  // marks in a row
	mostJoined = 16 // characters in a row that continue the one before
)

// Cluster walks a text and finds the characters that must not reach a terminal, by themselves or because of those before
// them. The zero value stands at the beginning of a text.
type Cluster struct {
	last          rune
	marks, joined int
}

// Unsafe takes the next character and says whether it must be escaped.
func (c *Cluster) Unsafe(r rune) bool {
	if r < 0x300 {
		c.last, c.marks, c.joined = r, 0, 0
		return Unsafe(r)
	}
	if unsafeRune(r) {
		c.last, c.marks, c.joined = 0, 0, 0
		return true
	}
	if !continues(c.last, r) {
		c.last, c.marks, c.joined = r, 0, 0
		return false
	}
	c.last = r
	c.joined++
	if unicode.In(r, unicode.Mn, unicode.Me) {
		c.marks++
	} else {
		c.marks = 0
	}
	return c.marks > mostMarks || c.joined > mostJoined
}

// continues says whether a terminal may draw r together with the character before it.
func continues(last, r rune) bool {
	switch {
	case unicode.In(r, unicode.M), r >= 0x1f3fb && r <= 0x1f3ff: // marks; skin tones
		return true
	case r == 0xff9e, r == 0xff9f, r == 0x0e33, r == 0x0eb3: // halfwidth voice marks, Thai and Lao AM
		return true
	case jamo(r):
		return jamo(last) || last >= 0xac00 && last <= 0xd7a3
	default:
		return joins(last)
	}
}

// jamo says whether r is a letter that Hangul syllables are made of.
func jamo(r rune) bool {
	return r >= 0x1100 && r <= 0x11ff || r >= 0xa960 && r <= 0xa97c || r >= 0xd7b0 && r <= 0xd7fb
}

// joins says whether r takes the next letter into its cluster: signs that stand before their letter, and signs that join
// consonants.
func joins(r rune) bool {
	switch {
	case r < 0x0600:
		return false
	case r <= 0x0605, r == 0x06dd, r == 0x070f, r == 0x0890, r == 0x0891, r == 0x08e2, r == 0x0d4e, r == 0x110bd, r == 0x110cd,
		r == 0x111c2, r == 0x111c3, r == 0x113d1, r == 0x1193f, r == 0x11941, r == 0x11a3a, r >= 0x11a84 && r <= 0x11a89, r == 0x11d46, r == 0x11f02:
		return true
	case r >= 0x0900 && r <= 0x0d7f:
		return r&0x7f == 0x4d || r == 0x0d3b || r == 0x0d3c
	default:
		return virama(r)
	}
}

// virama says whether r is a sign that joins consonants, outside the blocks that joins knows.
func virama(r rune) bool {
	switch r {
	case 0x0dca, 0x0e3a, 0x0eba, 0x0f84, 0x1039, 0x103a, 0x1714, 0x1715, 0x1734, 0x17d2, 0x1a60, 0x1b44, 0x1baa, 0x1bab, 0x1bf2, 0x1bf3,
		0x2d7f, 0xa806, 0xa82c, 0xa8c4, 0xa953, 0xa9c0, 0xaaf6, 0xabed, 0x10a3f, 0x11046, 0x11070, 0x1107f, 0x110b9, 0x11133, 0x11134,
		0x111c0, 0x11235, 0x112ea, 0x1134d, 0x113ce, 0x113cf, 0x113d0, 0x11442, 0x114c2, 0x115bf, 0x1163f, 0x116b6, 0x1172b, 0x11839,
		0x1193d, 0x1193e, 0x119e0, 0x11a34, 0x11a47, 0x11a99, 0x11c3f, 0x11d44, 0x11d45, 0x11d97, 0x11f41, 0x11f42:
		return true
	default:
		return false
	}
}
