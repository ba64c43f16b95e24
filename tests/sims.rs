//! SIM policies: twenty files and what comes of them, which of them a card gets, and the words for every mistake.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use lpwa::daemon::config::Files;
use lpwa::daemon::config::profile::Profiles;
use lpwa::daemon::config::sims::Sims;
use lpwa::modem::settings::Settings;
use lpwa::modem::sim_policy::{SimPolicies, SimPolicy};
use lpwa::policy::card::Card;
use lpwa::private::Private;

const DIR: &str = "/etc/lpwa/sims.d";

/// Files in memory, with their permission bits; credentials are in `/creds`.
#[derive(Default)]
struct Memory(BTreeMap<PathBuf, (String, u32)>);

impl Memory {
    fn with_secrets() -> Self {
        let secret = |path: &str, text: &str| (PathBuf::from(path), (text.to_owned(), 0o600));
        Self(BTreeMap::from([
            secret("/secrets/pin", "1234\n"),
            secret("/secrets/apn", "open sesame\n"),
            secret("/creds/sim-pin", "87654321"),
            secret("/creds/apn-password", "friend"),
            secret("/creds/site-17-pin", "0000"),
            secret("/etc/lpwa/sims.d/meter.pin", "4711"),
            secret("/etc/lpwa/sims.d/meter.password", "water"),
        ]))
    }

    fn add(&mut self, path: &str, text: &str, mode: u32) {
        self.0.insert(path.into(), (text.into(), mode));
    }

    fn sims(&self) -> Sims<'_> {
        Sims { files: self, dir: Path::new(DIR), profiles: Profiles { files: self, dir: Path::new("/p") } }
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<String> {
        self.0.get(path).map(|(text, _)| text.clone()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(self.0.keys().rev().filter(|path| path.parent() == Some(dir)).cloned().collect())
    }

    fn mode(&self, path: &Path) -> io::Result<u32> {
        self.0.get(path).map(|(_, mode)| *mode).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn credentials(&self) -> Option<PathBuf> {
        Some("/creds".into())
    }
}

/// The examples of `fixtures/sims`, by name.
fn examples() -> Vec<(String, String)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sims");
    let mut all: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap()))
        .collect();
    all.sort();
    all
}

/// The examples of the documentation: each names its file in the first line.
fn documented() -> Vec<(String, String)> {
    let text = include_str!("../docs/sim-policy.md");
    let blocks = text.split("\n```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("toml\n"));
    blocks
        .map(|block| {
            let path = block.lines().next().unwrap().trim_start_matches("# ");
            (path.rsplit('/').next().unwrap().to_owned(), block.to_owned())
        })
        .collect()
}

fn policy(name: &str, text: &str) -> SimPolicy {
    let (policy, warnings) =
        Memory::with_secrets().sims().parse(&Path::new(DIR).join(name), text).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(warnings, [], "{name}");
    policy
}

/// Everything a policy says, secrets shown: they are invented.
fn said(policy: &SimPolicy) -> String {
    let mut text = format!("{}: for {}\n", policy.name, policy.rule);
    for access in &policy.accesses {
        let who = access
            .credentials
            .as_ref()
            .map(|(user, password)| format!(" as {user} with {:?} by {:?}", password.reveal(), access.authentication));
        let kind = access.pdp_type.map(|kind| format!(" {kind:?}")).unwrap_or_default();
        writeln!(text, "  apn {:?}{kind}{}", access.apn.as_str(), who.unwrap_or_default()).unwrap();
    }
    if let Some(pin) = &policy.pin {
        writeln!(text, "  pin {:?}", pin.as_ref().map(|pin| pin.reveal())).unwrap();
    }
    writeln!(text, "  roaming {:?}", policy.roaming).unwrap();
    let mut others = |name: &str, value: String| {
        if !["None", "[]"].contains(&value.as_str()) {
            writeln!(text, "  {name} {value}").unwrap();
        }
    };
    others("title", format!("{:?}", policy.title));
    others("rats", format!("{:?}", policy.rats));
    others("bands", format!("{:?}", policy.bands));
    others("power", format!("{:?}", policy.power));
    others("data", format!("{:?}", policy.data));
    others("preferred", format!("{:?}", policy.preferred.iter().map(ToString::to_string).collect::<Vec<_>>()));
    others("forbidden", format!("{:?}", policy.forbidden.iter().map(ToString::to_string).collect::<Vec<_>>()));
    text
}

#[test]
fn twenty_examples_are_read_as_expected() {
    let examples = examples();
    assert_eq!(examples.len(), 20);
    let all: String = examples.iter().map(|(name, text)| said(&policy(name, text))).collect();
    insta::assert_snapshot!("examples", all);
}

#[test]
fn the_documented_examples_are_read_as_expected() {
    let documented = documented();
    assert_eq!(documented.len(), 4);
    let all: String = documented.iter().map(|(name, text)| said(&policy(name, text))).collect();
    insta::assert_snapshot!("documented", all);
}

fn card(iccid: &str, imsi: &str, plmn: Option<&str>, spn: Option<&str>, gid1: Option<&str>) -> Card {
    Card {
        iccid: Some(Private::new(iccid.into())),
        imsi: Some(Private::new(imsi.into())),
        plmn: plmn.map(Into::into),
        spn: spn.map(Into::into),
        gid1: gid1.map(Into::into),
    }
}

#[test]
fn the_most_specific_example_wins() {
    let policies = examples().iter().map(|(name, text)| policy(name, text)).collect();
    let shelf = SimPolicies::new(policies, None);
    let chosen = |card: Card| {
        let resolved = shelf.resolve(&Settings::default(), &card);
        let (policy, why) = resolved.policy.expect("one is for every card");
        format!("{}: {why}", policy.name)
    };
    let home = Some("00101");
    for (card, expected) in [
        (card("8944200099990000128", "001017770000001", home, None, None), "02-one-card: ICCID is this card's"),
        (card("8944200099990000136", "001017770000002", home, None, None), "05-imsi-range: IMSI starts with 00101777"),
        (
            card("8944200099990000144", "001010000000001", home, Some("Field Telemetry"), Some("A10F")),
            "07-mvno-by-gid: GID1 starts with A1 and home network is 00101",
        ),
        (
            card("8944200099990000151", "001010000000002", home, Some("Field Telemetry"), Some("B2")),
            "08-mvno-by-name: SPN starts with Field and home network is 00101",
        ),
        (card("8944200099990000169", "001010000000003", home, None, None), "03-card-range: ICCID starts with 894420"),
        (card("8999990000000000001", "001010000000004", home, None, None), "06-host-network: home network is 00101"),
        (card("8944320000000000001", "001990000000001", None, None, None), "04-two-ranges: ICCID starts with 894432"),
        (
            card("8999990000000000002", "001020000000001", Some("001020"), None, None),
            "09-three-digit-mnc: home network is 001020",
        ),
        (
            card("8999990000000000003", "001110000000001", None, None, None),
            "20-network-default: IMSI starts with 00111",
        ),
        (card("8999990000000000004", "999990000000001", Some("99999"), None, None), "01-any: it is for every card"),
    ] {
        assert_eq!(chosen(card), expected);
    }
}

/// What is printed for the policy `text`, which stands in `x.toml`.
fn mistakes(text: &str) -> Vec<String> {
    let files = Memory::with_secrets();
    match files.sims().parse(&Path::new(DIR).join("x.toml"), text) {
        Ok((policy, warnings)) => panic!("{text} is taken: {policy:?} {warnings:?}"),
        Err(error) => error.problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn every_mistake_is_named_with_file_line_and_key() {
    for (text, line, words) in [
        ("titel = \"x\"", 1, "unknown key \"titel\"; did you mean \"title\"?"),
        ("\n\nmatch = 7", 3, "match is a whole number; a table such as match = { plmn = \"00101\" } is wanted"),
        ("[match]\niccid = 8944", 2, "iccid is a whole number; a string or a list of strings is wanted"),
        ("[match]\niccid = \"1234\"", 2, "iccid: \"1234\" matches no card; the first digits of an ICCID, which starts"),
        ("[match]\nimsi = \"0010x\"", 2, "imsi: \"0010x\" matches no card; up to 15 digits of an IMSI are wanted"),
        ("[match]\ngid1 = [\"A1\", \"xy\"]", 2, "gid1: \"xy\" matches no card; hexadecimal digits are wanted"),
        ("[match]\nplmn = \"001\"", 2, "plmn: \"001\" matches no card; five or six digits, such as 00101, are wanted"),
        ("[match]\nspn = []", 2, "spn: the list is empty; leave the key out for any card"),
        ("[match]\nmcc = \"001\"", 2, "unknown key \"mcc\""),
        ("apns = \"iot.a\"", 1, "apns is a string; a list such as"),
        ("apns = []", 1, "apns: 0 APNs are in the list; 1 to 8 are possible"),
        ("apns = [\n  \"a.iot\",\n  \"b c\",\n]", 3, "apns: the APN \"b c\" has the character ' '"),
        ("apns = [7]", 1, "apns: an APN is a string, or a table with apn and what it needs"),
        ("apns = [{ user = \"u\" }]", 1, "this APN has no apn; write apn = \"iot.example\""),
        ("apns = [{ apn = \"a\", pdp_type = \"ipv5\" }]", 1, "pdp_type: "),
        (
            "apns = [{ apn = \"a\", user = \"u\", auth = \"eap\" }]",
            1,
            "auth: \"eap\" is no authentication; pap and chap are",
        ),
        ("apns = [{ apn = \"a\", auth = \"pap\" }]", 1, "auth: there is no user to prove"),
        ("apns = [{ apn = \"a\", user = \"u\", password_file = \"/no\" }]", 1, "password_file: /no cannot be read"),
        ("apns = [{ apn = \"a\", usr = \"u\" }]", 1, "unknown key \"usr\"; did you mean \"user\"?"),
        ("pin_file = 1234", 1, "pin_file is a whole number; a string is wanted"),
        ("pin_file = \"/secrets/pin\"\npin_credential = \"sim-pin\"", 2, "pin_credential: there is pin_file as well"),
        ("roaming = \"yes\"", 1, "roaming is a string; true, false, or a list of networks and countries is wanted"),
        (
            "roaming = [\"Germany\"]",
            1,
            "roaming: \"Germany\" is neither a network such as 26201 nor a country such as 262",
        ),
        ("rats = [\"lte-n\"]", 1, "rats: "),
        ("bands = [0]", 1, "bands: 0 is out of range; 1 to 1024 is possible"),
        ("profile = \"none-such\"", 1, "profile: no file /p/none-such.toml"),
        ("profile = \"always-on\"\npower = {}", 1, "profile: this policy has power as well; keep one of the two"),
        ("data = { warn_at = 80 }", 1, "data has no limit; write limit = \"50MB\""),
        ("data = { limit = \"lots\" }", 1, "limit: \"lots\" is no amount of data"),
        ("[data]\nlimit = \"5MB\"\nwarn_at = 0", 3, "warn_at: 0 is out of range; 1 to 100 is possible"),
        ("[data]\nlimit = \"5MB\"\ncycle_day = 1\ncycle_days = 30", 4, "cycle_days: there is cycle_day as well"),
        ("[networks]\npreferred = [\"00101\"]\nforbidden = [\"00101\"]", 3, "forbidden: 00101 is preferred as well"),
        ("[networks]\nforbidden = [\"1\"]", 2, "forbidden: \"1\" is no PLMN"),
        ("match = {", 1, ""),
    ] {
        let all = mistakes(text);
        let expected = format!("{DIR}/x.toml:{line}: {words}");
        assert!(all.iter().any(|problem| problem.starts_with(&expected)), "{text}\nwanted {expected}\ngot {all:#?}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let all = mistakes("apns = [\"a b\", \"c d\"]\nroaming = 7\n[match]\nplmn = \"1\"\n");
    assert_eq!(all.len(), 4, "{all:#?}");
}

#[test]
fn a_secret_that_everybody_may_read_is_refused_with_the_reason() {
    let mut files = Memory::with_secrets();
    files.add("/secrets/pin", "1234", 0o644);
    files.add("/secrets/apn", "open sesame", 0o604);
    let parse = |text: &str| files.sims().parse(&Path::new(DIR).join("x.toml"), text);
    let (policy, warnings) = parse("pin_file = \"/secrets/pin\"").unwrap();
    let why = policy.pin.unwrap().unwrap_err();
    assert_eq!(why, "pin_file: /secrets/pin is readable by everybody and is not used; run chmod 600 /secrets/pin");
    assert_eq!(warnings[0].to_string(), format!("{DIR}/x.toml:1: {why}"));
    let mistakes = parse("apns = [{ apn = \"a\", user = \"u\", password_file = \"/secrets/apn\" }]").unwrap_err();
    assert!(mistakes.to_string().contains("is readable by everybody and is not used"), "{mistakes}");
    let (policy, _) = parse("pin_credential = \"../pin\"").unwrap();
    assert_eq!(policy.pin.unwrap().unwrap_err(), "pin_credential: \"../pin\" is no name of a credential");
}

#[test]
fn a_file_with_mistakes_takes_no_other_card_offline() {
    let mut files = Memory::with_secrets();
    files.add("/etc/lpwa/sims.d/10-good.toml", "match = { plmn = \"00101\" }\napns = [\"a\"]", 0o644);
    files.add("/etc/lpwa/sims.d/20-bad.toml", "match = { plmn = \"00102\" }\napns = 7", 0o644);
    files.add("/etc/lpwa/sims.d/notes.txt", "no policy", 0o644);
    let shelf = files.sims().load();
    assert_eq!(shelf.policies.iter().map(|policy| policy.name.as_str()).collect::<Vec<_>>(), ["10-good"]);
    assert!(shelf.mistakes[0].to_string().starts_with("/etc/lpwa/sims.d/20-bad.toml:2: apns is"), "{shelf:?}");
    assert_eq!(Memory::default().sims().load(), Default::default(), "no directory, no policies");
}
