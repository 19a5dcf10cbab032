// Command notices writes the licences of everything that is linked into whctl, for all systems that it is released for. It fails
// for a module without a licence file, and for a licence that is not on its list.
//
// Usage: notices FILE
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// module is what go list says of a module.
type module struct {
	Path, Version, Dir string
	Main               bool
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: notices FILE")
	}
	linked := map[string]module{}
	for _, system := range []string{"linux", "darwin", "windows", "freebsd"} {
		for _, arch := range []string{"amd64", "arm64"} {
			if err := list(linked, system, arch); err != nil {
				return err
			}
		}
	}
	modules := []module{{Path: "Go and its standard library", Version: runtime.Version(), Dir: runtime.GOROOT()}} //nolint:staticcheck // the Go that runs this is the one that builds
	for _, m := range linked {
		modules = append(modules, m)
	}
	slices.SortFunc(modules[1:], func(a, b module) int { return cmp.Compare(a.Path, b.Path) })
	var text, summary strings.Builder
	for _, m := range modules {
		kinds, err := m.write(&text)
		if err != nil {
			return err
		}
		fmt.Fprintf(&summary, "  %-50s %-40s %s\n", m.Path, m.Version, strings.Join(kinds, ", "))
	}
	const head = "whctl is under the Apache License 2.0. These are linked into it, for one system or all, under their own licences:\n\n"
	if err := os.MkdirAll(filepath.Dir(args[0]), 0o755); err != nil { //nolint:gosec // a folder of a release
		return err
	}
	return os.WriteFile(args[0], []byte(head+summary.String()+text.String()), 0o644) //nolint:gosec // a file of a release
}

// list adds the modules that are linked for a system.
func list(linked map[string]module, system, arch string) error {
	c := exec.Command("go", "list", "-deps", "-json=Module", "./cmd/whctl") //nolint:noctx // ends by itself
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+arch)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return fmt.Errorf("go list for %s/%s: %w", system, arch, err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ Module *module }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if p.Module != nil && !p.Module.Main {
			linked[p.Module.Path] = *p.Module
		}
	}
}

// write writes the licence files of a module, and returns which licences they are.
func (m module) write(text *strings.Builder) (kinds []string, err error) {
	entries, err := os.ReadDir(m.Dir)
	if err != nil {
		return nil, err
	}
	file := regexp.MustCompile(`(?i)^(.*-)?(licen[cs]e|copying|notice|patents)(-.*)?(\.(md|txt))?$`)
	for _, e := range entries {
		if !e.Type().IsRegular() || !file.MatchString(e.Name()) || strings.HasSuffix(e.Name(), "-LOGO") { // a picture that is not linked
			continue
		}
		b, err := os.ReadFile(filepath.Join(m.Dir, e.Name()))
		if err != nil {
			return nil, err
		}
		if kind := kindOf(string(b)); kind != "" {
			kinds = append(kinds, kind)
		} else if !regexp.MustCompile(`(?i)notice|patents`).MatchString(e.Name()) {
			return nil, fmt.Errorf("%s: %s is none of the licences that are known here: read it, then add it to kindOf", m.Path, e.Name())
		}
		rule := strings.Repeat("-", 100)
		fmt.Fprintf(text, "\n%s\n%s %s, %s\n%s\n\n%s\n", rule, m.Path, m.Version, e.Name(), rule, strings.TrimSpace(string(b)))
	}
	if len(kinds) == 0 {
		return nil, fmt.Errorf("%s has no licence file in %s", m.Path, m.Dir)
	}
	return slices.Compact(kinds), nil
}

// kindOf names a licence by a sentence that it alone has. Licences that ask for more than their text to be shipped are not listed.
func kindOf(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	for _, k := range []struct{ name, sentence string }{
		{"Apache-2.0", "Apache License Version 2.0"},
		{"MIT", "Permission is hereby granted, free of charge"},
		{"ISC", "Permission to use, copy, modify, and/or distribute"},
		{"BSD-3-Clause", "Neither the name of"},
		{"BSD-3-Clause", "may not be used to endorse or promote products"},
		{"BSD-2-Clause", "Redistributions in binary form must reproduce"},
		{"public domain", "dedicated to the public domain"},
		{"public domain", "The author disclaims copyright"},
	} {
		if strings.Contains(text, k.sentence) {
			return k.name
		}
	}
	return ""
}
