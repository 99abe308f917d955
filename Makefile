# Short names for common commands. Each target runs a plain command that can be typed by hand.

FUZZTIME ?= 30s
SOAK_CALLS ?= 100000
MUTANTS ?= 300
SEED ?= 1
GOLANGCI_LINT ?= go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
STATICCHECK ?= go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

.DEFAULT_GOAL := help
.PHONY: help test race lint bench fuzz soak mutate promises cover picture ci

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

test: ## run all tests and examples
	go test ./...

race: ## run them with the race detector, which needs a C compiler
	CGO_ENABLED=1 go test -race ./...

lint: ## run gofmt, go vet, staticcheck and golangci-lint
	test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./...
	$(STATICCHECK) ./...
	$(GOLANGCI_LINT) run ./...

bench: ## run the benchmarks, also the comparison with godo
	go test -run '^$$' -bench . -benchmem ./...
	if [ -d benchmarks ]; then cd benchmarks && go test -run '^$$' -bench . -benchmem ./...; fi

fuzz: ## run each fuzz target for FUZZTIME
	for package in . ./internal/jsonread ./dropletstest/fakeapi; do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

soak: ## make SOAK_CALLS calls with faults and compare their results with the ledger of the fake
	SOAK_CALLS=$(SOAK_CALLS) go test -run '^TestSoak$$' -v -count=1 .

mutate: ## try MUTANTS changes of the library, selected by SEED, and list those that no test detects
	go run ./internal/mutate -n $(MUTANTS) -seed $(SEED)

promises: ## break each promise of docs/promises.md and check that its tests fail
	go run ./internal/mutate -promises

picture: ## draw docs/images/quickstart.svg
	go run ./examples/quickstart | go run ./internal/terminalsvg -command "go run ./examples/quickstart" -columns 118 > docs/images/quickstart.svg

cover: ## measure the coverage of package droplets by its own tests
	go test -coverprofile=coverage.out .
	go tool cover -func=coverage.out | tail -1
	@echo "to see the lines: go tool cover -html=coverage.out"

ci: ## run what CI runs
	.ci/run
