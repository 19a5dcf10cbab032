package client

// What to do when the platform refuses what a call asks for: usually the URL of a webhook.

import (
	"net/http"
	"strings"

	"github.com/whctl/whctl/internal/api"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
)

// askedURL is the URL that a call wants for a webhook, "" for none.
func askedURL(q call) string {
	switch body := q.body.(type) {
	case api.CreateWebhook:
		return body.URL
	case api.UpdateWebhook:
		if body.URL != nil {
			return *body.URL
		}
	}
	return ""
}

// otherwise is the next step after a refusal of what a call asks for. The platform delivers over https only.
func otherwise(q call) fault.Step {
	asked := askedURL(q)
	if q.method == http.MethodGet {
		return fault.Step{}
	}
	if asked == "" || strings.HasPrefix(asked, "https://") {
		return fault.NextStep("change what it names; --debug shows what was sent")
	}
	u, bad := netname.ParseURL(asked)
	switch {
	case !strings.Contains(asked, "://"):
		return fault.NextStep("write the URL with its scheme: --url %s", fault.Word("https://"+asked))
	case bad == nil && netname.Loopback(u.Hostname()):
		return fault.NextStep("only a sandbox delivers to this machine, over http: %s", fault.Command("whctl listen --sandbox"))
	default:
		return fault.NextStep("use an https URL; a sandbox also takes http://localhost:PORT")
	}
}
