package main

// The programs of a run and how each is started.

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// signer signs every delivery of a run.
const signer = "whsec_bench"

// stage is what the programs of a run share.
type stage struct {
	bin  tools
	work string
	talk io.Writer
	up   string // the address of the upstream, which answers 200
	n    int    // of servers so far

	fullDir string // of the journal that has run for long; "" until it is made
}

// server is a program that takes the load.
type server struct {
	*process
	name string
	addr string
	data string // the folder of whctl's journal; "" for others
	shut func() // what is closed before it
}

func (s *server) stop() {
	if s.shut != nil {
		s.shut()
	}
	s.process.stop()
}

// starter starts a contender under its name.
type starter func(s *stage, ctx context.Context, name string) (*server, error)

// contenders are the programs by the names that tables have.
func contenders() map[string]starter {
	return map[string]starter{
		"nginx":        (*stage).nginx,
		"caddy":        (*stage).caddy,
		"minimal":      (*stage).minimal,
		"whctl":        whctl("-o", "json"),
		"whctl text":   whctl(),
		"whctl unread": (*stage).unread,
		"whctl full":   (*stage).full,
		"whctl now":    whctl("-o", "json", "--ack", "now", "--lane-width", "64"),
	}
}

// place makes a folder and an address for one more server.
func (s *stage) place(ctx context.Context) (dir, addr string, err error) {
	s.n++
	dir = filepath.Join(s.work, fmt.Sprint(s.n))
	if err := os.Mkdir(dir, 0o750); err != nil {
		return "", "", err
	}
	addr, err = freeAddr(ctx)
	return dir, addr, err
}

// ready waits for a started server.
func ready(ctx context.Context, name, addr string, p *process, err error) (*server, error) {
	if err != nil {
		return nil, err
	}
	if err := p.opened(ctx, addr); err != nil {
		p.stop()
		return nil, err
	}
	return &server{process: p, name: name, addr: addr}, nil
}

// upstream starts what everything is handed on to.
func (s *stage) upstream(ctx context.Context) (*server, error) {
	up, err := s.nginxWith(ctx, "upstream", 1, `location = /count { stub_status; } location / { return 200 'ok'; }`, "")
	if err == nil {
		s.up = up.addr
	}
	return up, err
}

func (s *stage) nginx(ctx context.Context, name string) (*server, error) {
	return s.nginxWith(ctx, name, 2, `location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ''; }`,
		fmt.Sprintf(`upstream up { server %s; keepalive 128; keepalive_requests 1000000000; }`, s.up))
}

// nginxWith runs nginx in the foreground. Its buffers hold every body of the cases.
func (s *stage) nginxWith(ctx context.Context, name string, workers int, locations, more string) (*server, error) {
	dir, addr, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	var temps strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temps, "%s_temp_path %s/%s; ", kind, dir, kind)
	}
	conf := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf(`daemon off; pid %[1]s/pid; error_log %[1]s/nginx.log; worker_processes %[2]d;
events { worker_connections 4096; }
http { access_log off; %[3]s keepalive_requests 1000000000; keepalive_timeout 75s; client_body_buffer_size 128k; client_max_body_size 8m;
%[4]s
server { listen %[5]s; %[6]s } }
`, dir, workers, temps.String(), more, addr, locations)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return nil, err
	}
	p, err := start(ctx, dir, "nginx", nil, s.bin.nginx, "-p", dir, "-e", filepath.Join(dir, "nginx.log"), "-c", conf)
	return ready(ctx, name, addr, p, err)
}

func (s *stage) caddy(ctx context.Context, name string) (*server, error) {
	dir, addr, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	conf := filepath.Join(dir, "Caddyfile")
	_, port, _ := strings.Cut(addr, ":")
	text := fmt.Sprintf("{\n\tadmin off\n\tauto_https off\n\tpersist_config off\n\tlog {\n\t\tlevel ERROR\n\t}\n}\nhttp://:%s {\n\tbind 127.0.0.1\n\treverse_proxy %s\n}\n", port, s.up)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return nil, err
	}
	p, err := start(ctx, dir, "caddy", []string{"HOME=" + dir, "XDG_DATA_HOME=" + dir, "XDG_CONFIG_HOME=" + dir},
		s.bin.caddy, "run", "--adapter", "caddyfile", "--config", conf)
	return ready(ctx, name, addr, p, err)
}

func (s *stage) minimal(ctx context.Context, name string) (*server, error) {
	dir, addr, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	p, err := start(ctx, dir, "minimal", nil, s.bin.minimal, "-addr", addr, "-forward", s.up, "-secret", signer, "-store", filepath.Join(dir, "store.db"))
	return ready(ctx, name, addr, p, err)
}

// whctlEnv keeps a run of whctl to its folder.
func whctlEnv(dir string) []string {
	return []string{"HOME=" + dir, "XDG_CONFIG_HOME=" + dir, "WHCTL_DATA_DIR=" + dir, "WHCTL_KEYRING=file", "WHCTL_SECRET=" + signer, "WHCTL_CONFIG="}
}

func (s *stage) listenArgs(addr string, more ...string) []string {
	return append([]string{"listen", "--scheme", "stripe", "--addr", addr, "--forward", s.up}, more...)
}

func whctl(more ...string) starter {
	return func(s *stage, ctx context.Context, name string) (*server, error) {
		dir, addr, err := s.place(ctx)
		if err != nil {
			return nil, err
		}
		p, err := start(ctx, dir, "whctl", whctlEnv(dir), s.bin.whctl, s.listenArgs(addr, more...)...)
		srv, err := ready(ctx, name, addr, p, err)
		if err == nil {
			srv.data = dir
		}
		return srv, err
	}
}

// unread runs whctl with a full pipe for its output, so that it prints nothing.
func (s *stage) unread(ctx context.Context, name string) (*server, error) {
	dir, addr, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = w.Close() }()
	p, err := startInto(ctx, dir, "whctl", w, whctlEnv(dir), s.bin.whctl, s.listenArgs(addr)...)
	srv, err := ready(ctx, name, addr, p, err)
	if err != nil {
		return nil, err
	}
	srv.data, srv.shut = dir, func() { _ = r.Close() }
	return srv, nil
}

// recorded counts the deliveries in a journal.
func (s *stage) recorded(ctx context.Context, dir string) (int, error) {
	cmd := exec.CommandContext(ctx, s.bin.whctl, "journal", "list", "--all", "--limit", "10000000", "-o", "json")
	cmd.Env = append(os.Environ(), whctlEnv(dir)...)
	text, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("whctl journal list: %w", err)
	}
	var rows []struct{}
	err = json.Unmarshal(text, &rows)
	return len(rows), err
}

// describe says what was measured.
func (s *stage) describe(ctx context.Context, out io.Writer) error {
	version := exec.CommandContext(ctx, s.bin.nginx, "-v")
	var said strings.Builder
	version.Stderr = &said
	if err := version.Run(); err != nil {
		return err
	}
	_, nginx, _ := strings.Cut(strings.TrimSpace(said.String()), "/")
	_, err := fmt.Fprintf(out, "%s, %d processors, %s; nginx %s, Caddy %s\n", runtime.GOOS+"/"+runtime.GOARCH, runtime.NumCPU(), runtime.Version(), nginx, caddyVersion)
	return err
}
