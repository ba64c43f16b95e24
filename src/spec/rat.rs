//! Radio access technologies, and the four numberings that modems use for them.
//!
//! 1. `<AcT>` of `+COPS` and `+CxREG` (TS 27.007 clause 7.3): [`rat_of_act`];
//! 2. the same field on Quectel BG9x, where 8 is LTE-M: the model file's `[act]` table, laid over the first;
//! 3. `<AcT-type>` of `+CEDRXS` (TS 27.007 clause 7.40): [`Rat::edrx_act_type`] and [`Rat::from_edrx_act_type`];
//! 4. vendor selectors such as u-blox `+URAT`: whole command lines in the model file, no numbering in code.
//!
//! | number | `<AcT>` | `<AcT-type>` |
//! | --- | --- | --- |
//! | 0 | GSM | eDRX not in use |
//! | 1 | GSM Compact | EC-GSM-IoT |
//! | 2 | UTRAN | GSM |
//! | 3 | GSM with EGPRS | UTRAN |
//! | 4 | UTRAN with HSDPA | E-UTRAN WB-S1: LTE-M, LTE |
//! | 5 | UTRAN with HSUPA | E-UTRAN NB-S1: NB-IoT |
//! | 6 | UTRAN with HSPA | satellite NB-S1 |
//! | 7 | E-UTRAN: LTE, LTE-M | satellite WB-S1 |
//! | 8 | EC-GSM-IoT; LTE-M on Quectel BG9x | NG-RAN |
//! | 9 | E-UTRAN NB-S1: NB-IoT | satellite NG-RAN |
//! | 10 | E-UTRA on a 5G core | |
//! | 11, 12 | NR on a 5G core, NG-RAN | |
//! | 13 | E-UTRA and NR together (EN-DC) | |
//! | 14, 15, 16 | satellite NB-S1, WB-S1, NG-RAN | |

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

    /// The technology of `<AcT-type>` in `+CEDRXS`, `+CEDRXP` and `+CEDRXRDP`; `None` for 0, eDRX not in use, and for
    /// unassigned numbers.
    ///
    /// 4 is LTE-M and LTE alike; a caller that knows its modem to have no LTE-M says LTE. The satellite forms, 6, 7
    /// and 9, count as what they are on the ground.
    pub const fn from_edrx_act_type(act_type: u8) -> Option<Self> {
        match act_type {
            1 => Some(Self::EcGsm),
            2 => Some(Self::Gsm),
            3 => Some(Self::Umts),
            4 | 7 => Some(Self::LteM),
            5 | 6 => Some(Self::NbIot),
            8 | 9 => Some(Self::Nr),
            _ => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn act_is_numbered_by_27_007() {
        for (rat, acts) in [
            (Rat::Gsm, &[0, 1, 3][..]),
            (Rat::Umts, &[2, 4, 5, 6]),
            (Rat::Lte, &[7, 10, 15]),
            (Rat::EcGsm, &[8]),
            (Rat::NbIot, &[9, 14]),
            (Rat::Nr, &[11, 12, 13, 16]),
        ] {
            assert!(acts.iter().all(|act| rat_of_act(*act) == Some(rat)), "{rat}");
        }
        assert_eq!([rat_of_act(-1), rat_of_act(17), rat_of_act(i64::MAX)], [None; 3]);
    }

    #[test]
    fn act_types_of_edrx_are_another_numbering() {
        assert_eq!(
            (Rat::LteM.edrx_act_type(), Rat::NbIot.edrx_act_type(), Rat::Nr.edrx_act_type()),
            (Some(4), Some(5), Some(8))
        );
        for rat in Rat::ALL.into_iter().filter(|rat| *rat != Rat::Lte) {
            assert_eq!(rat.edrx_act_type().and_then(Rat::from_edrx_act_type), Some(rat));
        }
        let satellite = [6, 7, 9].map(Rat::from_edrx_act_type);
        assert_eq!(satellite, [Some(Rat::NbIot), Some(Rat::LteM), Some(Rat::Nr)]);
        assert_eq!([Rat::from_edrx_act_type(0), Rat::from_edrx_act_type(10)], [None; 2]);
    }

    #[test]
    fn names_read_back() {
        for rat in Rat::ALL {
            assert_eq!(rat.name().parse(), Ok(rat));
        }
        assert!("wifi".parse::<Rat>().is_err());
    }
}
