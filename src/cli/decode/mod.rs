//! `decode`: AT lines, QMI and MBIM frames in words, offline.

mod error;
mod find;
mod frame;
mod mbim;
mod network;
mod power;
mod qmi;
mod registration;
mod run;
mod table;
mod value;
mod vendor;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::cli::words::capital;
use crate::codec::at::FinalResult;
use crate::codec::at::cursor::Cursor;
use crate::modem::definition::Definition;
use crate::private::REDACTED;
use crate::spec::rat::{Rat, rat_of_act};

pub use run::run;

use table::{Form, ROWS};
use value::{Say, Words, look_up};

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What the line is about.
    pub title: String,
    /// Where that is defined: command and clause, or model file; empty for V.250.
    pub source: String,
    /// Its fields.
    #[serde(flatten)]
    pub body: Body,
}

/// The fields of a line, and what else there is to know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Body {
    /// The fields, in order.
    pub fields: Vec<Item>,
    /// Sentences: what follows, what to do.
    pub notes: Vec<String>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What it is.
    pub name: String,
    /// Its value as written.
    pub raw: String,
    /// Its value in words; empty where it speaks for itself.
    pub meaning: String,
}

impl Body {
    fn note(note: String) -> Self {
        Self { fields: Vec::new(), notes: vec![note] }
    }

    fn add(&mut self, name: &str, raw: &str, meaning: impl Into<String>) {
        self.fields.push(Item { name: name.into(), raw: raw.into(), meaning: meaning.into() });
    }

    /// Adds a field where it is there.
    fn maybe<T: ToString, M: Into<String>>(&mut self, name: &str, value: Option<T>, meaning: impl FnOnce(&T) -> M) {
        if let Some(value) = value {
            self.add(name, &value.to_string(), meaning(&value));
        }
    }

    /// Adds a field in the way that `say` tells; an empty one is left out.
    fn say(&mut self, name: &str, say: Say, text: &str) {
        match say {
            _ if text.is_empty() => {}
            Say::Secret => self.add(name, REDACTED, ""),
            say => self.add(name, text, say.meaning(text)),
        }
    }
}

/// A line that a row of the table can explain.
pub struct Message<'a> {
    line: &'a str,
    /// What follows the colon or the equals sign.
    body: &'a str,
}

impl<'a> Message<'a> {
    fn fields(&self) -> Cursor<'a> {
        Cursor::new(self.body)
    }
}

/// The model files that vendor lines and numbers are read with.
pub struct Models<'a> {
    /// The ones to try, in order.
    pub definitions: &'a [Arc<Definition>],
    /// Whether the person named the one.
    pub chosen: bool,
}

impl Models<'_> {
    /// The technology of an `<AcT>` number: of the chosen model, else of the standard and of the models that differ.
    fn technology(&self, act: i64) -> String {
        let standard = rat_of_act(act);
        let title = |rat: Option<Rat>| rat.map_or("no technology of the standard", Rat::title);
        if let (true, Some(definition)) = (self.chosen, self.definitions.first()) {
            return title(definition.rat_names().of_act(act)).into();
        }
        let mut others: BTreeMap<Rat, BTreeSet<&str>> = BTreeMap::new();
        for definition in self.definitions {
            let own = definition.act.get(&act).filter(|rat| Some(**rat) != standard);
            let maker = definition.name.split('-').next().unwrap_or_default();
            own.map(|rat| others.entry(*rat).or_default().insert(maker));
        }
        let others = others.iter().map(|(rat, makers)| {
            let makers: Vec<&str> = makers.iter().copied().collect();
            format!("; {} on models of {} (--model NAME decides)", rat.title(), makers.join(", "))
        });
        others.fold(title(standard).to_owned(), |said, other| said + &other)
    }
}

/// Basic commands (V.250).
const BASIC: Words = &[
    ("AT", "Is the modem there"),
    ("ATD*99#", "Dial for data on the default context"),
    ("ATD*99***1#", "Dial for data on context 1"),
    ("ATE0", "Echo off"),
    ("ATE1", "Echo on"),
    ("ATH", "Hang up"),
    ("ATI", "Identification"),
    ("ATO", "Back to data"),
    ("ATZ", "Load the stored settings"),
    ("AT&F", "Load the factory settings"),
    ("AT&W", "Store the settings"),
];

/// Explains one message; `None`: nothing is known about it.
pub fn explain(message: &str, models: &Models<'_>) -> Option<Explanation> {
    let message = message.trim();
    command(message, models)
        .or_else(|| answer(message, models))
        .or_else(|| final_result(message))
        .or_else(|| vendor::line(message, models))
}

fn source(row: &table::Row) -> String {
    format!("{}, {}", row.name, row.clause)
}

fn answer(line: &str, models: &Models<'_>) -> Option<Explanation> {
    let (name, body) = line.split_once(':')?;
    let row = ROWS.iter().find(|row| row.name == name.trim())?;
    let body = form(&row.answer, &Message { line, body: body.trim() }, models);
    Some(Explanation { title: capital(row.what), source: source(row), body })
}

fn command(line: &str, models: &Models<'_>) -> Option<Explanation> {
    let rest = line.strip_prefix("AT").or_else(|| line.strip_prefix("at"));
    let rest = rest.or_else(|| line.starts_with('+').then_some(line).filter(|line| !line.contains(':')))?;
    let plain = |title: String, source| Explanation { title, source, body: Body::default() };
    if let Some(meaning) = look_up(BASIC, &line.to_ascii_uppercase()) {
        return Some(plain(meaning.into(), String::new()));
    }
    let end = rest.find(['=', '?']).unwrap_or(rest.len());
    let (name, tail) = rest.split_at_checked(end)?;
    let Some(row) = ROWS.iter().find(|row| row.name.eq_ignore_ascii_case(name)) else {
        return vendor::command(line, models);
    };
    match tail {
        "" => Some(plain(format!("Run: {}", row.what), source(row))),
        "?" => Some(plain(format!("Ask for: {}", row.what), source(row))),
        "=?" => Some(plain(format!("Ask what the modem can do: {}", row.what), source(row))),
        _ => {
            let message = Message { line, body: tail.strip_prefix('=')? };
            let body = form(&row.set, &message, models);
            Some(Explanation { title: format!("Set: {}", row.what), source: source(row), body })
        }
    }
}

fn form(form: &Form, message: &Message<'_>, models: &Models<'_>) -> Body {
    let params = match form {
        Form::Whole(explain) => return explain(message, models),
        Form::Fields(params) => params,
    };
    let mut body = Body::default();
    for (at, field) in message.fields().enumerate() {
        match params.get(at) {
            Some(param) => body.say(param.0, param.1, field.text),
            None => body.say("further", Say::Raw, field.text),
        }
    }
    body
}

fn final_result(line: &str) -> Option<Explanation> {
    let meaning = match FinalResult::parse(line).or_else(|| FinalResult::parse_connect(line))? {
        FinalResult::Ok => "The command succeeded".into(),
        FinalResult::Connect(_) => "What follows is data, no commands".into(),
        FinalResult::Error(error) => capital(&error.to_string()),
    };
    Some(Explanation { title: meaning, source: String::new(), body: Body::default() })
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::modem::definition::Library;

    #[test]
    fn rows_are_in_order_and_named_once() {
        assert!(ROWS.is_sorted_by(|one, next| one.name < next.name));
    }

    /// The start of a line that some row or model file knows, and anything behind it.
    fn line() -> impl Strategy<Value = String> {
        let names: Vec<&str> = ROWS.iter().map(|row| row.name).chain(["+QENG", "%XMONITOR"]).collect();
        let fields = r#"(("?[0-9A-F]{0,10}"?|[01]{8}|"[ -~]{0,5}|[(),:=?;\PC]),?){0,12}"#;
        let parts = (prop::bool::ANY, prop::sample::select(names), "[:=?]", fields);
        parts.prop_map(|(at, name, sign, fields)| format!("{}{name}{sign} {fields}", if at { "AT" } else { "" }))
    }

    static DEFINITIONS: LazyLock<Vec<Arc<Definition>>> = LazyLock::new(|| {
        let library = Library::builtin();
        vec![library.get("quectel-bg95").unwrap(), library.get("nordic-nrf91").unwrap()]
    });

    #[test]
    fn a_name_may_have_parentheses() {
        let models = Models { definitions: &DEFINITIONS, chosen: false };
        let said = explain("+COPS: 0,0,\"Test (1)\",9", &models).unwrap();
        let network = said.body.fields.iter().find(|field| field.name == "network").unwrap();
        assert_eq!(network.raw, "Test (1)");
        assert_eq!(explain("+CGEV: ME OVERHEATED", &models).unwrap().body.fields.len(), 1);
    }

    proptest! {
        #[test]
        fn no_line_breaks_it(line in prop_oneof![line(), any::<String>()]) {
            for message in find::messages(&line) {
                explain(message, &Models { definitions: &DEFINITIONS, chosen: false });
            }
        }
    }
}
