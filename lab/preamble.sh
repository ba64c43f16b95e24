# What each scenario begins with: sourced in its empty directory, before it.
cat >modem.toml <<'TOML'
[modem]
model = "quectel-eg25"
[[network.cell]]
rat = "lte"
TOML

# `configure <<TOML`: the daemon's configuration, beside what all scenarios have.
configure() {
    printf '%s\n' '[daemon]' 'state_dir = "state"' 'dns = "none"' '[retry]' 'spacing = "1s"' >lpwa.toml
    cat >>lpwa.toml
}

start_daemon() {
    lpwa daemon --config lpwa.toml --bus none --listen "$LPWA_ADDRESS" >>daemon.log 2>&1 &
    daemon=$!
}

stop_daemon() {
    kill "$daemon"
    wait "$daemon" || true
}

# The modem of software on the virtual USB port.
plug_in() {
    usb_modem modem.toml >>modem.log 2>&1 &
    modem=$!
}

# All that may tell why a scenario failed.
on_exit() {
    code=$?
    [ $code = 0 ] && return
    cat daemon.log modem.log
    lpwa show m0
    ip addr
    ip rule
    dmesg | tail -20
    exit $code
}
trap on_exit EXIT
