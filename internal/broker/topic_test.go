package broker

import (
	"regexp"
	"strings"
	"testing"

	"github.com/whctl/whctl/internal/target"
)

// No value makes a topic that Kafka refuses, and no two values make one.
func TestTopics(t *testing.T) {
	t.Parallel()
	legal := regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)
	for _, template := range []string{"{type}", "webhooks.{scheme}.{type}"} {
		to, err := target.Parse("kafka://localhost/" + template)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]string{}
		for _, value := range []string{
			"", "none", "-none", ".", "..", "_", "-", "a", "A", "a.b", "a_b", "a-b", "a-2Eb", "a b", "a/b", "{scheme}", "{id}", "é", "\x00", "\r\n", "sha256-", "-sha256-",
			strings.Repeat("x", 71), strings.Repeat("x", 72), strings.Repeat("x", 73), strings.Repeat("x", 74), strings.Repeat("/", 1<<20),
		} {
			name := topic(to, delivery("stripe", value, "evt"))
			if !legal.MatchString(name) || name == "." || name == ".." {
				t.Errorf("%.40q: %q", value, name)
			}
			if old, has := seen[name]; has {
				t.Errorf("%.40q and %.40q are one: %s", value, old, name)
			}
			seen[name] = value
		}
	}
	to := target.Target{Subject: "webhooks.{scheme}.{type}"}
	if one, other := topic(to, delivery("a.b", "c", "")), topic(to, delivery("a", "b.c", "")); one == other || other != "webhooks.a.b.c" {
		t.Errorf("%s, %s", one, other)
	}
}

// CloudEvents' binding for Kafka has names and values of its own. All else is the same for each broker.
func TestBindings(t *testing.T) {
	t.Parallel()
	d := delivery("stripe", "charge é", "evt \xff 1")
	d.Header.Set("Content-Type", "application/json")
	nats, kafka := natsBinding().header(target.Message{Delivery: d}), kafkaBinding().header(target.Message{Delivery: d})
	for name, value := range map[string]string{"ce_id": "evt \uFFFD 1", "ce_type": "charge é", "ce_source": "whctl:stripe", "content-type": "application/json", "wh-path": "/a%2Fb"} {
		if got := kafka[name]; len(got) != 1 || got[0] != value {
			t.Errorf("%s is %q", name, got)
		}
	}
	for name := range nats {
		own, is := strings.CutPrefix(name, "ce-")
		if _, has := kafka[name]; has == is {
			t.Errorf("%s of Kafka: %v", name, has)
		}
		if _, has := kafka["ce_"+own]; is && own != "datacontenttype" && !has {
			t.Errorf("Kafka has no %s", own)
		}
	}
}
