//! The configuration: what is read, what is refused and with which words.

// Helpers of tests fail by panicking, as the tests do.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lpwa::daemon::config::{Bus, Config, ControlPorts, DaemonConfig, DataConfig, Files, PortChoice, QmiChoice};
use lpwa::modem::handle::PowerRequest;
use lpwa::net::dns::DnsChoice;
use lpwa::net::path::DataKind;
use lpwa::spec::apn::PdpType;
use lpwa::spec::drx::DrxCycle;
use lpwa::spec::rat::Rat;
use lpwa::state::{Edrx, PsmTimers};

#[path = "config/uplinks.rs"]
mod uplinks;

/// The lines of a modem, for more of its keys.
const MODEM: &str = "[[modem]]\nid = \"m0\"\nat = \"/dev/ttyS1\"\n";

const MAIN: &str = "/etc/lpwa/lpwa.toml";

/// Files in memory, with their permission bits.
#[derive(Default)]
struct Memory(BTreeMap<PathBuf, (String, u32)>);

impl Memory {
    fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| (path.into(), ((*text).into(), 0o600))).collect())
    }

    fn main(text: &str) -> Self {
        Self::of(&[(MAIN, text)])
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<String> {
        self.0.get(path).map(|(text, _)| text.clone()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        // Backwards, as a directory has no order of its own.
        Ok(self.0.keys().rev().filter(|path| path.parent() == Some(dir)).cloned().collect())
    }

    fn mode(&self, path: &Path) -> io::Result<u32> {
        self.0.get(path).map(|(_, mode)| *mode).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

fn models(_: &Path) -> Vec<String> {
    ["generic", "quectel-bg95", "ublox-sara-r5"].map(String::from).to_vec()
}

fn good(files: &Memory) -> Config {
    Config::load(Path::new(MAIN), files, models).unwrap_or_else(|error| panic!("{error}"))
}

/// What is printed for the main file `text`.
fn mistakes(text: &str) -> Vec<String> {
    mistakes_of(&Memory::main(text))
}

fn mistakes_of(files: &Memory) -> Vec<String> {
    let error = Config::load(Path::new(MAIN), files, models).expect_err("a mistake was expected");
    error.to_string().lines().map(String::from).collect()
}

/// The warnings of a modem with these extra lines, from line 4 on.
fn warnings(extra: &str) -> Vec<String> {
    let text = format!("[[modem]]\nid = \"m0\"\nat = \"/dev/ttyS1\"\n{extra}");
    good(&Memory::main(&text)).warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn an_empty_file_is_a_configuration() {
    let config = good(&Memory::main(""));
    assert_eq!(config.daemon, DaemonConfig::default());
    assert!(config.modems.is_empty() && config.warnings.is_empty());
}

#[test]
fn every_key_is_read() {
    let text = r#"
        [daemon]
        bus = "unix:path=/run/x/bus"
        listen = "unix:path=/run/x/lpwa.sock"
        recorder_kib = 1_024
        models_dir = "/m"
        profiles_dir = "/p"
        state_dir = "/s"
        log = "lpwa::modem=debug"
        dns = "file:/run/lpwa/resolv.conf"
        [[modem]]
        id = "m0"
        at = "tcp:192.0.2.7:5000"
        model = "quectel-bg95"
        apn = "iot.test"
        pdp_type = "ipv6"
        user = "u"
        password_file = "/secret/password"
        rats = ["nb-iot", "lte-m"]
        bands = [8, 20]
        autoconnect = false
        pin_file = "pin"
        data = "interface"
        interface = "wwan0"
        dhcp = true
        metric = 300
        manage_network = false
        hook = "/usr/lib/site/link"
        power = { psm = { periodic_tau = "1h", active_time = "10s" }, edrx = { cycle = "81.92s" } }
        [[modem]]
        id = "usb"
        usb = "1-1.2"
        power = { psm = false, edrx = false }
        data = "interface"
        [[modem.bearer]]
        context = 2
        apn = "private.test"
        pdp_type = "ipv4"
        user = "v"
        password_file = "/secret/password"
        data = "interface"
        interface = "wwan1"
        default_route = false
        [[modem]]
        id = "uart"
        at = "/dev/ttyS1?baud=460800&flow=hw"
        data = "ppp"
    "#;
    let config = good(&Memory::of(&[(MAIN, text), ("/secret/password", "pass\n"), ("/etc/lpwa/pin", "0000\n")]));
    assert_eq!(config.daemon.bus, Bus::Address("unix:path=/run/x/bus".into()));
    assert_eq!(config.daemon.listen.unwrap().path(), Path::new("/run/x/lpwa.sock"));
    assert_eq!(config.daemon.recorder_kib, 1024);
    assert_eq!((config.daemon.models_dir, config.daemon.profiles_dir), ("/m".into(), "/p".into()));
    assert_eq!(config.daemon.state_dir, Path::new("/s"));
    assert_eq!(config.daemon.log, "lpwa::modem=debug".parse().unwrap());
    assert_eq!(config.daemon.dns, DnsChoice::File("/run/lpwa/resolv.conf".into()));
    let [m0, usb, uart] = &config.modems[..] else { panic!("three modems") };
    assert_eq!((m0.id.as_str(), &m0.port), ("m0", &PortChoice::At("tcp:192.0.2.7:5000".into())));
    assert_eq!(m0.model.as_deref(), Some("quectel-bg95"));
    assert_eq!(m0.apn.as_ref().map(|apn| apn.as_str()), Some("iot.test"));
    assert_eq!(m0.pdp_type, Some(PdpType::Ipv6));
    assert_eq!(m0.user.as_deref(), Some("u"));
    assert_eq!(m0.password.as_ref().map(|p| p.reveal().as_str()), Some("pass"));
    assert_eq!(m0.rats.as_deref(), Some(&[Rat::NbIot, Rat::LteM][..]));
    assert_eq!(m0.bands.as_deref(), Some(&[8, 20][..]));
    assert!(!m0.autoconnect);
    assert_eq!(m0.pin.as_ref().map(|p| p.reveal().as_str()), Some("0000"));
    let psm = PsmTimers { periodic_tau: Some(Duration::from_secs(3600)), active_time: Duration::from_secs(10) };
    let edrx = Edrx { cycle: Duration::from_millis(81_920), ptw: None };
    assert_eq!(m0.power, PowerRequest { psm: Some(Some(psm)), edrx: Some(Some(edrx)), ..PowerRequest::default() });
    assert_eq!(usb.port, PortChoice::Usb("1-1.2".into()));
    assert_eq!(usb.power, PowerRequest { psm: Some(None), edrx: Some(None), ..PowerRequest::default() });
    assert!(usb.autoconnect && usb.model.is_none());
    let data = DataConfig {
        kind: DataKind::Interface,
        interface: Some("wwan0".into()),
        dhcp: true,
        metric: Some(300),
        manage: false,
        hook: Some("/usr/lib/site/link".into()),
        ..DataConfig::default()
    };
    assert_eq!(m0.data, data);
    assert_eq!((usb.data.kind, &usb.data.interface), (DataKind::Interface, &None), "found by the USB device");
    let [bearer] = &usb.bearers[..] else { panic!("one more bearer") };
    assert_eq!((bearer.context, bearer.apn.as_str(), bearer.pdp_type), (2, "private.test", PdpType::Ipv4));
    assert_eq!(bearer.password.as_ref().map(|p| p.reveal().as_str()), Some("pass"));
    assert_eq!((bearer.data.interface.as_deref(), bearer.data.metric), (Some("wwan1"), None));
    assert_eq!((uart.data.kind, uart.data.dial), (DataKind::Ppp, true), "on the line that takes commands");
    assert_eq!(uart.data.ppp_port, "/dev/ttyS1?baud=460800&flow=hw".parse().ok());
    assert_eq!(config.warnings, []);
}

#[test]
fn drop_ins_are_laid_over_by_name_and_key() {
    let files = Memory::of(&[
        (MAIN, "[daemon]\nlog = \"warn\"\n[[modem]]\nid = \"m0\"\nat = \"/dev/ttyS1\"\napn = \"one\"\nuser = \"kept\""),
        (
            "/etc/lpwa/lpwa.d/10.toml",
            "[[modem]]\nid = \"m0\"\napn = \"two\"\n[[modem]]\nid = \"m1\"\nat = \"unix:/m1\"",
        ),
        ("/etc/lpwa/lpwa.d/20.toml", "[daemon]\nbus = \"none\"\n[[modem]]\nid = \"m0\"\napn = \"three\""),
        ("/etc/lpwa/lpwa.d/notes.txt", "not [ TOML"),
    ]);
    let config = good(&files);
    assert_eq!((config.daemon.bus, config.daemon.log), (Bus::None, "warn".parse().unwrap()));
    let ids: Vec<_> = config.modems.iter().map(|modem| modem.id.as_str()).collect();
    assert_eq!(ids, ["m0", "m1"]);
    assert_eq!(config.modems[0].apn.as_ref().map(|apn| apn.as_str()), Some("three"));
    assert_eq!(config.modems[0].user.as_deref(), Some("kept"));
}

#[test]
fn all_mistakes_are_told_at_once_with_file_and_line() {
    let files = Memory::of(&[
        (
            MAIN,
            "[daemon]\nbus = \"sistem\"\nrecorder_kib = \"big\"\n\n[[modem]]\nid = \"m0\"\nat = \"ttyS1\"\nap = \"x\"\n\
             apn = \"a\\\"b\"\nautoconnect = \"yes\"\nrats = [\"lte-m\", \"5g\"]\npdp_type = \"ip4\"",
        ),
        ("/etc/lpwa/lpwa.d/50-site.toml", "[[modem]]\nid = \"m0\"\npower = { psm = { active_time = \"10\" } }\n"),
    ]);
    assert_eq!(
        mistakes_of(&files),
        [
            "/etc/lpwa/lpwa.d/50-site.toml:3: active_time: \"10\" is no length of time; write it like 10s, 81.92s, 5m, \
             2h30m or 1d",
            "/etc/lpwa/lpwa.toml:2: bus: \"sistem\" is no bus; use system, session, none, or an address such as \
             unix:path=/run/x/bus",
            "/etc/lpwa/lpwa.toml:3: recorder_kib is a string; a whole number is wanted",
            "/etc/lpwa/lpwa.toml:7: at: \"ttyS1\" is no port; write a device such as /dev/ttyS1, unix:/path or \
             tcp:host:port",
            "/etc/lpwa/lpwa.toml:8: unknown key \"ap\"; did you mean \"apn\"?",
            "/etc/lpwa/lpwa.toml:9: apn: the APN \"a\\\"b\" has the character '\"'; letters, digits, '-', '_' and '.' \
             are allowed",
            "/etc/lpwa/lpwa.toml:10: autoconnect is a string; true or false is wanted",
            "/etc/lpwa/lpwa.toml:11: rats: \"5g\" is no radio access technology; use gsm, umts, lte, lte-m, nb-iot or nr",
            "/etc/lpwa/lpwa.toml:12: pdp_type: \"ip4\" is no PDP type; use ipv4, ipv6, ipv4v6 or non-ip",
        ]
    );
}

#[test]
fn control_ports_are_named_by_protocol() {
    let text = "[[modem]]\nid = \"a\"\nqmi = \"qmi-proxy:/dev/cdc-wdm0\"\nat = \"/dev/ttyUSB2\"\n\
                [[modem]]\nid = \"b\"\nmbim = \"/dev/cdc-wdm1\"\nqmi = \"over-mbim\"\n";
    let config = good(&Memory::of(&[(MAIN, text)]));
    let ports: Vec<_> = config.modems.iter().map(|modem| modem.port.clone()).collect();
    let a = ControlPorts {
        at: Some("/dev/ttyUSB2".into()),
        qmi: Some(QmiChoice::Port("qmi-proxy:/dev/cdc-wdm0".into())),
        mbim: None,
    };
    let b = ControlPorts { at: None, qmi: Some(QmiChoice::OverMbim), mbim: Some("/dev/cdc-wdm1".into()) };
    assert_eq!(ports, [PortChoice::Control(a), PortChoice::Control(b)]);
}

#[test]
fn bearers_that_share_an_interface_need_no_name_for_their_links() {
    let bearer = "data = \"interface\"\ninterface = \"wwan0\"\n\
                  [[modem.bearer]]\ncontext = 2\napn = \"private.test\"\ndata = \"interface\"\n";
    for port in ["qmi = \"/dev/cdc-wdm0\"", "mbim = \"/dev/cdc-wdm0\"", "usb = \"1-1.2\""] {
        let config = good(&Memory::of(&[(MAIN, &format!("[[modem]]\nid = \"a\"\n{port}\n{bearer}"))]));
        let data = &config.modems[0].bearers[0].data;
        assert_eq!((data.kind, &data.interface), (DataKind::Interface, &None));
    }
}

/// Each line that may go wrong, alone: the line after a complete modem, and what must be said of it.
#[test]
fn mistakes_name_the_key_and_the_way_out() {
    for (line, said) in [
        ("model = \"quectel-bg59\"", "model: there is no model \"quectel-bg59\"; did you mean \"quectel-bg95\"?"),
        ("bands = [0]", "bands: 0 is out of range; 1 to 1024 is possible"),
        ("bands = [99999999999999999999]", "bands: 9223372036854775807 is out of range; 1 to 1024 is possible"),
        ("bands = 20", "bands is a whole number; a list of whole numbers is wanted"),
        ("rats = [4]", "rats: a whole number is in the list; strings are wanted"),
        ("rats = []", "rats: the list names no technology; leave the key out for the modem's own"),
        ("data = \"qmi\"", "data: \"qmi\" is no way for data; write \"none\", \"interface\" or \"ppp\""),
        ("data = \"interface\"", "data: name the network interface, such as interface = \"wwan0\""),
        ("interface = \"a/b\"", "interface: \"a/b\" is no name of a network interface; `ip link` lists them"),
        (
            "interface = \"sixteen-letters0\"",
            "interface: \"sixteen-letters0\" is no name of a network interface; `ip link` lists them",
        ),
        ("hook = \"hook.sh\"", "hook: \"hook.sh\" is no absolute path; write \"/usr/lib/...\""),
        ("metric = 0", "metric: 0 is out of range; 1 to 1000000 is possible"),
        ("ppp_port = \"unix:/m0\"", "ppp_port: unix:/m0 is no serial line; pppd needs one such as /dev/ttyUSB3"),
        ("bearer = 2", "bearer is a whole number; a list, [[modem.bearer]] with two brackets, is wanted"),
        ("bearer = [{ apn = \"x\" }]", "this bearer has no context; write one such as context = 2"),
        ("bearer = [{ context = 17 }]", "context: 17 is out of range; 0 to 16 is possible"),
        (
            "bearer = [{ context = 2, data = \"interface\" }]",
            "data: name the network interface, such as interface = \"wwan1\"",
        ),
        (
            "bearer = [{ context = 2, data = \"ppp\" }]",
            "data: \"ppp\" is for the first bearer, one line carries one call",
        ),
        ("bearer = [{ context = 2 }, { context = 2 }]", "context: 2 is another bearer's already; each has its own"),
        ("bearer = [{ context = 2, apm = \"x\" }]", "unknown key \"apm\"; did you mean \"apn\"?"),
        ("usb = \"1-1\"", "usb: this modem has at as well; keep one of the two"),
        ("power = true", "power is true or false; a table such as { psm = false } is wanted"),
        (
            "power = { psm = true }",
            "psm is true or false; a table such as { active_time = \"10s\" }, or false, is wanted",
        ),
        ("power = { psm = {} }", "psm has no active_time; write how long the modem stays reachable, such as 10s"),
        ("power = { edrx = {} }", "edrx has no cycle; write one such as 81.92s"),
        ("power = { edxr = false }", "unknown key \"edxr\"; did you mean \"edrx\"?"),
        ("profile = \"always_on\"", "profile: no file /etc/lpwa/profiles/always_on.toml; did you mean \"always-on\"?"),
        ("power = {}\nprofile = \"always-on\"", "profile: this modem has power as well; keep one of the two"),
        ("[[modem]]\nid = \"m0\"\nat = \"/x\"", "there is a modem \"m0\" already, in line 1; choose another id"),
        ("[[modem]]\nat = \"/x\"", "this modem has no id; write one such as id = \"m0\""),
        ("[[modem]]\nid = \"M 1\"\nat = \"/x\"", "id: \"M 1\" is no id; 1 to 32 of a-z, 0-9, '_' and '-' are wanted"),
        ("[[modem]]\nid = 1\nat = \"/x\"", "id is a whole number; a string is wanted"),
        (
            "[[modem]]\nid = \"m1\"",
            "this modem has no port; write at = \"/dev/ttyS1\", qmi or mbim = \"/dev/cdc-wdm0\", or usb = \"1-1.2\"",
        ),
        (
            "[[modem]]\nid = \"m1\"\nqmi = \"/dev/ttyUSB2\"",
            "qmi: \"/dev/ttyUSB2\" is no control device; write a device such as /dev/cdc-wdm0, \"qmi-proxy:/dev/cdc-wdm0\" for one that others use too, \"qrtr:0\" for one of the SoC, or unix:/path",
        ),
        (
            "[[modem]]\nid = \"m1\"\nmbim = \"qmi-proxy:/dev/cdc-wdm0\"",
            "mbim: qmi-proxy does not speak mbim; write a device such as /dev/cdc-wdm0, \"mbim-proxy:/dev/cdc-wdm0\" for one that others use too, or unix:/path",
        ),
        (
            "[[modem]]\nid = \"m1\"\nqmi = \"qrtr:modem\"",
            "qmi: \"qrtr:modem\" names no QRTR node; write its number, such as qrtr:0",
        ),
        ("[[modem]]\nid = \"m1\"\nmbim = \"qrtr:0\"", "mbim: \"qrtr:0\" carries QMI; write it as qmi"),
        (
            "[[modem]]\nid = \"m1\"\nqmi = \"over-mbim\"",
            "qmi: \"over-mbim\" needs the MBIM port; write mbim = \"/dev/cdc-wdm0\" as well",
        ),
        (
            "[[modem]]\nid = \"m1\"\nat = \"/dev/cdc-wdm0\"",
            "at: \"/dev/cdc-wdm0\" takes no commands but messages; write it as qmi or mbim",
        ),
        (
            "[[modem]]\nid = \"m1\"\nqmi = \"/dev/cdc-wdm0\"\nusb = \"1-1.2\"",
            "usb: this modem has qmi as well; keep one of the two",
        ),
        (
            "[[modem]]\nid = \"m1\"\nusb = \"hub\"",
            "usb: \"hub\" is no USB path; write it as in /sys/bus/usb/devices, such as 1-1.2",
        ),
        (
            "[[modem]]\nid = \"m1\"\nat = \"/dev/ttyS1\"",
            "modem \"m1\" has the port of modem \"m0\"; each needs its own",
        ),
        ("[deamon]", "unknown key \"deamon\"; did you mean \"daemon\"?"),
    ] {
        let text = format!("[[modem]]\nid = \"m0\"\nat = \"/dev/ttyS1\"\n{line}");
        let all = mistakes(&text);
        assert!(all.len() == 1 && all[0].ends_with(&format!(": {said}")), "{line}\n{all:#?}");
    }
}

#[test]
fn one_bracket_for_two_is_explained() {
    assert_eq!(
        mistakes("[modem]\nid = \"m0\""),
        ["/etc/lpwa/lpwa.toml:1: modem is a table; a list, [[modem]] with two brackets, is wanted"]
    );
}

#[test]
fn what_is_no_toml_is_told_with_its_line_beside_the_rest() {
    let all = mistakes("[daemon]\nlog = \n[[modem]]\nid = \"m0\"\nat = \"/dev/ttyS1\"\nap = \"x\"");
    assert!(all[0].starts_with("/etc/lpwa/lpwa.toml:2: "), "{all:#?}");
    assert_eq!(all.last().unwrap(), "/etc/lpwa/lpwa.toml:6: unknown key \"ap\"; did you mean \"apn\"?");
}

#[test]
fn a_missing_file_is_an_error() {
    assert_eq!(mistakes_of(&Memory::default()), ["/etc/lpwa/lpwa.toml: cannot be read: entity not found"]);
}

#[test]
fn times_without_a_code_are_rounded_with_a_warning() {
    // TS 24.008 clauses 10.5.7.4 and 10.5.7.4a: 2 s, 1 min, 6 min; and up to 10 h steps for the periodic timer.
    let config = "power = { psm = { periodic_tau = \"7d\", active_time = \"63s\" } }";
    assert_eq!(
        warnings(config),
        [
            "/etc/lpwa/lpwa.toml:4: periodic_tau: 7d has no code; 7d2h is asked for instead",
            "/etc/lpwa/lpwa.toml:4: active_time: 1m3s has no code; 2m is asked for instead",
        ]
    );
    assert_eq!(
        warnings("power = { psm = { active_time = \"4h\" } }"),
        ["/etc/lpwa/lpwa.toml:4: active_time: 4h has no code; 3h6m is asked for instead"]
    );
    let text = format!("[[modem]]\nid = \"m0\"\nat = \"/dev/ttyS1\"\n{config}");
    let psm = good(&Memory::main(&text)).modems[0].power.psm;
    let rounded = PsmTimers { periodic_tau: Some(Duration::from_secs(612_000)), active_time: Duration::from_secs(120) };
    assert_eq!(psm, Some(Some(rounded)));
}

#[test]
fn an_edrx_cycle_is_checked_for_the_technologies_in_use() {
    // TS 24.008 clause 10.5.5.32: 61.44 s is a cycle of LTE-M and not one of NB-IoT.
    let cycle = "power = { edrx = { cycle = \"61.44s\" } }";
    let warning = "/etc/lpwa/lpwa.toml:4: cycle: 61.44s has no code on NB-IoT; 81.92s is asked for instead";
    assert_eq!(warnings(cycle), [warning]);
    assert_eq!(warnings(&format!("{cycle}\nrats = [\"lte-m\"]")), [] as [&str; 0]);
}

#[test]
fn parameters_of_a_5g_registration_are_power_saving() {
    let power = |power: &str| good(&Memory::main(&format!("{MODEM}power = {{ {power} }}"))).modems[0].power;
    let none = PowerRequest::default();
    let cycle = Some(Some(DrxCycle::Frames256));
    assert_eq!(
        power("mico = true, drx_cycle = \"2.56s\""),
        PowerRequest { mico: Some(true), drx_cycle: cycle, ..none }
    );
    assert_eq!(
        power("mico = false, drx_cycle = false"),
        PowerRequest { mico: Some(false), drx_cycle: Some(None), ..none }
    );
    // TS 24.501 clause 9.11.3.2A has four of them.
    assert_eq!(
        mistakes_of(&Memory::main(&format!("{MODEM}power = {{ mico = 1, drx_cycle = \"5.12s\" }}"))),
        [
            "/etc/lpwa/lpwa.toml:4: mico is a whole number; true or false is wanted",
            "/etc/lpwa/lpwa.toml:4: drx_cycle: 5.12s is no DRX cycle of 5G; use 0.32s, 0.64s, 1.28s or 2.56s",
        ]
    );
    assert_eq!(
        mistakes_of(&Memory::main(&format!("{MODEM}power = {{ drx_cycle = true }}"))),
        ["/etc/lpwa/lpwa.toml:4: drx_cycle is true or false; a cycle such as \"2.56s\", or false, is wanted"]
    );
}

#[test]
fn a_modem_that_would_never_sleep_is_doubted() {
    assert_eq!(
        warnings("power = { psm = { periodic_tau = \"1m\", active_time = \"2m\" } }"),
        ["/etc/lpwa/lpwa.toml:4: active_time: with 2m out of 1m the modem never sleeps"]
    );
}

#[test]
fn secrets_that_cannot_be_used_are_warnings() {
    let text = "[[modem]]\nid = \"m0\"\nat = \"/dev/ttyS1\"\npin_file = \"m0.pin\"";
    let pin = |content: Option<(&str, u32)>| {
        let mut files = Memory::main(text);
        files.0.extend(content.map(|(pin, mode)| ("/etc/lpwa/m0.pin".into(), (pin.into(), mode))));
        let config = good(&files);
        (config.modems[0].pin.is_some(), config.warnings.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let place = "/etc/lpwa/lpwa.toml:4: pin_file: /etc/lpwa/m0.pin";
    assert_eq!(pin(Some(("1234\n", 0o600))), (true, vec![]));
    assert_eq!(
        pin(Some(("1234", 0o644))),
        (true, vec![format!("{place} is readable by everybody; run chmod 600 /etc/lpwa/m0.pin")])
    );
    assert_eq!(pin(None), (false, vec![format!("{place} cannot be read: entity not found")]));
    let no_pin = format!("{place} holds no PIN; four to eight digits in its first line are wanted");
    assert_eq!(pin(Some(("12a4", 0o600))), (false, vec![no_pin]));
}

#[test]
fn profiles_are_files_with_the_keys_of_power() {
    let text = "[daemon]\nprofiles_dir = \"/p\"\n[[modem]]\nid = \"m0\"\nat = \"/dev/ttyS1\"\nprofile = ";
    let with = |name: &str, profile: &str| {
        Memory::of(&[(MAIN, &format!("{text}\"{name}\"")), (&format!("/p/{name}.toml"), profile)])
    };
    let config = good(&with("daily", "title = \"d\"\npsm = false\n[edrx]\ncycle = \"81.92s\"\n"));
    let edrx = Edrx { cycle: Duration::from_millis(81_920), ptw: None };
    assert_eq!(
        config.modems[0].power,
        PowerRequest { psm: Some(None), edrx: Some(Some(edrx)), ..PowerRequest::default() }
    );
    // A file wins over the profile of the same name that is built in.
    let config = good(&with("always-on", "psm = { active_time = \"10s\" }"));
    assert!(matches!(config.modems[0].power.psm, Some(Some(_))));
    assert_eq!(
        mistakes_of(&with("daily", "psm = false\nedr = false\n")),
        ["/p/daily.toml:2: unknown key \"edr\"; did you mean \"edrx\"?"]
    );
}

#[test]
fn a_profile_name_leads_nowhere_else() {
    let text = "[[modem]]\nid = \"m0\"\nat = \"/dev/ttyS1\"\nprofile = \"../secret\"";
    let all = mistakes_of(&Memory::of(&[(MAIN, text), ("/etc/lpwa/profiles/../secret.toml", "psm = false")]));
    assert!(all[0].starts_with("/etc/lpwa/lpwa.toml:4: profile: no file"), "{all:#?}");
}

/// The fenced blocks of the documentation that open with `fence`.
fn blocks(fence: &str) -> Vec<String> {
    let text = include_str!("../docs/configuration.md");
    let parts = text.split("\n```").skip(1).step_by(2);
    parts.filter_map(|part| part.split_once('\n').filter(|(tag, _)| *tag == fence).map(|(_, b)| b.into())).collect()
}

#[test]
fn the_documented_example_is_sound() {
    let examples = blocks("toml");
    let uplinks = examples.iter().find(|example| example.contains("[[uplink]]")).unwrap();
    assert_eq!(good(&Memory::main(uplinks)).uplinks.len(), 1);
    let (example, waking) = (&examples[0], examples.iter().find(|example| example.contains("pwrkey")).unwrap());
    let config =
        good(&Memory::of(&[(MAIN, example), ("/etc/lpwa/m0.pin", "0000"), ("/etc/lpwa/roof.password", "secret")]));
    assert_eq!(config.warnings, []);
    assert_eq!(config.modems.len(), 2);
    let key = good(&Memory::of(&[(MAIN, waking)])).modems[0].pwrkey.clone().unwrap();
    assert_eq!((key.output.gpio.to_string().as_str(), key.output.active_low), ("gpiochip0:17", true));
    assert_eq!(key.pulse, Some(std::time::Duration::from_millis(575)));
}

#[test]
fn slots_have_an_order_and_stand_once() {
    let slots = |keys: &str| {
        let text = format!("[[modem]]\nid = \"m0\"\nat = \"/dev/ttyS1\"\n{keys}");
        good(&Memory::of(&[(MAIN, &text)])).modems[0].slots.clone()
    };
    assert!(slots("").is_empty());
    assert_eq!(slots("slot = 2"), [2]);
    assert_eq!(slots("slots = [2, 1]"), [2, 1]);
    for (keys, wanted) in [
        ("slot = 0", "slot: 0 is out of range; 1 to 8 is possible"),
        ("slots = [1, 9]", "9 is out of range"),
        ("slots = [1, 1]", "each slot once is wanted"),
        ("slots = []", "each slot once is wanted"),
        ("slot = 1\nslots = [2]", "keep one of the two"),
    ] {
        let text = format!("[[modem]]\nid = \"m0\"\nat = \"/dev/ttyS1\"\n{keys}");
        let all = mistakes_of(&Memory::of(&[(MAIN, &text)]));
        assert!(!all.is_empty() && all[0].contains(wanted), "{keys}: {all:#?}");
    }
}

#[test]
fn lines_that_wake_nothing_are_named() {
    for (keys, wanted) in [
        ("at = \"unix:/m0\"\ndtr = true", "dtr: only a serial port has this line, and the modem is at unix:/m0"),
        (
            "at = \"/dev/ttyS1\"\npwrkey = 17",
            "pwrkey is a whole number; a table such as { gpio = \"gpiochip0:17\" } is wanted",
        ),
        (
            "at = \"/dev/ttyS1\"\npwrkey = { active_low = true }",
            "pwrkey has no gpio; write the line, such as \"gpiochip0:17\"",
        ),
        ("at = \"/dev/ttyS1\"\npwrkey = { gpio = \"gpiochip0:\" }", "gpio: \"gpiochip0:\" names no GPIO line"),
        ("at = \"/dev/ttyS1\"\npwrkey = { gpio = \"KEY\", pulse = \"1m\" }", "pulse: 1m is no press of a key"),
        (
            "at = \"/dev/ttyS1\"\npwrkey = { gpio = \"KEY\", puls = \"1s\" }",
            "unknown key \"puls\"; did you mean \"pulse\"?",
        ),
    ] {
        let text = format!("[[modem]]\nid = \"m0\"\n{keys}");
        let all = mistakes_of(&Memory::of(&[(MAIN, &text)]));
        assert!(all.len() == 1 && all[0].contains(wanted), "{keys}: {all:#?}");
    }
}

#[test]
fn every_key_is_documented() {
    let docs = include_str!("../docs/configuration.md");
    for text in [
        "[daemon]\nqqqqqqqq = 1",
        "[[modem]]\nid = \"m0\"\nat = \"/x\"\nqqqqqqqq = 1",
        "[health]\nqqqqqqqq = 1",
        "[recovery]\nqqqqqqqq = 1",
        "[recovery]\nreset = { qqqqqqqq = 1 }",
        "[[uplink]]\nname = \"wan\"\nmember = [{ interface = \"eth0\" }]\nqqqqqqqq = 1",
        "[[uplink]]\nname = \"wan\"\nmember = [{ interface = \"eth0\", qqqqqqqq = 1 }]",
        "[[modem]]\nid = \"m0\"\nat = \"/x\"\npower_cut = { qqqqqqqq = 1 }",
        "[[modem]]\nid = \"m0\"\nat = \"/x\"\npower = { qqqqqqqq = 1 }",
        "[[modem]]\nid = \"m0\"\nat = \"/x\"\npower = { psm = { active_time = \"10s\", qqqqqqqq = 1 } }",
        "[[modem]]\nid = \"m0\"\nat = \"/x\"\npower = { edrx = { cycle = \"81.92s\", qqqqqqqq = 1 } }",
    ] {
        let all = mistakes(text);
        let (_, known) = all[0].split_once("known here: ").unwrap_or_else(|| panic!("{all:#?}"));
        for key in known.split(", ") {
            let documented = docs.lines().any(|line| {
                line.starts_with(&format!("| `{key}` |"))
                    || (line.starts_with("| `") && line.contains(&format!(".{key}` |")))
            });
            assert!(documented, "{key} is not in docs/configuration.md");
        }
    }
}

/// A word that is no level is taken for a module by the log, which would then be silent.
#[test]
fn a_level_that_is_none_is_a_mistake() {
    for log in ["loud", "warning", "info,verbose"] {
        let all = mistakes(&format!("[daemon]\nlog = \"{log}\""));
        let word = log.rsplit(',').next().unwrap();
        assert!(all[0].contains(&format!("log: {word:?} is no level")), "{all:?}");
    }
}

#[test]
fn directories_start_at_the_file_that_names_them() {
    let text = "[daemon]\nmodels_dir = \"modems\"\nstate_dir = \"/var/lib/other\"";
    let daemon = good(&Memory::main(text)).daemon;
    assert_eq!(daemon.models_dir, Path::new("/etc/lpwa/modems"));
    assert_eq!(daemon.state_dir, Path::new("/var/lib/other"));
}

/// Commands that ask no daemon want to know where things are, whatever else is wrong.
#[test]
fn the_daemons_own_section_is_read_alone() {
    let drop_in = ("/etc/lpwa/lpwa.d/1.toml", "[daemon]\nmodels_dir = \"/srv/models\"");
    let load = |text| DaemonConfig::load(Path::new(MAIN), &Memory::of(&[(MAIN, text), drop_in]));
    assert_eq!(
        load("[[modem]]\nid = \"m0\"").unwrap().models_dir,
        Path::new("/srv/models"),
        "no port: not its business"
    );
    let wrong = load("[daemon]\nmodels_dri = \"/x\"").unwrap_err().to_string();
    assert_eq!(wrong, "/etc/lpwa/lpwa.toml:2: unknown key \"models_dri\"; did you mean \"models_dir\"?");
}
