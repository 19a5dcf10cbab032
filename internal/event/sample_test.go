package event_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/whctl/whctl/internal/event"
	"github.com/whctl/whctl/internal/jsonbytes"
)

// noon is the clock of these tests.
func noon() time.Time { return time.Date(2026, 3, 4, 12, 0, 0, 123456000, time.FixedZone("CET", 3600)) }

func seeded(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

// places is where each provider documents type, id and time: written down here once more, so that a sample that
// lost a field is noticed.
func places(scheme string) event.Spec {
	switch scheme {
	case "baanx":
		return event.Spec{Type: []string{"event_type"}, ID: []string{"event_id"}, Time: []string{"occurred_at"}}
	case "kyc":
		return event.Spec{Type: []string{"type"}, ID: []string{"id"}, Time: []string{"created"}}
	case "verification":
		return event.Spec{Type: []string{"type"}, ID: []string{"metadata.eventId"}, Time: []string{"metadata.occurredAt"}}
	case "fern":
		return event.Spec{Type: []string{"type"}, ID: []string{"id"}, Time: []string{"createdAt"}}
	case "standard-webhooks":
		return event.Spec{Type: []string{"type"}, ID: []string{"header:webhook-id"}, Time: []string{"timestamp"}}
	case "stripe":
		return event.Spec{Type: []string{"type"}, ID: []string{"id"}, Time: []string{"created"}}
	case "slack":
		return event.Spec{Type: []string{"type"}, ID: []string{"event_id"}, Time: []string{"event_time"}}
	default:
		return event.Spec{
			Type: []string{"header:X-GitHub-Event"}, ID: []string{"header:X-GitHub-Delivery"},
			Time: []string{
				"head_commit.timestamp", "comment.updated_at", "review.submitted_at", "pull_request.updated_at", "issue.updated_at", "hook.updated_at", "release.published_at",
				"starred_at", "workflow_run.updated_at", "workflow_job.started_at", "check_run.started_at", "check_suite.updated_at", "deployment_status.updated_at",
				"deployment.updated_at", "milestone.updated_at", "discussion.updated_at", "alert.updated_at", "installation.updated_at", "updated_at",
			},
		}
	}
}

func headers(s event.Sample) map[string][]string {
	h := map[string][]string{"Webhook-Id": {s.ID}} // signing adds this one
	for _, f := range s.Fields {
		h[f.Name] = append(h[f.Name], f.Value)
	}
	return h
}

func build(t *testing.T, scheme, typ string, o event.BuildOptions) event.Sample {
	t.Helper()
	s, err := event.Build(scheme, places(scheme), typ, o)
	if err != nil {
		t.Fatalf("Build(%s, %s): %v", scheme, typ, err)
	}
	return s
}

func TestEverySampleBuilds(t *testing.T) {
	t.Parallel()
	idForm := map[string]string{
		"baanx": `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, "kyc": `^evt_[a-z0-9]+$`,
		"verification": `^evt_[a-z0-9]+$`, "fern": `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, "stripe": `^evt_`,
		"slack": `^Ev[0-9A-Z]+$`, "github": `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`, "standard-webhooks": `^msg_`,
	}
	for scheme, ids := range idForm {
		for _, typ := range event.SampleNames(scheme) {
			if event.TypeOf(scheme, typ) != typ {
				continue
			}
			s := build(t, scheme, typ, event.BuildOptions{Now: noon(), Rand: seeded(1)})
			if form(s) { // Slack's commands and interactions have neither id nor time
				continue
			}
			wellFormed(t, scheme, typ, s)
			if typ == "url_verification" { // nor has Slack's handshake, which is no event
				continue
			}
			if !regexp.MustCompile(ids).MatchString(s.ID) {
				t.Errorf("%s %s: id %q has not the provider's form", scheme, typ, s.ID)
			}
			fresh(t, scheme, typ, s)
		}
	}
}

// form says whether a sample is sent as a form.
func form(s event.Sample) bool {
	return slices.Contains(headers(s)["Content-Type"], "application/x-www-form-urlencoded")
}

// timeless are events of GitHub that carry no time.
func timeless() []string {
	return []string{"create", "delete", "fork", "member", "label", "repository", "repository_dispatch", "workflow_dispatch"}
}

// Each family of samples/ can be used: its head holds comments and settings alone, and it has types, each once.
func TestFamilies(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("samples/*.txt")
	if err != nil || len(files) != len(event.SampleSchemes()) {
		t.Fatalf("%d files, families are %q, %v", len(files), event.SampleSchemes(), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut("\n"+string(text), "\n== ")
		for line := range strings.Lines(strings.TrimPrefix(head, "\n")) {
			known := []string{"# ", "complete: yes", "form: ", "apart: ", "tricky: ", "play ", "\n"}
			if !slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(line, k) }) {
				t.Errorf("%s: %q stands before the first type", file, line)
			}
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		names := slices.DeleteFunc(slices.Clone(event.SampleNames(name)), func(n string) bool { return strings.HasSuffix(n, "/tricky") })
		if n := strings.Count("\n"+string(text), "\n== ") - strings.Count("\n"+string(text), "\n== *\n"); n != len(names) || len(slices.Compact(slices.Sorted(slices.Values(names)))) != n {
			t.Errorf("%s: names %q, %d marks", file, names, n)
		}
		if len(event.SampleTypes(name)) == 0 || !slices.Contains(event.SampleNames(name), event.TrickyName(name)) {
			t.Errorf("%s: types %q, tricky is %s", file, event.SampleTypes(name), event.TrickyName(name))
		}
	}
}

// wellFormed checks that a sample is compact JSON, filled in, and carries its type, id and time where they belong.
func wellFormed(t *testing.T, scheme, typ string, s event.Sample) {
	t.Helper()
	var packed bytes.Buffer
	err := json.Compact(&packed, s.Body)
	if scheme == "stripe" { // which sends its events for people to read
		again := bytes.Clone(packed.Bytes())
		packed.Reset()
		err = errors.Join(err, json.Indent(&packed, again, "", "  "))
	}
	if err != nil || !bytes.Equal(packed.Bytes(), s.Body) {
		t.Errorf("%s %s is not laid out as its provider does: %v\n%s", scheme, typ, err, s.Body)
	}
	if bytes.Contains(s.Body, []byte("{{")) || strings.Contains(s.Note, "{{") {
		t.Errorf("%s %s has a placeholder left: %s", scheme, typ, s.Body)
	}
	got := event.Extract(places(scheme), headers(s), s.Body)
	if got.Type != typ || s.Type != typ || got.ID != s.ID {
		t.Errorf("%s %s carries %+v, the sample says type %q id %q", scheme, typ, got, s.Type, s.ID)
	}
	clock := []string{"2026-03-04T11:00:00.123Z", "2026-03-04T11:00:00Z", "1772622000"}
	if typ != "url_verification" && !slices.Contains(timeless(), typ) && !slices.Contains(clock, got.Time) {
		t.Errorf("%s %s: time %q is not the clock's", scheme, typ, got.Time)
	}
}

// fresh checks that randomness, and nothing else, makes two builds of one sample differ.
func fresh(t *testing.T, scheme, typ string, s event.Sample) {
	t.Helper()
	again := build(t, scheme, typ, event.BuildOptions{Now: noon(), Rand: seeded(2)})
	if again.ID == s.ID || bytes.Equal(again.Body, s.Body) {
		t.Errorf("%s %s: two builds are alike", scheme, typ)
	}
	same := build(t, scheme, typ, event.BuildOptions{Now: noon(), Rand: seeded(1)})
	if !bytes.Equal(same.Body, s.Body) || !slices.Equal(same.Fields, s.Fields) {
		t.Errorf("%s %s: one seed gave two samples", scheme, typ)
	}
}

func TestDefaultsAreTheSystemsClockAndRandomness(t *testing.T) {
	t.Parallel()
	before := time.Now().Truncate(time.Millisecond)
	a, b := build(t, "baanx", "card.activated", event.BuildOptions{}), build(t, "baanx", "card.activated", event.BuildOptions{})
	if a.ID == b.ID {
		t.Errorf("two builds share the id %s", a.ID)
	}
	at, err := time.Parse(time.RFC3339, event.Extract(places("baanx"), nil, a.Body).Time)
	if err != nil || at.Before(before) || at.After(time.Now()) {
		t.Errorf("time %v, %v is not now", at, err)
	}
}

func TestSampleTypes(t *testing.T) {
	t.Parallel()
	for scheme, want := range map[string]string{
		"baanx":        "kyc.status.changed card.activated transaction.cleared",
		"kyc":          "kyc.session.created kyc.session.completed kyc.session.processed kyc.session.approved kyc.session.rejected kyc.session.manual_review",
		"kyc.body":     "kyc.session.created kyc.session.completed kyc.session.processed kyc.session.approved kyc.session.rejected kyc.session.manual_review",
		"verification": "customer.created customer.updated customer.status_changed verification.completed verification.rfi_required",
		"fern":         "customer.created customer.updated payment_account.created payment_account.deleted transaction.created transaction.updated deposit.created deposit.updated",
		"github.sha1": "ping push pull_request issues issue_comment pull_request_review pull_request_review_comment create delete release fork star workflow_run " +
			"workflow_job check_run check_suite deployment deployment_status status member label milestone discussion repository repository_dispatch " +
			"workflow_dispatch dependabot_alert installation",
		"slack":  "event_callback url_verification",
		"nobody": "", "": "", ".": "", "..": "", "../samples/baanx": "", "baanx/family.txt": "",
	} {
		if got := strings.Join(event.SampleTypes(scheme), " "); got != want {
			t.Errorf("SampleTypes(%q) = %q, want %q", scheme, got, want)
		}
	}
	for alias, scheme := range map[string]string{"legaltalent": "kyc", "kyc.id-ts-body": "kyc", "svix": "standard-webhooks"} {
		if !slices.Equal(event.SampleTypes(alias), event.SampleTypes(scheme)) || len(event.SampleTypes(alias)) == 0 {
			t.Errorf("%s has %q", alias, event.SampleTypes(alias))
		}
	}
}

func TestFindType(t *testing.T) {
	t.Parallel()
	for typ, want := range map[string]string{
		"customer.created": "fern stripe verification", "customer.updated": "fern verification",
		"kyc.status.changed": "baanx", "ping": "github", "family": "", "": "", "../x": "",
	} {
		got := event.FindType(typ)
		for scheme := range strings.FieldsSeq(want) {
			if !slices.Contains(got, scheme) {
				t.Errorf("FindType(%q) = %q, want %q", typ, got, want)
			}
		}
		if want == "" && len(got) > 0 || !slices.IsSorted(got) {
			t.Errorf("FindType(%q) = %q", typ, got)
		}
	}
}

func TestUnknownType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ scheme, typ, nearest, elsewhere string }{
		{"baanx", "kyc.status.change", "kyc.status.changed", ""},
		{"baanx", "Card.Activated", "card.activated", ""},
		{"baanx", "cleared", "transaction.cleared", ""},
		{"baanx", "customer.updated", "", "fern stripe verification"},
		{"baanx", "family", "", ""},
		{"baanx", "", "", ""},
		{"baanx", "../fern/customer.updated", "", ""},
		{"stripe", "invoice.piad", "invoice.paid", ""},
		{"stripe", "", "", ""},
		{"baanx", strings.Repeat("x", 1<<16), "", ""},
	} {
		_, err := event.Build(c.scheme, event.Spec{}, c.typ, event.BuildOptions{})
		var unknown *event.UnknownTypeError
		if !errors.As(err, &unknown) {
			t.Errorf("Build(%s, %.40s) gave %v", c.scheme, c.typ, err)
			continue
		}
		if err := event.CheckType(c.scheme, c.typ); !errors.As(err, &unknown) {
			t.Errorf("CheckType(%s, %.40s) gave %v", c.scheme, c.typ, err)
		}
		if unknown.Nearest != c.nearest || strings.Join(unknown.Elsewhere, " ") != c.elsewhere {
			t.Errorf("Build(%s, %.40s): nearest %q, elsewhere %q", c.scheme, c.typ, unknown.Nearest, unknown.Elsewhere)
		}
		if !slices.Equal(unknown.Known, event.SampleTypes(c.scheme)) {
			t.Errorf("Build(%s, %.40s): known %q", c.scheme, c.typ, unknown.Known)
		}
	}
}

func TestFieldsAgree(t *testing.T) {
	t.Parallel()
	var b struct {
		User   string `json:"user_id"`
		Object string `json:"event_object_id"`
	}
	s := build(t, "baanx", "kyc.status.changed", event.BuildOptions{Now: noon(), Rand: seeded(3)})
	if err := json.Unmarshal(s.Body, &b); err != nil || b.User != b.Object || b.User == s.ID {
		t.Errorf("kyc.status.changed: user %s, object %s, event %s (%v)", b.User, b.Object, s.ID, err)
	}
	s = build(t, "kyc", "kyc.session.approved", event.BuildOptions{Now: noon(), Rand: seeded(3)})
	if got := headers(s)["X-Webhook-ID"]; len(got) != 1 || got[0] != s.ID {
		t.Errorf("kyc: X-Webhook-ID %q, id %s", got, s.ID)
	}
	set, err := jsonbytes.SetString("id", "evt_mine")
	if err != nil {
		t.Fatal(err)
	}
	s = build(t, "kyc", "kyc.session.approved", event.BuildOptions{Sets: []jsonbytes.Edit{set}})
	if got := headers(s)["X-Webhook-ID"]; s.ID != "evt_mine" || len(got) != 1 || got[0] != "evt_mine" {
		t.Errorf("kyc with an edited id: X-Webhook-ID %q, id %s", got, s.ID)
	}
}

func TestDocumentedShape(t *testing.T) {
	t.Parallel()
	sets := make([]jsonbytes.Edit, 0, 3)
	for _, text := range []string{
		"user_id=07c5f1a9-b83e-4d62-9e10-c4a7d25f8b3e", "user_external_id=cust-4417", "event_object_id=07c5f1a9-b83e-4d62-9e10-c4a7d25f8b3e",
	} {
		set, err := jsonbytes.ParseEdit(text)
		if err != nil {
			t.Fatal(err)
		}
		sets = append(sets, set)
	}
	s := build(t, "baanx", "kyc.status.changed", event.BuildOptions{
		Now: time.Date(2025, 6, 15, 15, 6, 39, 214e6, time.UTC), ID: "51d2e8b6-a0c9-4e37-b1f4-7d893c6a52e0", Sets: sets,
	})
	const want = `{"api_version":"v1","event_id":"51d2e8b6-a0c9-4e37-b1f4-7d893c6a52e0","event_category":"kyc","event_type":"kyc.status.changed","user_id":"07c5f1a9-b83e-4d62-9e10-c4a7d25f8b3e","user_external_id":"cust-4417","event_object_id":"07c5f1a9-b83e-4d62-9e10-c4a7d25f8b3e","event_object_status":"completed","event_object_changes":{"status":["pending","completed"]},"event_object":{"status":"completed","failure_code":null,"failure_reason":null},"occurred_at":"2025-06-15T15:06:39.214Z"}`
	if string(s.Body) != want || s.Note != "" {
		t.Errorf("note %q, body\n%s\nwant\n%s", s.Note, s.Body, want)
	}
}

func TestMadeUpIsSaid(t *testing.T) {
	t.Parallel()
	documented := []string{
		"baanx kyc.status.changed", "fern customer.updated", "verification customer.created", "verification customer.status_changed",
		"verification verification.completed", "verification verification.rfi_required",
	}
	for _, scheme := range event.SampleSchemes() {
		for _, typ := range event.SampleTypes(scheme) {
			s := build(t, scheme, typ, event.BuildOptions{})
			if plain := slices.Contains(documented, scheme+" "+typ); plain != (s.Note == "") || !plain && !strings.Contains(s.Note, "made up") {
				t.Errorf("%s %s has the note %q", scheme, typ, s.Note)
			}
		}
	}
}

// TestTypesWithoutASample: a provider with more types than samples takes any of their form, in its own envelope, and says that
// the contents are made up.
func TestTypesWithoutASample(t *testing.T) {
	t.Parallel()
	s := build(t, "stripe", "coupon.updated", event.BuildOptions{Now: noon(), ID: "evt_1", Rand: seeded(1)})
	var e struct {
		ID, Object, Type string
		Created          int64
		Data             struct{ Object struct{ ID, Object string } }
	}
	if err := json.Unmarshal(s.Body, &e); err != nil || e.ID != "evt_1" || e.Object != "event" || e.Type != "coupon.updated" || e.Created != 1772622000 || e.Data.Object.Object != "coupon" || e.Data.Object.ID == "" {
		t.Errorf("%+v, %v\n%s", s, err, s.Body)
	}
	for _, part := range []string{`no sample of "coupon.updated" for stripe`, "made up"} {
		if !strings.Contains(s.Note, part) {
			t.Errorf("the note %q does not say %q", s.Note, part)
		}
	}
	if s := build(t, "nobody", "ping", event.BuildOptions{}); strings.Contains(s.Note, "no sample") || !strings.Contains(s.Note, "made up") {
		t.Errorf("the note is %q", s.Note)
	}
	for scheme, typ := range map[string]string{"github": "team_add", "shopify": "carts/update", "standard-webhooks": "anything.at_all", "slack": "team_join"} {
		s := build(t, scheme, typ, event.BuildOptions{})
		if !bytes.Contains(s.Body, []byte(typ)) && !slices.Contains(s.Fields, event.Field{Name: "X-GitHub-Event", Value: typ}) && !slices.Contains(s.Fields, event.Field{Name: "X-Shopify-Topic", Value: typ}) {
			t.Errorf("%s %s: %+v\n%s", scheme, typ, s, s.Body)
		}
	}
	for scheme, misformed := range map[string]string{"stripe": "nonsense", "github": "push!", "shopify": "orders"} {
		var unknown *event.UnknownTypeError
		if err := event.CheckType(scheme, misformed); !errors.As(err, &unknown) || !unknown.Misformed {
			t.Errorf("%s takes %s: %v", scheme, misformed, err)
		}
	}
}

func TestGivenIDAndEdits(t *testing.T) {
	t.Parallel()
	hostile := "a\"b\\{{uuid}}\n\u202e"
	s := build(t, "verification", "customer.created", event.BuildOptions{ID: hostile})
	if s.ID != hostile || !json.Valid(s.Body) {
		t.Errorf("id %q in %s", s.ID, s.Body)
	}
	set, err := jsonbytes.ParseEdit("event_type=whctl.unknown")
	if err != nil {
		t.Fatal(err)
	}
	s = build(t, "baanx", "card.activated", event.BuildOptions{Sets: []jsonbytes.Edit{set}})
	if s.Type != "whctl.unknown" {
		t.Errorf("the edited type is %q in %s", s.Type, s.Body)
	}
	bad, err := jsonbytes.ParseEdit("event_type.x=1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = event.Build("baanx", places("baanx"), "card.activated", event.BuildOptions{Sets: []jsonbytes.Edit{bad}})
	var problem *jsonbytes.Error
	if !errors.As(err, &problem) || problem.Path != "event_type.x" {
		t.Errorf("an edit inside a string gave %v", err)
	}
	if _, err = event.Build("baanx", places("baanx"), "card.activated", event.BuildOptions{Rand: iotest.ErrReader(io.ErrClosedPipe)}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("broken randomness gave %v", err)
	}
}

func TestSchemesWithoutSamples(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		spec event.Spec
		body string
	}{
		{
			event.Spec{Type: []string{"kind"}, ID: []string{"meta.id"}, Time: []string{"meta.at"}},
			`{"kind":"a.b","meta":{"id":"e1","at":"2026-03-04T11:00:00.123Z"},"data":{"sample":true}}`,
		},
		{event.Spec{Type: []string{"[0].event"}, ID: []string{"[0].id"}}, `[{"event":"a.b","id":"e1","sample":true}]`},
		{event.Spec{Type: []string{"header:X-Kind"}, ID: []string{"header:X-Id"}}, `{"data":{"sample":true}}`},
		{event.Spec{Type: []string{"data"}, ID: []string{"id"}}, `{"data":"a.b","id":"e1"}`},
		{event.Spec{Type: []string{"a..b", "type"}, ID: []string{"type.id", "id"}}, `{"type":"a.b","id":"e1","data":{"sample":true}}`},
		{event.Spec{}, `{"data":{"sample":true}}`},
	} {
		s, err := event.Build("nobody", c.spec, "a.b", event.BuildOptions{Now: noon(), ID: "e1"})
		if err != nil || string(s.Body) != c.body || s.Type != "a.b" || s.ID != "e1" {
			t.Errorf("%+v gave %+v, %v\n%s", c.spec, s, err, s.Body)
		}
		if got := event.Extract(c.spec, headers(s), s.Body); len(c.spec.Type) > 0 && (got.Type != "a.b" || got.ID != "e1") {
			t.Errorf("%+v reads back as %+v", c.spec, got)
		}
	}
	s, err := event.Build("", event.Spec{}, "a.b", event.BuildOptions{Rand: seeded(1)})
	if err != nil || len(s.ID) != 36 || !strings.Contains(s.Note, "made up") {
		t.Errorf("without an id: %+v, %v", s, err)
	}
}
