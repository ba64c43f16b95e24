# The daemon drives a modem over the kernel's QRTR: sockets, name server, loss and return.
sed -i '/^model/a boot = "3s"' modem.toml

on_node() {
    configure <<TOML
[[modem]]
id = "m0"
qmi = "qrtr:$1"
apn = "iot.test"
model = "quectel-eg25"
TOML
    start_daemon
}
start_modem() {
    lpwa simulate --on "$PWD/at" --qmi qrtr --scenario modem.toml >>modem.log 2>&1 &
    modem=$!
}

echo "Without the module it is told what is missing; this needs no modem."
on_node 1
until_so 60 shows 'this kernel has no QRTR; `modprobe qrtr` loads it'

echo "With it, and without a modem, that is told."
load qrtr
until_so 60 shows 'no modem is on this QRTR node'

echo "A modem that comes is brought to data."
start_modem
until_so 120 shows '"state": *"connected"'
shows '"addresses": *\[ *"10\.'
shows '"rat": *"lte"'
lpwa record m0 --personal-data >record
grep -q 'qrtr:1 >x' record
grep -q 'qrtr:1 <x' record

echo "It restarts: its services go and come back, and data with them."
printf 'AT+CFUN=1,1\r' >at
until_so 60 sh -c '! shows "\"state\": *\"connected\""'
until_so 120 shows '"state": *"connected"'

echo "Its processor dies: the modem is absent, and is found when it is back."
kill -9 "$modem"
until_so 60 shows '"state": *"absent"'
start_modem
until_so 120 shows '"state": *"connected"'

echo "A node without a modem is told which one has it."
stop_daemon
on_node 0
until_so 60 shows 'there is one at qrtr:1; write that'
kill "$daemon" "$modem"
