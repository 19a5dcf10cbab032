package term

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
)

// TestNothingIsDrawnWiderThanItCounts compares every character with what a terminal drew and with the two ways in which
// libraries count: none of them is above what is counted here.
func TestNothingIsDrawnWiderThanItCounts(t *testing.T) {
	t.Parallel()
	drawn := tmuxWidths(t)
	for r := rune(0xa0); r <= 0x3fffd; r++ {
		if unsafeRune(r) {
			continue
		}
		s := string(r)
		if most := max(drawn[r], lipgloss.Width(s), ansi.StringWidthWc(s)); runeWidth(r) < most {
			t.Errorf("U+%04X counts %d, and tmux draws %d, clusters count %d, characters %d", r, runeWidth(r), drawn[r], lipgloss.Width(s), ansi.StringWidthWc(s))
		}
		if runeWidth(r) > 2 {
			t.Errorf("U+%04X counts %d", r, runeWidth(r))
		}
	}
}

// tmuxWidths reads what tmux drew.
func tmuxWidths(t *testing.T) map[rune]int {
	t.Helper()
	f, err := os.Open("testdata/tmux-widths.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	drawn, columns := map[rune]int{}, 0
	hex := func(s string) rune {
		n, err := strconv.ParseInt(s, 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		return rune(n)
	}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if n, is := strings.CutPrefix(line, "columns "); is {
			columns = int(hex(n))
			continue
		}
		if strings.HasPrefix(line, "#") {
			continue
		}
		for run := range strings.FieldsSeq(line) {
			first, last, many := strings.Cut(run, "-")
			if !many {
				last = first
			}
			for r := hex(first); r <= hex(last); r++ {
				drawn[r] = columns
			}
		}
	}
	if len(drawn) < 80_000 {
		t.Fatalf("only %d characters", len(drawn))
	}
	return drawn
}

// TestSequencesAreCountedApart has what terminals join or do not, with what tmux drew of it.
func TestSequencesAreCountedApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text        string
		drawn, most int // what tmux 3.3a drew; what may be counted
	}{
		{"\u1100\u1100\u1100", 6, 6},
		{"\u1112\u1161\u11ab", 2, 4},
		{"\ua960\ud7b0\ud7cb", 2, 4},
		{"\uac00\u11a8", 2, 3},
		{"\u0915\u094d\u0915\u094d\u0915\u094d\u0915", 4, 4},
		{"\u0600\u0600A", 3, 3},
		{"\u06dd\u06ddA", 3, 3},
		{"\u070f\u070fa", 3, 3},
		{"\U000110bd\U000110bda", 3, 3},
		{"\u0d4e\u0d4e\u0d15", 3, 3},
		{"\u08e2a", 2, 2},
		{"a\u0bbe\u0bbe\u0bbe", 4, 4},
		{"\U0001f1e9\U0001f1ea", 2, 4},
		{"\u2764\ufe0f", 1, 2},
		{"1\ufe0f\u20e3", 1, 2},
		{"\U0001f44d\ufe0e", 2, 2},
		{"\U0001f44d\U0001f3fd\U0001f3fd", 6, 6},
		{"\uff76\uff9e\uff9e\uff9e", 4, 4},
		{"\u0e01\u0e33\u0e33", 3, 3},
		{"\u0e81\u0eb3", 2, 2},
		{"e\u0301\u0302\u0303", 1, 1},
		{"\u0939\u093f\u0928\u094d\u0926\u0940", 5, 5},
		{"\u1019\u103c\u1014\u103a\u1019\u102c", 5, 5},
		{"\u1781\u17d2\u1798\u17c2\u179a", 4, 4},
		{"\u1b13\u1b44\u1b13\u1b35", 4, 4},
		{"\u0f40\u0fb5\u0f72", 1, 1},
		{"\u05e9\u05c1\u05b8", 1, 1},
		{"\u182d\u180b", 1, 1},
		{"a\u20dd", 1, 1},
		{"\u304b\u3099", 2, 2},
	} {
		if w := Width(c.text); w < c.drawn || w > c.most {
			t.Errorf("%+q counts %d, is drawn in %d, may count %d", c.text, w, c.drawn, c.most)
		}
	}
}

// TestOrdinaryTextStaysAsItIs has names and words that people use: nothing in them is escaped.
func TestOrdinaryTextStaysAsItIs(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"Zoë Größe Łódź Ångström", "Zoe\u0308 A\u030angstro\u0308m", "Nguyễn Thị Ngọc Trâm", "Nguye\u0302\u0303n Thi\u0323 Ngo\u0323c", "東京都 名前 カード", "か\u3099き\u309a",
		"ﾊﾟﾋﾟﾌﾟ ｶﾞｷﾞ", "한국어 카드", "\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1165", "हिन्दी संस्कृत कात्स्न्र्य", "தமிழ் கொடுக்கும்", "ಕನ್ನಡ తెలుగు മലയാളം ബ്ബ്ബ", "বাংলা ગુજરાતી ଓଡ଼ିଆ සිංහල",
		"ภาษาไทย น้ำใจ", "ພາສາລາວ ນ້ຳ", "မြန်မာဘာသာ", "ភាសាខ្មែរ", "བོད་སྐད་", "שָׁלוֹם", "مَرْحَبًا ١٢٣", "𝔘𝔫𝔦", "👍🏽 ❤️ ☎️ 🎉 🇩🇪🇫🇷🇯🇵🇧🇷 1️⃣", "✓ ✗ → … – • ©®™ €", "ᚠᛇᚻ ⠃⠗⠇", "Ελληνικά Кириллица Հայերեն",
	} {
		if got := Clean(s); got != s {
			t.Errorf("%s becomes %s", s, got)
		}
		if escaped := firstJoined(s); escaped >= 0 {
			t.Errorf("%s: a character at %d is escaped in JSON", s, escaped)
		}
	}
}

func firstJoined(s string) int {
	var c Cluster
	return strings.IndexFunc(s, c.Unsafe)
}

// towers are texts in which each character joins the one before it, in all the ways there are.
func towers() map[string]string {
	return map[string]string{
		"leading jamo": "\u1100", "vowel jamo": "\u1161", "final jamo": "\u11a8", "old jamo": "\ua960\ud7b0\ud7cb", "syllable and jamo": "\uac00\u11a8\u11a8\u11a8",
		"devanagari": "क्", "bengali": "\u0995\u09cd", "malayalam": "\u0d15\u0d4d", "khmer": "\u1781\u17d2", "myanmar": "\u1000\u1039", "balinese": "\u1b13\u1b44", "chakma": "\U00011103\U00011133",
		"arabic number sign": "\u0600", "end of ayah": "\u06dd", "syriac mark": "\u070f", "kaithi sign": "\U000110bd", "malayalam reph": "\u0d4e",
		"tamil vowel": "\u0bbe", "bengali vowel": "\u09be", "kirat rai": "\U00016d63", "tulu": "\U000113b8", "regional": "\U0001f1e6", "emoji selector": "\ufe0f", "text selector": "\ufe0e",
		"selectors": "\ufe00\ufe0f\u180b", "skin": "\U0001f3fd", "thumbs": "\U0001f44d\U0001f3fd", "family": "👩\u200d", "tags": "\U000e0067", "voice marks": "\uff9e", "semi-voice": "\uff9f",
		"sara am": "\u0e33", "lao am": "\u0eb3", "thai": "\u0e34\u0e48\u0e4d", "zalgo": "\u0301\u0489\u20dd\u035c", "enclosing": "\u20dd", "hebrew": "\u05b0", "tibetan": "\u0fb5", "tone marks": "\u302e",
		"musical": "\U0001d165", "joiner": "\u034f\u200d", "fillers": "\u3164\u115f\u1160\uffa0", "wide": "名", "controls": "\x1b\u009b\u202e",
	}
}

// TestTowersAreBounded repeats each of them without end: a line never takes more columns than it may on any terminal, and
// what is drawn in one place is bounded, in text and by the rule that JSON and YAML go by.
func TestTowersAreBounded(t *testing.T) {
	t.Parallel()
	for name, unit := range towers() {
		for _, before := range []string{"", "a", "名", "\u0915", "👍"} {
			s := before + strings.Repeat(unit, 200) + "  ✓ valid  →  200"
			clean := Clean(s)
			if n := longestCluster(clean); n > mostJoined+1 {
				t.Errorf("%s: %d characters in one place", name, n)
			}
			for _, width := range []int{1, 2, 7, 48, 110} {
				checkWidths(t, clean, width)
			}
			var c Cluster
			kept := strings.Map(func(r rune) rune {
				if c.Unsafe(r) {
					return '.'
				}
				return r
			}, s)
			if n := longestCluster(kept); n > mostJoined+1 {
				t.Errorf("%s: %d characters in one place of JSON", name, n)
			}
		}
	}
}

// longestCluster is what the library that joins the most takes for one character, flags apart: it is told by their width,
// which does not grow while it joins.
func longestCluster(s string) int {
	longest, from, runes := 0, 0, []rune(s)
	for i := range runes {
		for from < i && lipgloss.Width(string(runes[from:i+1])) > lipgloss.Width(string(runes[from])) {
			from++
		}
		longest = max(longest, i-from+1)
	}
	return longest
}

func FuzzCluster(f *testing.F) {
	for _, unit := range towers() {
		f.Add("a"+strings.Repeat(unit, 20)+"b", unit)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, s := range []string{a, strings.Repeat(b, 3+len(a)%30) + a} {
			checkTower(t, s)
		}
	})
}

func checkTower(t *testing.T, s string) {
	t.Helper()
	clean := Clean(s)
	if again := Clean(clean); again != clean {
		t.Fatalf("cleaning twice differs: %q, %q", clean, again)
	}
	marks := 0
	for _, r := range clean {
		marks++
		if !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
		}
		if marks > mostMarks || Unsafe(r) {
			t.Fatalf("%q has %d marks in a row", clean, marks)
		}
	}
	for _, width := range []int{2, 30} {
		checkWidths(t, clean, width)
	}
}
