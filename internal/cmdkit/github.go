package cmdkit

// The client of GitHub's API, and its token.

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/whctl/whctl/internal/client"
	"github.com/whctl/whctl/internal/fault"
	"github.com/whctl/whctl/internal/secret"
)

// The platforms whose webhooks whctl knows.
const (
	PlatformBaanx  = "baanx"
	PlatformGitHub = "github"
)

// CheckPlatform refuses an unknown --platform.
func CheckPlatform(name string) error {
	if name != PlatformBaanx && name != PlatformGitHub {
		return fault.Hint(fault.New(fault.Usage, "unknown platform %q", name), "there are baanx and github")
	}
	return nil
}

// ReadToken reads an API token from a file; - is standard input.
func (e *Env) ReadToken(file string) (string, error) {
	in, err := e.OpenInput(file, "the token")
	if err != nil {
		return "", err
	}
	defer func() { _ = in.Close() }()
	return secret.ReadToken(io.Reader(in))
}

// GitHub is the client of GitHub's API, with the token of a file, else of WHCTL_GITHUB_TOKEN, else the one that login saved.
func (e *Env) GitHub(ctx context.Context, file string) (*client.GitHub, error) {
	s, err := e.Settings()
	if err != nil {
		return nil, err
	}
	if file != "" {
		token, err := e.ReadToken(file)
		if err != nil {
			return nil, err
		}
		return e.GitHubWith(token, client.FromFile)
	}
	if token := e.Getenv("WHCTL_GITHUB_TOKEN"); token != "" {
		return e.GitHubWith(token, client.FromGitHubVariable)
	}
	store, err := e.Store()
	if err != nil {
		return nil, err
	}
	token, err := store.Token(ctx, s.GitHub)
	if err != nil {
		return nil, err
	}
	return e.GitHubWith(token, client.FromLogin)
}

// GitHubWith is GitHub with a token, which comes from there.
func (e *Env) GitHubWith(token string, from client.TokenFrom) (*client.GitHub, error) {
	s, err := e.Settings()
	if err != nil {
		return nil, err
	}
	e.Hide(token)
	return client.NewGitHub(client.Options{
		BaseURL: s.GitHub, Token: token, From: from, Version: e.Version, Trace: e.Trace(s.Debug), Now: e.Now, Waiting: e.sayWait,
	})
}

// sayWait tells that an API wants its caller to wait.
func (e *Env) sayWait(d time.Duration) {
	e.Say("%s", fmt.Sprintf("the API asks to wait %s", d.Round(time.Second)))
}
