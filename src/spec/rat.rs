//! Radio access technologies, and the four numberings that modems use for them.
//!
//! 1. `<AcT>` of `+COPS` and `+CxREG` (TS 27.007 clause 7.3): [`rat_of_act`];
//! 2. the same field on Quectel BG9x, where 8 is LTE-M: the model file's `[act]` table, laid over the first;
//! 3. `<AcT-type>` of `+CEDRXS` (TS 27.007 clause 7.40): [`Rat::edrx_act_type`];
//! 4. vendor selectors such as u-blox `+URAT`: whole command lines in the model file, no numbering in code.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A radio access technology, as a person would name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rat {
    /// GSM, GPRS, EDGE.
    Gsm,
    /// EC-GSM-IoT.
    EcGsm,
    /// UMTS with its HSPA forms.
    Umts,
    /// LTE.
    Lte,
    /// LTE Cat-M1 (eMTC, WB-S1 with coverage enhancement).
    LteM,
    /// NB-IoT (NB-S1).
    NbIot,
    /// 5G NR.
    Nr,
}

impl Rat {
    /// Every technology, oldest first.
    pub const ALL: [Self; 7] = [Self::Gsm, Self::EcGsm, Self::Umts, Self::Lte, Self::LteM, Self::NbIot, Self::Nr];

    /// The stable name: `gsm, ec-gsm, umts, lte, lte-m, nb-iot, nr`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gsm => "gsm",
            Self::EcGsm => "ec-gsm",
            Self::Umts => "umts",
            Self::Lte => "lte",
            Self::LteM => "lte-m",
            Self::NbIot => "nb-iot",
            Self::Nr => "nr",
        }
    }

    /// The name as people write it: `LTE-M`, `NB-IoT`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Gsm => "GSM",
            Self::EcGsm => "EC-GSM-IoT",
            Self::Umts => "UMTS",
            Self::Lte => "LTE",
            Self::LteM => "LTE-M",
            Self::NbIot => "NB-IoT",
            Self::Nr => "5G NR",
        }
    }

    /// `<AcT-type>` of `+CEDRXS` (TS 27.007 clause 7.40); `None` where eDRX is not requested that way.
    pub const fn edrx_act_type(self) -> Option<u8> {
        match self {
            Self::EcGsm => Some(1),
            Self::Gsm => Some(2),
            Self::Umts => Some(3),
            Self::Lte | Self::LteM => Some(4),
            Self::NbIot => Some(5),
            Self::Nr => Some(8),
        }
    }
}

impl fmt::Display for Rat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// The text names no radio access technology.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no radio access technology; use gsm, umts, lte, lte-m, nb-iot or nr")]
pub struct UnknownRat(pub String);

impl FromStr for Rat {
    type Err = UnknownRat;

    fn from_str(text: &str) -> Result<Self, UnknownRat> {
        Self::ALL.into_iter().find(|rat| rat.name() == text).ok_or_else(|| UnknownRat(text.to_owned()))
    }
}

/// The technology of `<AcT>` as TS 27.007 clause 7.3 numbers it.
///
/// There is no number that separates LTE-M from LTE: 7 is E-UTRAN. A model file that knows its modem to be
/// LTE-M only maps 7 to [`Rat::LteM`] in its `[act]` table.
pub const fn rat_of_act(act: i64) -> Option<Rat> {
    match act {
        0 | 1 | 3 => Some(Rat::Gsm),
        2 | 4..=6 => Some(Rat::Umts),
        7 | 10 | 15 => Some(Rat::Lte),
        8 => Some(Rat::EcGsm),
        9 | 14 => Some(Rat::NbIot),
        11..=13 | 16 => Some(Rat::Nr),
        _ => None,
    }
}
