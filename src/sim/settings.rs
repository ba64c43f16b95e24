//! What the host set: some of it lasts, some is lost with the power.

use std::collections::{BTreeMap, BTreeSet};

use crate::spec::apn::PdpType;
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;

/// Settings that are lost when the modem starts anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    /// `ATE`
    pub(super) echo: bool,
    /// `ATV`
    pub(super) verbose: bool,
    /// `ATQ`
    pub(super) quiet: bool,
    /// `AT+CMEE`
    pub(super) cmee: u8,
    /// `<n>` of `+CREG`, `+CGREG`, `+CEREG`.
    pub(super) reports: [u8; 3],
    /// `AT+CSCON`
    pub(super) cscon: u8,
    /// `AT+CGEREP`
    pub(super) cgerep: u8,
    /// `AT+CTZR`
    pub(super) ctzr: u8,
    /// `AT+CNEC`
    pub(super) cnec: u8,
    /// `<ind>` of `AT+CMER`
    pub(super) indicators: bool,
    /// Format of `+COPS?`
    pub(super) cops_format: u8,
    /// Vendor notices that were asked for, by name.
    pub(super) subscribed: BTreeSet<String>,
    /// Values that are only remembered.
    pub(super) values: BTreeMap<&'static str, String>,
}

impl Settings {
    pub(super) fn new(echo: bool) -> Self {
        Self {
            echo,
            verbose: true,
            quiet: false,
            cmee: 0,
            reports: [0; 3],
            cscon: 0,
            cgerep: 0,
            ctzr: 0,
            cnec: 0,
            indicators: false,
            cops_format: 0,
            subscribed: BTreeSet::new(),
            values: BTreeMap::new(),
        }
    }

    /// What a modem forgets that forgets its subscriptions.
    pub(super) fn unsubscribe(&mut self) {
        let Self { echo, verbose, quiet, cmee, cops_format, values, .. } = self.clone();
        *self = Self { verbose, quiet, cmee, cops_format, values, ..Self::new(echo) };
    }

    /// Whether strings are in UCS2 (`AT+CSCS`).
    pub(super) fn ucs2(&self) -> bool {
        self.values.get("+CSCS").is_some_and(|charset| charset.trim_matches('"').eq_ignore_ascii_case("UCS2"))
    }
}

/// A context as the host defined it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Context {
    pub(super) kind: PdpType,
    pub(super) apn: String,
    /// `<auth_prot>` of `+CGAUTH`.
    pub(super) auth: u8,
    pub(super) user: String,
}

/// How the network is chosen (`<mode>` of `+COPS`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Selection {
    #[default]
    Automatic,
    Manual(Plmn),
    Deregistered,
}

/// Settings that last: the modem keeps them in its flash memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// `<fun>` of `+CFUN`.
    pub(super) cfun: u8,
    pub(super) contexts: BTreeMap<u8, Context>,
    pub(super) selection: Selection,
    /// Technology asked for with `+COPS`.
    pub(super) selected_rat: Option<Rat>,
    /// Technologies in use, first preferred.
    pub(super) rats: Vec<Rat>,
    pub(super) psm: bool,
    /// Periodic TAU and active time as given, kept while PSM is off.
    pub(super) psm_timers: Option<(String, String)>,
    /// eDRX code by `<AcT-type>`.
    pub(super) edrx: BTreeMap<u8, String>,
    /// Paging time window asked for, four of `0` and `1`, by `<AcT-type>`.
    pub(super) windows: BTreeMap<u8, String>,
    /// Those that the network hears of: on some models as they were at the last start.
    pub(super) windows_in_force: BTreeMap<u8, String>,
    /// `+CEDRXS` mode 2: tell of grants.
    pub(super) edrx_reports: bool,
    /// The latest line of each selector of technologies, by what stands before its value.
    pub(super) selectors: BTreeMap<String, String>,
}
