//! T3396: for how long the network wants to be left alone with an APN, which the modem sees to by itself (TS 24.301
//! clause 6.5.1.4.2).

use std::collections::BTreeMap;
use std::time::Duration;

use crate::policy::governor::Timer;
use crate::spec::apn::PdpType;
use crate::spec::plmn::Plmn;

use super::modem::SimModem;
use super::network::Lease;

/// A timer that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Running {
    /// The cause that it came with.
    cause: u8,
    /// Its end; `None`: deactivated, which has none.
    until: Option<Duration>,
}

/// The timers, by APN as it was asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct BackOffs(BTreeMap<String, Running>);

impl BackOffs {
    /// What runs at `now`: APN and what is left.
    pub(super) fn told(&self, now: Duration) -> impl Iterator<Item = (&str, Timer)> {
        let left = move |running: &Running| match running.until {
            None => Some(Timer::Deactivated),
            Some(until) => Some(Timer::Runs(until.saturating_sub(now))).filter(|_| until > now),
        };
        self.0.iter().filter_map(move |(apn, running)| Some((apn.as_str(), left(running)?)))
    }

    /// The modem was off and is on again: a timer that runs goes on, a deactivated one ends.
    pub(super) fn restarted(&mut self) {
        self.0.retain(|_, running| running.until.is_some());
    }

    /// Another card: nothing is held against it.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

impl SimModem {
    /// Asks the network for a context, unless a timer runs for its APN; `Err` is the ESM cause.
    pub(super) fn ask_context(&mut self, plmn: Plmn, apn: &str, kind: PdpType) -> Result<Lease, u8> {
        let now = self.now;
        let running = |running: &&Running| running.until.is_none_or(|until| until > now);
        if let Some(running) = self.back_offs.0.get(apn).filter(running) {
            return Err(running.cause);
        }
        self.use_air();
        let refused = match self.network.activate(plmn, apn, kind, &mut self.random) {
            Ok(lease) => return Ok(lease),
            Err(refused) => refused,
        };
        if let Some(timer) = refused.back_off {
            let until = match timer {
                Timer::Runs(span) => Some(now.saturating_add(span)),
                Timer::Deactivated => None,
            };
            self.back_offs.0.insert(apn.to_owned(), Running { cause: refused.cause, until });
        }
        Err(refused.cause)
    }
}
