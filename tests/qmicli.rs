//! The real `qmicli` against the simulator in the place of `qmi-proxy`: what we simulate is a QMI modem to others too.
//!
//! In a network namespace of its own, as abstract sockets belong to one. It fails where qmicli is not installed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod proxied;

use proxied::{Proxied, Tool, WORLD};

const QMICLI: Tool = Tool {
    option: "--qmi",
    socket: "qmi-proxy",
    command: &["qmicli", "--device", "/dev/null", "--device-open-proxy", "--device-open-qmi"],
};

fn register(proxy: &Proxied) {
    proxy.until("it registers", || proxy.ask(&["--nas-get-serving-system"]).contains("state: 'registered'"));
}

/// Each action with parts of what it prints (qmicli 1.32).
const READS: &[(&[&str], &[&str])] = &[
    (&["--get-service-version-info"], &["wds (1.67)", "dms (1.14)", "nas (1.25)", "uim (1.46)", "wms (1.10)"]),
    (&["--dms-get-ids"], &["IMEI: '350000000000014'"]),
    (&["--dms-get-capabilities"], &["Data Service: 'ps'", "SIM: 'supported'", "Networks: 'lte, gsm'"]),
    (&["--dms-get-manufacturer"], &["Manufacturer: 'Quectel'"]),
    (&["--dms-get-model"], &["Model: 'BG95'"]),
    (&["--dms-get-revision"], &["Revision: 'BG95SIM01'"]),
    (&["--dms-get-msisdn"], &["MSISDN: '+999700000001'"]),
    (&["--dms-get-power-state"], &["Power state: 'external-source'", "Battery level: '100 %'"]),
    (&["--dms-get-hardware-revision"], &["Revision: '1.0'"]),
    (&["--dms-get-software-version"], &["Software version: BG95SIM01"]),
    (&["--dms-get-operating-mode"], &["Mode: 'online'", "HW restricted: 'no'"]),
    (&["--dms-get-time"], &["Time source: 'device'", "System time: '14"]),
    (&["--dms-get-band-capabilities"], &["LTE bands: '20'", "LTE bands (extended): '20'"]),
    (&["--dms-uim-get-iccid"], &["ICCID: '8999970000000000001'"]),
    (&["--dms-uim-get-imsi"], &["IMSI: '999700000000001'"]),
    (&["--dms-uim-get-state"], &["State: 'initialization-completed'"]),
    (&["--dms-uim-get-pin-status"], &["PIN1: Status: disabled Verify: 3 Unblock: 10"]),
    (
        &["--nas-get-serving-system"],
        &["PS: 'attached'", "[0]: 'lte'", "Roaming status: 'off'", "Description: 'lpwa test'", "area code: '6701'"],
    ),
    (&["--nas-get-system-info"], &["LTE service: Status: 'available'", "Cell ID: '872252'", "MCC: '999' MNC: '70'"]),
    (&["--nas-get-signal-info"], &["RSSI: '-69 dBm'", "RSRQ: '-11 dB'", "RSRP: '-97 dBm'", "SNR: '9.0 dB'"]),
    (&["--nas-get-signal-strength"], &["Network 'lte': '-69 dBm'", "RSRP: Network 'lte': '-97 dBm'"]),
    (
        &["--nas-get-cell-location-info"],
        &["PLMN: '99970'", "Global Cell ID: '872252'", "'6300' (E-UTRA band 20: 800 DD)", "RSRP: '-105.0' dBm"],
    ),
    (&["--nas-get-home-network"], &["MCC: '999' MNC: '70' Description: 'lpwa one'"]),
    (&["--nas-get-operator-name"], &["Name : 'lpwa one'", "Operator Name: 'lpwa test'"]),
    (&["--nas-get-preferred-networks"], &["MCC: '999' MNC: '70' Access Technology: 'eutran'"]),
    (&["--nas-get-rf-band-info"], &["Active Band Class: 'eutran-20'", "Active Channel: '6300'"]),
    (&["--nas-get-tx-rx-info=lte"], &["Power: '-69.0 dBm'", "RSRP: '-97.0 dBm'"]),
    (&["--nas-get-drx"], &["cn8-t128"]),
    (&["--nas-get-system-selection-preference"], &["Mode preference: 'lte'", "selection preference: 'automatic'"]),
    (
        &["--nas-network-scan"],
        &[
            "MCC: '999' MNC: '70' Status: 'current-serving, home",
            "MCC: '1' MNC: '1' Status: 'available, roaming",
            "Description: 'other'",
            "Network scan result: success",
        ],
    ),
    (&["--uim-get-card-status"], &["Primary GW: slot '1', application '1'", "usim (2)", "PIN1 state: 'disabled'"]),
    (
        &["--uim-get-slot-status"],
        &["2 physical slots found", "ICCID: 8999970000000000001", "ICCID: 8900101000000000002", "Is eUICC: no"],
    ),
    (&["--uim-read-transparent=0x3F00,0x2FE2"], &["SW1: '0x90'", "98:99:79:00:00:00:00:00:00:F1"]),
    (&["--uim-get-file-attributes=0x3F00,0x2FE2"], &["File size: 10", "File type: transparent"]),
    (&["--wds-get-packet-service-status"], &["Connection status: 'disconnected'"]),
    (&["--wds-get-profile-list=3gpp"], &["[1] 3gpp - profile1", "PDP type: 'ipv4-or-ipv6'"]),
    (&["--wds-get-lte-attach-parameters"], &["APN: iot.test", "IP support type: ipv4v6", "OTA attach performed: yes"]),
    (&["--wds-get-lte-attach-pdn-list"], &["Current list: '1'"]),
    (&["--wds-get-max-lte-attach-pdn-num"], &["LTE attach PDN: 1"]),
    (&["--wds-get-autoconnect-settings"], &["Status: 'disabled'"]),
    (&["--wds-get-default-settings=3gpp"], &["PDP type: 'ipv4'"]),
    (&["--wms-get-supported-messages"], &["0x0020", "0x0031"]),
    (&["--wms-get-routes"], &["Storage Type: nv Receipt Action: store-and-notify"]),
    (&["--wda-get-data-format"], &["Link layer protocol: '802-3'"]),
];

#[test]
fn it_reads_everything_of_a_registered_modem() {
    let proxy = Proxied::start(&QMICLI, WORLD);
    register(&proxy);
    for (arguments, parts) in READS {
        proxy.tells(arguments, parts);
    }
}

/// The word behind `name: '`.
fn value<'a>(text: &'a str, name: &str) -> &'a str {
    let rest = text.split_once(&format!("{name}: '")).unwrap_or_else(|| panic!("no {name}: {text}")).1;
    rest.split('\'').next().unwrap()
}

#[test]
fn it_starts_and_stops_calls() {
    let proxy = Proxied::start(&QMICLI, WORLD);
    register(&proxy);
    let refused = proxy.fail(&["--wds-start-network=apn=nowhere,ip-type=4"]);
    assert!(refused.contains("CallFailed") && refused.contains("verbose call end reason (6,27)"), "{refused}");
    let started = proxy.ask(&["--wds-start-network=apn=iot.test,ip-type=4", "--client-no-release-cid"]);
    let handle = format!("--wds-stop-network={}", value(&started, "Packet data handle"));
    let (cid, keep) = (format!("--client-cid={}", value(&started, "CID")), "--client-no-release-cid");
    let of_call = |argument: &str, parts: &[&str]| proxy.tells(&[argument, &cid, keep], parts);
    of_call("--wds-get-packet-service-status", &["Connection status: 'connected'"]);
    let own = of_call("--wds-get-current-settings", &["IP Family: IPv4", "MTU: 1358", "IPv4 primary DNS: 192.0.2.53"]);
    let address = own.split_once("IPv4 address: ").unwrap().1.split(' ').next().unwrap();
    assert!(proxy.at("AT+CGCONTRDP").contains(&format!("\"iot.test\",\"{address}.255.255.255.0\"")), "{own}");
    of_call("--wds-get-packet-statistics", &["TX packets OK: 0", "RX bytes OK: 0"]);
    of_call("--wds-get-channel-rates", &["Channel data rates"]);
    of_call("--wds-get-dormancy-status", &["Dormancy Status: 'traffic-channel-active'"]);
    of_call("--wds-get-current-data-bearer-technology", &["Network type: '3gpp'", "lte"]);
    proxy.ask(&[&handle, &cid]);
    assert!(!proxy.at("AT+CGCONTRDP").contains(address), "the context is gone on both sides");
    let gone = proxy.fail(&["--wds-get-packet-service-status", &cid, keep]);
    assert!(gone.contains("InvalidClientId"), "{gone}");
}

#[test]
fn it_changes_profiles_modes_and_networks() {
    let proxy = Proxied::start(&QMICLI, WORLD);
    register(&proxy);
    let made = proxy.ask(&["--wds-create-profile=3gpp,apn=iot.test,pdp-type=IPV4V6,auth=CHAP,username=lpwa"]);
    assert_eq!(value(&made, "Profile index"), "2");
    proxy.ask(&["--wds-modify-profile=3gpp,2,apn=other.test"]);
    proxy.tells(&["--wds-get-profile-list=3gpp"], &["[2] 3gpp", "APN: 'other.test'", "Auth: 'chap'"]);
    assert!(proxy.at("AT+CGDCONT?").contains("+CGDCONT: 2,\"IPV4V6\",\"other.test\""), "a profile is a context");
    proxy.ask(&["--wds-delete-profile=3gpp,2"]);
    assert!(!proxy.ask(&["--wds-get-profile-list=3gpp"]).contains("[2]"));

    proxy.ask(&["--dms-set-operating-mode=low-power"]);
    proxy.tells(&["--dms-get-operating-mode"], &["Mode: 'low-power'"]);
    assert!(proxy.at("AT+CFUN?").contains("+CFUN: 4"), "both sides tell one truth");
    let refused = proxy.fail(&["--nas-get-signal-info"]);
    assert!(refused.contains("InformationUnavailable"), "{refused}");
    assert!(proxy.fail(&["--dms-set-operating-mode=reset"]).contains("InvalidTransition"), "reset follows offline");
    proxy.ask(&["--dms-set-operating-mode=online"]);
    register(&proxy);

    proxy.ask(&["--nas-set-system-selection-preference=lte,manual=00101"]);
    proxy.until("it registers elsewhere", || proxy.ask(&["--nas-get-serving-system"]).contains("Description: 'other'"));
    proxy.tells(&["--nas-get-serving-system"], &["Roaming status: 'on'", "MNC: '1'"]);
    proxy.tells(&["--nas-get-system-selection-preference"], &["Network selection preference: 'manual'"]);
    assert!(proxy.at("AT+COPS?").contains("+COPS: 1,0,\"other\""), "{}", proxy.at("AT+COPS?"));
    proxy.ask(&["--nas-set-system-selection-preference=lte,automatic"]);
    proxy.ask(&["--nas-force-network-search"]);
    proxy.until("it comes home", || proxy.ask(&["--nas-get-serving-system"]).contains("'lpwa test'"));

    proxy.tells(&["--wda-set-data-format=link-layer-protocol=raw-ip,dl-protocol=qmap"], &["'raw-ip'", "'qmap'"]);
    proxy.tells(
        &["--wda-get-data-format"],
        &["Link layer protocol: 'raw-ip'", "Downlink data aggregation protocol: 'qmap'"],
    );
    proxy.ask(&["--wds-reset"]);
    proxy.ask(&["--nas-reset"]);
    proxy.ask(&["--dms-reset"]);
}

#[test]
fn it_guards_the_card() {
    let proxy = Proxied::start(
        &QMICLI,
        &WORLD.replace("[sim]", "[sim]\npin-required = true\npin = \"4711\"\npuk = \"12345678\""),
    );
    proxy.tells(&["--uim-get-card-status"], &["pin1-or-upin-pin-required", "PIN1 retries: '3'"]);
    assert!(proxy.fail(&["--dms-uim-get-imsi"]).contains("UimUninitialized"));
    let wrong = proxy.fail(&["--uim-verify-pin=PIN1,0000"]);
    assert!(wrong.contains("IncorrectPin") && wrong.contains("Verify: 2"), "{wrong}");
    let wrong = proxy.fail(&["--dms-uim-verify-pin=PIN,0000"]);
    assert!(wrong.contains("IncorrectPin"), "{wrong}");
    proxy.tells(&["--dms-uim-get-pin-status"], &["PIN1: Status: enabled-not-verified Verify: 1 Unblock: 10"]);
    let wrong = proxy.fail(&["--uim-verify-pin=PIN1,0000"]);
    assert!(wrong.contains("PinBlocked"), "{wrong}");
    proxy.ask(&["--uim-unblock-pin=PIN1,12345678,5555"]);
    proxy.tells(&["--uim-get-card-status"], &["Application state: 'ready'", "PIN1 retries: '3'"]);
    register(&proxy);
    proxy.ask(&["--uim-change-pin=PIN1,5555,6666"]);
    proxy.ask(&["--uim-set-pin-protection=PIN1,disable,6666"]);
    proxy.tells(&["--dms-uim-get-pin-status"], &["PIN1: Status: disabled"]);

    proxy.ask(&["--uim-switch-slot=2"]);
    proxy.tells(&["--dms-uim-get-imsi"], &["IMSI: '001010000000002'"]);
    proxy.tells(&["--uim-get-slot-status"], &["Physical slot 2: Card status: present Slot status: active"]);
    proxy.until("the other card's home is found", || {
        let serving = proxy.ask(&["--nas-get-serving-system"]);
        serving.contains("Description: 'other'") && serving.contains("Roaming status: 'off'")
    });
    proxy.until("the AT side reads the other card", || proxy.at("AT+CIMI").contains("001010000000002"));
    proxy.ask(&["--uim-sim-power-off=2"]);
    proxy.tells(&["--uim-get-card-status"], &["Card state: 'absent"]);
    proxy.ask(&["--uim-sim-power-on=2"]);
    proxy.tells(&["--uim-get-card-status"], &["Card state: 'present'"]);
}
