package secret

// API tokens, each bound to an origin.

import (
	"cmp"
	"context"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/sign"
)

// Origin is scheme://host:port of a URL, in lower case and with its port. Tokens are bound to it.
func Origin(rawURL string) (string, error) {
	ports := map[string]string{"https": "443", "http": "80"}
	u, err := url.Parse(rawURL) // which makes the scheme lower case
	if err != nil || u.Hostname() == "" || ports[u.Scheme] == "" {
		return "", fault.New(fault.Usage, "a token is bound to an http or https URL, and this is not one") // the URL may hold user info
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), cmp.Or(u.Port(), ports[u.Scheme])), nil
}

// Token is the API token saved for the origin of a URL, or "".
func (s *Store) Token(ctx context.Context, origin string) (text string, err error) {
	origin, err = Origin(origin)
	if err != nil {
		return "", err
	}
	err = s.steady(func(v *vault) (err error) {
		i := v.token(origin)
		if i < 0 {
			return nil
		}
		if text, err = s.take(ctx, v.Tokens[i].Token); err != nil {
			return s.lost(err, "token for "+origin, fault.Command("whctl login"))
		}
		return nil
	})
	return text, err
}

// HasToken says whether a token is saved for the origin of a URL. It does not ask the keyring.
func (s *Store) HasToken(origin string) (bool, error) {
	origin, err := Origin(origin)
	if err != nil {
		return false, err
	}
	v, err := s.read()
	return err == nil && v.token(origin) >= 0, err
}

// TokenInFile is the API token saved for the origin of a URL, if the file itself has it; else "".
func (s *Store) TokenInFile(origin string) (string, error) {
	origin, err := Origin(origin)
	if err != nil {
		return "", err
	}
	v, err := s.read()
	if err != nil {
		return "", err
	}
	if i := v.token(origin); i >= 0 {
		return v.Tokens[i].Token.Text, nil // "" where the keyring has it
	}
	return "", nil
}

// SaveToken saves the API token for the origin of a URL. It returns where the token is now, in words.
func (s *Store) SaveToken(ctx context.Context, origin, text string) (where string, err error) {
	if err := CheckToken(text); err != nil {
		return "", err
	}
	if origin, err = Origin(origin); err != nil {
		return "", err
	}
	ctx = context.WithoutCancel(ctx)
	c, why := s.put(ctx, "token", text)
	stale := ""
	err = s.update(ctx, func(v *vault) error {
		t := token{Origin: origin, SavedAt: s.now().UTC().Truncate(time.Millisecond), Token: c}
		if i := v.token(origin); i >= 0 {
			stale = v.Tokens[i].Token.Ref
			v.Tokens[i] = t
		} else {
			v.Tokens = append(v.Tokens, t)
		}
		return nil
	})
	if err != nil {
		s.ring.drop(ctx, c.Ref)
		return "", err
	}
	s.ring.drop(ctx, stale)
	return s.where(c, why), nil
}

// RemoveToken forgets the token of a URL's origin and says whether there was one.
func (s *Store) RemoveToken(ctx context.Context, origin string) (bool, error) {
	origin, err := Origin(origin)
	if err != nil {
		return false, err
	}
	v, err := s.read() // an unknown token makes no file and no lock
	if err != nil || v.token(origin) < 0 {
		return false, err
	}
	stale, found := "", false
	err = s.update(ctx, func(v *vault) error {
		i := v.token(origin)
		if i < 0 {
			return errUnchanged
		}
		stale, found = v.Tokens[i].Token.Ref, true
		v.Tokens = slices.Delete(v.Tokens, i, i+1)
		return nil
	})
	if err != nil {
		return false, err
	}
	s.ring.drop(context.WithoutCancel(ctx), stale)
	return found, nil
}

// token is the index of an origin's token, -1 when there is none.
func (v *vault) token(origin string) int {
	return slices.IndexFunc(v.Tokens, func(t token) bool { return t.Origin == origin })
}

// CheckToken refuses what cannot be sent as a bearer token. The Usage fault does not hold its text.
func CheckToken(text string) error {
	if text == "" {
		return fault.New(fault.Usage, "the token is empty")
	}
	if sign.Masked(text) {
		return fault.Hint(fault.New(fault.Usage, "the token is masked: it is what is shown in the place of the token"), "take the full token, or make a new one")
	}
	if strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return fault.New(fault.Usage, "the token holds white space or characters that a header cannot carry")
	}
	return nil
}
