//! The command: manual pages and documentation in step with the definitions, lines in words, answers of a daemon.

// Helpers of tests fail by panicking, as the tests do.
#![allow(clippy::unwrap_used)]

mod fake_daemon;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use clap::{CommandFactory, Parser};
use fake_daemon::{Daemon, Page};
use lpwa::cli::args::Cli;
use lpwa::cli::exit::{self, Exit};
use lpwa::cli::out::Out;
use lpwa::cli::{self, Wiring};
use lpwa::modem::handle::PowerRequest;

/// The text of every `*.1` in `dir`, by name.
fn pages(dir: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let pages = entries.filter(|path| path.extension().is_some_and(|extension| extension == "1"));
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    pages.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
}

/// `LPWA_BLESS=1 cargo test --test cli` writes them.
#[test]
fn the_manual_pages_are_current() {
    let checked_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    let fresh = tempfile::tempdir().unwrap();
    clap_mangen::generate_to(Cli::command(), fresh.path()).unwrap();
    let (old, new) = (pages(&checked_in), pages(fresh.path()));
    if std::env::var_os("LPWA_BLESS").is_some() {
        old.keys().for_each(|name| fs::remove_file(checked_in.join(name)).unwrap());
        new.iter().for_each(|(name, text)| fs::write(checked_in.join(name), text).unwrap());
        return;
    }
    let hint = "run LPWA_BLESS=1 cargo test --test cli";
    assert_eq!(old.keys().collect::<Vec<_>>(), new.keys().collect::<Vec<_>>(), "{hint}");
    for (name, text) in &new {
        assert_eq!(&old[name], text, "man/{name} is out of date; {hint}");
    }
}

/// The page is written by hand, and shorter than `docs/configuration.md`; no key is missing on it.
#[test]
fn the_manual_of_the_configuration_has_every_key() {
    let manual = include_str!("../man/lpwa.toml.5").replace("\\-", "-");
    let rows = include_str!("../docs/configuration.md").lines().filter_map(|line| line.strip_prefix("| `"));
    let keys = rows.filter_map(|row| row.split_once("` |")).map(|(key, _)| key).filter(|key| !key.starts_with('"'));
    for key in keys {
        let name = key.rsplit('.').next().unwrap();
        assert!(manual.contains(name), "man/lpwa.toml.5 does not have {key}");
    }
}

/// The names of all commands, with those below them as `sim unlock`.
fn commands(command: &clap::Command, above: &str) -> Vec<String> {
    let named = |sub: &clap::Command| format!("{above}{}", sub.get_name());
    let below = |sub: &clap::Command| {
        if sub.has_subcommands() { commands(sub, &format!("{} ", named(sub))) } else { vec![named(sub)] }
    };
    command.get_subcommands().flat_map(below).collect()
}

#[test]
fn the_documentation_has_every_command() {
    let text = include_str!("../docs/cli.md");
    for command in commands(&Cli::command(), "") {
        assert!(text.contains(&format!("`{command}")), "docs/cli.md has nothing about {command}");
    }
}

#[test]
fn the_definitions_hold_together() {
    Cli::command().debug_assert();
}

#[test]
fn command_lines_of_the_documentation_are_understood() {
    for line in [
        "lpwa --address unix:path=/run/x/lpwa.sock --json show m0",
        "lpwa show --json m0",
        "lpwa status",
        "lpwa connect m0 --apn iot.test --pdp-type ipv4 --user me --password-file pw",
        "lpwa power set --periodic-tau 1h --active-time 10s --edrx-cycle 81.92s",
        "lpwa power set m0 --no-psm --no-edrx",
        "lpwa power set --edrx-cycle 81.92s --edrx-ptw 5.12s",
        "lpwa power set asset-tracker m0",
        "lpwa power set --no-psm m0 --queue",
        "lpwa power show m0 --last 2d",
        "lpwa power wait --timeout 2h",
        "lpwa power wait m0 --wake",
        "lpwa power hold --wake -- true",
        "lpwa power hold -- sh -c true",
        "lpwa power hold m0 --reason upload --timeout 1h -- rsync --archive a b",
        "lpwa queue list",
        "lpwa queue cancel 7 m0",
        "lpwa signal --when cached",
        "lpwa scan m0 --when 2h30m",
        "lpwa at AT+CESQ --when wake",
        "lpwa reset --when wait",
        "lpwa profiles show always-on",
        "lpwa sim unlock --pin-file pin",
        "lpwa at AT+CESQ",
        "lpwa at m0 AT+CFUN=1 --timeout 3m",
        "lpwa record -o t.tr --last 10m",
        "lpwa replay a.tr b.tr --bless",
        "lpwa replay --import mm.log -o t.tr",
        "lpwa decode +CEREG:1 --model quectel-bg95",
        "lpwa simulate simcom-sim7080 --on unix:/tmp/m0",
        "lpwa demo --plain",
        "lpwa modems check a.toml",
        "lpwa completions fish",
        "lpwa daemon --config l.toml --bus none --listen unix:path=/run/x/lpwa.sock",
        "lpwa -vv watch",
    ] {
        let parsed = Cli::try_parse_from(line.split(' '));
        assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
    }
}

#[test]
fn command_lines_that_mean_nothing_are_refused() {
    for line in [
        "lpwa",
        "lpwa power set",
        "lpwa power set --periodic-tau 1h",
        "lpwa power set --active-time 10s --no-psm",
        "lpwa power set --edrx-ptw 5.12s",
        "lpwa power set always-on m0 --no-psm",
        "lpwa power hold",
        "lpwa power hold m0",
        "lpwa power hold m0 true",
        "lpwa queue cancel m0",
        "lpwa signal --when soon",
        "lpwa signal --when 0s",
        "lpwa connect --apn bad\"apn",
        "lpwa connect --password-file pw",
        "lpwa sim unlock m0 1234",
        "lpwa at",
        "lpwa replay",
        "lpwa replay --timeline --bless a.tr",
    ] {
        assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
    }
}

const UNWIRED: Wiring = Wiring {
    daemon: |_, _| Ok(()),
    demo: |_, _| Ok(()),
    replay: |_, _| Ok(()),
    simulate: |_, _| Ok(()),
    profiles: |_, _| Ok(()),
    sims: |_, _| Ok(()),
    profile: |_| Ok(PowerRequest::default()),
    models_dir: |_| Ok("/nonexistent".into()),
    tui: |_| Box::pin(async { Ok(()) }),
};

/// Runs a command line; what it printed, and its exit code with the error.
fn run(words: &[&str]) -> (String, Option<(Exit, String)>) {
    let cli = Cli::try_parse_from([&["lpwa"], words].concat()).unwrap();
    let page = Page::default();
    let mut out = Out::plain(page.clone(), None, cli.global.json);
    let result = cli::run(&UNWIRED, &cli, &mut out);
    (page.text(), result.err().map(|error| (exit::code(&error).unwrap(), format!("{error:#}"))))
}

#[test]
fn no_daemon_is_told_with_its_address() {
    let dir = tempfile::tempdir().unwrap();
    let address = format!("unix:path={}/nobody.sock", dir.path().display());
    let (text, error) = run(&["--address", &address, "status"]);
    let (exit, message) = error.unwrap();
    assert_eq!((text.as_str(), exit), ("", Exit::Unreachable));
    assert!(message.contains(&address) && message.contains("lpwa daemon"), "{message}");
}

#[test]
fn a_modem_is_shown_to_people() {
    let daemon = Daemon::start();
    for (name, words) in [
        ("status", &["status"][..]),
        ("list", &["list"]),
        ("show", &["show", "m0"]),
        ("power", &["power", "show"]),
        ("signal", &["signal"]),
        ("scan", &["scan"]),
        ("connect", &["connect", "m0", "--apn", "iot.test"]),
        ("uplink", &["uplink", "show"]),
        ("uplink-log", &["uplink", "log", "wan"]),
        ("uplink-use", &["uplink", "use", "eth0"]),
        ("usage", &["usage"]),
    ] {
        let (text, error) = run(&[&["--address", &daemon.address][..], words].concat());
        assert_eq!(error, None, "{words:?}");
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn json_is_the_document() {
    let daemon = Daemon::start();
    let (text, _) = run(&["--address", &daemon.address, "--json", "show", "m0"]);
    let doc: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&doc["id"], &doc["network"]["rat"]), (&"m0".into(), &"lte-m".into()));
    let (text, _) = run(&["--address", &daemon.address, "--json", "list"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap()[0], doc);
}

#[test]
fn what_is_left_to_the_queue_is_listed_and_taken_back() {
    let daemon = Daemon::start();
    let run = |words: &[&str]| run(&[&["--address", &daemon.address][..], words].concat());
    let (text, _) = run(&["queue", "list"]);
    assert_eq!(text, "no request waits, and none has ended since the daemon started\n");
    let (text, error) = run(&["power", "set", "--no-psm", "--queue"]);
    assert_eq!((text.as_str(), error), ("m0: request 7 is in the queue; `lpwa queue list` shows it\n", None));
    let (text, _) = run(&["queue", "list"]);
    insta::assert_snapshot!("queue", text);
    let (text, error) = run(&["queue", "cancel", "7"]);
    assert_eq!((text.as_str(), error), ("m0: request 7 was taken back\n", None));
    let (text, _) = run(&["--json", "scan", "--queue"]);
    assert_eq!(text, "{\n  \"queued\": 7\n}\n");
    let (text, _) = run(&["--json", "queue", "list"]);
    let queues: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&queues[0]["modem"], &queues[0]["waiting"][0]["task"]), (&"m0".into(), &"scan".into()));
}

/// The command runs while the hold is there, and its exit code is what comes back.
#[test]
fn a_command_runs_while_the_modem_is_held() {
    let daemon = Daemon::start();
    let lpwa = |words: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_lpwa"));
        command.args(["--address", &daemon.address]).args(words).output().unwrap()
    };
    let inner = format!(
        "{0} --address {1} power show m0; {0} --address {1} queue list; exit 42",
        env!("CARGO_BIN_EXE_lpwa"),
        daemon.address
    );
    let held = lpwa(&["power", "hold", "m0", "--reason", "nightly upload", "--", "sh", "-c", &inner]);
    let shown = String::from_utf8(held.stdout).unwrap();
    assert!(shown.contains("held awake: nightly upload"), "{shown}");
    assert!(shown.contains("m0     8       hold     keeps it awake for 3 h: nightly upload"), "{shown}");
    assert_eq!((held.status.code(), String::from_utf8(held.stderr).unwrap().as_str()), (Some(42), ""));
    let after = String::from_utf8(lpwa(&["power", "show"]).stdout).unwrap();
    assert!(!after.contains("held awake"), "{after}");
    let missing = lpwa(&["power", "hold", "--", "/nonexistent/program"]);
    assert_eq!(missing.status.code(), Some(127));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("/nonexistent/program"));
}

/// Whoever ends lpwa ends the command as well, and the modem is let go.
#[test]
fn a_signal_reaches_the_command() {
    use std::io::{BufRead, BufReader};
    let daemon = Daemon::start();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_lpwa"));
    command.args(["--address", &daemon.address, "power", "hold", "--", "sh", "-c"]);
    command.arg("trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done").stdout(std::process::Stdio::piped());
    let mut held = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(held.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let pid = rustix::process::Pid::from_child(&held);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(held.wait().unwrap().code(), Some(9));
    let (text, _) = run(&["--address", &daemon.address, "power", "show"]);
    assert!(!text.contains("held awake"), "{text}");
}

#[test]
fn a_modem_that_is_awake_is_not_waited_for() {
    let daemon = Daemon::start();
    let (text, error) = run(&["--address", &daemon.address, "power", "wait", "--timeout", "1m"]);
    assert_eq!((text.as_str(), error), ("m0: awake\n", None));
}

#[test]
fn the_timeline_is_there_for_programs() {
    let daemon = Daemon::start();
    let (text, _) = run(&["--address", &daemon.address, "--json", "power", "show"]);
    let shown: serde_json::Value = serde_json::from_str(&text).unwrap();
    let changes = shown["timeline"]["changes"].as_array().unwrap();
    let names: Vec<_> = changes.iter().map(|change| change["reachability"].as_str().unwrap()).collect();
    assert_eq!(names, ["awake", "edrx", "awake", "edrx", "awake"]);
    assert_eq!((&shown["id"], &shown["timeline"]["commands"][0]["count"]), (&"m0".into(), &24.into()));
}

#[test]
fn failures_have_their_codes() {
    let daemon = Daemon::start();
    for (words, wanted, part) in [
        (&["show", "m7"][..], Exit::NoModem, "m7"),
        (&["disable"], Exit::Denied, "the network says no"),
        (&["reset"], Exit::TimedOut, "m0"),
        (&["at", "AT+COPS?"], Exit::Failure, "decode"),
    ] {
        let (_, error) = run(&[&["--address", &daemon.address][..], words].concat());
        let (exit, message) = error.unwrap();
        assert_eq!(exit, wanted, "{words:?}: {message}");
        assert!(message.contains(part), "{words:?}: {message}");
    }
}

#[test]
fn an_answer_of_the_modem_is_printed_as_it_is() {
    let daemon = Daemon::start();
    let (text, error) = run(&["--address", &daemon.address, "at", "m0", "AT+CSQ"]);
    assert_eq!((text.as_str(), error), ("+CSQ: 15,99\nOK\n", None));
}

/// Tells when something is written.
struct Told(std::sync::mpsc::Sender<()>);

impl std::io::Write for Told {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // The test may have seen enough.
        let _ = self.0.send(());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn watching_ends_with_the_daemon() {
    let daemon = Daemon::start();
    let cli = Cli::try_parse_from(["lpwa", "--address", &daemon.address, "watch"]).unwrap();
    let (told, hears) = std::sync::mpsc::channel();
    let watching = std::thread::spawn(move || {
        let error = cli::run(&UNWIRED, &cli, &mut Out::plain(Told(told), None, false)).unwrap_err();
        exit::code(&error)
    });
    hears.recv().unwrap();
    drop(daemon);
    assert_eq!(watching.join().unwrap(), Some(Exit::Unreachable));
}

#[test]
fn lpwad_is_the_daemon() {
    let called = Wiring {
        daemon: |_, args| {
            assert_eq!(args.config, Path::new("/tmp/l.toml"));
            Err(exit::Failure::new(Exit::Unsupported, "called").into())
        },
        ..UNWIRED
    };
    let words = ["/usr/sbin/lpwad", "--config", "/tmp/l.toml"].map(OsString::from);
    let code = cli::main(&called, words);
    assert_eq!(format!("{code:?}"), format!("{:?}", std::process::ExitCode::from(Exit::Unsupported)));
}

/// Lines whose words were read over by eye; one snapshot each, named by what they test.
#[test]
fn lines_in_words() {
    for (name, words) in [
        ("cereg-psm", &["+CEREG: 5,1,\"1A2D\",\"0D4F3C15\",8,,,\"00000101\",\"00100110\""][..]),
        ("cereg-bg95", &["+CEREG: 5,\"1A2D\",\"0D4F3C15\",8,,,\"00000101\",\"00100110\"", "--model", "quectel-bg95"]),
        ("cereg-denied", &["+CEREG: 3,\"1A2D\",\"0D4F3C15\",9,0,15"]),
        ("cereg-no-psm", &["+CEREG: 2,1,\"1A2D\",\"0D4F3C15\",7,,,\"11100000\",\"11100000\""]),
        ("cpsms-set", &["AT+CPSMS=1,,,\"00100001\",\"00000101\""]),
        ("cpsms-swapped", &["AT+CPSMS=1,,,\"00000101\",\"00100001\""]),
        ("cpsms-read", &["+CPSMS: 1,,,\"00111000\",\"00100001\""]),
        ("cedrxs", &["AT+CEDRXS=2,5,\"0101\"", "AT+CEDRXS=1,5,\"0100\"", "+CEDRXP: 4,\"1010\",\"1010\",\"0001\""]),
        ("cedrxrdp", &["+CEDRXRDP: 4,\"0010\",\"0101\",\"0011\"", "+CEDRXRDP: 0"]),
        ("signal", &["+CESQ: 99,99,255,255,20,80", "+CSQ: 15,99", "+CSQ: 99,99"]),
        ("cgdcont", &["AT+CGDCONT=1,\"IP\",\"iot.test\"", "+CGDCONT: 1,\"IPV4V6\",\"iot.test\",\"0.0.0.0\",0,0"]),
        (
            "cgcontrdp",
            &["+CGCONTRDP: 1,5,\"iot.test\",\"10.0.0.2.255.255.255.252\",\"10.0.0.1\",\"192.0.2.53\",,,,,,1430"],
        ),
        ("cgpaddr", &["+CGPADDR: 1,\"10.0.0.2\",\"32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1\"", "+CGPADDR: 1,\"0.0.0.0\""]),
        ("sim", &["+CPIN: SIM PUK", "AT+CPIN=\"1234\"", "+CPINR: \"SIM PIN\",3"]),
        ("errors", &["+CME ERROR: 10", "+CME ERROR: 111", "+CME ERROR: SIM PIN required", "+CMS ERROR: 500", "ERROR"]),
        (
            "cops",
            &[
                "+COPS: 0,2,\"00101\",9",
                "+COPS: (2,\"Test Network\",\"Test\",\"00101\",7),(3,\"Other\",\"O\",\"99970\",9),,(0-4),(0-2)",
            ],
        ),
        ("events", &["+CGEV: NW PDN DEACT 1", "+CGEV: ME DETACH", "+CSCON: 1,1", "+CNEC_ESM: 50,0", "+CNEC_EMM: 11"]),
        ("asking", &["AT+CEREG?", "AT+CFUN=4", "AT+CGATT=1", "AT+CNEC=24", "ATE0", "AT+CREG=2;+CEREG=5", "AT+COPS=?"]),
        (
            "quectel",
            &[
                "+QENG: \"servingcell\",\"NOCONN\",\"eMTC\",\"FDD\",001,01,0D4F3C15,213,6300,20,3,3,1A2D,-97,-11,-71,15,33",
                "+QCSQ: \"NBIoT\",-71,-101,120,-11",
                "AT+QCFG=\"iotopmode\",0,1",
                "APP RDY",
            ],
        ),
        ("nordic", &["%XMODEMSLEEP: 1,89999999", "%CESQ: 52,2,4,0", "AT%XMONITOR"]),
    ] {
        let (text, error) = run(&[&["decode"][..], words].concat());
        assert_eq!(error, None, "{words:?}");
        insta::assert_snapshot!(format!("decode-{name}"), text);
    }
}

#[test]
fn a_log_gets_comments() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("session.log");
    // The forms of T-02, T-11 and of a ModemManager debug log, re-typed with invented numbers.
    let text = "[11:17:18.350]Receive<-AT+CPIN?\n+CPIN: READY\n\nOK\n\
                0.201233 < +CEREG: 5,4\\r\\nOK\\r\\n\n\
                <debug> [ttyUSB2/at] <-- '<CR><LF>+CSQ: 20,99<CR><LF><CR><LF>OK<CR><LF>'\n\
                Feb 28 09:42:44 gateway kernel: usb 1-1.2: new high-speed USB device\n\
                8.250 ttyUSB2 < +CEREG: 5,\"1A2D\",\"0D4F3C15\",7,,,\"00000101\",\"00100110\"\n";
    fs::write(&log, text).unwrap();
    let (text, error) = run(&["decode", "--file", log.to_str().unwrap()]);
    assert_eq!(error, None);
    insta::assert_snapshot!("decode-log", text);
}

#[test]
fn a_line_of_nobody_is_a_failure() {
    let (text, error) = run(&["decode", "hello world"]);
    assert_eq!((text.as_str(), error.map(|error| error.0)), ("", Some(Exit::Failure)));
    let (_, error) = run(&["decode", "AT", "--model", "no-such-model"]);
    assert_eq!(error.unwrap().0, Exit::Usage);
}
