package explain

// How likely each mistake is.

// rank says how likely a mistake is: of findings with as many mistakes the one with the smaller sum of ranks comes first.
type rank int

// The ranks of all mistakes, the likeliest first.
const (
	rankTime         rank = 0 // of rows that name none: a right signature whose time is out of the window, or that came with another wrong header
	rankOtherKey     rank = 1
	rankPrivateKey   rank = 2
	rankLineBreak    rank = 2 // one, added at the body's end
	rankEdge         rank = 3 // of the body: line breaks
	rankLineEnds     rank = 4
	rankMark         rank = 4 // a byte order mark
	rankTrimmed      rank = 5
	rankRestyled     rank = 6 // and rankOddity for each peculiarity of the style
	rankWideBody     rank = 7
	rankLostBody     rank = 8
	rankPythonBytes  rank = 8
	rankCoding       rank = 9
	rankBetterScheme rank = 9 // one that fits the headers better than the scheme in use
	rankCharset      rank = 10
	rankEncoding     rank = 10 // of the signature
	rankForm         rank = 11
	rankText         rank = 11 // the body as text of a language
	rankShape        rank = 12 // of the signature header
	rankTruncated    rank = 14
	rankWideSigned   rank = 14
	rankLossy        rank = 17 // a change of the character set that loses characters
	rankBuffer       rank = 19
	rankKey          rank = 20 // a key that was changed
	rankBodyCoded    rank = 23
	rankValue        rank = 24 // of the body, changed; with one of these the body's ends are as they were
	rankFormFields   rank = 24 // a form's fields were moved, left out or renamed
	rankWideText     rank = 25
	rankURL          rank = 25
	rankEqualScheme  rank = 26 // behind a key that is wrong, before a text that is
	rankStructure    rank = 27
	rankBodyHash     rank = 30
	rankTimeForm     rank = 30
	rankOtherTime    rank = 31
	rankOtherID      rank = 32
	rankMethod       rank = 33
	rankOtherHeader  rank = 35
	rankDigest       rank = 40 // and one for each way that is likelier
	rankWorseScheme  rank = 45 // it leaves headers unexplained that the scheme in use explains
)

// rankOddity is what each peculiarity of a style of JSON adds.
const rankOddity rank = 3
