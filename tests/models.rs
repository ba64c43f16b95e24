//! Every model file: it can be built, its patterns read real lines, its mistakes are told.

// A panic is how a test fails; clippy knows the helpers of this file not to be tests.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::mem::discriminant;
use std::sync::{Arc, LazyLock};

use lpwa::modem::definition::{
    Check, Definition, Effect, Library, Pattern, PortRole, Problem, ProcedureName, QueryName, RatNames, Urc, check_text,
};
use lpwa::private::Private;
use lpwa::spec::rat::Rat;
use lpwa::state::Wakes;
use lpwa::state::fact::Fact;

#[path = "models/lines.rs"]
mod lines;
use lines::Of;

static BUILTIN: LazyLock<Library> = LazyLock::new(Library::builtin);

/// The files of `modems/`: name and text.
fn files() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/modems");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    paths.map(|path| (file(&path), std::fs::read_to_string(&path).unwrap())).collect()
}

fn definitions() -> Vec<Arc<Definition>> {
    let library = &*BUILTIN;
    library.list().iter().map(|row| library.get(&row.name).unwrap()).collect()
}

fn get(name: &str) -> Arc<Definition> {
    BUILTIN.get(name).unwrap_or_else(|| panic!("there is no {name}"))
}

fn patterns(definition: &Definition) -> Vec<(String, &Pattern)> {
    let mut all = Vec::new();
    for (name, query) in &definition.queries {
        all.extend(query.lines.iter().map(|pattern| (format!("{} {name:?}", definition.name), pattern)));
    }
    all.extend(definition.urcs.iter().map(|urc| (format!("{} {:?}", definition.name, urc.kind), &urc.pattern)));
    all
}

fn lines_of(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(Problem::to_string).collect()
}

#[test]
fn every_shipped_file_passes_every_check_and_is_built() {
    let (_, problems) = Library::with_overlay(&files());
    assert!(problems.is_empty(), "{}", lines_of(&problems).join("\n"));
    let names: BTreeSet<String> = files().iter().map(|(file, _)| file.trim_end_matches(".toml").to_owned()).collect();
    let built: BTreeSet<String> = definitions().iter().map(|definition| definition.name.clone()).collect();
    assert_eq!(built, names, "library.rs lists the files of modems/");
    for (file, text) in files() {
        assert!(text.lines().all(|line| line.len() <= 240), "{file}: lines are for people");
    }
}

#[test]
fn real_lines_are_read() {
    let mut hit = BTreeSet::new();
    for (file, of, line, wanted) in lines::all() {
        let definition = get(file);
        let rats = definition.rat_names();
        let reads = |pattern: &&Pattern| pattern.parse(line, &rats).is_some();
        let pattern = match of {
            Of::Q(name) => definition.queries[&name].lines.iter().find(reads),
            Of::U(kind) => {
                let urc = definition.urcs.iter().find(|urc| reads(&&urc.pattern));
                assert_eq!(urc.map(|urc| urc.kind), Some(kind), "{file}: {line}");
                urc.map(|urc| &urc.pattern)
            }
        };
        let pattern = pattern.unwrap_or_else(|| panic!("{file} {of:?} does not read {line}"));
        let told = pattern.parse(line, &rats).unwrap();
        assert!(alike(&told, &wanted, 0.01), "{file} {of:?}: {line}\ntells  {told:?}\nwanted {wanted:?}");
        hit.insert(pattern.text().to_owned());
    }
    // The forms that no real line is known of; the source of each is a manual or a driver.
    let without_a_line = [r#"+UCPSMS: 1,{_},{_},"{tau:bits-t3412}","{active:bits-t3324}",1"#];
    for definition in definitions().iter().filter(|definition| definition.name != "generic") {
        for name in [QueryName::ServingCell, QueryName::Signal, QueryName::PsmGranted, QueryName::Iccid] {
            let forms = definition.queries.get(&name).map_or(&[][..], |query| &query.lines);
            for form in forms.iter().map(Pattern::text).filter(|form| captures(form) > 0) {
                let inherited =
                    get("generic").queries.get(&name).is_some_and(|q| q.lines.iter().any(|p| p.text() == form));
                assert!(inherited || hit.contains(form) || without_a_line.contains(&form), "no real line for {form}");
            }
        }
    }
}

/// Whether the same is told, levels within `tolerance`.
fn alike(told: &[Fact], wanted: &[Fact], tolerance: f32) -> bool {
    let same = |(told, wanted): (&Fact, &Fact)| match (told, wanted) {
        (Fact::Rsrp(a), Fact::Rsrp(b)) | (Fact::Rsrq(a), Fact::Rsrq(b)) => (a - b).abs() <= tolerance,
        (Fact::Rssi(a), Fact::Rssi(b)) | (Fact::Sinr(a), Fact::Sinr(b)) => (a - b).abs() <= tolerance,
        (told, wanted) => told == wanted,
    };
    told.len() == wanted.len() && told.iter().zip(wanted).all(same)
}

/// Something that every capture can say.
fn everything(rat: Rat) -> Vec<Fact> {
    vec![
        Fact::Manufacturer("Maker".into()),
        Fact::Model("M1".into()),
        Fact::Revision("1.0".into()),
        Fact::Imei("350000000000006".parse().unwrap()),
        Fact::Iccid(Private::new("89881000000000000007".parse().unwrap())),
        Fact::Imsi(Private::new("001010000000001".parse().unwrap())),
        Fact::PinRetries(3),
        Fact::PukRetries(10),
        Fact::Rat(rat),
        Fact::Plmn("001010".parse().unwrap()),
        Fact::Operator("Test".into()),
        Fact::Tac(0x1A2D),
        Fact::CellId(0x0D4_F3C1),
        Fact::Pci(33),
        Fact::Earfcn(6300),
        Fact::Band(20),
        Fact::CeLevel(1),
        Fact::RrcConnected(true),
        Fact::Rsrp(-90.0),
        Fact::Rsrq(-10.5),
        Fact::Rssi(-73.0),
        Fact::Sinr(10.0),
        Fact::GrantedTau(Some(3600)),
        Fact::GrantedActive(Some(20)),
        Fact::GrantedEdrx(Some(81_920)),
        Fact::GrantedPtw(5120),
        Fact::SleepFor(5000),
        Fact::Context(1),
    ]
}

/// How many facts the captures of a pattern tell; MCC and MNC are one.
fn captures(text: &str) -> usize {
    text.matches('{').count() - text.matches("{_").count() - text.matches("{mcc}").count()
}

#[test]
fn what_is_rendered_reads_back() {
    for definition in definitions() {
        let rats = definition.rat_names();
        for (place, pattern) in patterns(&definition) {
            let told = Rat::ALL.map(|rat| {
                let facts = everything(rat);
                let line = pattern.render(&facts, &rats);
                let told = pattern.parse(&line, &rats).unwrap_or_else(|| panic!("{place}: {line} does not read back"));
                assert_eq!(pattern.render(&told, &rats), line, "{place}");
                told.iter()
                    .filter(|told| facts.iter().any(|fact| alike(&[(*told).clone()], std::slice::from_ref(fact), 0.3)))
                    .count()
            });
            assert_eq!(told.into_iter().max(), Some(captures(pattern.text())), "{place}: {}", pattern.text());
            // A modem that knows nothing prints empty fields; a notice about a context always names it.
            let nothing = pattern.render(&[], &rats);
            let fields = captures(pattern.text()) > 0 && !nothing.starts_with("+CGEV");
            assert!(!fields || pattern.parse(&nothing, &rats).is_some(), "{place}: {nothing}");
        }
    }
}

#[test]
fn a_simulator_can_answer_every_question() {
    for definition in definitions() {
        let rats = definition.rat_names();
        for (name, query) in &definition.queries {
            let facts = everything(Rat::LteM);
            let lines = query.answer(&facts, &rats);
            assert!(!lines.is_empty(), "{} {name:?}", definition.name);
            let told = lines.iter().flat_map(|line| query.parse(line, &rats).unwrap()).collect::<Vec<_>>();
            let tellable = |fact: &Fact| {
                let form =
                    |form: &Pattern| form.parse(&form.render(&facts, &rats), &rats).is_some_and(|f| f.contains(fact));
                query.lines.iter().any(form)
            };
            for fact in facts.iter().filter(|fact| tellable(fact)) {
                assert!(told.iter().any(|told| discriminant(told) == discriminant(fact)), "{name:?}: {fact:?}");
            }
        }
    }
}

#[test]
fn an_answer_takes_the_form_of_its_technology() {
    let bg95 = get("quectel-bg95");
    let rats = bg95.rat_names();
    let answer = |rat| bg95.queries[&QueryName::ServingCell].answer(&everything(rat), &rats).join("\n");
    assert_eq!(
        answer(Rat::LteM),
        r#"+QENG: "servingcell","CONNECT","eMTC","FDD",001,010,D4F3C1,33,6300,20,,,1A2D,-90,-10.5,-73,10"#
    );
    assert_eq!(answer(Rat::Gsm), r#"+QENG: "servingcell","CONNECT","GSM",001,010,,D4F3C1,,,,-73"#);
    let r4 = get("ublox-sara-r4");
    let lines = r4.queries[&QueryName::ServingCell].answer(&everything(Rat::LteM), &r4.rat_names());
    assert_eq!(lines, [r#"+RSRP: 33,6300,"-90""#, r#"+RSRQ: ,,"-10.5""#]);
}

#[test]
fn act_numbers_mean_what_the_model_means() {
    for (file, act, rat) in [
        ("quectel-bg95", 8, Some(Rat::LteM)),
        ("quectel-bg95", 9, Some(Rat::NbIot)),
        ("quectel-bg96", 8, Some(Rat::LteM)),
        ("simcom-sim7080", 7, Some(Rat::LteM)),
        ("simcom-sim7080", 9, Some(Rat::NbIot)),
        ("nordic-nrf91", 7, Some(Rat::LteM)),
        ("ublox-sara-r4", 8, Some(Rat::LteM)),
        ("ublox-sara-r5", -1, Some(Rat::LteM)),
        ("ublox-sara-r5", 7, Some(Rat::LteM)),
        ("generic", 7, Some(Rat::Lte)),
        ("generic", 8, Some(Rat::EcGsm)),
        ("generic", 99, None),
    ] {
        assert_eq!(get(file).rat_names().of_act(act), rat, "{file} {act}");
    }
    for (file, act) in [("quectel-bg95", 8), ("simcom-sim7080", 7), ("ublox-sara-r4", 8), ("ublox-sara-r5", 7)] {
        assert_eq!(get(file).rat_names().act_of(Rat::LteM), Some(act), "{file}");
    }
}

#[test]
fn a_choice_that_holds_is_seen() {
    let held = |file: &str, rats: &[Rat], answers: &[&str]| {
        let definition = get(file);
        let select = definition.select_rats.clone().unwrap();
        let choice = select.choices.iter().find(|choice| choice.rats == rats).unwrap();
        let answers: Vec<String> = answers.iter().map(|line| (*line).to_owned()).collect();
        choice.is_held(&answers, &definition.rat_names())
    };
    use Rat::{Gsm, LteM, NbIot};
    // Section 3d: the leading zero is not read back.
    let bg95 = ["+QCFG: \"nwscanseq\",20301", "+QCFG: \"iotopmode\",2"];
    assert!(held("quectel-bg95", &[LteM, NbIot, Gsm], &bg95));
    assert!(!held("quectel-bg95", &[LteM, NbIot], &bg95));
    assert!(!held("quectel-bg95", &[LteM, NbIot, Gsm], &bg95[..1]));
    // T-11.
    assert!(held("nordic-nrf91", &[LteM], &["%XSYSTEMMODE: 1,0,1,0"]));
    assert!(!held("nordic-nrf91", &[NbIot], &["%XSYSTEMMODE: 1,0,1,0"]));
    // Section 5d.
    assert!(held("ublox-sara-r4", &[LteM, NbIot], &["+URAT: 7,8"]));
    assert!(!held("ublox-sara-r4", &[NbIot, LteM], &["+URAT: 7,8"]));
    assert!(held("simcom-sim7080", &[LteM], &["+CNMP: 38", "+CMNB: 1"]));
}

#[test]
fn every_family_can_be_found() {
    let library = &*BUILTIN;
    for (model, file) in [
        ("BG95-M3", "quectel-bg95"),
        ("BG77", "quectel-bg95"),
        ("BG96", "quectel-bg96"),
        ("SIMCOM_SIM7070", "simcom-sim7080"),
        ("SIM7080G", "simcom-sim7080"),
        ("SIMCOM_SIM7000C", "simcom-sim7000"),
        ("nRF9160-SICA", "nordic-nrf91"),
        ("SARA-R410M-02B", "ublox-sara-r410m-02b"),
        ("SARA-R410M-03B", "ublox-sara-r4"),
        ("SARA-R412M-02B", "ublox-sara-r412"),
        ("SARA-R422M8S", "ublox-sara-r422"),
        ("SARA-R510S-01B", "ublox-sara-r5"),
    ] {
        assert_eq!(library.by_model(model).unwrap().name, file, "{model}");
    }
    assert_eq!(library.by_model("EC25").unwrap().name, "quectel-eg25");
    for (usb, file) in [
        ("2c7c:0700", "quectel-bg95"),
        ("2c7c:0296", "quectel-bg96"),
        ("1e0e:9205", "simcom-sim7080"),
        ("1E0E:9206", "simcom-sim7080-9206"),
        ("1e0e:9001", "simcom-sim7000"),
        ("05c6:90b2", "ublox-sara-r4"),
    ] {
        assert_eq!(library.by_usb(usb).unwrap().name, file, "{usb}");
    }
    assert!(library.by_usb("dead:beef").is_none());
}

#[test]
fn what_differs_differs() {
    let (bg95, bg96, nrf91) = (get("quectel-bg95"), get("quectel-bg96"), get("nordic-nrf91"));
    assert_eq!(bg95.manufacturer.as_deref(), Some("Quectel"));
    assert_eq!(bg96.ports[&2], PortRole::At);
    assert_eq!(bg95.ports[&2], PortRole::AtData);
    assert!(bg95.unverified.contains(&"ports".to_owned()) && !bg96.unverified.contains(&"ports".to_owned()));
    assert_eq!(nrf91.capabilities.default_context, 0);
    assert_eq!(nrf91.select_rats.as_ref().unwrap().effect, Effect::RadioOff);
    assert_eq!(bg95.sleep.wake, Wakes::Pwrkey);
    assert!(bg95.sleep.reboots && !nrf91.sleep.reboots);
    assert!(!get("ublox-sara-r422").capabilities.psm);
    let credentials = |file: &str| get(file).procedures[&ProcedureName::Authenticate].steps[0].clone();
    assert_eq!(credentials("ublox-sara-r4"), r#"AT+UAUTHREQ={cid},{auth},"{password}","{user}""#);
    assert_eq!(credentials("ublox-sara-r5"), r#"AT+UAUTHREQ={cid},{auth},"{user}","{password}""#);
    for definition in definitions() {
        assert!(definition.subscribe.len() <= 4, "{}: a bring-up is short", definition.name);
        assert!(definition.select_rats.iter().all(|select| select.read.len() <= 2), "{}", definition.name);
    }
}

#[test]
fn a_firmware_changes_what_it_must() {
    let library = &*BUILTIN;
    let set = |revision: &str| {
        let definition = library.for_revision("ublox-sara-r4", revision).unwrap();
        definition.select_rats.clone().unwrap().choices[0].set.clone()
    };
    assert_eq!(set("L0.0.00.00.05.08,A.02.04"), ["AT+COPS=2", "?AT+URAT=7"]);
    assert_eq!(set("L0.0.00.00.05.06,A.02.00"), ["AT+COPS=2", "AT+URAT=7"]);
    assert!(library.for_revision("nothing", "1").is_none());
}

/// Every example of the page is a whole file: its first line names it.
#[test]
fn the_examples_of_the_page_are_in_order() {
    let page = include_str!("../docs/model-files.md");
    let examples: Vec<&str> = page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(examples.len() >= 2);
    for example in examples {
        let file = example.lines().next().unwrap().trim_start_matches("# ");
        let problems = check_text(file, example, &BUILTIN);
        assert!(problems.is_empty(), "{}", lines_of(&problems).join("\n"));
    }
    // Every name that a file may use stands on the page.
    for name in ["manufacturer", "pin-retries", "serving-cell", "psm-granted", "select-bands", "power-off"] {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
    let unknown = |text: &str| Pattern::compile(text).unwrap_err().what;
    let captures = unknown("{?}");
    for name in captures.rsplit("known are ").next().unwrap().split(", ") {
        assert!(page.contains(&format!("`{name}`")), "the capture {name}");
    }
}

#[path = "models/mistakes.rs"]
mod mistakes;
