//! The figures as data: parsed, checked, and laid over each other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::spec::rat::Rat;

/// The figures that come with this program.
const BUILTIN: &str = include_str!("energy.toml");

/// The largest table that is read, bytes.
const TEXT_MAX: usize = 256 * 1024;

/// How well a figure is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Evidence {
    /// Published by the maker or measured, and the source was read.
    #[serde(rename = "V")]
    Verified,
    /// Derived from such figures, or from a specification.
    #[serde(rename = "S")]
    Derived,
    /// Not confirmed.
    #[serde(rename = "U")]
    Unconfirmed,
}

impl Evidence {
    /// `V`, `S` or `U`.
    pub const fn mark(self) -> char {
        match self {
            Self::Verified => 'V',
            Self::Derived => 'S',
            Self::Unconfirmed => 'U',
        }
    }

    /// How far off a figure without a range of its own may be, either way.
    pub const fn factor(self) -> f64 {
        match self {
            Self::Verified => 1.1,
            Self::Derived => 1.4,
            Self::Unconfirmed => 2.0,
        }
    }
}

/// A figure with what is known of it, in the unit of its [`Quantity`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The typical value.
    pub value: f64,
    low: Option<f64>,
    high: Option<f64>,
    /// How well it is known.
    pub mark: Evidence,
    /// Where it comes from.
    pub source: String,
}

impl Figure {
    /// The least it may be.
    pub fn low(&self) -> f64 {
        self.low.unwrap_or(self.value / self.mark.factor())
    }

    /// The most it may be.
    pub fn high(&self) -> f64 {
        self.high.unwrap_or(self.value * self.mark.factor())
    }

    /// Figures of this kind are small: nothing here is a million of its unit.
    fn is_sound(&self) -> bool {
        let ordered = 0.0 <= self.low() && self.low() <= self.value && self.value <= self.high();
        ordered && self.high() <= 1e6
    }
}

macro_rules! quantities {
    ($($name:ident $key:literal $title:literal $unit:literal,)*) => {
        /// What a figure is about. The key in the table has the unit in its name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        pub enum Quantity {
            $(#[doc = concat!($title, "; ", $unit, ".")] #[serde(rename = $key)] $name,)*
        }

        impl Quantity {
            /// Every quantity.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The key in the table.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)* }
            }

            /// For people.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// The unit; empty for a pure number.
            pub const fn unit(self) -> &'static str {
                match self { $(Self::$name => $unit,)* }
            }
        }
    };
}

quantities! {
    PsmFloor "psm_floor_ua" "current in PSM" "µA",
    Rest "rest_ma" "current between two paging occasions" "mA",
    Page "page_mc" "charge of one paging occasion" "mC",
    Active "active_ma" "current kept up by the host link" "mA",
    Connected "connected_ma" "current while signalling" "mA",
    Rx "rx_ma" "current while receiving" "mA",
    Tx "tx_ma" "current while sending" "mA",
    CdrxSleep "cdrx_sleep_ma" "current between two on-durations of cDRX" "mA",
    TailFactor "tail_factor" "inactivity tail, measured over modelled" "",
    Boot "boot_s" "start after PSM" "s",
    AttachesPerDay "attaches_per_day" "attaches after a lost registration" "a day",
    DefaultTau "default_tau_s" "periodic TAU without PSM" "s",
    Overhead "overhead_bytes" "protocol overhead of a report" "bytes",
    Search "search_s" "search for the cell after sleep" "s",
    Drx "drx_s" "DRX cycle in idle mode" "s",
    Ptw "ptw_s" "paging time window of eDRX" "s",
    Inactivity "inactivity_s" "inactivity timer of the network" "s",
    CdrxCycle "cdrx_cycle_s" "cDRX cycle" "s",
    CdrxOn "cdrx_on_s" "cDRX on-duration" "s",
    ServiceRequest "service_request_s" "service request" "s",
    AttachTime "attach_s" "attach" "s",
    Tau "tau_s" "tracking area update" "s",
    Uplink "uplink_bps" "uplink rate in good coverage" "bit/s",
    Ce1Factor "ce1_factor" "time on air at CE level 1 against level 0" "",
    Ce2Factor "ce2_factor" "time on air at CE level 2 against level 0" "",
    UsableShare "usable_share" "usable share of the battery" "",
    SelfDischarge "self_discharge_per_year" "self-discharge" "a year",
}

/// What stands in the way of a model's sleep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trait {
    /// It does not enter PSM while USB is on.
    NoPsmOnUsb,
    /// It may not enter PSM while the SIM asks for a PIN.
    NoPsmWithPin,
}

type Figures = BTreeMap<Quantity, Figure>;

/// What the table has of one name.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Entry {
    traits: Vec<Trait>,
    all: Figures,
    lte_m: Figures,
    nb_iot: Figures,
}

impl Entry {
    fn figure(&self, rat: Rat, quantity: Quantity) -> Option<&Figure> {
        let own = match rat {
            Rat::NbIot => self.nb_iot.get(&quantity),
            _ => self.lte_m.get(&quantity),
        };
        own.or_else(|| self.all.get(&quantity))
    }

    fn merge(&mut self, over: Self) {
        self.traits.extend(over.traits);
        self.all.extend(over.all);
        self.lte_m.extend(over.lte_m);
        self.nb_iot.extend(over.nb_iot);
    }
}

/// Every figure, by model name.
#[derive(Debug, Clone, Default)]
pub struct Table {
    entries: BTreeMap<String, Entry>,
}

/// The text is no table of figures.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTable {
    /// It does not have the form of one.
    #[error("{0}")]
    Form(String),
    /// It is too long.
    #[error("the table has {0} bytes; {TEXT_MAX} are the most")]
    Long(usize),
    /// A figure that can be none.
    #[error("[{name}] {key}: {what}; wanted is 0 <= low <= value <= high <= 1000000")]
    Figure {
        /// Whose figure.
        name: String,
        /// Its key.
        key: &'static str,
        /// What it says.
        what: String,
    },
}

/// Entries that every model falls back on, in this order.
const FALLBACK: [&str; 3] = ["generic", "network", "battery"];

impl Table {
    /// The figures that come with this program.
    pub fn builtin() -> Self {
        let mut table = Self::default();
        // A test reads it; without any figure every model is refused.
        let _ = table.lay_over(BUILTIN);
        table
    }

    /// Lays the figures of `text`, which has the form of `energy.toml`, over those that are there, figure by figure.
    /// After an error nothing has changed.
    pub fn lay_over(&mut self, text: &str) -> Result<(), InvalidTable> {
        if text.len() > TEXT_MAX {
            return Err(InvalidTable::Long(text.len()));
        }
        let entries: BTreeMap<String, Entry> =
            toml::from_str(text).map_err(|error| InvalidTable::Form(error.to_string().trim_end().to_owned()))?;
        for (name, entry) in &entries {
            for (quantity, figure) in entry.all.iter().chain(&entry.lte_m).chain(&entry.nb_iot) {
                if !figure.is_sound() {
                    let what = format!("{} in {} to {}", figure.value, figure.low(), figure.high());
                    return Err(InvalidTable::Figure { name: name.clone(), key: quantity.key(), what });
                }
            }
        }
        for (name, entry) in entries {
            self.entries.entry(name).or_default().merge(entry);
        }
        Ok(())
    }

    /// Names that have figures of their own, apart from those that all fall back on.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str).filter(|name| !FALLBACK.contains(name))
    }

    /// The figures of a model on `rat`. `chain` is its name and those of the model files that it extends, nearest
    /// first. `None` for a technology that there are no figures for: only LTE-M and NB-IoT have any.
    pub fn model(&self, chain: &[&str], rat: Rat) -> Option<Model> {
        if !matches!(rat, Rat::LteM | Rat::NbIot) {
            return None;
        }
        let names = || chain.iter().chain(&FALLBACK).filter_map(|name| self.entries.get_key_value(*name));
        let find = |quantity: Quantity| {
            names().find_map(|(name, entry)| Some((quantity, (name.clone(), entry.figure(rat, quantity)?.clone()))))
        };
        let figures: BTreeMap<_, _> = Quantity::ALL.iter().map(|quantity| find(*quantity)).collect::<Option<_>>()?;
        let traits = names().flat_map(|(_, entry)| &entry.traits).copied().collect();
        Some(Model { rat, figures, traits })
    }
}

/// The figures of one model on one technology: none is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The technology.
    pub rat: Rat,
    figures: BTreeMap<Quantity, (String, Figure)>,
    traits: Vec<Trait>,
}

impl Model {
    /// A figure and the name of the entry that it stands in.
    pub fn figure(&self, quantity: Quantity) -> Option<(&str, &Figure)> {
        self.figures.get(&quantity).map(|(name, figure)| (name.as_str(), figure))
    }

    /// A value out of the figure of `quantity`.
    pub(super) fn read(&self, quantity: Quantity, value: impl FnOnce(&Figure) -> f64) -> f64 {
        self.figure(quantity).map_or(0.0, |(_, figure)| value(figure))
    }

    /// Whether the model has `what`.
    pub fn has(&self, what: Trait) -> bool {
        self.traits.contains(&what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(text: &str) -> Result<Table, InvalidTable> {
        let mut table = Table::builtin();
        table.lay_over(text).map(|()| table)
    }

    #[test]
    fn the_builtin_table_is_sound_and_complete() {
        assert_eq!(Table::default().lay_over(BUILTIN), Ok(()));
        let table = Table::builtin();
        for name in table.models().chain(["no-such-model"]) {
            for rat in [Rat::LteM, Rat::NbIot] {
                let model = table.model(&[name], rat).unwrap_or_else(|| panic!("{name} on {rat} lacks a figure"));
                for quantity in Quantity::ALL {
                    let (_, figure) = model.figure(*quantity).unwrap();
                    assert!(figure.source.len() > 5, "{name} {quantity:?} has no source");
                }
            }
            assert_eq!(table.model(&[name], Rat::Gsm), None);
        }
    }

    /// What the facts do not confirm must not look confirmed.
    #[test]
    fn unconfirmed_currents_are_marked() {
        let table = Table::builtin();
        for name in ["quectel-bg95", "ublox-sara-r4", "ublox-sara-r5", "ublox-sara-r510s", "sierra-hl7812"] {
            let model = table.model(&[name], Rat::LteM).unwrap();
            for quantity in [Quantity::PsmFloor, Quantity::Rest, Quantity::Active, Quantity::Tx] {
                assert_eq!(model.figure(quantity).unwrap().1.mark, Evidence::Unconfirmed, "{name} {quantity:?}");
            }
        }
        for (name, floor) in [("quectel-bg96", 10.0), ("simcom-sim7000", 9.0), ("simcom-sim7080", 3.2)] {
            let model = table.model(&[name], Rat::LteM).unwrap();
            let (_, figure) = model.figure(Quantity::PsmFloor).unwrap();
            assert_eq!((figure.mark, figure.value), (Evidence::Verified, floor), "{name}");
        }
    }

    #[test]
    fn the_nearest_name_has_the_figure() {
        let table = Table::builtin();
        let chain = ["ublox-sara-r510s", "ublox-sara-r5", "ublox"];
        let model = table.model(&chain, Rat::NbIot).unwrap();
        let origin = |quantity| model.figure(quantity).unwrap().0;
        assert_eq!(origin(Quantity::PsmFloor), "ublox-sara-r510s");
        assert_eq!(origin(Quantity::Active), "ublox-sara-r5");
        assert_eq!(origin(Quantity::Rx), "generic");
        assert_eq!((origin(Quantity::Drx), model.figure(Quantity::Drx).unwrap().1.value), ("network", 2.56));
        let sim7080 = table.model(&["simcom-sim7080", "simcom"], Rat::LteM).unwrap();
        assert!(sim7080.has(Trait::NoPsmWithPin) && !sim7080.has(Trait::NoPsmOnUsb));
    }

    #[test]
    fn a_users_figure_goes_before_ours_and_the_others_stay() {
        let text = "[quectel-bg95.all]\npsm_floor_ua = { value = 4.2, mark = \"V\", source = \"own bench\" }\n";
        let model = over(text).unwrap().model(&["quectel-bg95"], Rat::LteM).unwrap();
        let (_, figure) = model.figure(Quantity::PsmFloor).unwrap();
        assert_eq!((figure.value, figure.mark, figure.source.as_str()), (4.2, Evidence::Verified, "own bench"));
        assert!((figure.low() - 4.2 / 1.1).abs() < 1e-9 && (figure.high() - 4.62).abs() < 1e-9);
        assert_eq!(model.figure(Quantity::Active).unwrap().1.value, 17.0);
    }

    #[test]
    fn mistakes_are_told_and_change_nothing() {
        let figure = |inner: &str| format!("[x.all]\npsm_floor_ua = {{ {inner}, mark = \"V\", source = \"s\" }}\n");
        for (text, part) in [
            ("[x.all]\npsm_flor_ua = { value = 1, mark = \"V\", source = \"s\" }".to_owned(), "psm_flor_ua"),
            ("[x.gsm]\n".into(), "gsm"),
            ("[x]\ntraits = [\"sleepless\"]".into(), "sleepless"),
            (figure("value = 1, mak = 2"), "mak"),
            (figure("value = -1"), "wanted is 0 <= low"),
            (figure("value = 1, low = 2"), "[x] psm_floor_ua: 1 in 2 to 1.1"),
            (figure("value = 1e7"), "1000000"),
            (figure("value = nan"), "NaN"),
            (figure("value = 1, high = inf"), "inf"),
            ("x".repeat(TEXT_MAX + 1), "262145"),
        ] {
            let said = over(&text).map(drop).unwrap_err().to_string();
            assert!(said.contains(part), "{text:.60}: {said}");
        }
        let mut table = Table::builtin();
        assert!(table.lay_over(&(figure("value = 1") + &figure("value = -1").replace("[x.", "[y."))).is_err());
        assert!(!table.models().any(|name| name == "x"));
    }
}
