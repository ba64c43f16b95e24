//! Patterns: the form of one line of an answer or a notice.
//!
//! Literal text stands for itself. `{name}` and `{name:unit}` capture a field, `{name=A|B}` captures it only if it is
//! one of these words, `{_}` skips a field, a final `...` accepts any rest. A blank after a colon or a comma is
//! optional, and so are the quotes around a field, as firmware differs in both.

use std::collections::BTreeMap;

use crate::spec::rat::{Rat, rat_of_act};
use crate::state::fact::Fact;

mod compile;
mod name;
mod unit;

pub use compile::PatternError;
use name::Name;
use unit::{Read, Unit};

/// The words and numbers by which a model names the technologies.
#[derive(Debug, Clone, Copy)]
pub struct RatNames<'a> {
    /// Words of each technology; the first is the one to print.
    pub words: &'a BTreeMap<Rat, Vec<String>>,
    /// `<AcT>` numbers that mean something else than in TS 27.007 §7.3.
    pub act: &'a BTreeMap<i64, Rat>,
}

impl RatNames<'_> {
    /// The technology of a word.
    pub fn of_word(&self, word: &str) -> Option<Rat> {
        let named = |words: &Vec<String>| words.iter().any(|w| w.eq_ignore_ascii_case(word));
        self.words.iter().find(|(_, words)| named(words)).map(|(rat, _)| *rat)
    }

    fn words_of(&self, rat: Rat) -> impl Iterator<Item = &String> {
        self.words.get(&rat).into_iter().flatten()
    }

    /// The technology of an `<AcT>` number.
    pub fn of_act(&self, act: i64) -> Option<Rat> {
        self.act.get(&act).copied().or_else(|| rat_of_act(act))
    }

    /// The `<AcT>` number of a technology: the model's own, else that of TS 27.007 §7.3.
    pub fn act_of(&self, rat: Rat) -> Option<i64> {
        // A model that knows two numbers for one technology prints the higher: Quectel 8 and not 7 for LTE-M.
        let own = self.act.iter().rev().find(|(_, r)| **r == rat).map(|(act, _)| *act);
        own.or_else(|| (0..=16).find(|act| self.of_act(*act) == Some(rat)))
    }
}

/// The form of one line, compiled.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    text: String,
    parts: Vec<Part>,
    end: End,
}

/// What may follow the last part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Nothing.
    Closed,
    /// More fields, or none (`,...`).
    Fields,
    /// Anything (`...`).
    Any,
}

impl End {
    fn accepts(self, rest: &str) -> bool {
        match self {
            Self::Closed => rest.is_empty(),
            Self::Fields => rest.is_empty() || rest.starts_with(','),
            Self::Any => true,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Literal(String),
    Field(Field),
}

#[derive(Debug, Clone, PartialEq)]
struct Field {
    name: Name,
    unit: Unit,
    /// Whether the field is printed in quotes; both forms are read.
    quoted: bool,
    /// If not empty, the only words that fit.
    words: Vec<String>,
}

impl Pattern {
    /// Compiles a pattern; the error names the column and what is wrong there.
    pub fn compile(text: &str) -> Result<Self, PatternError> {
        compile::compile(text)
    }

    /// The pattern as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The literal start up to and including the colon (`+QENG:`), by which a notice is recognised.
    pub fn prefix(&self) -> Option<&str> {
        let Some(Part::Literal(literal)) = self.parts.first() else { return None };
        literal.split_inclusive(':').next().filter(|prefix| prefix.ends_with(':'))
    }

    /// What `line` tells, or `None` if it has another form.
    ///
    /// A field that says "not known" and a value that cannot be true tell nothing, but the line still fits.
    pub fn parse(&self, line: &str, rats: &RatNames<'_>) -> Option<Vec<Fact>> {
        let values = self.split(line.trim())?;
        let rat = values.iter().find(|(field, _)| field.name == Name::Rat);
        let rat = rat.and_then(|(field, value)| unit::rat(field.unit, value, rats));
        let mut facts = Vec::new();
        let mut mcc = "";
        for (field, value) in values {
            match (field.name, unit::read(field.unit, value, rat, rats)) {
                (_, Read::Misfit) => return None,
                (_, Read::Unknown) | (Name::Skip, _) => {}
                (Name::Mcc | Name::Plmn, _) if name::no_network(value) => {}
                (Name::Mcc, _) => mcc = value,
                (Name::Mnc, _) if mcc.is_empty() => {}
                (Name::Mnc, _) => facts.push(name::plmn(mcc, value)?),
                (name, Read::Value(value)) => match name.fact(value) {
                    Some(fact) => facts.extend(Some(fact).filter(name::plausible)),
                    None => return None,
                },
            }
        }
        Some(facts)
    }

    /// The line that tells `facts`; a field of which they say nothing is printed as the "not known" of its unit.
    pub fn render(&self, facts: &[Fact], rats: &RatNames<'_>) -> String {
        let rat = facts.iter().find_map(|fact| if let Fact::Rat(rat) = fact { Some(*rat) } else { None });
        let part = |part: &Part| match part {
            Part::Literal(literal) => literal.clone(),
            Part::Field(field) => field.render(facts, rat, rats),
        };
        self.parts.iter().map(part).collect()
    }

    /// The fields of `line` with their values, if it has this form.
    fn split<'l>(&self, line: &'l str) -> Option<Vec<(&Field, &'l str)>> {
        let (mut rest, mut values) = (line, Vec::new());
        let mut parts = self.parts.iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Literal(literal) => rest = strip_literal(rest, literal)?,
                Part::Field(field) => {
                    let next = parts.peek().and_then(|part| part.literal());
                    let (value, tail) = field.take(rest, next, self.end)?;
                    values.push((field, value));
                    rest = tail;
                }
            }
        }
        self.end.accepts(rest).then_some(values)
    }
}

impl Part {
    fn literal(&self) -> Option<&str> {
        match self {
            Self::Literal(literal) => Some(literal),
            Self::Field(_) => None,
        }
    }
}

impl Field {
    /// Splits the field's value off `input`: it ends at the closing quote, at `next`, or at the end of the line.
    fn take<'l>(&self, input: &'l str, next: Option<&str>, end: End) -> Option<(&'l str, &'l str)> {
        let (value, tail) = Self::quoted(input, next, end).or_else(|| self.bare(input, next, end))?;
        let value = value.trim();
        (self.words.is_empty() || self.words.iter().any(|word| word == value)).then_some((value, tail))
    }

    fn quoted<'l>(input: &'l str, next: Option<&str>, end: End) -> Option<(&'l str, &'l str)> {
        let (value, tail) = input.strip_prefix('"')?.split_once('"')?;
        let ends = match next {
            Some(literal) => strip_literal(tail, literal).is_some(),
            None => end.accepts(tail),
        };
        ends.then_some((value, tail))
    }

    fn bare<'l>(&self, input: &'l str, next: Option<&str>, end: End) -> Option<(&'l str, &'l str)> {
        let at = match next {
            Some(literal) => find_literal(input, literal)?,
            None if end == End::Closed => input.len(),
            None => input.find(',').unwrap_or(input.len()),
        };
        let (value, tail) = input.split_at_checked(at)?;
        // Only free text at the end of a line may have commas: `L0.0.00.00.05.08,A.02.04`.
        let whole = next.is_none() && self.unit == Unit::Text;
        (whole || !value.contains(',')).then_some((value, tail))
    }

    fn render(&self, facts: &[Fact], rat: Option<Rat>, rats: &RatNames<'_>) -> String {
        let value = facts.iter().find_map(|fact| self.name.value(fact));
        let text = match (value, self.words.first()) {
            (Some(value), Some(first)) => match value {
                name::Value::Rat(rat) => {
                    self.words.iter().find(|word| rats.of_word(word) == Some(rat)).unwrap_or(first)
                }
                _ => first,
            }
            .clone(),
            (None, Some(first)) => first.clone(),
            (Some(value), None) => unit::write(self.unit, &value, rat, rats),
            (None, None) if self.quoted => String::new(),
            (None, None) => self.unit.unknown().to_owned(),
        };
        if self.quoted { format!("\"{text}\"") } else { text }
    }
}

/// What follows `literal` in `input`, if it starts so; a blank after a colon or comma is optional on both sides.
fn strip_literal<'l>(input: &'l str, literal: &str) -> Option<&'l str> {
    let mut rest = input;
    let mut chars = literal.chars().peekable();
    while let Some(c) = chars.next() {
        rest = rest.strip_prefix(c)?;
        if matches!(c, ':' | ',') {
            rest = rest.trim_start_matches(' ');
            while chars.next_if_eq(&' ').is_some() {}
        }
    }
    Some(rest)
}

/// Where `literal` first stands in `input`.
fn find_literal(input: &str, literal: &str) -> Option<usize> {
    let stands_at = |at: &usize| input.get(*at..).and_then(|rest| strip_literal(rest, literal)).is_some();
    input.char_indices().map(|(at, _)| at).find(stands_at)
}

#[cfg(test)]
mod tests;
