//! What a pattern may capture, and the fact that each capture tells.

use crate::private::Private;
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;
use crate::state::fact::Fact;

use super::unit::Unit;

/// A value between its text (see [`super::unit`]) and its fact.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(u64),
    /// dBm or dB.
    Level(f32),
    /// Seconds or milliseconds, as the fact has it; `None`: not granted.
    Granted(Option<u32>),
    Flag(bool),
    Rat(Rat),
}

macro_rules! names {
    ($($variant:ident $name:literal: $units:expr),* $(,)?) => {
        /// The name of a capture.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Name { $($variant),* }

        impl Name {
            /// Every name, for messages and for finding one.
            pub(super) const ALL: &'static [(&'static str, Self)] = &[$(($name, Self::$variant)),*];

            /// Units that the capture may have; the first is meant where none is written.
            pub(super) const fn units(self) -> &'static [Unit] {
                match self { $(Self::$variant => &$units),* }
            }
        }
    };
}

names! {
    Skip "_": [Unit::Text],
    Manufacturer "manufacturer": [Unit::Text],
    Model "model": [Unit::Text],
    Revision "revision": [Unit::Text],
    Imei "imei": [Unit::Text],
    Iccid "iccid": [Unit::Text],
    Imsi "imsi": [Unit::Text],
    Pin "pin": [Unit::Int],
    Puk "puk": [Unit::Int],
    Rat "rat": [Unit::RatWord, Unit::Act],
    Plmn "plmn": [Unit::Text],
    Mcc "mcc": [Unit::Text],
    Mnc "mnc": [Unit::Text],
    Operator "operator": [Unit::Text],
    Tac "tac": [Unit::Hex, Unit::Int],
    Cell "cell": [Unit::Hex, Unit::Int],
    Pci "pci": [Unit::Int],
    Earfcn "earfcn": [Unit::Int],
    Band "band": [Unit::Int, Unit::Byte],
    Ce "ce": [Unit::Int],
    Rrc "rrc": [Unit::Flag, Unit::StateWord],
    Rsrp "rsrp": [Unit::Dbm, Unit::Dbm10, Unit::CesqRsrp],
    Rsrq "rsrq": [Unit::Db, Unit::Db10, Unit::CesqRsrq],
    Rssi "rssi": [Unit::Dbm, Unit::Dbm10, Unit::Csq],
    Sinr "sinr": [Unit::Db, Unit::Db10, Unit::NordicSnr, Unit::QcsqSinr],
    Tau "tau": [Unit::S, Unit::S0, Unit::BitsT3412, Unit::BitsT3324],
    Active "active": [Unit::S, Unit::S0, Unit::BitsT3324],
    Edrx "edrx": [Unit::BitsEdrx],
    Ptw "ptw": [Unit::BitsPtw],
    Sleep "sleep": [Unit::Ms],
    Cid "cid": [Unit::Int],
}

impl Name {
    /// The fact of a captured value; `None` if no such fact can have this value.
    pub(super) fn fact(self, value: Value) -> Option<Fact> {
        match value {
            Value::Text(text) => self.text_fact(text),
            Value::Number(number) => self.number_fact(number),
            Value::Level(level) => self.level_fact(level),
            Value::Granted(granted) => self.granted_fact(granted),
            Value::Flag(flag) => (self == Self::Rrc).then_some(Fact::RrcConnected(flag)),
            Value::Rat(rat) => (self == Self::Rat).then_some(Fact::Rat(rat)),
        }
    }

    fn text_fact(self, text: String) -> Option<Fact> {
        Some(match self {
            Self::Manufacturer => Fact::Manufacturer(text),
            Self::Model => Fact::Model(text),
            Self::Revision => Fact::Revision(text),
            Self::Operator => Fact::Operator(text),
            Self::Imei => Fact::Imei(text.parse().ok()?),
            Self::Iccid => Fact::Iccid(Private::new(text.parse().ok()?)),
            Self::Imsi => Fact::Imsi(Private::new(text.parse().ok()?)),
            Self::Plmn => Fact::Plmn(text.parse().ok()?),
            _ => return None,
        })
    }

    fn number_fact(self, number: u64) -> Option<Fact> {
        Some(match self {
            Self::Pin => Fact::PinRetries(number.try_into().ok()?),
            Self::Puk => Fact::PukRetries(number.try_into().ok()?),
            Self::Tac => Fact::Tac(number.try_into().ok()?),
            Self::Cell => Fact::CellId(number),
            Self::Pci => Fact::Pci(number.try_into().ok()?),
            Self::Earfcn => Fact::Earfcn(number.try_into().ok()?),
            Self::Band => Fact::Band(number.try_into().ok()?),
            Self::Ce => Fact::CeLevel(number.try_into().ok()?),
            Self::Sleep => Fact::SleepFor(number),
            Self::Cid => Fact::Context(number.try_into().ok()?),
            _ => return None,
        })
    }

    const fn level_fact(self, level: f32) -> Option<Fact> {
        Some(match self {
            Self::Rsrp => Fact::Rsrp(level),
            Self::Rsrq => Fact::Rsrq(level),
            Self::Rssi => Fact::Rssi(level),
            Self::Sinr => Fact::Sinr(level),
            _ => return None,
        })
    }

    fn granted_fact(self, granted: Option<u32>) -> Option<Fact> {
        Some(match self {
            Self::Tau => Fact::GrantedTau(granted),
            Self::Active => Fact::GrantedActive(granted),
            Self::Edrx => Fact::GrantedEdrx(granted),
            Self::Ptw => Fact::GrantedPtw(granted?),
            _ => return None,
        })
    }

    /// The value that this capture has of `fact`; `None` if it is about something else.
    pub(super) fn value(self, fact: &Fact) -> Option<Value> {
        let text = |text: &dyn ToString| Some(Value::Text(text.to_string()));
        let number = |number: u64| Some(Value::Number(number));
        match (self, fact) {
            (Self::Manufacturer, Fact::Manufacturer(v)) | (Self::Model, Fact::Model(v)) => text(v),
            (Self::Revision, Fact::Revision(v)) | (Self::Operator, Fact::Operator(v)) => text(v),
            (Self::Imei, Fact::Imei(v)) => text(v),
            (Self::Iccid, Fact::Iccid(v)) => text(v.reveal()),
            (Self::Imsi, Fact::Imsi(v)) => text(v.reveal()),
            (Self::Plmn, Fact::Plmn(v)) => text(v),
            (Self::Mcc, Fact::Plmn(v)) => text(&v.mcc()),
            (Self::Mnc, Fact::Plmn(v)) => text(&v.mnc()),
            (Self::Pin, Fact::PinRetries(v)) | (Self::Puk, Fact::PukRetries(v)) => number((*v).into()),
            (Self::Ce, Fact::CeLevel(v)) | (Self::Cid, Fact::Context(v)) => number((*v).into()),
            (Self::Pci, Fact::Pci(v)) | (Self::Band, Fact::Band(v)) => number((*v).into()),
            (Self::Tac, Fact::Tac(v)) | (Self::Earfcn, Fact::Earfcn(v)) => number((*v).into()),
            (Self::Cell, Fact::CellId(v)) | (Self::Sleep, Fact::SleepFor(v)) => number(*v),
            (Self::Rsrp, Fact::Rsrp(v)) | (Self::Rsrq, Fact::Rsrq(v)) => Some(Value::Level(*v)),
            (Self::Rssi, Fact::Rssi(v)) | (Self::Sinr, Fact::Sinr(v)) => Some(Value::Level(*v)),
            (Self::Tau, Fact::GrantedTau(v)) | (Self::Active, Fact::GrantedActive(v)) => Some(Value::Granted(*v)),
            (Self::Edrx, Fact::GrantedEdrx(v)) => Some(Value::Granted(*v)),
            (Self::Ptw, Fact::GrantedPtw(v)) => Some(Value::Granted(Some(*v))),
            (Self::Rrc, Fact::RrcConnected(v)) => Some(Value::Flag(*v)),
            (Self::Rat, Fact::Rat(v)) => Some(Value::Rat(*v)),
            _ => None,
        }
    }
}

/// The serving network of two captures; both keep their digits (TS 23.003 §2.2).
pub(super) fn plmn(mcc: &str, mnc: &str) -> Option<Fact> {
    Plmn::from_parts(mcc, mnc).ok().map(Fact::Plmn)
}

/// Modems print `00000` for "no network"; ITU-T E.212 has no country 000.
pub(super) fn no_network(text: &str) -> bool {
    text.bytes().all(|b| b == b'0')
}

/// Whether a value can be true: firmware fills fields that it does not know with the ends of their scales.
pub(super) fn plausible(fact: &Fact) -> bool {
    match *fact {
        // TS 36.133 §9.1.4: -156 to -44 dBm, with room for a receiver that reports past the ends.
        Fact::Rsrp(v) => (-160.0..=-25.0).contains(&v),
        // TS 36.133 §9.1.7: -34 to 2.5 dB.
        Fact::Rsrq(v) => (-40.0..=5.0).contains(&v),
        Fact::Rssi(v) => (-140.0..=0.0).contains(&v),
        Fact::Sinr(v) => (-40.0..=60.0).contains(&v),
        // TS 38.211 §7.4.2.1: 0 to 1007; E-UTRA has half of them.
        Fact::Pci(v) => v < 1008,
        // 65535 is the end of the old 16-bit channel number (TS 36.331 §6.3.4, ARFCN-ValueEUTRA).
        Fact::Earfcn(v) => v != 65_535,
        // TS 23.003 §19.4.2.3: 0000 and FFFE are reserved; FFFF is what modems fill in.
        Fact::Tac(v) => !matches!(v, 0 | 0xFFFE | 0xFFFF),
        Fact::CellId(v) => !matches!(v, 0 | 0x0FFF_FFFF),
        Fact::Band(v) => v != 0,
        _ => true,
    }
}
