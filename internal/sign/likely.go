package sign

// Which of several schemes is the likeliest where a request fits all of them alike.

import (
	"cmp"
	"slices"
	"strings"
)

// Likelier orders two schemes for a request that fits both alike, the likelier one first: what others copy, then the providers that most
// people integrate with, then the rest, and special forms of a scheme (with a dot in their name) last.
func Likelier(a, b *Rules) int {
	x, y := a.Scheme().Name, b.Scheme().Name
	return cmp.Or(cmp.Compare(likelihood(x), likelihood(y)), cmp.Compare(strings.Count(x, "."), strings.Count(y, ".")))
}

func likelihood(name string) int {
	known := []string{
		"standard-webhooks", "github", "kyc.ts-body", "stripe", "shopify", "slack", "twilio", "meta", "paypal", "discord", "svix", "gitlab", "telegram", "sendgrid", "mailgun",
		"bitbucket", "jira", "square", "zoom", "twitch", "hubspot.v3", "intercom", "zendesk", "woocommerce", "razorpay", "paystack", "adyen", "docusign", "dropbox", "linear", "sentry",
		"typeform", "calendly", "clerk", "resend", "openai", "lemonsqueezy", "paddle", "xero", "line", "box", "notion", "asana", "trello", "baanx",
		"xhub.sha256", "xhub.sha1", "xhub.sha512",
	}
	if i := slices.Index(known, name); i >= 0 {
		return i
	}
	return len(known)
}
