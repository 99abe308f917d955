# Names for the commands that people look for first. Each is a plain command that can be typed by hand.

FUZZTIME ?= 30s
SOAK_CALLS ?= 100000
GOLANGCI_LINT ?= go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
STATICCHECK ?= go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

.DEFAULT_GOAL := help
.PHONY: help test race lint bench fuzz soak cover ci

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

test: ## every test and example
	go test ./...

race: ## the same with the race detector, which needs a C compiler
	CGO_ENABLED=1 go test -race ./...

lint: ## format, go vet, staticcheck, golangci-lint
	test -z "$$(gofmt -l . | tee /dev/stderr)"
	go vet ./...
	$(STATICCHECK) ./...
	$(GOLANGCI_LINT) run ./...

bench: ## benchmarks; those beside godo are a module of their own
	go test -run '^$$' -bench . -benchmem ./...
	if [ -d benchmarks ]; then cd benchmarks && go test -run '^$$' -bench . -benchmem ./...; fi

fuzz: ## each fuzz target for FUZZTIME
	for package in . ./internal/jsonread; do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

soak: ## SOAK_CALLS calls with faults, held against the ledger of the API in memory
	SOAK_CALLS=$(SOAK_CALLS) go test -run '^TestSoak$$' -v -count=1 .

cover: ## coverage of package droplets by its own tests
	go test -coverprofile=coverage.out .
	go tool cover -func=coverage.out | tail -1
	@echo "see it: go tool cover -html=coverage.out"

ci: ## what CI runs
	.ci/run
