# pixeld: build, test, check, install. `make help` lists the targets.
#
# One build directory per flavour: `make SAN=address,undefined` builds the same tree with sanitizers
# into build/address,undefined. Sources are found by wildcard; a new room needs no change here.

CC ?= gcc
VERSION := $(shell cat VERSION)
SAN ?=
B := build$(if $(SAN),/$(SAN))
PREFIX ?= /usr/local
comma := ,

PKGS := libuv openssl libcurl lmdb yaml-0.1 libutf8proc libdeflate libpsl yyjson
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
        -Wundef -Wvla -Wswitch-enum -Wimplicit-fallthrough -Wwrite-strings
HARDEN := -fstack-protector-strong -fPIE
OPT := -O2 -g
ifeq ($(SAN),)
HARDEN += -D_FORTIFY_SOURCE=2
else
# gcc 12 sees null formats that are not there when it instruments code.
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SAN) -Wno-format-truncation
endif
ifneq ($(WERROR),)
WARN += -Werror
endif
# NDEBUG is never set: assertions stay on in release, and some carry the call they check.
CPPFLAGS := -D_GNU_SOURCE -DPIXELD_VERSION='"$(VERSION)"' -iquote src -iquote $(B)/gen -iquote . $(EXTRA_CPPFLAGS)
CFLAGS := -std=c11 $(OPT) $(HARDEN) $(WARN) $(EXTRA_CFLAGS)
LDFLAGS := -pie -Wl,-z,relro,-z,now $(EXTRA_LDFLAGS)
# Recursive, so that pkg-config runs only when something is linked, after setup has installed it.
LDLIBS = $(shell pkg-config --libs $(PKGS)) -lllhttp -lpthread -lm

# ROOMS limits the build to some rooms, to work on one while a higher one is open:
# make ROOMS="base sys core journal" B=build/journal unit
ROOMS ?= *
SRC := $(foreach room,$(ROOMS),$(wildcard src/$(room)/*.c))
OBJ := $(SRC:%.c=$(B)/%.o) $(B)/gen/presets.o $(if $(filter src/ingest/%,$(SRC)),$(B)/gen/pixel.o) $(if $(filter src/console/%,$(SRC)),$(B)/gen/console.o)
LIB_OBJ := $(filter-out $(B)/src/app/main.o,$(OBJ))
PRESETS := $(sort $(wildcard presets/*.yaml presets/webhooks/*.yaml snippets/*.txt))
CONSOLE := index.html assets/console.js assets/console.css icon.svg
PIXEL := pixel/dist/pixel.js pixel/dist/debug.js
UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%,$(foreach room,$(ROOMS),$(wildcard tests/unit/$(room)/*_test.c)))
BENCH := $(patsubst bench/%.c,$(B)/bench/%,$(wildcard bench/*.c))
FUZZ := $(patsubst tests/fuzz/%_fuzz.c,%,$(wildcard tests/fuzz/*_fuzz.c))

.PHONY: all run test unit check analyze bench guard console screenshots fuzz soak install deb clean help setup setup-test docs
.DELETE_ON_ERROR:
.SECONDARY:

all: $(B)/pixeld

help:
	@sed -n 's/^## //p' Makefile

## make            build build/pixeld (needs the packages; `make setup` installs them)
## make run        install what is missing, build, start pixeld with the sandbox and send it a small shop
## make test       install what is missing, build, run all tests
## make unit       only the unit tests
## make check      formatting, clang-tidy, include rules, generated docs up to date
## make analyze    the same with clang's path-sensitive analyzer: minutes
## make bench      measure, beside the straight-line limit
## make console    build the web console anew (console/dist is committed)
## make screenshots  pictures of the console anew, for the README (docs/images)
## make guard      count the instructions of a fixed piece of work, beside what they were
## make fuzz       fuzz every parser (T=name for one, SECONDS_EACH=600)
## make soak       crashes, failing deliveries, everything at random, long (KILLS=200 BATCH=1500 EVENTS=100000 STEPS=1000)
## make install    to $(PREFIX) (DESTDIR is honoured)
## make deb        a Debian package in build/

setup:
	@scripts/setup build

setup-test:
	@scripts/setup test

$(B)/pixeld: $(B)/src/app/main.o $(B)/libpixeld.a
	@echo "  LINK $@"
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/libpixeld.a: $(LIB_OBJ)
	@rm -f $@
	@ar rcs $@ $^

$(B)/src/%.o: src/%.c | $(B)/gen/.made
	@mkdir -p $(@D)
	@echo "  CC   $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/%.o: $(B)/gen/%.c
	@$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/gen/.made:
	@mkdir -p $(B)/gen
	@touch $@

$(B)/gen/presets.c: scripts/embed-presets $(PRESETS) | $(B)/gen/.made
	@scripts/embed-presets $(PRESETS) > $@

$(B)/gen/pixel.c: scripts/embed-assets $(PIXEL) | $(B)/gen/.made
	@scripts/embed-assets pixel_files pixel/dist/pixel.js=.js pixel/dist/debug.js=.debug.js > $@

$(B)/gen/console.c: scripts/embed-assets $(CONSOLE:%=console/dist/%) | $(B)/gen/.made
	@scripts/embed-assets console_assets $(foreach file,$(CONSOLE),console/dist/$(file)=/$(file)) > $@

$(B)/unit/%: tests/unit/%.c $(B)/libpixeld.a
	@mkdir -p $(@D)
	@echo "  TEST $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-missing-prototypes -iquote tests -MMD -MP -o $@ $< $(B)/libpixeld.a $(LDFLAGS) -lcmocka $(LDLIBS)

$(B)/bench/%: bench/%.c $(B)/libpixeld.a
	@mkdir -p $(@D)
	@echo "  CC   $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -o $@ $< $(B)/libpixeld.a $(LDFLAGS) $(LDLIBS)

unit: $(UNIT)
	@B=$(B) ROOMS="$(ROOMS)" tests/run unit

test: setup-test
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@tests/run all

run: setup
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@scripts/run

check: setup-test
	@scripts/check

analyze: setup-test
	@ANALYZE=1 scripts/check

bench: setup-test
	@$(MAKE) --no-print-directory -j$$(nproc) all $(BENCH)
	@bench/run

console: setup-test
	@PIXELD=$(B)/pixeld scripts/console

screenshots: setup-test
	@PIXELD=$(B)/pixeld node tests/integration/screenshots.mjs

guard: setup-test
	@$(MAKE) --no-print-directory -j$$(nproc) $(B)/bench/guard
	@scripts/guard

fuzz: setup-test
	@scripts/fuzz $(or $(T),$(FUZZ))

soak: setup-test
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@tests/run soak

docs: all
	@scripts/docs

install: all
	@scripts/install "$(DESTDIR)" "$(PREFIX)"

deb: setup
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@scripts/deb

clean:
	rm -rf build

-include $(OBJ:.o=.d) $(UNIT:=.d) $(BENCH:=.d)

# For scripts/fuzz, which compiles by itself.
.PHONY: print-flags print-libs
print-flags:
	@echo $(subst ",\",$(CPPFLAGS))
print-libs:
	@echo $(LDLIBS)
