# Everything a person or CI runs. `make test` installs what it needs and is what .ci/run calls.
CARGO ?= cargo
DESTDIR ?=
PREFIX ?= /usr
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
VECTORS ?= ../shared/vectors

# Debian packages that the tests run: a private bus and the real ModemManager with its client.
TOOLS := dbus-daemon:dbus ModemManager:modemmanager mmcli:modemmanager gdbus:libglib2.0-bin \
  ip:iproute2 ping:iputils-ping pppd:ppp udhcpc:udhcpc dnsmasq:dnsmasq-base unshare:util-linux \
  qmicli:libqmi-utils mbimcli:libmbim-utils

# Properties draw the same cases in every run; another number draws others.
export PROPTEST_RNG_SEED ?= 20261126

.PHONY: all test tools lint unit random doc demo lab conformance bench compare-energy fuzz soak deny install clean bless

all:
	$(CARGO) build --release

test: tools lint unit random doc

tools:
	@missing=""; for pair in $(TOOLS); do \
	  PATH="$$PATH:/usr/sbin:/sbin" command -v "$${pair%%:*}" >/dev/null || missing="$$missing $${pair##*:}"; done; \
	if [ -n "$$missing" ]; then \
	  $(SUDO) apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing; fi

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings

unit:
	$(CARGO) test --locked --lib --bins --tests --examples
	$(CARGO) test --locked --doc

# A million inputs for each codec; the seed is fixed, so that a failure comes again.
RANDOM_INPUTS ?= 1000000
random:
	RANDOM_INPUTS=$(RANDOM_INPUTS) $(CARGO) test --locked --profile random --test random_codecs

doc:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps

demo:
	$(CARGO) run --release -- demo

# Scenarios on Debian's kernel in qemu: QRTR, USB modems. LAB="NAME..." runs some of them; docs/lab.md.
LAB_TOOLS := qemu-system-x86_64:qemu-system-x86 busybox:busybox strip:binutils
lab: TOOLS := $(LAB_TOOLS)
lab: tools
	$(CARGO) build --locked --bins --example usb_modem
	lab/run.sh $(LAB)

# Score against the vectors of real devices, where they are present.
conformance:
	$(CARGO) build --locked --example conformance
	@if [ -d $(VECTORS) ]; then python3 $(VECTORS)/score.py $(VECTORS) --topics at_,mbim_,qmi_ --show 20 -- target/debug/examples/conformance; \
	else echo "no vectors in $(VECTORS): set VECTORS=DIR"; exit 1; fi

bench:
	$(CARGO) build --locked --release
	$(CARGO) bench --locked

# lpwa and ModemManager one after the other on the same simulated modem, in real time: four runs of so many seconds.
COMPARE_SECONDS ?= 600
compare-energy: tools
	COMPARE_SECONDS=$(COMPARE_SECONDS) $(CARGO) bench --locked --profile dev --bench compare_energy

# Needs the rustup component and cargo-fuzz (`cargo install cargo-fuzz`); FUZZ_SECONDS a target.
FUZZ_SECONDS ?= 60
fuzz:
	command -v cargo-fuzz >/dev/null || $(CARGO) install --locked cargo-fuzz
	for target in $$(RUSTC_BOOTSTRAP=1 $(CARGO) fuzz list); do mkdir -p fuzz/corpus/$$target; \
	  RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run $$target fuzz/corpus/$$target $$(ls -d fuzz/seeds/$$target 2>/dev/null) -- -max_total_time=$(FUZZ_SECONDS) || exit 1; done

soak:
	$(MAKE) fuzz FUZZ_SECONDS=3600

deny:
	command -v cargo-deny >/dev/null || $(CARGO) install --locked cargo-deny
	$(CARGO) deny check licenses bans sources

# Rewrites what is generated or recorded: man pages, snapshots, timelines. Read the diff.
bless:
	LPWA_BLESS=1 INSTA_UPDATE=always $(CARGO) test --locked

install: all
	install -D -m 755 target/release/lpwa $(DESTDIR)$(PREFIX)/bin/lpwa
	ln -sf lpwa $(DESTDIR)$(PREFIX)/bin/lpwad
	install -D -m 644 systemd/lpwa.service $(DESTDIR)/lib/systemd/system/lpwa.service
	install -D -m 644 udev/60-lpwa.rules $(DESTDIR)/lib/udev/rules.d/60-lpwa.rules
	install -D -m 644 dbus/org.lpwa.conf $(DESTDIR)$(PREFIX)/share/dbus-1/system.d/org.lpwa.conf
	for xml in dbus/*.xml; do install -D -m 644 $$xml $(DESTDIR)$(PREFIX)/share/dbus-1/interfaces/$$(basename $$xml); done
	for page in man/*.1; do install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man1/$$(basename $$page); done
	for page in man/*.5; do install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man5/$$(basename $$page); done
	for page in man/*.8; do install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man8/$$(basename $$page); done
	install -d $(DESTDIR)/etc/lpwa/lpwa.d $(DESTDIR)/etc/lpwa/modems $(DESTDIR)/etc/lpwa/profiles

clean:
	$(CARGO) clean
