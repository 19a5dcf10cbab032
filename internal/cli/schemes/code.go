package schemes

// whctl schemes show NAME --code LANGUAGE: a verifier of the scheme, to paste into a program.

import (
	"errors"
	"slices"

	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/near"
	"github.com/whctl/whctl/internal/render"
	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/explain"
	"github.com/whctl/whctl/internal/sign/scheme"
	"github.com/whctl/whctl/internal/sign/verifier"
)

// checkCode refuses a language in which no verifiers are written.
func (o *showOptions) checkCode() error {
	o.code = explain.Language(o.code)
	known := verifier.Languages()
	if !o.hasCode || slices.Contains(known, o.code) {
		return nil
	}
	err := fault.New(fault.Usage, "there is no code in %q", o.code)
	if nearest := near.Word(o.code, known); nearest != "" {
		return fault.Hint(err, "did you mean %s? there are %s", fault.Word(nearest), fault.List(known))
	}
	return fault.Hint(err, "there are %s", fault.List(known))
}

// writeCode prints the verifier.
func (o *showOptions) writeCode(out render.Output, sc *scheme.Scheme) error {
	rules, err := sign.Compile(sc)
	if err != nil {
		return fault.Wrap(fault.Usage, err, "scheme %s", sc.Name)
	}
	code, err := verifier.Write(rules.Parsed, o.code)
	if err != nil {
		return instead(err, rules.Scheme())
	}
	return out.Value(o.env.IO, code, func() error { return render.Text(o.env.IO, code.Text) })
}

// instead says what verifies a scheme for which no code is written.
func instead(err error, s *scheme.Scheme) error {
	cause, ok := errors.AsType[*verifier.UnwritableError](err)
	err = fault.Wrap(fault.Usage, err, "no code")
	if !ok {
		return err
	}
	switch cause.Cause {
	case verifier.SignsNothing:
		return fault.Hint(err, "%s says what the provider has instead", fault.Command("whctl schemes show", s.Name))
	case verifier.WebToken:
		return fault.Hint(err, "take a library for JSON web tokens, such as jose for Node, allow it %s alone, and compare the claims that %s names",
			fault.Word(s.JWT.Alg), fault.Command("whctl schemes show", s.Name).Switch("-o yaml"))
	case verifier.MessageSigned:
		return fault.Hint(err, "take a library for RFC 9421, such as http-message-signatures for Node, and have it require the components that %s names", fault.Command("whctl schemes show", s.Name))
	case verifier.NeedsFetching:
		return fault.Hint(err, "take the provider's own library; %s has the rules", fault.Command("whctl schemes show", s.Name))
	default:
		return fault.Hint(err, "%s has the rules to write it by", fault.Command("whctl schemes show", s.Name))
	}
}
