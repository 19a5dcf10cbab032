package brokers

// Three NATS servers as programs of their own, one cluster, and a stream with three replicas.

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// cluster is three servers.
type cluster struct {
	w     *world
	nodes [3]*node
}

// node is one of them.
type node struct {
	w       *world
	program string
	config  string
	addr    string
	cmd     *exec.Cmd
	log     output
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{w: emptyWorld(t)}
	program := natsServer(t, c.w)
	ports, routes := [3]int{}, []string{}
	for i := range ports {
		ports[i] = freePort(t)
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", ports[i]))
	}
	for i := range c.nodes {
		n := &node{w: c.w, program: program, addr: fmt.Sprintf("127.0.0.1:%d", freePort(t))}
		n.config = c.w.write(fmt.Sprintf("n%d.conf", i), fmt.Sprintf(
			"server_name: n%d\nlisten: %q\njetstream { store_dir: %q }\ncluster { name: three, listen: \"127.0.0.1:%d\", routes: [%s] }\n",
			i, n.addr, filepath.Join(c.w.dir, fmt.Sprintf("store%d", i)), ports[i], strings.Join(routes, ", ")))
		c.nodes[i] = n
		t.Cleanup(n.kill)
		n.start()
	}
	return c
}

// natsServer builds the server of this module.
func natsServer(t *testing.T, w *world) string {
	t.Helper()
	program := filepath.Join(w.dir, "nats-server")
	if out, err := exec.Command("go", "build", "-o", program, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

func (n *node) start() {
	n.w.t.Helper()
	n.cmd = exec.Command(n.program, "-c", n.config)
	n.cmd.Stdout, n.cmd.Stderr = &n.log, &n.log
	if err := n.cmd.Start(); err != nil {
		n.w.t.Fatal(err)
	}
}

// kill ends the server at once, as a crash does.
func (n *node) kill() {
	if n.cmd != nil && n.cmd.ProcessState == nil {
		_ = n.cmd.Process.Kill()
		_ = n.cmd.Wait()
	}
}

// hosts are the addresses of all, as a URL has them.
func (c *cluster) hosts() string {
	return c.nodes[0].addr + "," + c.nodes[1].addr + "," + c.nodes[2].addr
}

// stream makes the stream once the cluster can.
func (c *cluster) stream(config jetstream.StreamConfig) (jetstream.JetStream, jetstream.Stream) {
	c.w.t.Helper()
	var nc *nats.Conn
	c.w.wait("the cluster", func() (ok bool) {
		var err error
		nc, err = nats.Connect(c.hosts(), nats.MaxReconnects(-1))
		return err == nil
	})
	c.w.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		c.w.t.Fatal(err)
	}
	config.Replicas = len(c.nodes)
	var s jetstream.Stream
	c.w.wait("the stream", func() bool {
		s, err = js.CreateOrUpdateStream(c.w.t.Context(), config)
		return err == nil
	})
	return js, s
}

// leader is the node that leads the stream, -1 while none does.
func (c *cluster) leader(s jetstream.Stream) int {
	info, err := s.Info(c.w.t.Context())
	if err != nil || info.Cluster == nil {
		return -1
	}
	i, err := strconv.Atoi(strings.TrimPrefix(info.Cluster.Leader, "n"))
	if err != nil {
		return -1
	}
	return i
}

// Two listeners in front of three servers. The listeners are killed in turn, so is the server that leads the stream, and then all three. Each
// event is in the stream once, with its bytes. Where events share a subject, those of a listener are in the order in which it got them.
func TestThreeNodes(t *testing.T) {
	t.Parallel()
	events, err := strconv.Atoi(os.Getenv("WHCTL_BROKERS_EVENTS"))
	if err != nil {
		events = 1000
	}
	for way, subject := range map[string]string{"subject": "webhooks.{scheme}.{id}", "window": "webhooks.{scheme}.{type}"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			_, s := c.stream(webhooks())
			f := &front{c: c, args: []string{"-q", "--ack", "now", "--timeout", "2s", "--dedupe", way, "--forward", "bus=nats://" + c.hosts() + "/" + subject}, of: map[string]int{}}
			f.start(0)
			f.start(1)
			n, killed := events, 0
			faults := map[int]func(){
				n / 10: f.listeners[0].kill, 2 * n / 10: func() { f.start(0) },
				3 * n / 10: func() {
					c.w.wait("a leader", func() bool { killed = c.leader(s); return killed >= 0 })
					c.nodes[killed].kill()
				},
				4 * n / 10: func() { f.listeners[1].kill() },
				5 * n / 10: func() { f.start(1); c.nodes[killed].start() },
				6 * n / 10: func() {
					for _, node := range c.nodes {
						node.kill()
					}
				},
				7 * n / 10: func() {
					f.listeners[0].kill()
					f.start(0)
					for _, node := range c.nodes {
						node.start()
					}
				},
				8 * n / 10: func() { f.listeners[1].kill(); f.start(1) },
			}
			want := f.send(n, faults)
			c.w.waitFor(s, n)
			f.check(c.w.messages(s), want, way == "window")
		})
	}
}

// front is two listeners with one provider.
type front struct {
	c         *cluster
	args      []string
	listeners [2]*listener
	of        map[string]int // the listener, by an address that it had
}

func (f *front) start(i int) {
	f.listeners[i] = f.c.w.listenIn(fmt.Sprintf("host-%d", i), f.args...)
	f.of[strings.TrimPrefix(f.listeners[i].url, "http://")] = i
}

// typed is an event of one of several types.
func typed(i int) []byte {
	return fmt.Appendf(nil, "{\n  \"id\": \"evt_%d\",   \"type\": \"charge.%d\",\"amount\":1.50, \"text\":\"\\u00e9\\/é\" }\n", i, i%7)
}

// send sends events to the two in turn. What one of them does not answer, the other gets, and some go to both. Between them are faults.
func (f *front) send(n int, faults map[int]func()) map[string][32]byte {
	t := f.c.w.t
	t.Helper()
	want := map[string][32]byte{}
	for i := range n {
		if fault := faults[i]; fault != nil {
			fault()
		}
		body := typed(i)
		if f.listeners[i%2].send(body) != 200 && f.listeners[(i+1)%2].send(body) != 200 {
			t.Fatalf("nobody took event %d", i)
		}
		if i%50 == 0 {
			f.listeners[(i+1)%2].send(body) // a needless retry
		}
		want[fmt.Sprintf("evt_%d", i)] = sha256.Sum256(body)
	}
	return want
}

// check compares the messages with the events, and those of each listener and subject with the order in which they were sent.
func (f *front) check(all []*jetstream.RawStreamMsg, want map[string][32]byte, order bool) {
	t := f.c.w.t
	t.Helper()
	check(t, all, want)
	last := map[string]int{}
	for _, m := range all {
		i, err := strconv.Atoi(strings.TrimPrefix(m.Header.Get("ce-id"), "evt_"))
		if err != nil {
			t.Fatal(err)
		}
		lane := fmt.Sprint(f.of[m.Header.Get("wh-host")], m.Subject)
		if before, has := last[lane]; order && has && before > i {
			t.Errorf("event %d of %s came after event %d", i, lane, before)
		}
		last[lane] = i
	}
}

// Without most of the servers a stream takes nothing. That is told, and what came meanwhile is there once they are.
func TestNoQuorum(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	_, s := c.stream(webhooks())
	l := c.w.listen("--ack", "now", "--timeout", "2s", "--forward", "nats://"+c.hosts()+"/webhooks.{scheme}.{type}")
	led := -1
	c.w.wait("a leader", func() bool { led = c.leader(s); return led >= 0 })
	c.nodes[led].kill()
	c.nodes[(led+1)%3].kill()
	for i := range 5 {
		if status := l.send(typed(7 * i)); status != 200 {
			t.Fatalf("status %d: %s", status, l.out.String())
		}
	}
	l.says("it takes nothing now")
	c.w.wait("the reason", func() bool { // the server that is left may still know the stream
		out := l.out.String()
		return strings.Contains(out, "stream WEBHOOKS has no leader now") || strings.Contains(out, "webhooks.stripe.charge%2E0 now: the broker does not tell of its streams")
	})
	l.says("see whether most of its servers are up, and the stream has a leader: nats stream report")
	c.nodes[(led+1)%3].start()
	l.says("it answers again")
	c.w.waitFor(s, 5)
	for i, m := range c.w.messages(s) {
		if want := fmt.Sprintf("evt_%d", 7*i); m.Header.Get("ce-id") != want {
			t.Errorf("message %d is %s, want %s", i+1, m.Header.Get("ce-id"), want)
		}
	}
	if strings.Contains(l.out.String(), "no stream takes subject") {
		t.Errorf("the stream is there:\n%s", l.out.String())
	}
}
