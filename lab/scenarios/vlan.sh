# Two bearers of an MBIM modem: the second is a VLAN link over the modem's interface, whose number is that of the session.
# The interface is a dummy, which carries no packets: what the kernel makes of our messages is looked at.
configure <<TOML
[[modem]]
id = "m0"
mbim = "unix:$PWD/mbim"
model = "quectel-eg25"
apn = "iot.test"
pdp_type = "ipv4"
data = "interface"
interface = "wwan0"
[[modem.bearer]]
context = 2
apn = "private.test"
pdp_type = "ipv4"
data = "interface"
default_route = false
TOML

load dummy
ip link add wwan0 type dummy
lpwa simulate --on "unix:$PWD/at" --mbim "unix:$PWD/mbim" --scenario modem.toml >modem.log 2>&1 &
modem=$!
until_so 60 [ -S mbim ]

echo "Without the module it is told which one is missing; the first bearer is up all the same."
start_daemon
until_so 120 shows 'modprobe 8021q'
ip -4 addr show dev wwan0 | grep -q 'inet 10\.'

echo "With it the second bearer has its link."
load 8021q
lpwa disconnect m0
lpwa connect m0
until_so 120 [ -e /proc/net/vlan/wwan0.1 ]
grep -q 'VID: 1' /proc/net/vlan/wwan0.1
grep -q 'Device: wwan0$' /proc/net/vlan/wwan0.1
until_so 60 sh -c 'ip -4 addr show dev wwan0.1 | grep -q "inet 10\."'

echo "A daemon that was killed leaves it, the next one cleans up; one that ends leaves nothing."
kill -9 "$daemon"
wait "$daemon" || true
[ -e /proc/net/vlan/wwan0.1 ]
start_daemon
until_so 120 shows '"state": *"connected"'
until_so 120 sh -c 'ip -4 addr show dev wwan0.1 | grep -q "inet 10\."'
stop_daemon
[ ! -e /proc/net/vlan/wwan0.1 ]
until_so 60 sh -c '! ip -4 addr show dev wwan0 | grep -q "inet "'
kill "$modem"
ip link del wwan0
