//! Short messages that the modem holds, as PDUs with the address of the centre in front (TS 27.005 §3.1).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::Error};

/// Messages that fit; one more is refused.
pub(super) const ROOM: usize = 23;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Message {
    /// Its octets, in the scenario as hexadecimal digits.
    #[serde(deserialize_with = "pdu")]
    pub pdu: Vec<u8>,
    /// Whether it was read.
    #[serde(default)]
    pub read: bool,
}

/// The store, by index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Inbox(BTreeMap<u32, Message>);

impl Inbox {
    /// Keeps a message in the first free place; `None`: there is none.
    pub(super) fn keep(&mut self, message: Message) -> Option<u32> {
        let free = (0..).take(ROOM).find(|index| !self.0.contains_key(index))?;
        self.0.insert(free, message);
        Some(free)
    }

    /// A message, which counts as read from now on; it is given as it was before.
    pub(super) fn open(&mut self, index: u32) -> Option<Message> {
        let message = self.0.get_mut(&index)?;
        let before = message.clone();
        message.read = true;
        Some(before)
    }

    pub(super) fn get_mut(&mut self, index: u32) -> Option<&mut Message> {
        self.0.get_mut(&index)
    }

    pub(super) fn remove(&mut self, index: u32) -> Option<Message> {
        self.0.remove(&index)
    }

    /// Removes those that `which` says.
    pub(super) fn clear(&mut self, which: impl Fn(&Message) -> bool) {
        self.0.retain(|_, message| !which(message));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Message)> {
        self.0.iter().map(|(index, message)| (*index, message))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

fn pdu<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(from)?;
    octets(&text).ok_or_else(|| D::Error::custom("a message is written as pairs of hexadecimal digits"))
}

/// The same where the key may be left out.
pub(super) fn some_pdu<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<u8>>, D::Error> {
    pdu(from).map(Some)
}

/// The octets of hexadecimal digits.
fn octets(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(2) || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}
