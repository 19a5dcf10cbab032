package scheme

// How the text of a key becomes bytes.

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"strings"
)

var errPadding = errors.New("the padding is wrong")

// Strip takes the prefix off a key's text. Private says that it was the prefix of private keys.
func (k *KeySpec) Strip(text string) (rest string, private bool) {
	if p := k.SigningPrefix; p != "" && strings.HasPrefix(text, p) {
		return text[len(p):], true
	}
	return strings.TrimPrefix(text, k.Prefix), false
}

// Bytes decodes a key's text without its prefix. The problem is for people and never quotes the text.
func (k *KeySpec) Bytes(text string) (raw []byte, problem string) {
	var err error
	switch k.Encoding {
	case Hex:
		raw, err = hex.DecodeString(text)
		problem = "is not hex"
	case PEM:
		if raw = pemBytes([]byte(text)); raw == nil {
			return nil, "is not PEM text: give the whole file, from its BEGIN line to its END line"
		}
		return raw, ""
	case Base64, SPKI:
		problem = "is not base64"
		if k.Encoding == SPKI {
			if der := pemBytes([]byte(text)); der != nil && !strings.Contains(text, "-----BEGIN CERTIFICATE") {
				return der, ""
			}
		}
		if strings.ContainsAny(text, "\r\n") {
			return nil, blankProblem(text, problem)
		}
		// Some providers hand out base64 without its padding; the key is the same.
		raw, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
		if strings.HasSuffix(text, "===") || strings.Contains(text, "=") && len(text)%4 != 0 {
			err = errPadding
		}
	default:
		return []byte(text), ""
	}
	switch {
	case err != nil:
		return nil, blankProblem(text, problem)
	case len(raw) == 0:
		return nil, "is empty"
	}
	return raw, ""
}

// pemBytes is what the first block of PEM text holds. openssl may write the parameters of the curve before it; they do not count.
func pemBytes(text []byte) []byte {
	for text = append(bytes.TrimSpace(text), '\n'); ; {
		block, rest := pem.Decode(text)
		switch {
		case block == nil:
			return nil
		case block.Type != "EC PARAMETERS":
			return block.Bytes
		}
		text = rest
	}
}

func blankProblem(text, problem string) string {
	if strings.TrimSpace(text) != text {
		return problem + " (it has blanks or a line break around it)"
	}
	return problem
}
