//! Values that a scenario writes as text: spans of time, networks, connection types.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};

use crate::policy::governor::Timer;
use crate::spec::span::Span;

/// Anything that parses from a text.
pub(super) fn parsed<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

/// The same where the key may be left out.
pub(super) fn some_parsed<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    parsed(from).map(Some)
}

/// A text that has to parse as a `T`, and stays a text.
pub(super) fn valid<'de, T, D>(from: D) -> Result<String, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let text = String::deserialize(from)?;
    text.parse::<T>().map_err(D::Error::custom)?;
    Ok(text)
}

/// A span of time, such as `1h30m`.
pub(super) fn span<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    parsed::<D, Span>(from).map(|span| span.0)
}

/// The same where the key may be left out.
pub(super) fn some_span<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    span(from).map(Some)
}

/// A back-off timer: a span of time, or `deactivated`.
pub(super) fn some_timer<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timer>, D::Error> {
    let text = String::deserialize(from)?;
    if text == "deactivated" {
        return Ok(Some(Timer::Deactivated));
    }
    text.parse::<Span>().map(|span| Some(Timer::Runs(span.0))).map_err(D::Error::custom)
}
