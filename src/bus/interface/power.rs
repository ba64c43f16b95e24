//! `org.lpwa.Power1`.

use std::time::Duration;

use zbus::Connection;
use zbus::message::Header;

use crate::bus::error::Error;
use crate::bus::subject::Subject;
use crate::bus::value::{Dict, dict, time};
use crate::modem::handle::{PowerRequest, Request};
use crate::state::json::seconds;
use crate::state::{Edrx, PsmTimers};

/// No 3GPP timer is longer: 9920 h of T3412 extended (TS 24.008 clause 10.5.7.4a).
const LONGEST_S: u64 = 9920 * 3600;

/// Power saving, asked and granted.
pub struct Power1(pub Subject);

#[zbus::interface(name = "org.lpwa.Power1", introspection_docs = false)]
impl Power1 {
    #[zbus(property)]
    fn psm_requested(&self) -> Dict {
        self.0.state().power.psm_requested.map(psm).unwrap_or_default()
    }

    #[zbus(property)]
    fn psm_granted(&self) -> Dict {
        self.0.state().power.psm_granted.map(|reading| granted(reading.value.map(psm))).unwrap_or_default()
    }

    #[zbus(property)]
    fn edrx_requested(&self) -> Dict {
        self.0.state().power.edrx_requested.map(edrx).unwrap_or_default()
    }

    #[zbus(property)]
    fn edrx_granted(&self) -> Dict {
        self.0.state().power.edrx_granted.map(|reading| granted(reading.value.map(edrx))).unwrap_or_default()
    }

    #[zbus(property)]
    fn next_window(&self) -> u64 {
        time(self.0.state().power.next_window)
    }

    async fn set_psm(
        &self,
        wanted: bool,
        periodic_tau_s: u64,
        active_time_s: u64,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        let timers = PsmTimers {
            // 0 is no period: the network's default.
            periodic_tau: (periodic_tau_s > 0).then_some(span("periodic_tau_s", periodic_tau_s)?),
            active_time: span("active_time_s", active_time_s)?,
        };
        let request = PowerRequest { psm: Some(wanted.then_some(timers)), edrx: None };
        self.0.order(connection, &header, Request::SetPower(request)).await
    }

    async fn set_edrx(
        &self,
        wanted: bool,
        cycle_s: f64,
        ptw_s: f64,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        let edrx = wanted.then(|| edrx_of(cycle_s, ptw_s)).transpose()?;
        let request = PowerRequest { psm: None, edrx: Some(edrx) };
        self.0.order(connection, &header, Request::SetPower(request)).await
    }
}

fn psm(timers: PsmTimers) -> Dict {
    dict([
        ("periodic_tau_s", timers.periodic_tau.map(|tau| tau.as_secs().into())),
        ("active_time_s", Some(timers.active_time.as_secs().into())),
    ])
}

fn edrx(edrx: Edrx) -> Dict {
    dict([("cycle_s", Some(seconds(edrx.cycle).into())), ("ptw_s", edrx.ptw.map(|ptw| seconds(ptw).into()))])
}

/// What was read of a grant: `in_use`, and where that is true the parameters.
fn granted(parameters: Option<Dict>) -> Dict {
    let in_use = parameters.is_some();
    let mut granted = parameters.unwrap_or_default();
    granted.insert("in_use", in_use.into());
    granted
}

fn span(name: &str, seconds: u64) -> Result<Duration, Error> {
    if seconds > LONGEST_S {
        return Err(Error::InvalidArgument(format!("{name} is {seconds}; {LONGEST_S} s, 9920 h, are the most")));
    }
    Ok(Duration::from_secs(seconds))
}

/// A window of 0 is the network's choice.
fn edrx_of(cycle_s: f64, ptw_s: f64) -> Result<Edrx, Error> {
    if !(cycle_s > 0.0 && cycle_s <= LONGEST_S as f64) {
        return Err(Error::InvalidArgument(format!("cycle_s is {cycle_s}; a cycle such as 81.92 is wanted")));
    }
    if !(ptw_s >= 0.0 && ptw_s < cycle_s) {
        let message = format!("ptw_s is {ptw_s}; a part of the cycle such as 5.12 is wanted, or 0");
        return Err(Error::InvalidArgument(message));
    }
    // Milliseconds are enough for every cycle and window there is.
    let span = |seconds: f64| Duration::from_millis((seconds * 1000.0).round() as u64);
    Ok(Edrx { cycle: span(cycle_s), ptw: (ptw_s > 0.0).then(|| span(ptw_s)) })
}
