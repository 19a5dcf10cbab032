package sign

// What exactly is wrong with a request, as a code with values, and its words.

import (
	"strconv"
	"strings"
)

// Detail says what exactly is missing or malformed: a code with values. The zero Detail says nothing. It holds no key material;
// its words may quote remote text.
type Detail struct {
	Code     DetailCode
	Place    Place  // what it is about
	Value    string // by the code
	Encoding string // of the signature
	Want     string // in place of Value
	Cause    error  // why a time cannot be read
	Count    int    // of signatures, or of the characters of one
	Keys     int
}

// DetailCode says what a Detail is about. The words of each stand in String.
type DetailCode int

// The codes of details.
const (
	NoDetail DetailCode = iota
	Said                // Value holds words that were made before
	NoKey
	Missing
	Empty
	MissingSigned    // and the signature covers it
	UnsetRequired    // a setting that a header must match: Value is the header
	UnsetSigned      // a setting that the signature covers
	NotAsked         // a header is not what the scheme asks for
	NotAsSet         // a header is not a setting: Value is the setting
	CameTwice        // a header came in two lines
	CertificateEarly // the signature is right, and the certificate counts from Value on only
	CertificateLate  // the signature is right, and the certificate counted until Value only
	CertificateURL   // the message names no certificate that may be fetched
	NoCertificate    // Cause says why it could not be had
	StandsTwice      // a form's field, a URL's parameter or a member of JSON stands twice
	OtherCase        // a member of JSON is there in another case only
	NotJSON          // the body begins as JSON, and is none
	TooManyItems     // a list has more than Count parts that are signed one by one
	CameJoined       // a header came twice and was joined to one line
	ListBlanks       // a list has blanks beside a separator
	ListEmptyItem    // a list has an empty item
	ListBareItem     // a list has an item without a name
	ListTwoTimes     // a list has its time twice
	OtherPrefix      // Value is the scheme's prefix
	NoItem           // a list has no item of the form Value
	Undecodable      // a signature is not of the encoding
	OtherForm        // Value is the scheme's form
	TimeUnreadable   // Cause says why
	OutOfWindow      // the signature is right, the time is not
	CopyOutOfWindow  // the signature is right, the copy of the time in the body is not
	NoURL
	NoMethod
	BodyHashDiffers
	FormTooLarge
	OtherToken // than the one key
	OtherTokens
	OtherKey // than the one key, or another content
	OtherKeys
	NoScheme // fits the headers
	KeysGone
	BodyTooLarge // to be read: Count is the limit in bytes
	SignsNothing // Value says why, and what to do instead

	NotToken         // not a JSON web token
	OtherAlgorithm   // Value is a token's or signature's algorithm, Want the scheme's
	CriticalUnknown  // a token has extensions that a reader must know
	OtherClaim       // Value is what it is, Want what the scheme asks for
	UnsetClaim       // a setting that a claim must match: Value is the claim
	URLHashDiffers   // a claim is not the hash of the URL
	NotHash          // a claim or a header is not a hash
	NotSeconds       // a claim or a parameter is no time
	Ended            // the signature is right, and it counted until then
	NotBegun         // the signature is right, and it counts from then on
	NotDictionary    // a header is no structured field
	NotComponents    // Value is what does not list components
	NoLabel          // no signature by the label Value
	NotCovered       // Value is the component that the scheme asks for
	ComponentUnknown // Value is a component that cannot be made here
	DigestUnknown    // no hash that counts
	TokenMasked      // Place holds the mask of a secret
)

// IsZero says whether a detail says nothing.
func (d Detail) IsZero() bool { return d.Code == NoDetail }

// Signed says whether a detail is about a token or a message signature that is right, and refused for something else.
func (d Detail) Signed() bool {
	switch d.Code {
	case OutOfWindow, OtherClaim, URLHashDiffers, BodyHashDiffers, Ended, NotBegun:
		return true
	default:
		return false
	}
}

// Words is a detail whose words were made before: as read back from a record, or as a finding has them.
func Words(text string) Detail {
	if text == "" {
		return Detail{}
	}
	return Detail{Code: Said, Value: text}
}

// String is the detail in words, in lower case and without a full stop; "" when it says nothing.
func (d Detail) String() string {
	if d.IsZero() { // of nearly every delivery
		return ""
	}
	words := [...]string{
		NotToken:         "{place} holds no JSON web token: three parts in base64url, with dots between",
		OtherAlgorithm:   "{place} says the algorithm {value}, and the scheme's is {want}",
		CriticalUnknown:  "{place} holds a token with extensions that a reader must know (crit), and none is known here",
		OtherClaim:       "the signature is right, but {place} is {value}, and {want} is asked for",
		UnsetClaim:       "{place} is not given, and the token's claim {value} must match it",
		URLHashDiffers:   "the signature is right, but {place} is not the hash of this URL",
		NotHash:          "{place} is no SHA-256 or SHA-512 in {encoding}",
		NotSeconds:       "{place} is no number of seconds since 1970",
		Ended:            "the signature is right, but it counted until {place}, which has passed",
		NotBegun:         "the signature is right, but it counts from {place} on, which has not come",
		NotDictionary:    "{place} is no dictionary of structured fields (RFC 8941)",
		NotComponents:    "{place} has {value}, which is no list of components that each stand once",
		NoLabel:          "{place} has no signature by the label {value}",
		NotCovered:       "{place} does not cover {value}, which the scheme asks for",
		ComponentUnknown: "{place} covers {value}, which whctl cannot make of the request",
		DigestUnknown:    "{place} has no hash that counts: sha-256 or sha-512",

		TokenMasked: "{place} held the key itself, which is masked in the message, so it cannot be verified again",

		NoDetail:         "",
		Said:             "{value}",
		NoKey:            "no key was given",
		Missing:          "{place} is missing",
		Empty:            "{place} is empty",
		MissingSigned:    "{place} is missing, and the signature covers it",
		UnsetRequired:    "{place} is not given, and header {value} must match it",
		UnsetSigned:      "{place} is not given, and the signature covers it",
		NotAsked:         "{place} is not the value that the scheme asks for",
		NotAsSet:         "{place} is not the setting {value}",
		CameTwice:        "{place} came twice: a proxy or middleware adds it",
		StandsTwice:      "{place} stands twice, and programs differ on which of them counts",
		OtherCase:        "{place} is written in another case, and programs differ on whether that is the same",
		NotJSON:          "the body is no whole JSON text, and programs differ on what they read of it",
		TooManyItems:     "{place} has more than {count} parts",
		CameJoined:       "{place} holds two values with a comma between: it came twice, and a proxy or middleware adds it",
		ListBlanks:       "{place} has blanks beside a separator, which the scheme's libraries do not drop",
		ListEmptyItem:    "{place} has an empty item, as a separator at the end or two of them make",
		ListBareItem:     "{place} has an item that is not written as name=value",
		ListTwoTimes:     "{place} has its time twice",
		OtherPrefix:      "{place} does not begin with {value}",
		NoItem:           "{place} holds no item of the form {value} with a signature in {encoding}",
		Undecodable:      "{place} is not a signature in {encoding} ({count} characters)",
		OtherForm:        "{place} is not of the form {value}",
		TimeUnreadable:   "{place} {cause}",
		OutOfWindow:      "the signature is right, but its time is out of the window",
		CopyOutOfWindow:  "the signature is right, but {place} is out of the window or no time",
		NoURL:            "the scheme signs the URL, and none was given",
		NoMethod:         "the scheme signs the method, and none was given",
		BodyHashDiffers:  "{place} is not the hash of this body",
		FormTooLarge:     "the body is too large for a form",
		OtherToken:       "the token is not the one given",
		OtherTokens:      "the token is none of the {keys} given",
		OtherKey:         "the signature was not made with this key over this content",
		NoScheme:         "no scheme of the catalogue fits the headers",
		KeysGone:         "every key was removed while the listener ran, so nothing can be verified",
		BodyTooLarge:     "not verified: the body is over the limit of {count} bytes; --max-body takes larger ones",
		SignsNothing:     "{value}",
		OtherKeys:        "none of {count} signatures was made with any of {keys} keys over this content",
		CertificateEarly: "the signature is right, but the certificate is not valid before {value}",
		CertificateLate:  "the signature is right, but the certificate was valid until {value} only",
		CertificateURL:   "{place} is not the URL of a certificate on a host of the provider, so it was not fetched",
		NoCertificate:    "the certificate cannot be had: {cause}",
	}
	cause := ""
	if d.Cause != nil {
		cause = d.Cause.Error()
	}
	return strings.NewReplacer(
		"{place}", d.Place.String(), "{value}", d.Value, "{encoding}", d.Encoding, "{cause}", cause, "{want}", d.Want,
		"{count}", strconv.Itoa(d.Count), "{keys}", strconv.Itoa(d.Keys),
	).Replace(words[d.Code])
}
