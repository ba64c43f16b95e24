//! The real `mbimcli` against the simulator in the place of `mbim-proxy`: what we simulate is an MBIM modem to others too.
//!
//! It fails where mbimcli is not installed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod proxied;

use proxied::{Proxied, Tool, WORLD};

const MBIMCLI: Tool = Tool {
    option: "--mbim",
    socket: "mbim-proxy",
    command: &["mbimcli", "--device", "/dev/null", "--device-open-proxy"],
};

/// Each action with parts of what it prints (mbimcli 1.28).
const READS: &[(&[&str], &[&str])] = &[
    (
        &["--query-device-caps"],
        &["Device ID: '350000000000014'", "Firmware info: 'BG95SIM01'", "Data class: 'gprs, edge, lte'"],
    ),
    (
        &["--query-subscriber-ready-status"],
        &["Ready state: 'initialized'", "Subscriber ID: '999700000000001'", "(1) '+999700000001'"],
    ),
    (&["--query-radio-state"], &["Hardware radio state: 'on'", "Software radio state: 'on'"]),
    (&["--query-device-services"], &["ms-basic-connect-extensions", "signal-state (11)", "read-binary (9)", "qmi"]),
    (&["--query-pin-state"], &["PIN state: 'unlocked'"]),
    (&["--query-pin-list"], &["PIN1: Mode: 'disabled' Format: 'numeric' Min length: '4' Max length: '8'"]),
    (&["--query-home-provider"], &["Provider ID: '99970' Provider name: 'lpwa one' State: 'home'"]),
    (&["--query-preferred-providers"], &["Preferred providers (1)", "Provider ID: '99970'"]),
    (
        &["--query-visible-providers"],
        &["Visible providers (2)", "State: 'home, visible, registered'", "Provider ID: '00101' Provider name: 'other'"],
    ),
    (
        &["--query-registration-state"],
        &["Register state: 'home' Register mode: 'automatic'", "Provider ID: '99970' Provider name: 'lpwa test'"],
    ),
    // -69 dBm is 22 steps of 2 dB above -113.
    (&["--query-signal-state"], &["RSSI [0-31,99]: '22'", "Error rate [0-7,99]: '99'"]),
    (&["--query-packet-service-state"], &["state: 'attached'", "Available data classes: 'lte'"]),
    (&["--query-ip-packet-filters"], &["IP packet filters: (0)"]),
    (&["--query-provisioned-contexts"], &["Provisioned contexts (1)", "Context ID 1: Context type: 'internet'"]),
    (&["--query-network-idle-hint"], &["'disabled'"]),
    (&["--query-emergency-mode"], &["'off'"]),
    // The letters of BG95SIM01.
    (&["--ms-query-firmware-id"], &["'42473935-5349-4d30-3100-000000000000'"]),
    (&["--ms-query-lte-attach-configuration"], &["Configuration 2:", "Roaming: non-partner"]),
    (&["--ms-query-lte-attach-info"], &["Attach state: attached IP type: ipv4v6 Access string: iot.test"]),
    (&["--ms-query-sys-caps"], &["Number of executors: '1' Number of slots: '2'"]),
    (&["--ms-query-device-caps"], &["Max sessions: '4'", "Executor Index: '0'"]),
    (&["--ms-query-slot-info-status=1"], &["Slot '1': 'state-off'"]),
    (&["--ms-query-device-slot-mappings"], &["Executor '0': slot '0'"]),
    (&["--ms-query-location-info-status"], &["Tracking area code: 001A2D Cell ID: 000D4F3C"]),
    (&["--ms-query-provisioned-contexts"], &["Roaming control: 'allow-all'"]),
    (
        &["--ms-query-base-stations-info"],
        &["System type: lte", "EARFCN: 6300 Physical cell id: 101 TAC: 6701 RSRP: -97 dBm", "Neighboring LTE cells: 1"],
    ),
    (&["--ms-query-version=1.0,3.0"], &["MBIM extended version : 3.00"]),
    (&["--device-open-ms-mbimex-v2", "--query-signal-state"], &["RSRP: '-97 dBm' SNR: '9.0 dB'"]),
    (&["--device-open-ms-mbimex-v3", "--query-packet-service-state"], &["TAI TAC: '6701'", "Data sub class: 'none'"]),
    (&["--device-open-ms-mbimex-v3", "--query-registration-state"], &["Preferred data classes: 'gprs, edge, lte'"]),
    (&["--device-open-ms-mbimex-v3", "--query-subscriber-ready-status"], &["'sim-removability-known, sim-removable'"]),
    (
        &["--device-open-ms-mbimex-v3", "--ms-query-device-caps"],
        &["LTE band class: '20'", "Device ID: '350000000000014'"],
    ),
    (&["--device-open-ms-mbimex-v3", "--ms-query-modem-configuration"], &["Status: 'completed'"]),
    // The scenario's clock starts on 2026-03-01, 12:00; its zone is an hour east.
    (&["--ms-query-nitz"], &["Date: 01/03/2026 Time: 12:0", "Time zone offset minutes: 60"]),
    (&["--ms-query-uicc-application-list"], &["usim", "Application name: lpwa one"]),
    (
        &["--ms-query-uicc-file-status=application-id=A000000087,file-path=3F007FFF6F07"],
        &["Status word 1: 144", "Structure: transparent Item count: 1 Item size: 9"],
    ),
    // TS 31.102 clause 4.2.2 and TS 102 221 clause 13.2: digits two to an octet, swapped.
    (
        &["--ms-query-uicc-read-binary=application-id=A000000087,file-path=3F002FE2,read-offset=0,read-size=10"],
        &["Data: 98:99:79:00:00:00:00:00:00:F1"],
    ),
    (&["--ms-query-uicc-atr"], &["3B:80:80:00"]),
    (&["--ms-query-uicc-reset"], &["disabled"]),
    (&["--atds-query-signal"], &["RSSI: -69 dBm", "RSRQ: -11.00 dBm RSRP: -97 dBm RSSNR: 9 dB"]),
    (&["--atds-query-location"], &["TAC: 1a2d Cell ID: d4f3c"]),
    (&["--quectel-query-radio-state"], &["'on'"]),
];

fn registered(scenario: &str) -> Proxied {
    let proxied = Proxied::start(&MBIMCLI, scenario);
    proxied.until("it registers", || proxied.ask(&["--query-registration-state"]).contains("Register state: 'home'"));
    proxied
}

#[test]
fn what_the_modem_is_and_where() {
    let proxied = registered(WORLD);
    for (arguments, parts) in READS {
        proxied.tells(arguments, parts);
    }
}

#[test]
fn a_context_goes_up_and_down() {
    let proxied = registered(WORLD);
    proxied.fail(&["--query-ip-configuration"]);
    let up = proxied.tells(
        &["--connect=access-string='iot.test',ip-type='ipv4v6'"],
        &["Successfully connected", "Activation state: 'activated'", "IP type: 'ipv4v6'", "MTU: '1358'"],
    );
    assert!(up.contains("DNS [0]: '192.0.2.53'") && up.contains("DNS [0]: '2001:db8::53'"), "{up}");
    // AT tells the same address.
    let address = up.split("IP [0]: '").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert!(proxied.at("AT+CGPADDR=1").contains(&address), "{address}");
    proxied.tells(&["--query-connection-state"], &["'activated'"]);
    proxied.tells(&["--query-ip-configuration"], &[&address]);
    proxied.tells(&["--query-packet-statistics"], &["Octets (in): '0'"]);
    let third = ["--device-open-ms-mbimex-v3", "--connect=access-string='iot.test',ip-type='ipv4'"];
    proxied.tells(&third, &["Access string: 'iot.test'", "IPv6 configuration available: 'none'"]);
    proxied.tells(&["--disconnect"], &["'deactivated'"]);
    assert!(proxied.fail(&["--disconnect"]).contains("ContextNotActivated"));
    assert!(proxied.fail(&["--connect=access-string='nowhere'"]).contains("InvalidAccessString"));
}

#[test]
fn settings_and_the_card() {
    let proxied = registered(WORLD);
    let signal = "--set-signal-state=signal-strength-interval=5,rssi-threshold=2,error-rate-threshold=3";
    proxied.tells(&[signal], &["Signal strength interval: '5'", "RSSI threshold: '2'"]);
    proxied.tells(&["--set-network-idle-hint=enabled"], &["'enabled'"]);
    let filter = "--set-ip-packet-filters=session-id=0,packet-filter=01020304,packet-mask=ffffff00";
    proxied.tells(&[filter], &["Packet filter : 01 02 03 04", "Packet mask : FF FF FF 00"]);
    let mico = "--ms-set-registration-parameters=mico-mode=enabled,drx-cycle=128,ladn-info=not-needed,\
                default-pdu-activation-hint=likely,re-register-if-needed=false";
    proxied.tells(&["--device-open-ms-mbimex-v3", mico], &["MICO mode: enabled DRX cycle: 128"]);
    proxied.tells(
        &["--ms-set-uicc-open-channel=application-id=A0000000871002,selectp2arg=0,channel-group=1"],
        &["status: 144 channel: 1"],
    );
    proxied.tells(&["--ms-set-uicc-close-channel=channel=1,channel-group=1"], &["status: 144"]);
    proxied.tells(&["--enable-pin=1234"], &["PIN operation successful"]);
    assert!(proxied.at("AT+CLCK=\"SC\",2").contains("+CLCK: 1"));
    assert!(proxied.fail(&["--disable-pin=9999"]).contains("Failure"));
    assert!(proxied.at("AT+CPINR=\"SIM PIN\"").contains("+CPINR: \"SIM PIN\",2,3"));
    proxied.tells(&["--change-pin=1234,4321"], &["PIN operation successful"]);
    proxied.tells(&["--ms-set-device-slot-mappings=1"], &["Executor '0': slot '1'"]);
    proxied.until("the other card is read", || {
        proxied.ask(&["--query-subscriber-ready-status"]).contains("Subscriber ID: '001010000000002'")
    });
}

/// mbimcli counts as MBIM does, from 1.
#[test]
fn the_phone_book_is_written_and_read() {
    let proxied = registered(WORLD);
    proxied.tells(&["--phonebook-query-configuration"], &["Number of entries: 50 used entries: 0"]);
    proxied.tells(&["--phonebook-write=Pump,+999700000017"], &[]);
    proxied.tells(&["--phonebook-write=Valve,999700000018"], &[]);
    proxied.tells(&["--phonebook-write=Gate,*100#,7"], &[]);
    proxied.tells(&["--phonebook-read=1"], &["+999700000017", "Pump"]);
    let all = proxied.tells(&["--phonebook-read-all"], &["Valve", "999700000018", "Gate", "*100#"]);
    assert!(all.contains("Pump"), "{all}");
    proxied.tells(&["--phonebook-query-configuration"], &["used entries: 3 "]);
    proxied.tells(&["--phonebook-delete=1"], &[]);
    assert!(proxied.fail(&["--phonebook-read=1"]).contains("InvalidMemoryIndex"));
    assert!(proxied.fail(&["--phonebook-write=Far,1,51"]).contains("InvalidMemoryIndex"));
    assert!(proxied.fail(&["--phonebook-write=Nobody,abc"]).contains("InvalidParameters"));
    proxied.tells(&["--phonebook-delete-all"], &[]);
    proxied.tells(&["--phonebook-query-configuration"], &["used entries: 0 "]);
}

#[test]
fn a_locked_card_opens_with_its_pin() {
    let proxied = Proxied::start(&MBIMCLI, "[sim]\npin-required = true\n[network]\nregistration-delay = \"100ms\"");
    proxied.until("the card asks", || proxied.ask(&["--query-subscriber-ready-status"]).contains("'device-locked'"));
    proxied.tells(&["--query-pin-state"], &["PIN state: 'locked'", "PIN type: 'pin1'", "Remaining attempts: '3'"]);
    proxied.fail(&["--enter-pin=0000"]);
    proxied.tells(&["--query-pin-state"], &["Remaining attempts: '2'"]);
    proxied.tells(&["--enter-pin=1234"], &["PIN operation successful"]);
    proxied.until("it registers", || proxied.ask(&["--query-registration-state"]).contains("'home'"));
}

#[test]
fn the_radio_and_the_network_are_left_and_found_again() {
    let proxied = registered(WORLD);
    proxied.tells(&["--detach-packet-service"], &["Packet service state: 'detached'"]);
    proxied.tells(&["--attach-packet-service"], &["Successfully attached"]);
    proxied.tells(&["--set-radio-state=off"], &["Software radio state: 'off'"]);
    assert!(proxied.at("AT+CFUN?").contains("+CFUN: 4"));
    proxied.tells(&["--query-registration-state"], &["Register state: 'deregistered'"]);
    assert!(proxied.fail(&["--query-visible-providers"]).contains("RadioPowerOff"));
    proxied.tells(&["--quectel-set-radio-state=on"], &["Successfully requested to enable radio"]);
    proxied.tells(&["--register-automatic"], &["Register mode: 'automatic'"]);
    proxied.until("it registers", || proxied.ask(&["--query-registration-state"]).contains("'home'"));
    proxied.tells(&["--ms-notify-host-shutdown"], &["Successfully notified"]);
}
