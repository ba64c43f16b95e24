//! PSM and eDRX after the modem moved: what the network granted before may no longer hold.

use tracing::info;

use crate::modem::driver::Driver;
use crate::spec::registration::Registration;
use crate::state::{Known, ModemState};

/// Whether the modem is registered in another technology, network or tracking area than `before`. It has made a
/// tracking area update then, in which eDRX may be granted otherwise or no longer (TS 24.301 §5.5.3.2.4).
pub fn moved(before: &ModemState, now: &ModemState) -> bool {
    fn other<T: PartialEq>(before: &Known<T>, now: &Known<T>) -> bool {
        before.as_ref().zip(now.as_ref()).is_some_and(|(before, now)| before.value != now.value)
    }
    let (before, now) = (&before.network, &now.network);
    let registered = |known: &Known<Registration>| known.is_some_and(|r| r.value.is_registered());
    registered(&before.registration)
        && registered(&now.registration)
        && (other(&before.rat, &now.rat) || other(&before.plmn, &now.plmn) || other(&before.tac, &now.tac))
}

/// Reads the granted eDRX again after a move. A modem that has gone to sleep meanwhile is left alone.
pub async fn read_back(d: &Driver) {
    if d.look(|state| state.reachability.is_asleep()) {
        return;
    }
    if let Err(error) = d.read_edrx_grant().await {
        info!("{}: reading the granted eDRX after a move: {error}", d.snapshot().id);
    }
}
