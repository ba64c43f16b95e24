//! Any frame in names and values, and where its secrets stand.

use std::ops::Range;

use super::body::{Entry, Explain, secrets};
use super::error::TLV_RESULT;
use super::message::{Kind, Message, NoMessage, places};
use super::service::Service;
use super::shown::Shown;
use super::tlv::Reader;
use super::{ctl, dms, dpm, loc, nas, pdc, ssc, uim, wda, wds, wms};

/// A TLV in names and values.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// Its type.
    pub id: u8,
    /// Its name; `None`: it is none that lpwa knows of.
    pub name: Option<&'static str>,
    /// Its value, or its octets where they cannot be read.
    pub value: Shown,
    /// Whether it has a name but cannot be read.
    pub unreadable: bool,
    /// Octets behind what its layout covers, as newer firmware adds them.
    pub more: Vec<u8>,
}

fn entry(service: Service, id: u16) -> Option<&'static Entry> {
    let messages = match service {
        Service::CTL => ctl::MESSAGES,
        Service::WDS => wds::MESSAGES,
        Service::DMS => dms::MESSAGES,
        Service::NAS => nas::MESSAGES,
        Service::WMS => wms::MESSAGES,
        Service::UIM => uim::MESSAGES,
        Service::LOC => loc::MESSAGES,
        Service::WDA => wda::MESSAGES,
        Service::PDC => pdc::MESSAGES,
        Service::DPM => dpm::MESSAGES,
        Service::SSC => ssc::MESSAGES,
        _ => return None,
    };
    messages.iter().find(|entry| entry.id == id)
}

/// The name of a message; `None`: it is none that lpwa knows of.
pub fn name(service: Service, id: u16) -> Option<&'static str> {
    entry(service, id).map(|entry| entry.name)
}

/// A message by its service and name: `NAS Get System Info`.
pub fn title(service: Service, id: u16) -> String {
    match name(service, id) {
        Some(name) => format!("{service} {name}"),
        None => format!("{service} message {id:#06x}"),
    }
}

/// The TLVs of `message` in names and values, in the order in which they came.
pub fn explain(message: &Message) -> Vec<Explained> {
    let explain = of(message);
    message.tlvs.iter().map(|tlv| one(message.kind, explain, tlv.id, &tlv.value)).collect()
}

fn of(message: &Message) -> Option<Explain> {
    let entry = entry(message.service, message.id)?;
    match message.kind {
        Kind::Request => entry.request,
        Kind::Response => entry.response,
        Kind::Indication => entry.indication,
    }
}

fn one(kind: Kind, explain: Option<Explain>, id: u8, value: &[u8]) -> Explained {
    let octets = || Shown::Octets(value.to_vec());
    if kind == Kind::Response && id == TLV_RESULT {
        return Explained { id, name: Some("result"), value: octets(), unreadable: false, more: Vec::new() };
    }
    let mut reader = Reader::new(value);
    match explain.and_then(|explain| explain(id, &mut reader)) {
        Some((name, Ok(value))) => {
            Explained { id, name: Some(name), value, unreadable: false, more: reader.remaining().to_vec() }
        }
        Some((name, Err(_))) => Explained { id, name: Some(name), value: octets(), unreadable: true, more: Vec::new() },
        None => Explained { id, name: None, value: octets(), unreadable: false, more: Vec::new() },
    }
}

/// Where secrets stand in a QMUX frame: identities, codes, numbers, texts. Nothing of what lpwa cannot name.
pub fn secret_places(frame: &[u8]) -> Result<Vec<Range<usize>>, NoMessage> {
    let message = Message::decode(frame)?;
    let Some(explain) = of(&message) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (tlv, place) in message.tlvs.iter().zip(places(frame)?) {
        let inside = secrets(explain, tlv.id, &tlv.value);
        found.extend(inside.into_iter().map(|range| place.start + range.start..place.start + range.end));
    }
    Ok(found)
}
