//! One table of a configuration file: keys are taken by name and type, and what is left over is a mistake.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::nearest::nearest;
use super::report::{Place, Problem, Report, Source};

/// A value, and where its key stands.
pub struct Item<'a> {
    pub place: Place<'a>,
    pub value: DeValue<'a>,
}

/// The keys of a table.
pub type Keys<'a> = BTreeMap<String, Item<'a>>;

/// The keys of `table`, which stands in `source`.
pub fn keys<'a>(table: DeTable<'a>, source: &'a Source) -> Keys<'a> {
    let item = |(key, value): (Spanned<_>, Spanned<DeValue<'a>>)| {
        let place = Place { source, offset: key.span().start };
        let name: std::borrow::Cow<'a, str> = key.into_inner();
        (name.into_owned(), Item { place, value: value.into_inner() })
    };
    table.into_iter().map(item).collect()
}

/// A table being read.
pub struct Section<'a, 'r> {
    /// Where the table stands.
    pub place: Place<'a>,
    keys: Keys<'a>,
    asked: Vec<&'static str>,
    pub report: &'r Report,
}

impl<'a, 'r> Section<'a, 'r> {
    pub fn new(place: Place<'a>, keys: Keys<'a>, report: &'r Report) -> Self {
        Self { place, keys, asked: vec![], report }
    }

    /// A whole file; what is no TOML goes into the report, and what is left is read all the same.
    pub fn of_file(source: &'a Source, report: &'r Report) -> Self {
        let (table, mistakes) = DeTable::parse_recoverable(&source.text);
        for mistake in mistakes {
            let offset = mistake.span().map_or(0, |span| span.start);
            report.error(Place { source, offset }.problem(mistake.message()));
        }
        Self::new(source.start(), keys(table.into_inner(), source), report)
    }

    /// Where `key` stands, as long as it is not taken.
    pub fn find(&mut self, key: &'static str) -> Option<Place<'a>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.keys.get(key).map(|item| item.place)
    }

    /// Takes the value of `key`, whatever its type.
    pub fn item(&mut self, key: &'static str) -> Option<Item<'a>> {
        self.find(key);
        self.keys.remove(key)
    }

    /// A value that `read` understands; `wanted` says what it is, such as `a string`.
    fn typed<T>(&mut self, key: &'static str, wanted: &str, read: impl Fn(&DeValue<'a>) -> Option<T>) -> Option<T> {
        let item = self.item(key)?;
        let value = read(&item.value);
        if value.is_none() {
            self.report.error(wrong_type(&item, key, wanted));
        }
        value
    }

    pub fn flag(&mut self, key: &'static str) -> Option<bool> {
        self.typed(key, "true or false", DeValue::as_bool)
    }

    pub fn string(&mut self, key: &'static str) -> Option<String> {
        self.typed(key, "a string", |value| value.as_str().map(str::to_owned))
    }

    /// A string that reads as a `T`.
    pub fn parsed<T: FromStr<Err: Display>>(&mut self, key: &'static str) -> Option<T> {
        let place = self.find(key)?;
        let text = self.string(key)?;
        self.sound(key, place, text.parse())
    }

    /// A whole number within `range`.
    pub fn number(&mut self, key: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        let place = self.find(key)?;
        let number = self.typed(key, "a whole number", whole)?;
        self.sound(key, place, within(number, &range))
    }

    /// A list, each element of which `read` understands; `wanted` says what they are, such as `strings`.
    pub fn list<T>(
        &mut self,
        key: &'static str,
        wanted: &str,
        read: impl Fn(&DeValue<'_>) -> Option<Result<T, String>>,
    ) -> Option<Vec<T>> {
        let item = self.item(key)?;
        let Some(array) = item.value.as_array() else {
            self.report.error(wrong_type(&item, key, &format!("a list of {wanted}")));
            return None;
        };
        let element = |value: &DeValue<'_>| match read(value) {
            Some(Ok(value)) => Ok(value),
            Some(Err(message)) => Err(message),
            None => Err(format!("{} is in the list; {wanted} are wanted", kind(value))),
        };
        // All elements are looked at, so that all mistakes are told.
        let values: Vec<_> = array.iter().map(|value| self.sound(key, item.place, element(value.get_ref()))).collect();
        values.into_iter().collect()
    }

    /// Reports the error of a `result` under the name of its key.
    pub fn sound<T, E: Display>(&self, key: &str, place: Place<'_>, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.report.error(place.problem(format!("{key}: {error}")))).ok()
    }

    /// Reports every key that nobody asked for.
    pub fn finish(self) {
        for (key, item) in &self.keys {
            let hint = match nearest(key, self.asked.iter().copied()) {
                Some(name) => format!("did you mean {name:?}?"),
                None => format!("known here: {}", self.asked.join(", ")),
            };
            self.report.error(item.place.problem(format!("unknown key {key:?}; {hint}")));
        }
    }
}

/// What is said of a value of another type.
pub fn wrong_type(item: &Item<'_>, key: &str, wanted: &str) -> Problem {
    item.place.problem(format!("{key} is {}; {wanted} is wanted", kind(&item.value)))
}

const fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A whole number of any radix; one beyond 64 bits is out of every range all the same.
pub fn whole(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    Some(i64::from_str_radix(number.as_str(), number.radix()).unwrap_or(i64::MAX))
}

/// `number`, if it lies in `range`.
pub fn within(number: i64, range: &RangeInclusive<u32>) -> Result<u32, String> {
    u32::try_from(number)
        .ok()
        .filter(|number| range.contains(number))
        .ok_or_else(|| format!("{number} is out of range; {} to {} is possible", range.start(), range.end()))
}
