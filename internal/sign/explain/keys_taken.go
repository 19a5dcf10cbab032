package explain

// What a text is that was taken for the key: another key of the provider, or nothing at all.

import (
	"cmp"
	"slices"
	"strings"

	"github.com/whctl/whctl/internal/sign"
	"github.com/whctl/whctl/internal/sign/scheme"
)

// otherTokenID is the finding that says what was taken for the key.
const otherTokenID = "key.api_token"

// taken says what a key's text looks like that is not the key of a scheme, as a noun; "" when nothing speaks against it. What the
// scheme itself says counts first.
func taken(s *scheme.Scheme, text string) string {
	text = strings.TrimSpace(sign.Unquote(strings.TrimSpace(text)))
	if bare, ok := cutFold(text, "bearer "); ok {
		text = strings.TrimSpace(bare)
	}
	return cmp.Or(s.Key.Taken(text), beginning(s, text), reference(text), unset(text))
}

// beginning names the keys and tokens of providers that their beginning tells.
func beginning(s *scheme.Scheme, text string) string {
	for _, b := range []struct {
		prefix, what string
		signs        string // the scheme that signs with such a key all the same
	}{
		{"sk_live_", "an API key (sk_live_)", "paystack"},
		{"sk_test_", "an API key (sk_test_)", "paystack"},
		{"rk_live_", "a restricted API key (rk_live_)", ""},
		{"rk_test_", "a restricted API key (rk_test_)", ""},
		{"pk_live_", "a publishable API key (pk_live_)", ""},
		{"pk_test_", "a publishable API key (pk_test_)", ""},
		{"ghp_", "a GitHub access token", ""},
		{"github_pat_", "a GitHub access token", ""},
		{"gho_", "a GitHub access token", ""},
		{"ghs_", "a GitHub access token", ""},
		{"glpat-", "a GitLab access token", ""},
		{"xoxb-", "a Slack bot token", ""},
		{"xoxp-", "a Slack user token", ""},
		{"xapp-", "a Slack app-level token", ""},
		{"shpat_", "a Shopify access token", ""},
		{"shpca_", "a Shopify access token", ""},
		{"sk-", "an API key (sk-)", ""},
		{"SG.", "a SendGrid API key", ""},
		{"AKIA", "an AWS access key id", ""},
		{"eyJ", "a JSON web token", ""},
		{"https://", "a URL", ""},
		{"http://", "a URL", ""},
	} {
		if strings.HasPrefix(text, b.prefix) && !strings.HasPrefix(s.Key.Prefix, b.prefix) && s.Name != b.signs {
			return b.what
		}
	}
	return ""
}

// unset names what stands where a key was never set: a variable that nothing replaced, or what a language writes for nothing.
func unset(text string) string {
	low := strings.ToLower(text)
	switch {
	case slices.Contains([]string{"undefined", "null", "none", "nil", "nan", "false", "true", "[object object]", "[object promise]"}, low):
		return "the text that programs write where there is no value"
	case strings.HasPrefix(text, "${") && strings.HasSuffix(text, "}"), strings.HasPrefix(text, "{{") && strings.HasSuffix(text, "}}"), strings.HasPrefix(text, "$") && isVariable(text[1:]),
		strings.HasPrefix(text, "$(") && strings.HasSuffix(text, ")"), len(text) > 2 && text[0] == '%' && text[len(text)-1] == '%' && isVariable(text[1:len(text)-1]),
		begins(text, "process.env.", "import.meta.env.", "os.environ", "os.getenv", "System.getenv", "Deno.env", "getenv(", "ENV[", "env(", "%env(", "<%=", "#{"):
		return "the name of a variable, which nothing replaced by its value"
	case begins(low, "your-", "your_", "your ", "<your", "[your", "replace-", "replace_", "replace ", "change-me", "changeme", "change_me", "whsec_your", "whsec_..."):
		return "the text that an example has in place of a key"
	}
	if rest := text[strings.LastIndexByte(text, '_')+1:]; len(rest) > 3 && strings.Trim(strings.ToLower(rest), "x") == "" {
		return "the text that an example has in place of a key"
	}
	return ""
}

// reference names what leads to a key and is none: its address in a store of secrets, the path of its file, or the key encrypted.
func reference(text string) string {
	const address, encrypted = "the address of a secret, which nothing replaced by its value", "an encrypted value, which nothing decrypted"
	switch {
	case begins(text, "ENC[", "$ANSIBLE_VAULT;", "{cipher}", "vault:v1:", "age-encryption.org/", "-----BEGIN PGP MESSAGE", "-----BEGIN AGE ENCRYPTED"):
		return encrypted
	case begins(text, "arn:aws:", "vault:", "ssm:", "@Microsoft.KeyVault("), strings.HasPrefix(text, "projects/") && strings.Contains(text, "/secrets/"), isAddress(text):
		return address
	case begins(text, "/run/", "/var/", "/etc/", "/home/", "/app/", "/opt/", "/tmp/", "/usr/", "/mnt/", "/root/", "/srv/", "/secrets/", "./", "../", "~/"), len(text) > 3 && text[1:3] == `:\`:
		return "the path of a file, and not what it holds (--secret-file reads a file)"
	default:
		return ""
	}
}

// isAddress says whether a text begins as URLs do, such as op:// and sm://.
func isAddress(text string) bool {
	name, rest, ok := strings.Cut(text, "://")
	return ok && name != "" && rest != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789+-") == ""
}

func begins(text string, with ...string) bool {
	return slices.ContainsFunc(with, func(w string) bool { return strings.HasPrefix(text, w) })
}

// isVariable says whether a text is written as the names of variables are: capitals, digits and underscores.
func isVariable(text string) bool {
	return text != "" && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// shown goes on after what a key is not, and says where the right one is shown; "" when the scheme does not say it.
func shown(s *scheme.Scheme) string {
	return when(s.Key.Where != "", "the key of "+s.Name+" is shown "+s.Key.Where)
}
