#!/bin/sh
# Boots Debian's kernel in qemu and runs the scenarios of lab/scenarios there, or those that are named.
#
#   lab/run.sh [SCENARIO...]        BUILT=target/debug   LAB_DIR=target/lab   LAB_TIMEOUT=seconds
#
# A scenario is a shell script that fails where what it looks for is not so. One that did not run has failed too: the
# exit code is 0 only where the console has the line "LAB NAME ok" for each. docs/lab.md says more.
set -eu
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin

built=${BUILT:-target/debug}
dir=${LAB_DIR:-target/lab}
console=$dir/console
# One to two minutes a scenario on a quiet machine; a busy one is some times slower.
limit=${LAB_TIMEOUT:-1200}
modules="8021q dummy qmi_wwan qrtr vhci-hcd"

say() { printf 'lab: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

[ $# -gt 0 ] || set -- $(cd lab/scenarios && ls -- *.sh | sed 's/\.sh$//')
for scenario; do [ -f "lab/scenarios/$scenario.sh" ] || fail "there is no lab/scenarios/$scenario.sh"; done
for program in lpwa examples/usb_modem; do
    [ -x "$built/$program" ] || fail "$built/$program is not there; \`cargo build --bins --example usb_modem\` makes it"
done
mkdir -p "$dir"

# The kernel and its modules, unpacked once for each version.
package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
[ -n "$package" ] || fail "apt knows no linux-image-amd64; run apt-get update"
version=${package#linux-image-}
kernel=$dir/$version
if [ ! -f "$kernel/boot/vmlinuz-$version" ]; then
    say "unpacking $package"
    rm -rf "$kernel"
    (cd "$dir" && apt-get download -q "$package" >&2 && mkdir "$version" && dpkg-deb -x "$package"_*.deb "$version" && rm "$package"_*.deb)
fi

# What the guest has: busybox, lpwa, their libraries, the modules, the scenarios.
root=$dir/root
rm -rf "$root"
mkdir -p "$root/bin" "$root/modules" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/run" "$root/etc"
cp lab/init lab/preamble.sh "$root/"
cp -r lab/scenarios "$root/scenarios"
printf '%s\n' "$@" >"$root/wanted"
cp -L "$(command -v busybox)" "$root/bin/busybox"
strip -o "$root/bin/lpwa" "$built/lpwa"
strip -o "$root/bin/usb_modem" "$built/examples/usb_modem"
for library in $(ldd "$root"/bin/* | grep -o '/[^ :]*\.so[^ :]*' | sort -u); do
    mkdir -p "$root/$(dirname "$library")"
    cp -L "$library" "$root/$library"
done

# A module and those that it needs.
add_module() {
    [ ! -f "$root/modules/$1.ko" ] || return 0
    local file needed
    file=$(find "$kernel/lib/modules" -name "$(printf %s "$1" | tr _- '??').ko" | head -n 1)
    [ -n "$file" ] || fail "$package has no module $1"
    cp "$file" "$root/modules/$1.ko"
    for needed in $(tr '\0' '\n' <"$file" | sed -n 's/^depends=//p' | tr , ' '); do add_module "$needed"; done
}
for module in $modules; do add_module "$module"; done

(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$dir/initrd"

# Never kvm: where this runs it may be there and not work (nested virtualisation).
say "booting $version for: $*"
status=0
timeout "$limit" qemu-system-x86_64 -accel tcg,thread=multi -cpu qemu64 -smp 2 -m 512 \
    -nodefaults -nographic -no-reboot -serial stdio \
    -kernel "$kernel/boot/vmlinuz-$version" -initrd "$dir/initrd" \
    -append "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable random.trust_cpu=on" \
    </dev/null >"$console" 2>&1 || status=$?
[ "$status" -ne 124 ] || say "the guest did not end within $limit seconds"

missing=0
for scenario; do
    if tr -d '\r' <"$console" | grep -qx "LAB $scenario ok"; then
        say "$scenario: ok, $(tr -d '\r' <"$console" | sed -n "s/^LAB $scenario took //p")"
    else
        say "$scenario: FAILED"
        missing=$((missing + 1))
    fi
done
if [ "$missing" -ne 0 ] || [ "$status" -ne 0 ]; then
    cat "$console" >&2
    fail "$missing of $# scenarios failed; qemu ended with $status; the console is in $console"
fi
