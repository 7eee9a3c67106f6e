# The entry points. Each prepares the machine first (tools/setup: silent when nothing is missing), and may be repeated.
#
#   make demo          the demonstration company on this machine       ONCE=1: run it to its end and stop
#   make test          everything that must hold: build, headers, sanitizers, tests
#   make conformance   the suites labelled "conformance", and the benchmarks at 1/100 size with their answers checked
#   make lint          formatting and static analysis
#   make format        rewrites our C++ as clang-format-19 would
#   make bench         the published figures                           B=plan/full: only what matches
#   make soak          the long simulations                            MINUTES=30 each
#   make clean         removes build/ (not what tools/setup fetched)
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.PHONY: demo test test-asan conformance lint format bench soak clean release
.DEFAULT_GOAL := test

# Two cores and 1 to 2 GB for the heaviest translation units: more jobs are asked for, not assumed.
JOBS ?= 2
# Several sources in one translation unit: a cold build is shorter, an edit costs more. Measured in docs/performance.md.
UNITY ?= OFF
UNITY_BATCH ?= 8
MINUTES ?= 30

RELEASE := build/release
ASAN := build/asan
CTEST := ctest --test-dir $(RELEASE) -j$(JOBS) --output-on-failure --timeout 900

define configure
cmake --preset $(1) -DCMAKE_UNITY_BUILD=$(UNITY) -DCMAKE_UNITY_BUILD_BATCH_SIZE=$(UNITY_BATCH) --log-level=WARNING >/dev/null
endef

demo:
	@tools/setup demo
	@$(call configure,release)
	@cmake --build $(RELEASE) -j$(JOBS) --target tenure
	@exec $(RELEASE)/apps/tenure/tenure demo $(if $(ONCE),--once)

release:
	@tools/setup test
	@$(call configure,release)
	@cmake --build $(RELEASE) -j$(JOBS) --target all all_verify_interface_header_sets

test: release
	@$(MAKE) test-asan
	@$(CTEST) -LE '^soak$$' -O $(RELEASE)/test.log

# The libraries' own tests under AddressSanitizer and UndefinedBehaviorSanitizer; servers are not started.
test-asan:
	@tools/setup test
	@$(call configure,asan)
	@cmake --build $(ASAN) -j$(JOBS) --target unit_tests
	@UBSAN_OPTIONS=print_stacktrace=1 ctest --test-dir $(ASAN) -j$(JOBS) --output-on-failure -L '^unit$$'

conformance: release
	@$(CTEST) -L '^conformance$$' --no-tests=error -O $(RELEASE)/conformance.log

lint:
	@tools/setup lint
	@cmake --preset dev --log-level=WARNING >/dev/null
	@JOBS=$(JOBS) tools/lint build/dev

format:
	@tools/setup lint
	@find libs connectors apps bench tests \( -name node_modules -prune \) -o -name '*.[ch]pp' -print0 2>/dev/null | \
	  xargs -0 -r clang-format-19 -i

# Each program takes the filter as its argument and runs only the cases whose name contains it.
bench:
	@tools/setup test
	@$(call configure,release)
	@cmake --build $(RELEASE) -j$(JOBS)
	@shopt -s nullglob; ran=0; \
	for program in $(RELEASE)/bench/bench_*; do \
	  if [[ -f $$program && -x $$program ]]; then "$$program" $(B); ran=1; fi; \
	done; \
	((ran)) || { echo "no benchmark is built" >&2; exit 1; }

soak: release
	@TENURE_SOAK_MINUTES=$(MINUTES) ctest --test-dir $(RELEASE) --output-on-failure -L '^soak$$' --no-tests=error --timeout 86400

clean:
	rm -rf build
