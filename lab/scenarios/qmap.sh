# Two bearers through one USB modem by the kernel's qmi_wwan alone (Debian has no rmnet): a QMAP link for each.
configure <<'TOML'
[[modem]]
id = "m0"
usb = "1-1"
apn = "iot.test"
pdp_type = "ipv4"
data = "interface"
[[modem.bearer]]
context = 2
apn = "private.test"
pdp_type = "ipv4"
data = "interface"
default_route = false
TOML

load vhci-hcd qmi_wwan
plug_in
until_so 60 [ -c /dev/cdc-wdm0 ]
start_daemon

echo "Each bearer has a link with the number of its context."
until_so 120 [ -e /sys/class/net/wwan0.1/qmap/mux_id ]
until_so 120 [ -e /sys/class/net/wwan0.2/qmap/mux_id ]
[ $(($(cat /sys/class/net/wwan0.1/qmap/mux_id))) = 1 ]
[ $(($(cat /sys/class/net/wwan0.2/qmap/mux_id))) = 2 ]
until_so 60 sh -c 'ip -4 addr show dev wwan0.2 | grep -q "inet 10\."'
ip -4 addr show dev wwan0.1 | grep -q 'inet 10\.'

echo "Packets go through each: by the default route through the first, bound to it through the second."
ip route get 192.0.2.1 | grep -q 'dev wwan0.1'
ping -c 3 -W 5 192.0.2.1 | grep -q ' 0% packet loss'
ping -c 3 -W 5 -I wwan0.2 192.0.2.1 | grep -q ' 0% packet loss'

echo "With the daemon its links go."
stop_daemon
[ ! -e /sys/class/net/wwan0.1 ]
[ ! -e /sys/class/net/wwan0.2 ]
kill "$modem"
