//! `+CGEV`: events of the packet domain (TS 27.007 clause 10.1.19).

use std::net::IpAddr;

use super::super::cursor::{Cursor, Field, Malformed};
use crate::spec::apn::PdpType;

/// Who caused the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// `NW`, and `EPS` of some makers: the network.
    Network,
    /// `ME`: the modem, perhaps because we asked.
    Modem,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Happening {
    /// A request of the network for a context was refused.
    Reject,
    /// The network wants a context again.
    Reactivation,
    /// A PDP context went down.
    PdpDeactivation,
    /// A PDN connection came up.
    Activation,
    /// A PDN connection went down.
    Deactivation,
    /// A dedicated bearer came up.
    SecondaryActivation,
    /// A dedicated bearer went down.
    SecondaryDeactivation,
    /// A context was modified.
    Modification,
    /// The modem is detached: no context is left.
    Detach,
    /// The mobile class changed (GPRS).
    Class,
}

/// An event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketEvent {
    /// Who caused it.
    pub side: Side,
    /// What happened.
    pub happening: Happening,
    /// The context, where the event names one.
    pub cid: Option<u8>,
    /// The context that a dedicated bearer belongs to.
    pub p_cid: Option<u8>,
    /// `<event_type>` of dedicated bearers: 0 told only, 1 to be acknowledged.
    pub event_type: Option<u8>,
    /// `<reason>` of an activation: 0 IPv4 only, 1 IPv6 only, 2 single address, 3 single address and a second refused.
    pub reason: Option<u8>,
    /// Address of the context.
    pub address: Option<IpAddr>,
    /// Type of the context, where the event tells it.
    pub pdp_type: Option<PdpType>,
}

impl PacketEvent {
    /// The stable name, such as `nw-deact-primary` or `me-detach`.
    pub const fn name(&self) -> &'static str {
        match (self.side, self.happening) {
            (_, Happening::Reject) => "reject",
            (_, Happening::Reactivation) => "nw-react",
            (Side::Network, Happening::PdpDeactivation) => "nw-deact-pdp",
            (Side::Modem, Happening::PdpDeactivation) => "me-deact-pdp",
            (Side::Network, Happening::Activation) => "nw-act-primary",
            (Side::Modem, Happening::Activation) => "me-act-primary",
            (Side::Network, Happening::Deactivation) => "nw-deact-primary",
            (Side::Modem, Happening::Deactivation) => "me-deact-primary",
            (Side::Network, Happening::SecondaryActivation) => "nw-act-secondary",
            (Side::Modem, Happening::SecondaryActivation) => "me-act-secondary",
            (Side::Network, Happening::SecondaryDeactivation) => "nw-deact-secondary",
            (Side::Modem, Happening::SecondaryDeactivation) => "me-deact-secondary",
            (Side::Network, Happening::Modification) => "nw-modify",
            (Side::Modem, Happening::Modification) => "me-modify",
            (Side::Network, Happening::Detach) => "nw-detach",
            (Side::Modem, Happening::Detach) => "me-detach",
            (Side::Network, Happening::Class) => "nw-class",
            (Side::Modem, Happening::Class) => "me-class",
        }
    }
}

/// The words of the standard behind `NW` or `ME`.
const WORDS: [(&str, Happening); 8] = [
    ("PDN ACT", Happening::Activation),
    ("PDN DEACT", Happening::Deactivation),
    ("REACT", Happening::Reactivation),
    ("ACT", Happening::SecondaryActivation),
    ("DEACT", Happening::SecondaryDeactivation),
    ("MODIFY", Happening::Modification),
    ("DETACH", Happening::Detach),
    ("CLASS", Happening::Class),
];

/// Reads `+CGEV: <event>`.
pub fn cgev(line: &str) -> Result<PacketEvent, Malformed> {
    let line = line.trim();
    let body = line.strip_prefix("+CGEV:").unwrap_or(line).trim();
    event(body).ok_or(Malformed { command: "+CGEV", field: "the event" })
}

fn event(body: &str) -> Option<PacketEvent> {
    if let Some(parameters) = after_word(body, "REJECT") {
        return Some(with_address(Side::Network, Happening::Reject, parameters));
    }
    const SIDES: [(&str, Side); 3] = [("NW", Side::Network), ("ME", Side::Modem), ("EPS", Side::Network)];
    let (side, rest) = SIDES.iter().find_map(|(word, side)| Some((*side, after_word(body, word)?)))?;
    let (happening, parameters) =
        WORDS.iter().find_map(|(word, happening)| Some((*happening, after_word(rest, word)?)))?;
    Some(match happening {
        Happening::Reactivation => with_address(side, happening, parameters),
        // The older form names the context by type and address, the newer by numbers.
        Happening::SecondaryDeactivation if Cursor::new(parameters).next().is_some_and(|f| f.int().is_none()) => {
            with_address(side, Happening::PdpDeactivation, parameters)
        }
        _ => with_numbers(side, happening, parameters),
    })
}

/// What follows `word`, if `text` starts with it as a whole word.
fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(word)?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
}

const fn blank(side: Side, happening: Happening) -> PacketEvent {
    PacketEvent {
        side,
        happening,
        cid: None,
        p_cid: None,
        event_type: None,
        reason: None,
        address: None,
        pdp_type: None,
    }
}

/// `<PDP_type>,<PDP_addr>[,<cid>]`.
fn with_address(side: Side, happening: Happening, parameters: &str) -> PacketEvent {
    let mut fields = Cursor::new(parameters);
    PacketEvent {
        pdp_type: fields.next().and_then(|field| field.text.parse().ok()),
        address: fields.next().and_then(|field| field.address()),
        cid: number(&mut fields),
        ..blank(side, happening)
    }
}

/// Numbers only; which ones depends on the event.
fn with_numbers(side: Side, happening: Happening, parameters: &str) -> PacketEvent {
    let mut fields = Cursor::new(parameters);
    let (first, second, third) = (number(&mut fields), number(&mut fields), number(&mut fields));
    let event = blank(side, happening);
    match happening {
        Happening::Activation => PacketEvent { cid: first, reason: second, ..event },
        Happening::Deactivation => PacketEvent { cid: first, ..event },
        Happening::SecondaryActivation | Happening::SecondaryDeactivation => {
            PacketEvent { p_cid: first, cid: second, event_type: third, ..event }
        }
        // <cid>,<change_reason>,<event_type>
        Happening::Modification => PacketEvent { cid: first, event_type: third, ..event },
        _ => event,
    }
}

fn number(fields: &mut Cursor<'_>) -> Option<u8> {
    fields.next().as_ref().and_then(Field::number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_by_words_and_numbers() {
        let event = |line| cgev(line).map(|event| (event.name(), event.p_cid, event.cid)).ok();
        assert_eq!(event("+CGEV: ME PDN ACT 0,0"), Some(("me-act-primary", None, Some(0))));
        assert_eq!(event("+CGEV: NW PDN DEACT 1"), Some(("nw-deact-primary", None, Some(1))));
        assert_eq!(event("+CGEV: NW ACT 1,2,0"), Some(("nw-act-secondary", Some(1), Some(2))));
        assert_eq!(event("+CGEV: NW DEACT \"IP\",\"10.0.0.2\",3"), Some(("nw-deact-pdp", None, Some(3))));
        assert_eq!(event("+CGEV: NW MODIFY 1,2,0"), Some(("nw-modify", None, Some(1))));
        assert_eq!(event("+CGEV: ME DETACH"), Some(("me-detach", None, None)));
        assert_eq!(event("+CGEV: EPS PDN ACT 1"), Some(("nw-act-primary", None, Some(1))), "SIMCom");
        assert_eq!(event("+CGEV: MEH"), None);
        assert_eq!(event("+CGEV: NW PDN ACT 300"), Some(("nw-act-primary", None, None)));
    }
}
