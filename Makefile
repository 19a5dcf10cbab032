# Everyday commands. "make check" is what a change must pass; .ci/run does that and more on a new machine.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

BIN      := .bin
LINT     := $(BIN)/golangci-lint
RELEASE  := $(BIN)/goreleaser
SBOM     := $(BIN)/cyclonedx-gomod
ACTIONS  := $(BIN)/actionlint
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME ?= 60s
PKG      ?= ./...

.PHONY: help
help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

.PHONY: build
build: ## build ./whctl, static
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o whctl ./cmd/whctl

.PHONY: check
check: format-check lint race tidy-check completions-check changes-check ## all that a change must pass

.PHONY: test
test: ## run the tests
	go test $(PKG)

.PHONY: race
race: ## run the tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 go test -race $(PKG)

.PHONY: lint
lint: $(LINT) ## run the linters and prove the floor rules
	$(LINT) run
	tests/lint/prove $(LINT)

.PHONY: format
format: $(LINT) ## gofumpt and goimports, in place
	$(LINT) fmt

.PHONY: format-check
format-check: $(LINT) ## what "make format" would change
	$(LINT) fmt --diff

.PHONY: tidy-check
tidy-check: ## what "go mod tidy" would change
	go mod tidy -diff

.PHONY: completions
completions: ## rewrite completions/
	tools/completions write

.PHONY: completions-check
completions-check: ## what "make completions" would change
	tools/completions check

.PHONY: reference
reference: ## rewrite docs/commands.md and the goldens of help texts
	go test ./internal/e2e -run TestGoldenHelp -update

.PHONY: changes-check
changes-check: ## say what is wrong with the files of changes/
	tools/changes check

.PHONY: changes
changes: ## move the files of changes/ into CHANGELOG.md for a release (VERSION=1.2.0)
	tools/changes write $(VERSION) $$(date -u +%F)

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME (PKG=./internal/sign FUZZTIME=10s)
	FUZZTIME=$(FUZZTIME) tools/fuzz $(PKG)

.PHONY: bench
bench: ## measure whctl beside nginx, Caddy and a minimal program (minutes; BENCH='-rounds 3 -case forward')
	go run ./tests/bench $(BENCH)

.PHONY: benchmarks
benchmarks: ## run the benchmarks of the code, five times each
	go test -run '^$$' -bench . -benchmem -count 5 $(PKG)

.PHONY: man
man: ## write the manual pages to .release/man
	tools/man .release/man

.PHONY: recording
recording: build ## draw docs/recording.svg: listen, why and check in a terminal
	go run ./tests/recording -whctl ./whctl -o docs/recording.svg

.PHONY: docs
docs: ## check the links and commands of the documentation
	tests/docs/run

.PHONY: interop
interop: ## run the counterparts in other languages (tests/*/run)
	set -e; for run in tests/*/run; do "$$run"; done

.PHONY: release-check
release-check: $(RELEASE) ## check .goreleaser.yaml
	$(RELEASE) check

.PHONY: workflows-check
workflows-check: $(ACTIONS) ## check .github/workflows
	$(ACTIONS)

.PHONY: snapshot
snapshot: $(RELEASE) $(SBOM) ## build every archive and package into dist/, publish nothing (needs no Docker)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(RELEASE) release --snapshot --clean --skip=docker

.PHONY: clean
clean: ## remove what was built
	rm -rf whctl whctl.exe dist .release

# The tools are built from modules of their own, so that the product's go.mod stays short. The first two take minutes the first time.
$(LINT): tools/go.mod tools/go.sum
	mkdir -p $(BIN)
	go build -C tools -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(RELEASE): tools/release/go.mod tools/release/go.sum
	mkdir -p $(BIN)
	go build -C tools/release -o ../../$@ github.com/goreleaser/goreleaser/v2

$(SBOM): tools/sbom/go.mod tools/sbom/go.sum
	mkdir -p $(BIN)
	go build -C tools/sbom -o ../../$@ github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod

$(ACTIONS): tools/workflows/go.mod tools/workflows/go.sum
	mkdir -p $(BIN)
	go build -C tools/workflows -o ../../$@ github.com/rhysd/actionlint/cmd/actionlint
