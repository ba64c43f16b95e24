//! Fields of an information line: `+CGDCONT: 1,"IP","a,b",,(0-2)` gives `1`, `IP`, `a,b`, an empty one and a list.

use std::iter::Peekable;
use std::net::IpAddr;
use std::ops::RangeInclusive;

/// The most numbers that a list such as `(0-65535)` is expanded to.
const EXPANDED_MAX: usize = 1024;

/// Walks over the fields of a line, left to right.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    /// What is left; `None` after the last field.
    rest: Option<&'a str>,
}

/// One field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The text, without quotes or parentheses, blanks at its ends trimmed.
    pub text: &'a str,
    /// How it was written.
    pub form: Form,
}

/// How a field was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Bare,
    /// Between quotes.
    Quoted,
    /// Between parentheses.
    List,
}

/// An answer that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the modem's answer to {command} cannot be read: {field} is missing or out of range")]
pub struct Malformed {
    /// The command, such as `+CESQ`.
    pub command: &'static str,
    /// The field, by its name in TS 27.007.
    pub field: &'static str,
}

impl<'a> Cursor<'a> {
    /// The fields of `body`; an empty body has none.
    pub fn new(body: &'a str) -> Self {
        let body = body.trim();
        Self { rest: (!body.is_empty()).then_some(body) }
    }

    /// The fields of an answer to `command`. Its name in front may be missing, lost with an earlier read; a line of
    /// another command is `None`.
    pub fn of(line: &'a str, command: &str) -> Option<Self> {
        body_of(line, command).map(Self::new)
    }

    /// Whether a field is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_none()
    }

    /// Splits off the first field of `rest`, of the given form and length.
    fn cut(&mut self, rest: &'a str, inner: &'a str, length: usize, form: Form) -> Field<'a> {
        let after = rest.get(length..).unwrap_or_default();
        let behind = after.strip_prefix(')').unwrap_or(after).trim_start();
        self.rest = if form == Form::List && behind.starts_with('(') {
            // Some makers put lists side by side, without the comma.
            Some(behind)
        } else {
            // Whatever stands between the closing sign and the comma is noise.
            after.split_once(',').map(|(_, next)| next.trim_start())
        };
        Field { text: inner.trim(), form }
    }
}

impl<'a> Iterator for Cursor<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let rest = self.rest.take()?;
        let close = match rest.chars().next() {
            Some('"') => closing_quote(rest).map(|end| (end, Form::Quoted)),
            Some('(') => Some((closing_parenthesis(rest), Form::List)),
            _ => None,
        };
        Some(match close {
            Some((end, form)) => self.cut(rest, rest.get(1..end).unwrap_or_default(), end, form),
            None => {
                let bare = rest.split_once(',').map_or(rest, |(field, _)| field);
                // An opening quote without its partner.
                self.cut(rest, bare.trim_start_matches('"'), bare.len(), Form::Bare)
            }
        })
    }
}

/// What stands behind the name of `command`, or the whole line where no name is in front.
fn body_of<'a>(line: &'a str, command: &str) -> Option<&'a str> {
    let line = line.trim();
    if let Some(body) = line.strip_prefix(command).and_then(|rest| rest.trim_start().strip_prefix(':')) {
        return Some(body.trim());
    }
    let named = line.starts_with(['+', '%', '#', '^', '*', '$', '!'])
        && line.chars().nth(1).is_some_and(|c| c.is_ascii_alphabetic());
    (!named).then_some(line)
}

/// The first `most` fields of an answer of numbers only, without blanks and quotes: ready for [`at_commands`], which
/// overflows on ten digits and takes `-` for 0.
pub(super) fn numbers(line: &str, command: &'static str, most: usize) -> Result<String, Malformed> {
    let fields = Cursor::of(line, command).ok_or(Malformed { command, field: "its name" })?;
    let texts: Vec<_> = fields.take(most).map(|field| field.text).collect();
    if texts.iter().all(|text| text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit())) {
        Ok(texts.join(",").trim_end_matches(',').to_owned())
    } else {
        Err(Malformed { command, field: "a number" })
    }
}

/// Where the quote of the first character closes: the next quote that ends a field. Names with quotes in them exist.
fn closing_quote(text: &str) -> Option<usize> {
    let ends_field = |at: usize| {
        let after = text.get(at.saturating_add(1)..).unwrap_or_default().trim_start();
        after.is_empty() || after.starts_with([',', ')'])
    };
    text.match_indices('"').map(|(at, _)| at).skip(1).find(|at| ends_field(*at))
}

/// Where the parenthesis of the first character closes; at the end of `text` if it never does.
fn closing_parenthesis(text: &str) -> usize {
    let (mut depth, mut quoted) = (0_usize, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => depth = depth.saturating_add(1),
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

impl<'a> Field<'a> {
    /// Whether nothing is there.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// A decimal number, quoted or not; `None` where there is none, or one beyond 64 bits.
    pub fn int(&self) -> Option<i64> {
        self.text.parse().ok()
    }

    /// A decimal number that fits `T`.
    pub fn number<T: TryFrom<i64>>(&self) -> Option<T> {
        self.int().and_then(|n| T::try_from(n).ok())
    }

    /// A hexadecimal number, quoted or not, with or without `0x`; what follows the digits is noise.
    pub fn hex(&self) -> Option<u64> {
        let text = self.text.strip_prefix("0x").or_else(|| self.text.strip_prefix("0X")).unwrap_or(self.text);
        let end = text.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(text.len());
        u64::from_str_radix(text.get(..end)?, 16).ok()
    }

    /// The text, unless it is empty.
    pub fn string(&self) -> Option<&'a str> {
        (!self.text.is_empty()).then_some(self.text)
    }

    /// The elements of a list; a field that is none is its own only element.
    pub fn list(&self) -> Cursor<'a> {
        Cursor::new(self.text)
    }

    /// The texts of a list.
    pub fn strings(&self) -> Vec<String> {
        match self.form {
            Form::List => self.list().filter_map(|field| field.string().map(str::to_owned)).collect(),
            _ => self.string().map(str::to_owned).into_iter().collect(),
        }
    }

    /// The numbers and ranges of a list such as `(0-2,5)`.
    pub fn ranges(&self) -> Vec<RangeInclusive<i64>> {
        self.list().filter_map(|field| range(field.text)).collect()
    }

    /// The numbers of a list such as `(0-2,5)`, one by one, at most 1024.
    pub fn numbers(&self) -> Vec<i64> {
        self.ranges().into_iter().flatten().take(EXPANDED_MAX).collect()
    }

    /// An IP address in any of the forms that modems use; the unspecified address is `None`.
    pub fn address(&self) -> Option<IpAddr> {
        super::address::parse(self.text).into_iter().next().map(|found| found.address)
    }
}

fn range(text: &str) -> Option<RangeInclusive<i64>> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    Some(low.trim().parse().ok()?..=high.trim().parse().ok()?)
}

/// Reads the fields of one command's answer and names the one that is wrong.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    command: &'static str,
    fields: Peekable<Cursor<'a>>,
}

impl<'a> Reader<'a> {
    /// For an answer to `command`.
    pub(super) fn of(line: &'a str, command: &'static str) -> Result<Self, Malformed> {
        let fields = Cursor::of(line, command).ok_or(Malformed { command, field: "its name" })?;
        Ok(Self { command, fields: fields.peekable() })
    }

    /// The error that `field` is wrong.
    pub(super) fn wrong(&self, field: &'static str) -> Malformed {
        Malformed { command: self.command, field }
    }

    /// The next field; empty where the line has ended.
    pub(super) fn field(&mut self) -> Field<'a> {
        self.fields.next().unwrap_or(Field { text: "", form: Form::Bare })
    }

    /// The next field without taking it.
    pub(super) fn peek(&mut self) -> Option<Field<'a>> {
        self.fields.peek().copied()
    }

    /// The next field as a number that has to be there.
    pub(super) fn number<T: TryFrom<i64>>(&mut self, field: &'static str) -> Result<T, Malformed> {
        self.field().number().ok_or_else(|| self.wrong(field))
    }

    /// The next field as a number, where it is one.
    pub(super) fn maybe_number<T: TryFrom<i64>>(&mut self) -> Option<T> {
        self.field().number()
    }

    /// The next field as text that has to be there.
    pub(super) fn string(&mut self, field: &'static str) -> Result<&'a str, Malformed> {
        self.field().string().ok_or_else(|| self.wrong(field))
    }

    /// The next field as text, where there is some.
    pub(super) fn maybe_string(&mut self) -> Option<String> {
        self.field().string().map(str::to_owned)
    }

    /// The fields that are left.
    pub(super) fn rest(self) -> impl Iterator<Item = Field<'a>> {
        self.fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<(&str, Form)> {
        Cursor::new(line).map(|field| (field.text, field.form)).collect()
    }

    #[test]
    fn fields_keep_commas_between_quotes_and_parentheses() {
        use Form::{Bare, List, Quoted};
        assert_eq!(
            texts("1, \"a,b\" ,,(0-2,(3)),\"x\""),
            [("1", Bare), ("a,b", Quoted), ("", Bare), ("0-2,(3)", List), ("x", Quoted)]
        );
        assert_eq!(texts(""), []);
        assert_eq!(texts("1,"), [("1", Bare), ("", Bare)]);
        assert_eq!(texts("\"a\"b\",2"), [("a\"b", Quoted), ("2", Bare)]);
        assert_eq!(texts("\"abc,2"), [("abc", Bare), ("2", Bare)]);
        assert_eq!(texts("(1,2"), [("1,2", List)]);
        assert_eq!(texts(")"), [(")", Bare)]);
        assert_eq!(texts("(1)(2) (3),(4)x,5"), [("1", List), ("2", List), ("3", List), ("4", List), ("5", Bare)]);
    }

    #[test]
    fn numbers_of_any_width_are_read_or_refused() {
        let field = |text| Field { text, form: Form::Bare };
        assert_eq!(field("4294967295").int(), Some(4_294_967_295));
        assert_eq!(field("99999999999999999999").int(), None);
        assert_eq!(field("-1").int(), Some(-1));
        assert_eq!(field("-").int(), None);
        assert_eq!(field("300").number::<u8>(), None);
        assert_eq!(field("0x1F").hex(), Some(31));
        assert_eq!(field("+1F").hex(), None);
        assert_eq!(field("FFFFFFFFFFFFFFFFF").hex(), None);
        assert_eq!(field("0-2,5,9-4").numbers(), [0, 1, 2, 5]);
        assert_eq!(field("0-99999999999").numbers().len(), EXPANDED_MAX);
    }

    #[test]
    fn the_name_may_be_missing_but_not_another() {
        assert_eq!(Cursor::of("+CESQ:1,2", "+CESQ").unwrap().count(), 2);
        assert_eq!(Cursor::of(" 1,2", "+CESQ").unwrap().count(), 2);
        assert!(Cursor::of("+CSQ: 1,2", "+CESQ").is_none());
        assert_eq!(Cursor::of("+0123,1", "+CESQ").unwrap().count(), 2);
    }
}
