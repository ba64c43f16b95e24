//! From state to D-Bus values. D-Bus knows no null: each projection says what stands for "not known".

use std::collections::{BTreeMap, HashMap};

use zbus::{OwnedVariant, Variant};

use super::error::Error;
use crate::state::{Known, Timestamp};

/// `a{sv}` with only those keys whose value is known.
pub type Dict = BTreeMap<&'static str, Variant<'static>>;

/// `a{sv}` from a caller.
pub type Options = HashMap<String, OwnedVariant>;

/// A string; empty where it is not known.
pub fn text<T: ToString>(known: &Known<T>) -> String {
    known.as_ref().map(|reading| reading.value.to_string()).unwrap_or_default()
}

/// The name of a value; empty where it is not known.
pub fn name<T>(known: &Known<T>, name: impl FnOnce(&T) -> &'static str) -> String {
    known.as_ref().map(|reading| name(&reading.value).to_owned()).unwrap_or_default()
}

/// A number; `unknown` where it is not known.
pub fn number<T: Copy, N: From<T>>(known: &Known<T>, unknown: N) -> N {
    known.as_ref().map_or(unknown, |reading| N::from(reading.value))
}

/// Milliseconds since 1970; 0 where it is not known.
pub fn time(time: Option<Timestamp>) -> u64 {
    time.unwrap_or_default().0
}

/// The entries that are known.
pub fn dict<const N: usize>(entries: [(&'static str, Option<Variant<'static>>); N]) -> Dict {
    entries.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

/// Takes a string out of `options`.
pub fn take_text(options: &mut Options, key: &str) -> Result<Option<String>, Error> {
    let Some(value) = options.remove(key) else { return Ok(None) };
    String::try_from(value).map(Some).map_err(|_| Error::InvalidArgument(format!("{key} must be a string")))
}
