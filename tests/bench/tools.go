package main

// The programs that are measured and those that measure, found or built.

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// caddyVersion is the release that the figures in the documentation were taken with.
const caddyVersion = "v2.11.9"

// tools are paths of programs.
type tools struct{ whctl, minimal, caddy, nginx, wrk string }

// gather builds what is built from source and installs what is not there. Caddy is kept in the cache, as it takes minutes.
func gather(ctx context.Context, o options, talk io.Writer) (t tools, err error) {
	cache, err := filepath.Abs(o.cache)
	if err != nil {
		return t, err
	}
	if err := os.MkdirAll(cache, 0o750); err != nil {
		return t, err
	}
	if t.nginx, err = installed(ctx, talk, "nginx", "nginx-light"); err != nil {
		return t, err
	}
	if t.wrk, err = installed(ctx, talk, "wrk", "wrk"); err != nil {
		return t, err
	}
	t.caddy = filepath.Join(cache, "caddy-"+caddyVersion)
	if _, err := os.Stat(t.caddy); err != nil {
		_, _ = fmt.Fprintln(talk, "building Caddy, once")
		if err := goRun(ctx, talk, []string{"GOBIN=" + cache}, "install", "-trimpath", "-ldflags", "-s -w", "github.com/caddyserver/caddy/v2/cmd/caddy@"+caddyVersion); err != nil {
			return t, err
		}
		if err := os.Rename(filepath.Join(cache, "caddy"), t.caddy); err != nil {
			return t, err
		}
	}
	t.minimal = filepath.Join(cache, "minimal")
	if err := build(ctx, talk, t.minimal, "./tests/bench/minimal"); err != nil {
		return t, err
	}
	if o.whctl != "" {
		t.whctl, err = filepath.Abs(o.whctl)
		return t, err
	}
	t.whctl = filepath.Join(cache, "whctl")
	return t, build(ctx, talk, t.whctl, "./cmd/whctl")
}

// build compiles as a release is compiled.
func build(ctx context.Context, talk io.Writer, to, what string) error {
	return goRun(ctx, talk, []string{"CGO_ENABLED=0"}, "build", "-trimpath", "-ldflags", "-s -w", "-o", to, what)
}

func goRun(ctx context.Context, talk io.Writer, env []string, args ...string) error {
	return command(ctx, talk, env, "go", args...)
}

func command(ctx context.Context, talk io.Writer, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = talk, talk
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// installed is the path of a program that Debian packages.
func installed(ctx context.Context, talk io.Writer, name, pack string) (string, error) {
	for range 2 {
		for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin") {
			if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
				return path, nil
			}
		}
		_, _ = fmt.Fprintln(talk, "installing", pack)
		env := []string{"DEBIAN_FRONTEND=noninteractive"}
		if err := command(ctx, talk, env, "apt-get", "update", "-qq"); err != nil {
			return "", err
		}
		if err := command(ctx, talk, env, "apt-get", "install", "-y", "-qq", "--no-install-recommends", pack); err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("%s is not there after its installation", name)
}
