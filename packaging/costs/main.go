// Command costs measures what each module costs in whctl's binary for linux/amd64, and at its start. docs/dependencies.md has what it
// prints. Run it on such a system, from the top of a checkout.
//
// A module's bytes are those of its functions and data, and its part of the runtime's tables of functions, by the size of its code:
// one byte of code has some 0.7 bytes of tables. Types and texts are not told apart, and stand with the whole.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// cost is what one module costs.
type cost struct {
	module     string
	code, data int
	init       float64 // milliseconds
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "costs:", err)
		os.Exit(1)
	}
}

func run() error {
	dir, err := os.MkdirTemp("", "whctl-costs-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	whole, stripped := filepath.Join(dir, "whole"), filepath.Join(dir, "stripped")
	for file, flags := range map[string]string{whole: "", stripped: "-s -w"} {
		if _, err := output(nil, "go", "build", "-trimpath", "-ldflags", flags, "-o", file, "./cmd/whctl"); err != nil {
			return err
		}
	}
	modules, err := linked(stripped)
	if err != nil {
		return err
	}
	costs := map[string]*cost{}
	if err := symbols(costs, modules, whole); err != nil {
		return err
	}
	if err := inits(costs, modules, stripped); err != nil {
		return err
	}
	return write(costs, stripped)
}

// output runs a command and returns what it printed.
func output(env []string, name string, args ...string) ([]byte, error) {
	c := exec.Command(name, args...) //nolint:noctx // the commands below, which end by themselves
	c.Env = append(append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64"), env...)
	out, err := c.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return out, nil
}

// linked are the paths of the modules of a binary.
func linked(file string) (modules []string, err error) {
	out, err := output(nil, "go", "version", "-m", file)
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) > 1 && (f[0] == "dep" || f[0] == "mod") {
			modules = append(modules, f[1])
		}
	}
	return modules, err
}

// moduleOf is the module of a package: the longest path that it begins with, or Go's own.
func moduleOf(modules []string, pkg string) string {
	best := "Go's own packages"
	for _, m := range modules {
		if (pkg == m || strings.HasPrefix(pkg, m+"/")) && (len(m) > len(best) || !strings.Contains(best, "/")) {
			best = m
		}
	}
	return best
}

// symbols adds the code and data of each symbol to its module.
func symbols(costs map[string]*cost, modules []string, file string) error {
	out, err := output(nil, "go", "tool", "nm", "-size", file)
	if err != nil {
		return err
	}
	line := regexp.MustCompile(`^\s*[0-9a-f]+\s+(\d+) (\S) (.*)$`)
	bss, err := unstored(file)
	if err != nil {
		return err
	}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		m := line.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		address, _ := strconv.ParseUint(strings.Fields(m[0])[0], 16, 64)
		if address >= bss {
			continue
		}
		size, _ := strconv.Atoi(m[1])
		c := at(costs, moduleOf(modules, packageOf(m[3])))
		if strings.EqualFold(m[2], "t") {
			c.code += size
		} else if !strings.HasPrefix(m[3], "go:func.") {
			c.data += size
		}
	}
	return nil
}

// packageOf is the package of a symbol.
func packageOf(symbol string) string {
	symbol, _, _ = strings.Cut(strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(symbol, "type:.eq."), "go:itab."), "*"), "[")
	slash := strings.LastIndex(symbol, "/") + 1
	last, _, _ := strings.Cut(symbol[slash:], ".")
	return dotted(symbol[:slash] + last)
}

// dotted is the path of a package as it is imported: the linker writes the dots of its last part as %2e.
func dotted(path string) string { return strings.ReplaceAll(path, "%2e", ".") }

// unstored is the first address of what the file does not hold: memory that starts as zeros.
func unstored(file string) (uint64, error) {
	f, err := elf.Open(file)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	return f.Section(".bss").Addr, nil
}

func at(costs map[string]*cost, module string) *cost {
	if costs[module] == nil {
		costs[module] = &cost{module: module}
	}
	return costs[module]
}

// inits adds what each package did before main, the least of twenty starts.
func inits(costs map[string]*cost, modules []string, file string) error {
	least := map[string]float64{}
	line := regexp.MustCompile(`^init (\S+) @\S+ ms, (\S+) ms clock`)
	for range 20 {
		out, err := output([]string{"GODEBUG=inittrace=1"}, file, "version")
		if err != nil {
			return err
		}
		for l := range strings.Lines(string(out)) {
			if m := line.FindStringSubmatch(l); m != nil {
				ms, _ := strconv.ParseFloat(m[2], 64)
				if old, seen := least[m[1]]; !seen || ms < old {
					least[m[1]] = ms
				}
			}
		}
	}
	for pkg, ms := range least {
		at(costs, moduleOf(modules, dotted(pkg))).init += ms
	}
	return nil
}

// write prints the costs as a table, the dearest first.
func write(costs map[string]*cost, file string) error {
	f, err := elf.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	fi, err := os.Stat(file)
	if err != nil {
		return err
	}
	tables := float64(f.Section(".gopclntab").Size) / float64(f.Section(".text").Size)
	list, rest := []*cost{}, fi.Size()
	for _, c := range costs {
		c.data += int(float64(c.code) * (1 + tables))
		rest -= int64(c.data)
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *cost) int { return cmp.Or(cmp.Compare(b.data, a.data), cmp.Compare(a.module, b.module)) })
	var table strings.Builder
	table.WriteString("| module | bytes | start, ms |\n|---|---:|---:|\n")
	for _, c := range list {
		fmt.Fprintf(&table, "| %s | %d | %.3f |\n", c.module, c.data, c.init)
	}
	fmt.Fprintf(&table, "| types, texts and the rest | %d | |\n| whctl, stripped | %d | |\n", rest, fi.Size())
	_, err = os.Stdout.WriteString(table.String())
	return err
}
