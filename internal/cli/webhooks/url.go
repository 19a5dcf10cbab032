package webhooks

// What to do when the platform refuses a webhook's URL.

import (
	"net/http"
	"strings"

	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/netname"
)

// withURLHint adds to a refusal that the platform delivers over https only, where the URL that it was asked for is another. A refusal
// for another reason, such as the limit of webhooks, has its next step already.
func withURLHint(err error, asked string) error {
	if client.Status(err) != http.StatusBadRequest || fault.HintOf(err) != (fault.Step{}) || strings.HasPrefix(asked, "https://") {
		return err
	}
	u, bad := netname.ParseURL(asked)
	switch {
	case !strings.Contains(asked, "://"):
		return fault.Hint(err, "write the URL with its scheme: --url %s", fault.Word("https://"+asked))
	case bad == nil && netname.Loopback(u.Hostname()):
		return fault.Hint(err, "only a sandbox delivers to this machine, over http: %s", fault.Command("whctl listen --sandbox"))
	default:
		return fault.Hint(err, "use an https URL; a sandbox also takes http://localhost:PORT")
	}
}
