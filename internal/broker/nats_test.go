package broker_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/whctl/whctl/internal/broker"
	"github.com/whctl/whctl/internal/record"
	"github.com/whctl/whctl/internal/target"
)

// broker is a sender to an address.
func natsAt(t *testing.T, addr string, timeout time.Duration) *broker.NATS {
	t.Helper()
	to, err := target.Parse("nats://" + addr + "/webhooks")
	if err != nil {
		t.Fatal(err)
	}
	to.Timeout = timeout
	to.Access.User, to.Access.Password = "user", "s3cr3t-of-the-broker"
	n := broker.NewNATS(to)
	t.Cleanup(func() { _ = n.Close() })
	return n
}

// silent is an address that takes connections and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	var c net.ListenConfig
	ln, err := c.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	return ln.Addr().String()
}

// Without a broker the whole lane waits, and nothing secret is said.
func TestNATSIsAway(t *testing.T) {
	t.Parallel()
	m := target.Message{Body: []byte("{}"), Delivery: &record.Delivery{ID: "a"}}
	for addr, says := range map[string]string{
		nobody(t): "connection refused",
		silent(t): "in 200ms",
	} {
		o := natsAt(t, addr, 200*time.Millisecond).Send(t.Context(), m)
		if o.Kind != record.OutcomeUnreachable || o.Err == nil || !strings.Contains(o.Err.Error(), says) || strings.Contains(o.Err.Error()+o.Hint.String(), "s3cr3t") || o.Took <= 0 {
			t.Errorf("%s: %+v", says, o)
		}
	}
}

// Whoever sends can give up, also while the connection is made.
func TestNATSStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	began := time.Now()
	o := natsAt(t, silent(t), 0).Send(ctx, target.Message{Delivery: &record.Delivery{ID: "a"}})
	if o.Kind != record.OutcomeCancelled || o.Err == nil || time.Since(began) > 4*time.Second {
		t.Errorf("after %s: %+v", time.Since(began), o)
	}
}

// nobody is an address that nothing listens on.
func nobody(t *testing.T) string {
	t.Helper()
	var c net.ListenConfig
	ln, err := c.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().String()
}
