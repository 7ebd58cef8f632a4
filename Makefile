PYTHON ?= python3
# The race detector wants a C compiler, which Go looks for by itself.
RACE := $(shell test "$$(go env CGO_ENABLED)" = 1 && echo -race)
LINT := go tool -modfile=tools/go.mod

.PHONY: build check test demo bench
build:
	CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" ./cmd/stormbus
check:
	test -z "$$($(LINT) gofumpt -l .)"
	go vet ./...
	$(LINT) staticcheck -checks=all,-ST1000,-ST1003 ./...
	test -z "$$(go fix -diff ./...)"
test:
	python="$$($(PYTHON) test/python/prepare.py)" && STORMBUS_TEST_PYTHON="$$python" go test $(RACE) -shuffle=on ./...
	go -C tools test -shuffle=on ./...
demo:
	go run ./cmd/stormbus demo
bench:
	go test -run='^$$' -bench=. -benchmem ./...
