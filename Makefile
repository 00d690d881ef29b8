# StreamSpace: see `make help`.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

# Flavours: SAN=1 (AddressSanitizer + UBSan), TSAN=1 (ThreadSanitizer), FAULTS=1 (fault points only),
# FUZZ=1 (the fuzz targets: Clang with libFuzzer, AddressSanitizer, UBSan).
ifdef SAN
OUT := build/san
FLAVOUR := -DSS_FAULTS -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else ifdef TSAN
OUT := build/tsan
FLAVOUR := -DSS_FAULTS -fsanitize=thread -fno-omit-frame-pointer
else ifdef FAULTS
OUT := build/faults
FLAVOUR := -DSS_FAULTS
else ifdef FUZZ
OUT := build/fuzz
FLAVOUR := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else
OUT := build
FLAVOUR := -D_FORTIFY_SOURCE=2
endif

CC := $(if $(FUZZ),clang-14,gcc)
ECPG := ecpg
WARN := -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes
ifdef CI
WARN += -Werror
endif
ifdef FUZZ
WARN := -w # warnings are gcc's business
endif
HARDEN := -fstack-protector-strong -fstack-clash-protection -fcf-protection -fPIE
CFLAGS := -std=gnu17 -O2 -g $(WARN) $(HARDEN) $(FLAVOUR) -D_GNU_SOURCE -pthread
CPPFLAGS := -Isrc -I. -I$(shell pg_config --includedir 2>/dev/null)
LDFLAGS := -pie -Wl,-z,relro,-z,now -pthread $(FLAVOUR)

COMMON_LIBS := -lcurl -lcjson -lcrypto
SERVER_LIBS := -lecpg -lpq -lmicrohttpd -lwebsockets -lev -largon2
AGENT_LIBS := -lwebsockets -lyaml -lev

COMMON_OBJ := $(patsubst %.c,$(OUT)/obj/%.o,$(wildcard src/common/*.c))
DB_OBJ := $(patsubst %.pgc,$(OUT)/obj/%.o,$(wildcard ecpg/*.pgc))
SERVER_OBJ := $(patsubst %.c,$(OUT)/obj/%.o,$(wildcard src/server/*.c)) $(OUT)/obj/openapi_json.o
AGENT_OBJ := $(patsubst %.c,$(OUT)/obj/%.o,$(wildcard agent/*.c))
TEST_BIN := $(patsubst tests/c/%.c,$(OUT)/tests/%,$(wildcard tests/c/test_*.c)) \
	$(OUT)/tests/kube_probe
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(OUT)/targets/%,$(wildcard tests/fuzz/*.c))
SERVER_LIB_OBJ := $(filter-out %/main.o,$(SERVER_OBJ))
AGENT_LIB_OBJ := $(filter-out %/main.o,$(AGENT_OBJ))

PROGRAMS := $(if $(wildcard src/server/main.c),$(OUT)/streamspaced) \
	$(if $(wildcard agent/main.c),$(OUT)/streamspace-agent)

# The page: one for all flavours; the server looks for it beside itself.
UI := $(if $(wildcard ui/index.html),build/ui/index.html)
UI_LINK := $(if $(UI),$(if $(filter-out build,$(OUT)),$(OUT)/ui))

.PHONY: all ui tests-c tests-tsan tests-fuzz check-cluster format clean
all: $(PROGRAMS) $(UI) $(UI_LINK) ## build streamspaced, streamspace-agent and the page

tests-c: $(TEST_BIN)

# With TSAN=1.
tests-tsan: $(patsubst tests/c/%.c,$(OUT)/tests/%,$(filter tests/c/%,$(shell cat tests/tsan.list)))

# With FUZZ=1.
tests-fuzz: $(FUZZ_BIN)

$(OUT)/streamspaced: $(SERVER_OBJ) $(OUT)/libdb.a $(OUT)/libcommon.a
	$(CC) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS) $(COMMON_LIBS)

$(OUT)/streamspace-agent: $(AGENT_OBJ) $(OUT)/libcommon.a
	$(CC) $(LDFLAGS) -o $@ $^ $(AGENT_LIBS) $(COMMON_LIBS)

$(OUT)/libcommon.a: $(COMMON_OBJ)
	rm -f $@ && ar rcs $@ $^

$(OUT)/libdb.a: $(DB_OBJ)
	rm -f $@ && ar rcs $@ $^

$(OUT)/libserver.a: $(SERVER_LIB_OBJ)
	rm -f $@ && ar rcs $@ $^

$(OUT)/libagent.a: $(AGENT_LIB_OBJ)
	rm -f $@ && ar rcs $@ $^

# A test is linked with every library of ours; the linker takes what it needs.
$(OUT)/tests/%: $(OUT)/obj/tests/c/%.o $(OUT)/libserver.a $(OUT)/libagent.a $(OUT)/libdb.a $(OUT)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS) $(AGENT_LIBS) $(COMMON_LIBS)

# The same, and libFuzzer's main().
$(OUT)/targets/%: $(OUT)/obj/tests/fuzz/%.o $(OUT)/libserver.a $(OUT)/libagent.a $(OUT)/libdb.a $(OUT)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(SERVER_LIBS) $(AGENT_LIBS) $(COMMON_LIBS)

$(OUT)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/obj/src/common/version.o: CPPFLAGS += -DSS_VERSION='"$(shell cat VERSION)"'
$(OUT)/obj/src/common/version.o: VERSION

# The changes of the plan, of which the last is the schema that the server expects.
$(OUT)/obj/src/server/schema.o: CPPFLAGS += \
	-DSS_SCHEMA_PLAN='$(shell awk '/^[a-z]/ {printf "\"%s\",", $$1}' migrations/sqitch.plan)'
$(OUT)/obj/src/server/schema.o: migrations/sqitch.plan

# What GET /api/v1/openapi.json answers.
$(OUT)/gen/openapi_json.c: docs/openapi.yaml scripts/openapi-json
	@mkdir -p $(@D)
	scripts/openapi-json $< $@

# What its lock file names lies outside the tree: only a change of that needs the network.
ui: $(UI) ## build the page only, into build/ui

build/ui/index.html: $(shell find ui -mindepth 1 2>/dev/null) scripts/ui-build
	modules=$$(scripts/npm-ci ui) && scripts/ui-build ui "$$modules/node_modules" build/ui

ifneq ($(OUT),build)
$(OUT)/ui: | $(UI)
	@mkdir -p $(@D)
	ln -sfn ../ui $@
endif

# -t: autocommit; without it every call sits in an open transaction.
$(OUT)/gen/%.c: %.pgc $(wildcard ecpg/*.pgh)
	@mkdir -p $(@D)
	$(ECPG) -t -I ecpg -o $@ $<

$(OUT)/obj/%.o: $(OUT)/gen/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Iecpg $(CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/bench/%.so: bench/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -O2 $(WARN) -D_GNU_SOURCE -fPIC -shared -o $@ $< -ldl

$(OUT)/bench/%: $(OUT)/obj/bench/%.o
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ -lpq -lcjson

.SECONDARY:

# --- what people call: see `make help` -----------------------------------------------------------

PREFIX := /usr/local

.PHONY: help demo demo-kubernetes check check-sql check-matrix check-c check-e2e check-browser check-cluster check-chart images check-images fuzz lint bench bench-cluster pictures install

help: ## this list
	@echo 'make TARGET [SAN=1 | TSAN=1 | FAULTS=1]'
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' Makefile | sort

# The packages come first: the rules above look for headers when make starts, so make starts again.
demo: ## install what is missing, build, and run the main job; DEMO_EXIT=1 stops by itself
	@scripts/bootstrap demo
	@scripts/demo

demo-kubernetes: ## the same inside a real Kubernetes node, by helm install (root); DEMO_EXIT=1 stops by itself
	@scripts/bootstrap check
	@scripts/demo-kubernetes

check: ## install what is missing, build, and pass all tests
	@scripts/bootstrap check
	@tests/run

check-sql: ## pgTAP, catalogue checks and races only
	@tests/run sql isolation

check-matrix: ## who may do what: every function, route and role, and every check taken away
	@tests/run matrix

check-c: ## C tests only, under ASan and UBSan, and what has threads under TSan
	@tests/run c tsan

check-e2e: ## end-to-end tests with real processes only
	@tests/run e2e

check-browser: ## a person's way through the page, in a real browser, only
	@tests/run browser

check-cluster: ## tests against a real Kubernetes API only
	@tests/run cluster

check-chart: ## the chart: schema, renderings, rules, a real API server; and installed on a real node, only
	@tests/run chart node

images: ## build all container images, by Docker (docs/images.md)
	@scripts/images --all

check-images: ## the container images by themselves, the session images that `make check` leaves out among them, only
	@tests/run images $(wildcard tests/images/more/*.py)

fuzz: ## parsers of what peers send, against made-up bytes: FUZZ_SECONDS (60) each
	@tests/run fuzz

lint: ## warnings as errors, format, static checks, schema checks
	@tests/run lint

$(OUT)/bench/stream_desktop: $(OUT)/libcommon.a

bench: ## measure what bench/README.md lists
	@scripts/bootstrap bench
	@bench/run

bench-cluster: ## measure on a real Kubernetes node (root)
	@scripts/bootstrap bench
	@bench/run P13-node

pictures: ## make the pictures of the guides anew, from a real page (docs/pictures)
	@scripts/bootstrap check
	@$(MAKE) -s -j2 all
	@STREAMSPACE_BUILD=build tests/browser/pictures/make.js

install: all ## install programs, page, SQL, migrations and docs below DESTDIR PREFIX (/usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/streamspace/scripts $(DESTDIR)$(PREFIX)/share/doc/streamspace
	install -m 0755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin/
	install -m 0755 scripts/db-install $(DESTDIR)$(PREFIX)/share/streamspace/scripts/
	cp -R --no-preserve=ownership migrations sql $(wildcard chart) $(DESTDIR)$(PREFIX)/share/streamspace/
	rm -rf $(DESTDIR)$(PREFIX)/share/streamspace/ui # a page of before would only take memory
	$(if $(UI),cp -R --no-preserve=ownership build/ui $(DESTDIR)$(PREFIX)/share/streamspace/)
	cp -R --no-preserve=ownership README.md CHANGELOG.md docs $(DESTDIR)$(PREFIX)/share/doc/streamspace/

golden: ## rewrite tests/sql/golden/schema.sql after a change of the schema
	tests/bin/golden-schema --update

format: ## rewrite C sources with clang-format
	git ls-files -co --exclude-standard '*.c' '*.h' | xargs -r clang-format -i

clean: ## remove build/
	rm -rf build

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
