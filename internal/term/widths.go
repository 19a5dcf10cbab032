package term

// How wide a character is.

import "unicode"

// runeWidth is the most columns that a character takes on any terminal in use. Terminals differ: some join characters, some
// draw each by itself, and each knows the Unicode of its year. So characters are counted one by one, and the widest
// terminal decides. Too wide a guess costs a space; too narrow a guess lets a sender write on the next line.
func runeWidth(r rune) int {
	switch {
	case r < ' ' || r >= 0x7f && r < 0xa0:
		return 0
	case r < 0x300:
		return 1
	case wide(r):
		return 2
	case zeroWidth(r):
		return 0
	default: // also marks of young scripts, which older terminals draw beside their letter
		return 1
	}
}

// zeroWidth says whether every terminal draws a character over the one before it. That holds for marks that are ten years
// old. The emoji selector makes a narrow character wide, so it counts as one.
func zeroWidth(r rune) bool {
	switch {
	case r == 0xfe0f, r > 0xffff:
		return false
	case r >= 0x0898 && r <= 0x089f, r >= 0x08ca && r <= 0x08d2, r >= 0x0afa && r <= 0x0aff, r >= 0x1aba && r <= 0x1aff,
		r >= 0x1df6 && r <= 0x1dfb, r == 0x0c04, r == 0x0c3c, r == 0x0d00, r == 0x0d3b, r == 0x0d3c, r == 0x0d81, r == 0x0eba,
		r == 0x07fd, r == 0x08d3, r == 0x09fe, r == 0x0b55, r == 0x0ece, r == 0xa82c, r == 0xa8c5, r == 0xa8ff: // from Unicode 9 on
		return false
	default:
		return unicode.In(r, unicode.Mn, unicode.Me)
	}
}

// wide says whether a character may take two columns: blocks of East Asian writing, Hangul's leading consonants, the blocks
// of emoji, and old symbols that became emoji.
func wide(r rune) bool {
	switch {
	case r < 0x1100:
		return false
	case r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf && r != 0x303f && (r < 0x302a || r > 0x302d) && r != 0x3099 && r != 0x309a,
		r >= 0xa960 && r <= 0xa97f, r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff, r >= 0xfe10 && r <= 0xfe1f,
		r >= 0xfe30 && r <= 0xfe6f, r >= 0xff01 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6:
		return true
	case r >= 0x16fe0 && r <= 0x18fff, r >= 0x1aff0 && r <= 0x1b2ff, r >= 0x1d300 && r <= 0x1d37f, r >= 0x1f000 && r <= 0x1faff,
		r >= 0x20000 && r <= 0x3fffd:
		return true
	default:
		return r >= 0x231a && r <= 0x2b55 && oldEmoji(r)
	}
}

// oldEmoji says whether r is a symbol outside the blocks of emoji that is drawn as one.
func oldEmoji(r rune) bool {
	switch r {
	case 0x231a, 0x231b, 0x2329, 0x232a, 0x23e9, 0x23ea, 0x23eb, 0x23ec, 0x23f0, 0x23f3, 0x25fd, 0x25fe, 0x2614, 0x2615, 0x267f, 0x2693, 0x26a1,
		0x26aa, 0x26ab, 0x26bd, 0x26be, 0x26c4, 0x26c5, 0x26ce, 0x26d4, 0x26ea, 0x26f2, 0x26f3, 0x26f5, 0x26fa, 0x26fd, 0x2705, 0x270a, 0x270b,
		0x2728, 0x274c, 0x274e, 0x2753, 0x2754, 0x2755, 0x2757, 0x2795, 0x2796, 0x2797, 0x27b0, 0x27bf, 0x2b1b, 0x2b1c, 0x2b50, 0x2b55:
		return true
	default:
		return r >= 0x2630 && r <= 0x2637 || r >= 0x2648 && r <= 0x2653 || r >= 0x268a && r <= 0x268f
	}
}
