//! AT&T's service: signal, location, operators.

use super::super::list::{Count, Pointed};
use super::basic_connect::RegisterStateInfo;
use super::flags::ProviderState;
use super::{Cid, Nothing};

/// The signal.
pub const SIGNAL: Cid = Cid::new(1, "signal").query::<Nothing>().response::<Signal>();
/// The cell.
pub const LOCATION: Cid = Cid::new(2, "location").query::<Nothing>().response::<Location>();

/// The commands of the service.
pub const CIDS: &[Cid] = &[
    SIGNAL,
    LOCATION,
    Cid::new(3, "operators").query::<Nothing>().response::<Operators>(),
    Cid::new(4, "rat").set::<RatMode>().query::<Nothing>().response::<RatMode>(),
    Cid::new(9, "register-state").query::<Nothing>().response::<RegisterStateInfo>(),
];

record! {
    /// The signal, in the units of `+CESQ` (TS 27.007 clause 8.69).
    Signal {
        rssi: u32,
        error_rate: u32,
        rscp: u32,
        ecno: u32,
        rsrq: u32,
        rsrp: u32,
        rssnr: u32,
    }

    /// The cell.
    Location {
        lac: u32,
        tac: u32,
        cell_id: u32,
    }

    /// Networks in reach.
    Operators {
        providers_count: Count,
        providers: Pointed<Operator>,
    }

    /// A network.
    Operator {
        provider_id: String,
        provider_state: ProviderState,
        provider_name: String,
        plmn_mode: AtdsProviderPlmnMode,
        rssi: u32,
        error_rate: u32,
    }

    /// Which technologies to use.
    RatMode {
        mode: AtdsRatMode,
    }
}

choice! {
    /// Which technologies to use.
    AtdsRatMode {
        Automatic = 0 "automatic",
        Only2gOnly = 1 "2g-only",
        Only3gOnly = 2 "3g-only",
        Only4gOnly = 3 "4g-only",
    }

    /// Technology of a network.
    AtdsProviderPlmnMode {
        Gsm = 0 "gsm",
        Utran = 6 "utran",
        Lte = 7 "lte",
    }
}
