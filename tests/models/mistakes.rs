//! What a user lays over, and what is told about mistakes.

use super::{BUILTIN, Check, Library, QueryName, RatNames, Urc, check_text, get, lines_of};

fn overlay(files: &[(&str, &str)]) -> (Library, Vec<String>) {
    let files: Vec<_> = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let (library, problems) = Library::with_overlay(&files);
    (library, lines_of(&problems))
}

#[test]
fn a_file_of_the_same_name_refines_or_replaces() {
    let (library, problems) = overlay(&[(
        "quectel-bg95.toml",
        "extends = \"quectel-bg95\"\n[capabilities]\nrats = [\"lte-m\", \"nb-iot\", \"gsm\"]\npsm = false\n",
    )]);
    assert_eq!(problems, Vec::<String>::new());
    let bg95 = library.get("quectel-bg95").unwrap();
    assert!(!bg95.capabilities.psm);
    assert_eq!(bg95.title, "Quectel BG95, BG77", "the same model keeps its title and matches");
    assert_eq!(library.by_usb("2c7c:0700").unwrap().name, "quectel-bg95");
    assert!(!library.get("quectel-bg96").unwrap().capabilities.psm, "what extends it inherits the change");

    let (library, problems) = overlay(&[("quectel-bg95.toml", "extends = \"generic\"\ntitle = \"Mine\"\n")]);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(library.get("quectel-bg95").unwrap().title, "Mine");
}

#[test]
fn a_new_file_adds_a_model_whatever_the_order() {
    let (library, problems) = overlay(&[
        ("acme-one.toml", "extends = \"acme\"\ntitle = \"Acme One\"\n[match]\nmodel = \"ONE*\"\n"),
        ("acme.toml", "extends = \"generic\"\ntitle = \"Acme\"\nmanufacturer = \"Acme\"\n"),
    ]);
    assert_eq!(problems, Vec::<String>::new());
    let one = library.by_model("ONE-7").unwrap();
    assert_eq!((one.name.as_str(), one.manufacturer.as_deref()), ("acme-one", Some("Acme")));
    let row = library.list().into_iter().find(|row| row.name == "acme-one").unwrap();
    assert_eq!((row.extends.as_deref(), row.verified), (Some("acme"), true));
}

#[test]
fn a_bad_file_is_left_out_and_what_was_below_stays() {
    let (library, problems) = overlay(&[
        ("quectel-bg95.toml", "extends = \"quectel-bg95\"\npsm = true\n"),
        ("acme.toml", "extends = \"generic\"\ntitle = \"Acme\"\n"),
    ]);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].starts_with("quectel-bg95.toml:2: psm: unknown key \"psm\"; known here: verified, title"),
        "{problems:?}"
    );
    assert_eq!(library.get("quectel-bg95").unwrap().title, "Quectel BG95, BG77");
    assert!(library.get("acme").is_some());
}

#[test]
fn tables_merge_and_lists_replace() {
    let (library, problems) = overlay(&[(
        "acme.toml",
        "extends = \"quectel-bg95\"\ntitle = \"Acme\"\nsubscribe = [\"AT+CGEREP=1\"]\n[urc]\nboot = [\"HELLO\"]\n[timing]\nscan = \"10m\"\n",
    )]);
    assert_eq!(problems, Vec::<String>::new());
    let (acme, bg95) = (library.get("acme").unwrap(), get("quectel-bg95"));
    assert_eq!(acme.subscribe, ["AT+CGEREP=1"]);
    assert_eq!((acme.timing.scan.as_secs(), acme.timing.cfun), (600, bg95.timing.cfun));
    let reads = |line: &str| acme.urcs.iter().any(|urc: &Urc| urc.pattern.parse(line, &acme.rat_names()).is_some());
    assert!(reads("HELLO") && reads("APP RDY") && !reads("RDY"));
    assert!(acme.matches.usb.is_empty(), "whose ids they are is not inherited");
}

/// Each check, the text that trips it, and how its message starts.
#[test]
fn every_mistake_is_named_with_file_line_key_and_what_is_allowed() {
    let base = "extends = \"generic\"\ntitle = \"T\"\n";
    for (check, text, wanted) in [
        (Check::Syntax, "[capabilities\n", "x.toml:3: the file: "),
        (
            Check::UnknownKey,
            "[query.smell]\nsend = \"AT\"\nline = \"x\"\n",
            "x.toml:3: query.smell: unknown variant `smell`, expected one of `manufacturer`",
        ),
        (
            Check::UnknownKey,
            "[procedure.dance]\nsteps = \"AT\"\n",
            "x.toml:3: procedure.dance: unknown variant `dance`, expected one of `authenticate`",
        ),
        (
            Check::UnknownKey,
            "[urc]\nboom = \"RDY\"\n",
            "x.toml:4: urc.boom: unknown variant `boom`, expected one of `boot`",
        ),
        (
            Check::UnknownKey,
            "[timing]\nboots = \"1s\"\n",
            "x.toml:4: timing.boots: unknown key \"boots\"; known here: verified, boot",
        ),
        (Check::UnknownKey, "[ports]\nx = \"at\"\n", "x.toml:4: ports.x: \"x\" is no USB interface number; 0 to 255"),
        (Check::UnknownKey, "[act]\nx = \"lte\"\n", "x.toml:4: act.x: \"x\" is no <AcT>"),
        (Check::WrongType, "subscribe = 5\n", "x.toml:3: subscribe: a text is wanted, not a whole number"),
        (
            Check::WrongType,
            "[capabilities]\npsm = \"yes\"\n",
            "x.toml:4: capabilities.psm: true or false is wanted, not a text",
        ),
        (Check::WrongType, "firmware = 1\n", "x.toml:3: firmware: a list of tables is wanted"),
        (Check::BadValue, "[capabilities]\ncereg = 6\n", "x.toml:4: capabilities.cereg: 0 to 5 is allowed"),
        (
            Check::BadValue,
            "[sleep]\nwake = \"bell\"\n",
            "x.toml:4: sleep.wake: unknown variant `bell`, expected one of `itself`",
        ),
        (Check::BadValue, "[timing]\nboot = \"soon\"\n", "x.toml:4: timing.boot: \"soon\" is no length of time"),
        (Check::BadValue, "[timing]\nattach = \"60s\"\n", "x.toml:3: timing.attach: five minutes"),
        (
            Check::BadValue,
            "[match]\nusb = [\"2c7c:0700\", \"2C7C:700\"]\n",
            "x.toml:4: match.usb[2]: \"2C7C:700\" is no USB id",
        ),
        (
            Check::BadValue,
            "[capabilities]\nrats = [\"lte\", \"lte-n\"]\nedrx = \"lte\"\n",
            "x.toml:4: capabilities.rats[2]: unknown variant `lte-n`, expected one of `gsm`",
        ),
        (Check::Missing, "[query.serving-cell]\nsend = \"AT+X\"\n", "x.toml:3: query.serving-cell.line: must be given"),
        (Check::Missing, "[[firmware]]\nsubscribe = []\n", "x.toml:3: firmware.match: a glob"),
        (
            Check::BadPattern,
            "[query.signal]\nline = [\"+A: {pci}\", \"+A: {smell}\"]\n",
            "x.toml:4: query.signal.line[2]: column 5: unknown capture {smell}; known are _, manufacturer",
        ),
        (
            Check::BadPattern,
            "[urc]\nrrc = \"+A: {rrc:dbm}\"\n",
            "x.toml:4: urc.rrc: column 5: unknown unit \"dbm\"; allowed here: flag, state-word",
        ),
        (
            Check::BadCommand,
            "subscribe = [\"AT+A\\r\"]\n",
            "x.toml:3: subscribe[1]: the character '\\r' cannot be sent",
        ),
        (
            Check::BadCommand,
            "[query.signal]\nsend = \"+CSQ\"\n",
            "x.toml:4: query.signal.send: \"+CSQ\" does not start with AT",
        ),
        (
            Check::BadCommand,
            "[procedure.activate]\nsteps = \"?AT+A={apn}\"\n",
            "x.toml:4: procedure.activate.steps: unknown placeholder {apn}; known here: cid",
        ),
        (
            Check::Missing,
            "[power.window]\nset = \"AT+A={act},{ptw}\"\nread = \"AT+A?\"\n",
            "x.toml:3: power.window.holds: must be given",
        ),
        (
            Check::BadCommand,
            "[power.window]\nset = \"AT+A={act},{ptw:bits}\"\n",
            "x.toml:4: power.window.set: unknown placeholder {ptw:bits}; known here: act, cycle, ptw, cycle:int",
        ),
        (
            Check::BadPattern,
            "[power.window]\nset = \"AT\"\nread = \"AT+A?\"\nholds = \"+A: {window}\"\n",
            "x.toml:6: power.window.holds: unknown placeholder {window}; known here: act",
        ),
        (
            Check::UnknownKey,
            "[power]\npsm-togle = true\n",
            "x.toml:4: power.psm-togle: unknown key \"psm-togle\"; known here: verified, psm-toggle, window",
        ),
        (
            Check::ForeignRat,
            "[power.window]\nset = \"AT\"\nact = { nr = 8 }\n",
            "x.toml:5: power.window.act.nr: \"nr\" is not in capabilities.rats: gsm",
        ),
        (
            Check::ForeignRat,
            "[capabilities]\nrats = [\"lte\"]\n",
            "modems/generic.toml:9: capabilities.edrx: \"lte-m\" is not in capabilities.rats: lte",
        ),
        (
            Check::ForeignRat,
            "[select-rats]\nread = []\n[[select-rats.choice]]\nrats = \"nr\"\nset = \"AT+A\"\nholds = []\n",
            "x.toml:6: select-rats.choice[1].rats: \"nr\" is not in capabilities.rats: gsm",
        ),
        (
            Check::BadValue,
            "[select-rats]\nread = \"AT+A?\"\n[[select-rats.choice]]\nrats = \"lte\"\nset = \"AT+A\"\nholds = []\n",
            "x.toml:5: select-rats.choice[1].holds: 0 lines for the 1 of",
        ),
        (
            Check::DuplicateChoice,
            "[select-rats]\nread = []\n[[select-rats.choice]]\nrats = \"lte\"\nset = \"AT+A\"\nholds = []\n[[select-rats.choice]]\nrats = \"lte\"\nset = \"AT+B\"\nholds = []\n",
            "x.toml:9: select-rats.choice: the choice lte is there already",
        ),
    ] {
        let problems = check_text("x.toml", &format!("{base}{text}"), &BUILTIN);
        let told = lines_of(&problems);
        assert!(told.iter().any(|told| told.starts_with(wanted)), "{check}: wanted {wanted}\ntold {told:#?}");
        assert!(problems.iter().any(|problem| problem.check == check), "{check}: {told:#?}");
    }
}

#[test]
fn parents_are_named() {
    for (file, text, wanted) in [
        (
            "x.toml",
            "extends = \"y\"\n",
            "x.toml:1: extends: there is no model file \"y\"; there are generic, generic-mbim",
        ),
        (
            "x.toml",
            "title = \"T\"\nextends = \"x\"\n",
            "x.toml:2: extends: \"x\" is this file, and there is none below it",
        ),
        ("x.toml", "extends = 1\n", "x.toml:1: extends: a text is wanted"),
        ("/etc/lpwa/modems/X Y.toml", "", "/etc/lpwa/modems/X Y.toml:1: the file: \"X Y\" is no model name"),
        ("x.toml", "title = \"T\"\n", "x.toml:1: query.model: this question must be there"),
        ("x.toml", "title = \"T\"\n", "x.toml:1: capabilities: must be given here or in a parent file"),
    ] {
        let told = lines_of(&check_text(file, text, &BUILTIN));
        assert!(told.iter().any(|told| told.starts_with(wanted)), "wanted {wanted}\ntold {told:#?}");
    }
    let (library, problems) = overlay(&[("a.toml", "extends = \"b\"\n"), ("b.toml", "extends = \"a\"\n")]);
    let wanted = [
        "a.toml:1: extends: b -> a -> b goes round in a circle [cycle]",
        "b.toml:1: extends: a -> b -> a goes round in a circle [cycle]",
    ];
    assert_eq!(problems, wanted);
    assert!(library.get("a").is_none());
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = "extends = \"generic\"\ntitel = \"T\"\n[capabilities]\npsm = 1\n[urc]\nboot = \"{x}\"\n[sleep]\nwake = \"bell\"\n";
    let told = lines_of(&check_text("x.toml", text, &BUILTIN));
    let lines: Vec<&str> = told.iter().map(|told| told.split(": ").next().unwrap()).collect();
    assert_eq!(lines, ["x.toml:1", "x.toml:2", "x.toml:4", "x.toml:6", "x.toml:8"], "{told:#?}");
}

#[test]
fn unconfirmed_values_are_listed() {
    let text = "extends = \"generic\"\ntitle = \"T\"\n[query.signal]\nverified = false\n[urc.boot]\nline = \"HI\"\nverified = false\n";
    let (library, problems) = overlay(&[("x.toml", text)]);
    assert_eq!(problems, Vec::<String>::new());
    let x = library.get("x").unwrap();
    assert_eq!(x.unverified, ["query.signal", "urc.boot"]);
    let none = RatNames { words: &x.rat_words, act: &x.act };
    assert!(x.queries[&QueryName::Signal].parse("+CESQ: 99,99,255,255,20,80", &none).is_some());
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]

    /// A file that was cut or scrambled is told about or taken; nothing else happens.
    #[test]
    fn damage_is_survived(at in 0_usize..8000, len in 0_usize..40, insert in "[a-z\\[\\]{}='\"\n.#0-9 ]{0,12}") {
        let text = include_str!("../../modems/quectel-bg95.toml");
        let (start, end) = (at % text.len(), (at % text.len() + len).min(text.len()));
        let damaged = format!("{}{insert}{}", &text[..start], &text[end..]);
        check_text("damaged.toml", &damaged, &BUILTIN);
    }
}
