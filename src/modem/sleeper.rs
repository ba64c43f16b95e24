//! A modem as it fell asleep, for a daemon that is restarted meanwhile: who sleeps cannot be asked who it is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::state::{Edrx, Lifecycle, ModemState, PsmTimers, Reachability, Reading, Timestamp};

/// A modem as it fell asleep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sleeper {
    /// The end of the sleep, milliseconds since 1970.
    pub until_ms: u64,
    /// The model file.
    pub definition: String,
    /// Whether data were up.
    pub connected: bool,
    /// Away from the home network.
    pub roaming: bool,
    /// Granted T3412 extended, seconds.
    pub tau_s: Option<u64>,
    /// Granted T3324, seconds.
    pub active_s: Option<u64>,
    /// Granted eDRX cycle, milliseconds.
    pub cycle_ms: Option<u64>,
}

impl Sleeper {
    /// The memory of a modem that sleeps now and is known to come back; `None` otherwise.
    pub fn of(state: &ModemState) -> Option<Self> {
        let Reachability::Asleep { until: Some(until), .. } = state.reachability else { return None };
        let psm = state.power.psm_granted.and_then(|grant| grant.value);
        let edrx = state.power.edrx_granted.and_then(|grant| grant.value);
        Some(Self {
            until_ms: until.0,
            definition: state.definition.clone(),
            connected: state.lifecycle.has_context(),
            roaming: state.network.registration.is_some_and(|r| r.value.is_roaming()),
            tau_s: psm.and_then(|psm| psm.periodic_tau).map(|tau| tau.as_secs()),
            active_s: psm.map(|psm| psm.active_time.as_secs()),
            cycle_ms: edrx.and_then(|edrx| u64::try_from(edrx.cycle.as_millis()).ok()),
        })
    }

    /// The end of the sleep.
    pub const fn until(&self) -> Timestamp {
        Timestamp(self.until_ms)
    }

    /// Puts what is remembered into a state of which nothing is known yet.
    pub fn recall(&self, state: &mut ModemState, now: Timestamp) {
        state.definition.clone_from(&self.definition);
        state.lifecycle =
            if self.connected { Lifecycle::Connected } else { Lifecycle::Registered { roaming: self.roaming } };
        let psm = self.active_s.map(|active| PsmTimers {
            periodic_tau: self.tau_s.map(Duration::from_secs),
            active_time: Duration::from_secs(active),
        });
        let edrx = self.cycle_ms.map(|cycle| Edrx { cycle: Duration::from_millis(cycle), ptw: None });
        state.power.psm_granted = psm.map(|psm| Reading::new(Some(psm), now));
        state.power.edrx_granted = edrx.map(|edrx| Reading::new(Some(edrx), now));
        state.trouble = Some("the daemon was restarted while the modem sleeps; it is asked when it wakes".into());
    }
}
