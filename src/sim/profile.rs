//! What a particular modem has beyond its model file: identity, pace, habits.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};

use crate::codec::mbim::Version;
use crate::modem::definition::Definition;
use crate::spec::identity::Imei;
use crate::spec::rat::Rat;

use super::text::{some_span, span, valid};

/// What a particular modem has beyond its model file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ModemProfile {
    /// Model file that it obeys, such as `quectel-bg95`.
    pub model: String,
    /// Answer of `AT+CGMI`; left out: what the model file says.
    pub manufacturer: Option<String>,
    /// Answer of `AT+CGMM`; left out: the first name that the model file matches.
    pub product: Option<String>,
    /// Answer of `AT+CGMR`.
    pub revision: String,
    /// Equipment identity, 14 to 16 digits.
    #[serde(deserialize_with = "valid::<Imei, _>")]
    pub imei: String,
    /// From the end of a command to its answer.
    #[serde(deserialize_with = "span")]
    pub answer: Duration,
    /// The same for `AT+CFUN`, beyond `answer`.
    #[serde(deserialize_with = "span")]
    pub cfun: Duration,
    /// The same for the activation of a context.
    #[serde(deserialize_with = "span")]
    pub activate: Duration,
    /// The same for `AT+COPS=?`.
    #[serde(deserialize_with = "span")]
    pub scan: Duration,
    /// From power to the first answered command; left out: what the model file says.
    #[serde(deserialize_with = "some_span")]
    pub boot: Option<Duration>,
    /// From there to the card being readable.
    #[serde(deserialize_with = "span")]
    pub sim_ready: Duration,
    /// Whether it starts switched off, and waits for the power key.
    pub starts_off: bool,
    /// Whether it starts with its radio on (`+CFUN: 1`), as factories ship most modems.
    pub radio_on: bool,
    /// Whether its port is USB: it goes away while the modem sleeps or boots, and keeps it awake otherwise.
    pub usb: bool,
    /// Silence on the line after which its command side sleeps, so that the first characters which then come are
    /// lost; left out: what the model file says, or never.
    #[serde(deserialize_with = "some_span")]
    pub uart_sleep: Option<Duration>,
    /// Silence on the line without which it does not enter PSM (SARA-R4: 6 s).
    #[serde(deserialize_with = "span")]
    pub psm_silence: Duration,
    /// Technologies it starts with, first preferred; empty: the first choice of the model file, or all it has.
    pub rats: Vec<Rat>,
    /// How its `+CEREG` lines are built.
    pub cereg: CeregShape,
    /// `<stat>` after a refusal: 3, on Nordic 2.
    pub denied_stat: u8,
    /// Whether the circuit domain refuses it (`+CREG: 3`) while the packet domain does not.
    pub creg_denied: bool,
    /// Whether `AT+CFUN=0` takes its subscriptions away, as on Nordic.
    pub forgets_on_cfun0: bool,
    /// The latest of Microsoft's extensions that it has over MBIM: `1.0`, `2.0`, `3.0`.
    #[serde(deserialize_with = "extensions")]
    pub mbimex: Version,
    /// Whether it tells of back-off timers: `+CABTRDP`, and WDS Get PDN Throttle Info.
    pub tells_back_off: bool,
    /// Whether it has MICO mode in 5G.
    pub mico: bool,
    /// Whether it takes a DRX cycle for 5G.
    pub drx_cycle: bool,
    /// Lines that it was given in an earlier life: what it stores for ever is stored.
    pub setup: Vec<String>,
}

/// How `+CEREG` lines are built: where firmware puts the field that TS 27.007 clause 10.1.22 does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CeregShape {
    /// As the standard says.
    #[default]
    Standard,
    /// `<rac>` between TAC and cell identity: SIM70x0 in its manual, SARA-R410M.
    RacAfterTac,
    /// `"00"` after `<AcT>`: SIM7020, SIM70x0 in logs.
    RacAfterAct,
}

impl Default for ModemProfile {
    fn default() -> Self {
        let ms = Duration::from_millis;
        Self {
            model: "generic".into(),
            manufacturer: None,
            product: None,
            revision: "SIM01A00".into(),
            imei: "350000000000006".into(),
            answer: ms(10),
            cfun: ms(300),
            activate: ms(400),
            scan: Duration::from_secs(45),
            boot: None,
            sim_ready: ms(400),
            starts_off: false,
            radio_on: true,
            usb: false,
            uart_sleep: None,
            psm_silence: Duration::ZERO,
            rats: Vec::new(),
            cereg: CeregShape::Standard,
            denied_stat: 3,
            creg_denied: false,
            forgets_on_cfun0: false,
            mbimex: Version::V3,
            tells_back_off: true,
            mico: true,
            drx_cycle: true,
            setup: Vec::new(),
        }
    }
}

impl ModemProfile {
    /// The answer of `AT+CGMI`.
    pub(super) fn manufacturer(&self, definition: &Definition) -> String {
        let named = self.manufacturer.clone().or_else(|| definition.manufacturer.clone());
        named.unwrap_or_else(|| "lpwa simulator".into())
    }

    /// The answer of `AT+CGMM`.
    pub(super) fn product(&self, definition: &Definition) -> String {
        let matched = definition.matches.model.iter().map(|glob| glob.replace('*', "")).find(|name| !name.is_empty());
        self.product.clone().or(matched).unwrap_or_else(|| "SIM-LPWA".into())
    }
}

/// A version such as `2.0`.
fn extensions<'de, D: Deserializer<'de>>(from: D) -> Result<Version, D::Error> {
    match String::deserialize(from)?.as_str() {
        "1.0" => Ok(Version::V1),
        "2.0" => Ok(Version::V2),
        "3.0" => Ok(Version::V3),
        other => Err(D::Error::custom(format!("\"{other}\" is no version of MBIMEx; 1.0, 2.0 and 3.0 are"))),
    }
}
