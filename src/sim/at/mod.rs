//! AT commands: the standard ones in tables, the vendor's from the model file.

use super::modem::SimModem;

pub(super) mod answer;
mod args;
mod basic;
mod card;
pub(super) mod general;
pub(super) mod line;
mod model;
mod network;
mod packet;
pub(super) mod registration;
mod saving;
mod signal;
mod slots;
mod sms;
mod window;

use answer::{Answer, AtError, Reply};
use line::{Command, Op};

/// An extended command of the standards.
pub(super) struct Entry {
    name: &'static str,
    test: Test,
    run: Run,
}

/// The answer of the test form `+X=?`.
enum Test {
    /// `OK` alone.
    Ok,
    /// `+X: ` and this.
    Text(&'static str),
    /// The command's own function answers.
    Own,
}

/// What runs a command.
enum Run {
    /// A function of its own.
    Code(fn(&mut SimModem, &Op) -> Reply),
    /// A value that is remembered, and read back; this is what it is at first.
    Value(&'static str),
}

const fn code(name: &'static str, test: Test, run: fn(&mut SimModem, &Op) -> Reply) -> Entry {
    Entry { name, test, run: Run::Code(run) }
}

const fn value(name: &'static str, test: &'static str, first: &'static str) -> Entry {
    Entry { name, test: Test::Text(test), run: Run::Value(first) }
}

const TABLES: [&[Entry]; 8] = [
    general::ENTRIES,
    card::ENTRIES,
    registration::ENTRIES,
    network::ENTRIES,
    saving::ENTRIES,
    packet::ENTRIES,
    signal::ENTRIES,
    sms::ENTRIES,
];

/// Runs one command.
pub(super) fn execute(modem: &mut SimModem, command: &Command) -> Reply {
    let reply = model::answer(modem, command).unwrap_or_else(|| match command {
        Command::Basic { name, number } => basic::run(modem, name, *number),
        Command::Register { value: Some(_), .. } => Ok(Answer::ok()),
        Command::Register { value: None, .. } => Ok(Answer::line("000")),
        Command::Dial(number) => packet::dial(modem, number),
        Command::Extended { name, op } => extended(modem, name, op),
    });
    if let (Ok(_), Command::Extended { name, op: Op::Set(value) }) = (&reply, command) {
        note_subscription(modem, name, value);
    }
    reply
}

fn find(name: &str) -> Option<&'static Entry> {
    TABLES.iter().copied().flatten().find(|entry| entry.name == name)
}

/// Whether the standards have a command of this name.
fn is_known(name: &str) -> bool {
    find(name).is_some()
}

fn extended(modem: &mut SimModem, name: &str, op: &Op) -> Reply {
    let entry = find(name).ok_or(AtError::Plain)?;
    match (&entry.run, op, &entry.test) {
        (_, Op::Test, Test::Ok) => Ok(Answer::ok()),
        (_, Op::Test, Test::Text(text)) => Ok(Answer::line(format!("{name}: {text}"))),
        (Run::Code(run), _, _) => run(modem, op),
        (Run::Value(first), Op::Read, _) => {
            let value = modem.settings.values.get(entry.name).map_or(*first, String::as_str);
            Ok(Answer::line(format!("{name}: {value}")))
        }
        (Run::Value(_), Op::Set(value), _) => {
            modem.settings.values.insert(entry.name, value.clone());
            Ok(Answer::ok())
        }
        (Run::Value(_), Op::Run | Op::Test, _) => Err(AtError::Plain),
    }
}

/// Remembers which notices the host wants: those whose command was given a first number that is not 0.
fn note_subscription(modem: &mut SimModem, name: &str, value: &str) {
    let on = value.split(',').find(|v| !v.starts_with('"')).is_some_and(|v| !v.trim_start_matches('0').is_empty());
    if !modem.definition.subscribe.iter().any(|line| line.get(2..).is_some_and(|l| l.starts_with(name))) {
        return;
    }
    if on {
        modem.settings.subscribed.insert(name.to_owned());
    } else {
        modem.settings.subscribed.remove(name);
    }
}
