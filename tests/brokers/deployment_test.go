package brokers

// The files of docs/cluster: each is read by the program that it is for, and the whole runs as plain processes with these very files. Addresses
// and folders alone are others.

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// examples is the folder of the files.
const examples = "../../docs/cluster"

// deployment is what compose.yml starts, on this machine.
type deployment struct {
	w         *world
	project   *types.Project
	places    *strings.Replacer // what stands in the files, and what takes its place
	programs  map[string]*program
	nats      string
	addresses [3]string // of the NATS servers
	url       string    // of the proxy
}

// program is one service while it runs.
type program struct {
	cmd *exec.Cmd
	log output
}

// load reads compose.yml as docker compose does.
func load(t *testing.T, values map[string]string) *types.Project {
	t.Helper()
	var env []string
	for name, value := range values {
		env = append(env, name+"="+value)
	}
	options, err := cli.NewProjectOptions([]string{filepath.Join(examples, "compose.yml")}, cli.WithEnv(env), cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func newDeployment(t *testing.T) *deployment {
	t.Helper()
	w := emptyWorld(t)
	front, back := seed(t), seed(t)
	d := &deployment{w: w, programs: map[string]*program{}, nats: natsServer(t, w)}
	d.project = load(t, map[string]string{
		"WHCTL_VERSION": "1.0.0", "STRIPE_KEY": secret, "WHCTL_SEED": front.text, "WHCTL_NKEY": front.public, "CONSUMER_SEED": back.text, "CONSUMER_NKEY": back.public,
	})
	proxy := fmt.Sprint(freePort(t))
	d.url = "http://127.0.0.1:" + proxy
	pairs := []string{
		"/run/secrets/whctl_seed", w.write("whctl_seed", front.text+"\n"), "/run/secrets/consumer_seed", w.write("consumer_seed", back.text+"\n"),
		"listen 8080;", "listen 127.0.0.1:" + proxy + "; client_body_temp_path " + w.dir + "/body; proxy_temp_path " + w.dir + "/proxy; access_log off;",
	}
	for i := range d.addresses {
		d.addresses[i] = fmt.Sprintf("127.0.0.1:%d", freePort(t))
		name := fmt.Sprintf("nats-%d", i+1)
		pairs = append(pairs, name+":4222", d.addresses[i], name+":6222", fmt.Sprintf("127.0.0.1:%d", freePort(t)))
	}
	for _, name := range []string{"whctl-1", "whctl-2"} {
		address := d.project.Services[name].Networks["default"].Ipv4Address
		pairs = append(pairs, address+":4140", fmt.Sprintf("127.0.0.1:%d", freePort(t)))
	}
	d.places = strings.NewReplacer(pairs...)
	return d
}

// start starts a service under a name of its own, with more places replaced than those that all share.
func (d *deployment) start(name, service string, command []string, places ...string) *program {
	d.w.t.Helper()
	p := &program{cmd: exec.Command(command[0], command[1:]...)}
	more := strings.NewReplacer(places...)
	for i, arg := range p.cmd.Args {
		p.cmd.Args[i] = d.places.Replace(more.Replace(arg))
	}
	p.cmd.Env = d.w.env(name)
	for key, value := range d.project.Services[service].Environment {
		if value == nil {
			d.w.t.Fatalf("%s has no value for %s", service, key)
		}
		p.cmd.Env = append(p.cmd.Env, key+"="+d.places.Replace(more.Replace(*value)))
	}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = d.w.dir, &p.log, &p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		d.w.t.Fatal(err)
	}
	d.programs[name] = p
	d.w.t.Cleanup(p.kill)
	return p
}

// kill ends the service at once, with all that it started.
func (p *program) kill() {
	if p.cmd.ProcessState == nil {
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		_ = p.cmd.Wait()
	}
}

// file writes a file of docs/cluster with other places.
func (d *deployment) file(name string, places ...string) string {
	d.w.t.Helper()
	content, err := os.ReadFile(filepath.Join(examples, name))
	if err != nil {
		d.w.t.Fatal(err)
	}
	return d.w.write(fmt.Sprintf("%d-%s", len(d.programs), name), d.places.Replace(strings.NewReplacer(places...).Replace(string(content))))
}

// natsNode starts a server with nats.conf.
func (d *deployment) natsNode(i int) {
	name := fmt.Sprintf("nats-%d", i+1)
	conf := d.file("nats.conf", "0.0.0.0:4222", name+":4222", "0.0.0.0:6222", name+":6222", `"/data"`, fmt.Sprintf("%q", filepath.Join(d.w.dir, name)))
	d.start(name, name, append([]string{d.nats}, d.project.Services[name].Command...), "/etc/nats/webhooks.conf", conf)
}

// listener starts whctl with the command of its service.
func (d *deployment) listener(name string) {
	service := d.project.Services[name]
	d.start(name, name, append([]string{os.Getenv("WHCTL")}, service.Command...), "0.0.0.0:4140", service.Networks["default"].Ipv4Address+":4140")
}

// proxy starts nginx with nginx.conf, once nginx has found nothing wrong with it.
func (d *deployment) proxy() {
	d.w.t.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		nginx = "/usr/sbin/nginx"
	}
	command := []string{nginx, "-p", d.w.dir, "-c", d.file("nginx.conf"), "-g", "daemon off; error_log stderr; pid " + filepath.Join(d.w.dir, "nginx.pid") + ";"}
	if out, err := exec.Command(command[0], append(command[1:], "-t")...).CombinedOutput(); err != nil {
		d.w.t.Fatalf("nginx: %v: %s", err, out)
	}
	d.start("proxy", "proxy", command)
}

// consumers starts as many as compose.yml says, in one folder. As Compose does, it starts one again that fails: one whose first question comes
// before the servers have agreed on who leads gets no answer, and ends.
func (d *deployment) consumers() {
	d.w.t.Helper()
	nodeConsumer(d.w.t, d.w)
	d.w.write("stream.mjs", string(must(d.w.t)(os.ReadFile(filepath.Join(examples, "stream.mjs")))))
	d.w.wait("the stream", func() bool {
		p := d.start("stream", "stream", d.project.Services["stream"].Command, "/app/", d.w.dir+"/")
		err := p.cmd.Wait()
		if err != nil {
			d.w.t.Logf("the stream: %v: %s", err, p.log.String())
		}
		return err == nil
	})
	if policy := d.project.Services["consumer"].Restart; policy != types.RestartPolicyUnlessStopped {
		d.w.t.Fatalf("compose.yml starts a consumer again %q", policy)
	}
	replicas := d.project.Services["consumer"].Deploy.Replicas
	if replicas == nil || *replicas != 3 {
		d.w.t.Fatal("compose.yml has not three consumers")
	}
	for i := range *replicas {
		d.start(fmt.Sprintf("consumer-%d", i), "consumer", []string{"sh", "-c", `until node "$0"; do :; done`, d.w.dir + "/consumer.mjs"})
	}
}

func must(t *testing.T) func([]byte, error) []byte {
	t.Helper()
	return func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

// Events go to the proxy while a listener, a server and a consumer are killed in turn. Each event is stored once, with its bytes.
func TestDeployment(t *testing.T) {
	t.Parallel()
	d := newDeployment(t)
	check := exec.Command(d.nats, "-t", "-c", filepath.Join(examples, "nats.conf"))
	check.Env = []string{"NATS_NAME=nats-1", "WHCTL_NKEY=" + seed(t).public, "CONSUMER_NKEY=" + seed(t).public}
	if out, err := check.CombinedOutput(); err != nil {
		t.Fatalf("nats.conf: %v: %s", err, out)
	}
	for i := range d.addresses {
		d.natsNode(i)
	}
	d.listener("whctl-1")
	d.listener("whctl-2")
	d.proxy()
	d.consumers()
	want := d.provide(400, map[int]func(){
		50: d.programs["whctl-1"].kill, 120: func() { d.listener("whctl-1") },
		150: d.programs["nats-2"].kill, 220: func() { d.natsNode(1) },
		250: d.programs["consumer-1"].kill,
		300: func() { d.programs["whctl-2"].kill() }, 350: func() { d.listener("whctl-2") },
	})
	d.w.wait("the consumers", func() bool { return len(d.w.inbox()) >= len(want) })
	if got := d.w.inbox(); !maps.Equal(got, want) {
		t.Errorf("%d events stored of %d, or other bytes", len(got), len(want))
	}
	app := d.behind()
	d.w.wait("the listener behind the stream", func() bool { return len(app.events()) >= len(want) })
	for _, r := range app.got() {
		if want[inboxName("stripe", r.id)] != r.sum || !r.holds {
			t.Errorf("%s came with other bytes, or a signature that does not hold", r.id)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.programs)) {
		log := d.programs[name].log.String()
		if strings.Contains(log, "not valid") || strings.Contains(log, "panic") || strings.Contains(log, secret) {
			t.Errorf("%s says:\n%s", name, log)
		}
	}
}

// behind starts a listener behind the stream with the command of its drop-in, in front of a program that verifies.
func (d *deployment) behind() *receiver {
	d.w.t.Helper()
	app := receive(d.w.t, always(http.StatusOK))
	text := string(must(d.w.t)(os.ReadFile(filepath.Join(examples, "whctl-behind.conf"))))
	_, text, _ = strings.Cut(text, "\nExecStart=/usr/bin/whctl ")
	text, _, _ = strings.Cut(text, "\n")
	to := strings.NewReplacer("%d/key", filepath.Join(d.w.dir, "key"), "%d/nats", filepath.Join(d.w.dir, "consumer_seed"), "127.0.0.1:9140", "127.0.0.1:0", "127.0.0.1:3000", strings.TrimPrefix(app.URL, "http://"))
	d.start("behind", "consumer", append([]string{os.Getenv("WHCTL")}, strings.Fields(to.Replace(text))...))
	return app
}

// provide sends events to the proxy as a provider does: what is not answered 200 is sent again.
func (d *deployment) provide(n int, faults map[int]func()) map[string][32]byte {
	d.w.t.Helper()
	l := &listener{w: d.w, url: d.url}
	want := map[string][32]byte{}
	for i := range n {
		if fault := faults[i]; fault != nil {
			fault()
		}
		body := typed(i)
		d.w.wait(fmt.Sprintf("somebody to take event %d", i), func() bool { return l.send(body) == http.StatusOK })
		want[inboxName("stripe", fmt.Sprintf("evt_%d", i))] = sha256.Sum256(body)
	}
	return want
}

// systemd takes the units, and the listener of the drop-in hands over.
func TestUnits(t *testing.T) {
	t.Parallel()
	who := seed(t)
	w := newWorld(t, func(o *server.Options) { o.Nkeys = []*server.NkeyUser{{Nkey: who.public}} })
	s := w.stream(w.jetstream(nats.Nkey(who.public, who.pair.Sign)), webhooks())
	for _, folder := range []string{"units", "units/whctl.service.d", "units/behind.service.d"} {
		if err := os.Mkdir(filepath.Join(w.dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	read := func(name string) string {
		t.Helper()
		text := string(must(t)(os.ReadFile(filepath.Join(examples, name))))
		return strings.NewReplacer("/usr/bin/whctl", os.Getenv("WHCTL"), "/usr/bin/node", "/bin/true").Replace(text)
	}
	w.write("units/whctl.service", read("../whctl.service"))
	w.write("units/whctl.service.d/front.conf", read("whctl-front.conf"))
	w.write("units/behind.service", read("../whctl.service"))
	w.write("units/behind.service.d/behind.conf", read("whctl-behind.conf"))
	w.write("units/consumer.service", read("consumer.service"))
	verify := exec.Command("systemd-analyze", "verify", "--man=no", "whctl.service", "behind.service", "consumer.service")
	verify.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+w.dir+"/units:")
	if out, err := verify.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	_, command, _ := strings.Cut(read("whctl-front.conf"), "\nExecStart="+os.Getenv("WHCTL")+" listen ")
	command, _, _ = strings.Cut(command, "\n")
	to := strings.NewReplacer("%d/key", filepath.Join(w.dir, "key"), "%d/nats", w.write("nats-seed", who.text+"\n"), "127.0.0.1:4140", "127.0.0.1:0", "127.0.0.1:9140", "127.0.0.1:0",
		"nats-1:4222", fmt.Sprintf("127.0.0.1:%d", freePort(t)), "nats-2:4222", w.addr(), "nats-3:4222", fmt.Sprintf("127.0.0.1:%d", freePort(t)))
	l := w.listen(strings.Fields(to.Replace(command))...)
	if status := l.send(event("evt_1")); status != 200 {
		t.Fatalf("status %d", status)
	}
	w.waitFor(s, 1)
}
