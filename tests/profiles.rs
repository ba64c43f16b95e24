//! Power profiles: every shipped file serves its need on every family; every mistake is named; the commands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod fake_daemon;
mod support;

use std::fs;
use std::path::Path;
use std::time::Duration;

use clap::Parser;
use fake_daemon::{Daemon, Page};
use lpwa::cli::args::Cli;
use lpwa::cli::exit::{self, Exit};
use lpwa::cli::out::Out;
use lpwa::cli::{self};
use lpwa::daemon::config::profile::{Profile, Profiles};
use lpwa::daemon::config::{Config, Disk};
use lpwa::modem::handle::PowerRequest;
use lpwa::modem::settings::Settings;
use lpwa::spec::rat::Rat;
use lpwa::spec::timer::{Rounding, t3324, t3412};
use lpwa::state::{Edrx, Lifecycle, ModemState, PsmTimers};
use lpwa::wiring::WIRING;
use support::{MODELS, scenario, start, wanted};

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The files of `profiles/`, in order.
fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    files.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

fn profile(name: &str) -> Profile {
    let (_, text) = files().into_iter().find(|(file, _)| file == name).unwrap_or_else(|| panic!("no {name}"));
    Profile::parse(Path::new(&format!("profiles/{name}.toml")), &text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_shipped_file_is_sound_and_says_whom_it_serves() {
    let none = tempfile::tempdir().unwrap();
    let shipped = Profiles { files: &Disk, dir: none.path() };
    let names: Vec<String> = files().into_iter().map(|(name, _)| name).collect();
    assert_eq!(shipped.names(), names, "profile.rs lists the files of profiles/");
    for (name, text) in files() {
        let profile = profile(&name);
        assert_eq!(profile.warnings, [], "{name}: no time is rounded");
        assert_eq!(profile.name, name);
        assert!(profile.title.is_some() && profile.need.is_some(), "{name}");
        assert!(profile.power.psm.is_some() && profile.power.edrx.is_some(), "{name} leaves nothing to chance");
        assert!(text.contains("\n# ") || text.starts_with("# "), "{name} gives its reasons");
        assert!(text.lines().all(|line| line.len() <= 120), "{name} is for people");
        assert_eq!(shipped.find(&name).unwrap().1, text);
        if let Some(Some(psm)) = profile.power.psm {
            assert!(t3324::encode(psm.active_time, Rounding::Up).unwrap().exact, "{name}");
            assert!(psm.periodic_tau.is_none_or(|tau| t3412::encode(tau, Rounding::Up).unwrap().exact), "{name}");
        }
    }
}

#[test]
fn each_profile_serves_its_need() {
    let off = PowerRequest { psm: Some(None), edrx: Some(None), mico: Some(false), drx_cycle: None };
    assert_eq!(profile("always-on").power, off);
    assert_eq!(profile("field-service").power, off);
    let alarm = profile("alarm-panel");
    // Reached within 10 s: no PSM, and a cycle that leaves time for paging and the connection; NB-IoT has none
    // (TS 24.008 clause 10.5.5.32).
    assert_eq!((alarm.power.psm, alarm.rats.as_deref()), (Some(None), Some(&[Rat::LteM][..])));
    assert!(alarm.power.edrx.unwrap().unwrap().cycle <= s(6));
    let psm = |name: &str| profile(name).power.psm.unwrap().unwrap();
    // A timer longer than the time between two reports never runs out while they are on time.
    assert!(psm("asset-tracker").periodic_tau.unwrap() > s(3600));
    assert!(psm("utility-meter").periodic_tau.unwrap() > s(86_400));
    assert!(psm("parking-sensor").periodic_tau.unwrap() >= s(7 * 86_400));
    for name in ["utility-meter", "parking-sensor"] {
        assert_eq!(profile(name).rats.as_deref(), Some(&[Rat::NbIot][..]), "{name}");
        // Two of the longest paging cycles of NB-IoT, 10.24 s (TS 36.304 clause 7.1).
        assert!(psm(name).active_time >= Duration::from_millis(20_480), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_profile_is_taken_by_every_family() {
    let cells = "[[network.cell]]\nrat = \"lte-m\"\n[[network.cell]]\nrat = \"nb-iot\"\ncell-id = 77\n";
    for (name, _) in files() {
        let profile = profile(&name);
        for model in MODELS {
            let rats = profile.rats.clone().unwrap_or_default();
            let settings = Settings { power: profile.power, rats, ..wanted() };
            let bench = start(&scenario(&format!("[modem]\nmodel = \"{model}\"\n{cells}")), settings);
            let granted = |state: &ModemState| {
                let (psm, edrx) = (state.power.psm_requested, state.power.edrx_requested);
                let cycle = |edrx: Option<Edrx>| edrx.map(|edrx| edrx.cycle);
                state.lifecycle == Lifecycle::Connected
                    && (psm.is_none() || state.power.psm_granted.is_some_and(|g| g.value == psm))
                    && (edrx.is_none() || state.power.edrx_granted.is_some_and(|g| cycle(g.value) == cycle(edrx)))
            };
            let state = bench.wait(s(600), &format!("{model} with {name}"), granted).await;
            assert_eq!(state.power.psm_requested, profile.power.psm.unwrap(), "{model} {name}");
            assert_eq!(state.power.edrx_requested, profile.power.edrx.unwrap(), "{model} {name}");
        }
    }
}

#[test]
fn every_mistake_is_named_with_file_line_and_key() {
    let text = "title = 1\nrats = [\"lte-x\"]\n[psm]\nactive_tim = \"10s\"\nperiodic_tau = \"soon\"\n\
                [edrx]\ncycle = \"81.92s\"\nptw = \"82s\"\nwindow = 1\n[more]\n";
    let error = Profile::parse(Path::new("/p/mine.toml"), text).unwrap_err().to_string();
    let lines: Vec<&str> = error.lines().collect();
    for (line, part) in lines.iter().zip([
        "/p/mine.toml:1: title is a whole number; a string is wanted",
        "/p/mine.toml:2: rats: \"lte-x\" is no",
        "/p/mine.toml:3: psm has no active_time; ",
        "/p/mine.toml:4: unknown key \"active_tim\"; did you mean \"active_time\"?",
        "/p/mine.toml:5: periodic_tau: ",
        "/p/mine.toml:8: ptw: 1m22s is no part of a cycle of 81.92s; make it shorter",
        "/p/mine.toml:9: unknown key \"window\"; ",
        "/p/mine.toml:10: unknown key \"more\"; known here: title, need, rats, psm, edrx, mico, drx_cycle, release",
    ]) {
        assert!(line.starts_with(part), "{line}\n{part}\n{error}");
    }
    assert_eq!(lines.len(), 8, "{error}");
}

#[test]
fn a_window_is_checked_for_the_technologies_in_use() {
    // TS 24.008 clause 10.5.5.32: windows come in steps of 1.28 s on LTE-M and of 2.56 s on NB-IoT.
    let text = "edrx = { cycle = \"81.92s\", ptw = \"3.84s\" }\n";
    let profile = Profile::parse(Path::new("/p/mine.toml"), text).unwrap();
    let warnings: Vec<String> = profile.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings, ["/p/mine.toml:1: ptw: 3.84s has no code on NB-IoT; 5.12s is asked for instead"]);
    let edrx = Edrx { cycle: Duration::from_millis(81_920), ptw: Some(Duration::from_millis(3840)) };
    assert_eq!(profile.power, PowerRequest { psm: None, edrx: Some(Some(edrx)), ..PowerRequest::default() });
    let text = format!("rats = [\"lte-m\"]\n{text}");
    assert_eq!(Profile::parse(Path::new("/p/mine.toml"), &text).unwrap().warnings, []);
}

/// The one modem of a configuration with these lines, and profiles `mine` and `always-on` in its directory.
fn configured(lines: &str) -> (PowerRequest, Option<Vec<Rat>>) {
    let dir = tempfile::tempdir().unwrap();
    let main = dir.path().join("lpwa.toml");
    let place = dir.path().display();
    let text = format!("[daemon]\nprofiles_dir = '{place}'\n[[modem]]\nid = \"m0\"\nat = \"/dev/ttyS1\"\n{lines}\n");
    fs::write(&main, text).unwrap();
    fs::write(dir.path().join("mine.toml"), "rats = [\"nb-iot\"]\npsm = { active_time = \"20s\" }\n").unwrap();
    fs::write(dir.path().join("always-on.toml"), "psm = false\n").unwrap();
    let config = Config::load(&main, &Disk, |_| Vec::new()).unwrap_or_else(|error| panic!("{error}"));
    (config.modems[0].power, config.modems[0].rats.clone())
}

#[test]
fn a_modem_takes_power_saving_and_technologies_of_its_profile() {
    let psm = Some(Some(PsmTimers { periodic_tau: None, active_time: s(20) }));
    let mine = PowerRequest { psm, edrx: None, ..PowerRequest::default() };
    assert_eq!(configured("profile = \"mine\""), (mine, Some(vec![Rat::NbIot])));
    // What is written beside the profile holds.
    let own = "profile = \"mine\"\nrats = [\"lte-m\"]";
    assert_eq!(configured(own), (mine, Some(vec![Rat::LteM])));
    // A file wins over the profile of the same name that is built in; what it does not name stays as it is.
    let psm_only = PowerRequest { psm: Some(None), edrx: None, ..PowerRequest::default() };
    assert_eq!(configured("profile = \"always-on\""), (psm_only, None));
}

/// Runs a command line; what it printed, and its exit code with the error.
fn run(words: &[&str]) -> (String, Option<(Exit, String)>) {
    let cli = Cli::try_parse_from([&["lpwa"], words].concat()).unwrap();
    let page = Page::default();
    let mut out = Out::plain(page.clone(), None, cli.global.json);
    let result = cli::run(&WIRING, &cli, &mut out);
    (page.text(), result.err().map(|error| (exit::code(&error).unwrap(), format!("{error:#}"))))
}

#[test]
fn profiles_are_listed_and_shown() {
    let (text, error) = run(&["profiles", "list"]);
    assert_eq!(error, None);
    let line = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}\n{text}"));
        line.split("  ").map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(line("always-on"), ["always-on", "off", "off", "any", "Always on"]);
    assert_eq!(line("alarm-panel"), ["alarm-panel", "off", "5.12 s", "LTE-M", "Alarm panel"]);
    assert_eq!(line("asset-tracker"), ["asset-tracker", "1 h 10 min / 16 s", "off", "any", "Asset tracker"]);

    let (text, error) = run(&["--json", "profiles", "list"]);
    assert_eq!(error, None);
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let meter = all.as_array().unwrap().iter().find(|profile| profile["name"] == "utility-meter").unwrap();
    assert_eq!(meter["psm"], serde_json::json!({ "periodic_tau_s": 93_600, "active_time_s": 30 }));
    assert_eq!((&meter["edrx"], &meter["rats"]), (&false.into(), &serde_json::json!(["nb-iot"])));

    let (text, error) = run(&["profiles", "show", "parking-sensor"]);
    assert_eq!(error, None);
    let (place, rest) = text.split_once('\n').unwrap();
    assert_eq!(place, "# profiles/parking-sensor.toml");
    assert_eq!(rest, files().into_iter().find(|(name, _)| name == "parking-sensor").unwrap().1);
    let (_, error) = run(&["profiles", "show", "parking-senser"]);
    let (exit, message) = error.unwrap();
    assert_eq!(exit, Exit::Usage);
    assert!(message.ends_with("did you mean \"parking-sensor\"?"), "{message}");
}

#[test]
fn files_are_checked() {
    let dir = tempfile::tempdir().unwrap();
    let (good, bad) = (dir.path().join("good.toml"), dir.path().join("bad.toml"));
    fs::write(&good, "psm = { periodic_tau = \"7d\", active_time = \"10s\" }\n").unwrap();
    fs::write(&bad, "psm = true\nedrx = {}\n").unwrap();
    let (good, bad) = (good.to_str().unwrap(), bad.to_str().unwrap());
    let (text, error) = run(&["profiles", "check", good]);
    assert_eq!(error, None);
    let rounded = format!("{good}:1: periodic_tau: 7d has no code; 7d2h is asked for instead (a warning)");
    assert_eq!(text.lines().collect::<Vec<_>>(), [rounded, format!("{good}: good")]);
    let (text, error) = run(&["profiles", "check", good, bad]);
    assert_eq!(error.unwrap(), (Exit::Failure, "1 of 2 profiles cannot be used; the lines above say why".into()));
    assert!(text.contains(&format!("{bad}:1: psm is true or false; ")), "{text}");
    assert!(text.contains(&format!("{bad}:2: edrx has no cycle; ")), "{text}");
}

#[test]
fn a_profile_is_applied_by_name() {
    let daemon = Daemon::start();
    for words in [&["power", "set", "asset-tracker"][..], &["power", "set", "asset-tracker", "m0"]] {
        let (text, error) = run(&[&["--address", &daemon.address][..], words].concat());
        assert_eq!(error, None, "{words:?}");
        assert!(text.contains("asked 1 h 10 min / 16 s"), "{text}");
    }
    // With options the name is the modem's.
    let (text, error) = run(&["--address", &daemon.address, "power", "set", "m0", "--active-time", "20s"]);
    assert_eq!(error, None);
    assert!(text.contains("20 s"), "{text}");
    for (words, wanted, part) in [
        (&["power", "set", "m0"][..], Exit::Usage, "profile m0: no file /etc/lpwa/profiles/m0.toml"),
        (&["power", "set", "asset-tracker", "m7"], Exit::NoModem, "m7"),
    ] {
        let (exit, message) = run(&[&["--address", &daemon.address][..], words].concat()).1.unwrap();
        assert_eq!(exit, wanted, "{message}");
        assert!(message.contains(part), "{message}");
    }
    assert!(Cli::try_parse_from(["lpwa", "power", "set", "always-on", "m0", "--no-psm"]).is_err());
}

#[test]
fn every_key_is_documented() {
    let docs = include_str!("../docs/profiles.md");
    let error = Profile::parse(Path::new("x.toml"), "qqqqqqqq = 1\n").unwrap_err().to_string();
    let (_, known) = error.split_once("known here: ").unwrap();
    for key in known.split(", ") {
        assert!(docs.lines().any(|line| line.starts_with(&format!("| `{key}` |"))), "{key} is not in docs/profiles.md");
    }
    for (name, _) in files() {
        assert!(docs.contains(&format!("| `{name}` |")), "{name} is not in docs/profiles.md");
    }
}

/// What is listed and checked without a daemon is what the daemon of this configuration would use.
#[test]
fn commands_without_a_daemon_go_by_the_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let (main, place) = (dir.path().join("lpwa.toml"), dir.path().display());
    let own = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    own("lpwa.toml", "[daemon]\nmodels_dir = \"own\"\nprofiles_dir = \"own-profiles\"\nsims_dir = \"own-sims\"\n");
    own("own/acme-one.toml", "extends = \"quectel-bg95\"\ntitle = \"Acme One\"\n");
    own("own-profiles/hourly.toml", "title = \"Hourly\"\npsm = { active_time = \"20s\" }\n");
    own("own-sims/acme.toml", "title = \"Acme SIM\"\nmatch = { iccid = \"899997\" }\n");
    let child = own("child.toml", "extends = \"acme-one\"\ntitle = \"Acme Two\"\n");
    let config = main.display().to_string();
    for (words, told) in [
        (&["modems", "list"][..], "Acme One"),
        (&["modems", "check", &child], "good"),
        (&["decode", "--model", "acme-one", "+CEREG: 5"], "EPS registration"),
        (&["profiles", "list"], "Hourly"),
        (&["profiles", "show", "hourly"], "active_time"),
        (&["sims", "list"], "Acme SIM"),
    ] {
        let (text, error) = run(&[words, &["--config", &config]].concat());
        assert_eq!(error, None, "{words:?}");
        assert!(text.contains(told), "{words:?}: {text}");
        assert!(!run(words).0.contains(told) || told == "good" || told == "active_time", "{words:?}");
    }
    fs::write(&main, "[daemon]\nmodels_dri = \"own\"\n").unwrap();
    for words in [&["modems", "list"][..], &["modems", "check", &child], &["decode", "+CEREG: 5"], &["sims", "list"]] {
        let (exit, message) = run(&[words, &["--config", &config]].concat()).1.unwrap();
        assert_eq!(exit, Exit::Usage, "{words:?}: {message}");
        assert!(message.contains("1 to correct"), "{words:?}: {message}");
    }
    let missing = format!("{place}/nowhere.toml");
    assert_eq!(run(&["modems", "list", "--config", &missing]).1.unwrap().0, Exit::Usage);
}
