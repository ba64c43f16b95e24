//! From the text of a pattern to its parts.

use super::name::Name;
use super::unit::Unit;
use super::{End, Field, Part, Pattern};

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {what}")]
pub struct PatternError {
    /// Where, in characters from 1.
    pub column: usize,
    /// What is wrong there, and what is allowed.
    pub what: String,
}

pub(super) fn compile(text: &str) -> Result<Pattern, PatternError> {
    let (body, end) = match (text.strip_suffix(",..."), text.strip_suffix("...")) {
        (Some(body), _) => (body, End::Fields),
        (None, Some(body)) => (body, End::Any),
        (None, None) => (text, End::Closed),
    };
    let mut compiler = Compiler { parts: Vec::new(), seen: Vec::new(), column: 1 };
    compiler.run(body)?;
    Ok(Pattern { text: text.to_owned(), parts: compiler.parts, end })
}

struct Compiler {
    parts: Vec<Part>,
    seen: Vec<Name>,
    column: usize,
}

impl Compiler {
    fn error<T>(&self, what: impl Into<String>) -> Result<T, PatternError> {
        Err(PatternError { column: self.column, what: what.into() })
    }

    fn run(&mut self, text: &str) -> Result<(), PatternError> {
        let mut rest = text;
        while !rest.is_empty() {
            let (literal, tail) = rest.split_at_checked(rest.find('{').unwrap_or(rest.len())).unwrap_or((rest, ""));
            rest = self.literal(literal, tail)?;
            if let Some(tail) = rest.strip_prefix('{') {
                rest = self.capture(tail)?;
            }
        }
        match (self.seen.contains(&Name::Mcc), self.seen.contains(&Name::Mnc)) {
            (true, false) => self.error("{mcc} stands without {mnc}; together they name the network"),
            (false, true) => self.error("{mnc} stands without {mcc}; together they name the network"),
            _ if self.parts.is_empty() => self.error("the pattern is empty and would fit no line"),
            _ => Ok(()),
        }
    }

    fn literal<'t>(&mut self, literal: &str, tail: &'t str) -> Result<&'t str, PatternError> {
        if let Some((before, _)) = literal.split_once('}') {
            self.column += before.chars().count();
            return self.error("'}' without '{'; a capture is written {name} or {name:unit}");
        }
        if let Some(before) = literal.find(|c: char| c.is_control()).and_then(|at| literal.get(..at)) {
            self.column += before.chars().count();
            return self.error("a control character; a pattern is one line of text");
        }
        self.column += literal.chars().count();
        if !literal.is_empty() {
            self.parts.push(Part::Literal(literal.to_owned()));
        }
        Ok(tail)
    }

    /// Compiles the capture that `text` starts with, after its `{`.
    fn capture<'t>(&mut self, text: &'t str) -> Result<&'t str, PatternError> {
        let Some((inside, mut tail)) = text.split_once('}') else {
            return self.error("'{' without '}'; a capture is written {name} or {name:unit}");
        };
        if matches!(self.parts.last(), Some(Part::Field(_))) {
            return self.error("two captures side by side; text between them must say where the first one ends");
        }
        let (spec, words) = inside.split_once('=').map_or((inside, None), |(spec, words)| (spec, Some(words)));
        let (name, unit) = spec.split_once(':').map_or((spec, None), |(name, unit)| (name, Some(unit)));
        let name = self.name(name)?;
        let unit = self.unit(name, unit)?;
        let words: Vec<String> = words.map_or_else(Vec::new, |words| words.split('|').map(str::to_owned).collect());
        let quoted = self.take_quotes(&mut tail);
        self.parts.push(Part::Field(Field { name, unit, quoted, words }));
        self.column += inside.chars().count() + 2 + usize::from(quoted);
        Ok(tail)
    }

    fn name(&mut self, text: &str) -> Result<Name, PatternError> {
        let Some((_, name)) = Name::ALL.iter().find(|(name, _)| *name == text) else {
            let known: Vec<&str> = Name::ALL.iter().map(|(name, _)| *name).collect();
            return self.error(format!("unknown capture {{{text}}}; known are {}", known.join(", ")));
        };
        if *name != Name::Skip && self.seen.contains(name) {
            return self.error(format!("{{{text}}} is captured twice; use {{_}} for the field that does not count"));
        }
        self.seen.push(*name);
        Ok(*name)
    }

    fn unit(&self, name: Name, text: Option<&str>) -> Result<Unit, PatternError> {
        let allowed = name.units();
        let Some(text) = text else { return Ok(allowed.first().copied().unwrap_or(Unit::Text)) };
        match allowed.iter().find(|unit| unit.name() == text) {
            Some(unit) => Ok(*unit),
            None => {
                let allowed: Vec<&str> = allowed.iter().map(|unit| unit.name()).collect();
                self.error(format!("unknown unit \"{text}\"; allowed here: {}", allowed.join(", ")))
            }
        }
    }

    /// Takes the quotes around a capture out of the text before and after it: they belong to the field.
    fn take_quotes(&mut self, tail: &mut &str) -> bool {
        let Some(after) = tail.strip_prefix('"') else { return false };
        let Some(Part::Literal(before)) = self.parts.last_mut() else { return false };
        let Some(shorter) = before.strip_suffix('"') else { return false };
        *before = shorter.to_owned();
        if before.is_empty() {
            self.parts.pop();
        }
        *tail = after;
        true
    }
}
