# A USB modem on the kernel's qmi_wwan: found by its place, brought to data, packets through raw IP, unplugged, back.
configure <<'TOML'
[[modem]]
id = "m0"
usb = "1-1"
apn = "iot.test"
pdp_type = "ipv4"
data = "interface"
TOML

load vhci-hcd qmi_wwan
start_daemon

echo "Nothing is plugged in."
until_so 60 shows '"state": *"absent"'

echo "The modem is found, and brought to data."
plug_in
until_so 60 [ -c /dev/cdc-wdm0 ]
until_so 120 shows '"state": *"connected"'
grep -qx Y /sys/class/net/wwan0/qmi/raw_ip
address=$(ip -4 addr show dev wwan0 | sed -n 's/.*inet \([0-9.]*\).*/\1/p')
shows "\"addresses\": *\\[ *\"$address"

echo "Packets go through its interface, by its default route."
ip route get 192.0.2.1 | grep -q 'dev wwan0'
ping -c 3 -W 5 192.0.2.1 | grep -q ' 0% packet loss'

echo "Unplugged it is absent, and nothing of it is left; plugged in it is back."
kill -9 "$modem"
until_so 60 shows '"state": *"absent"'
until_so 60 sh -c '! ip rule | grep -q wwan0'
plug_in
until_so 180 shows '"state": *"connected"'
ping -c 3 -W 5 192.0.2.1 | grep -q ' 0% packet loss'
kill "$daemon" "$modem"
