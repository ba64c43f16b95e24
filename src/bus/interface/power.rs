//! `org.lpwa.Power1`.

use zbus::Connection;
use zbus::message::Header;

use crate::bus::error::Error;
use crate::bus::request;
use crate::bus::subject::Subject;
use crate::bus::value::{Dict, dict, time};
use crate::modem::handle::{PowerRequest, Request};
use crate::spec::drx::DrxCycle;
use crate::state::json::seconds;
use crate::state::queue::Hold;
use crate::state::{Accepted, Edrx, PsmTimers, Timestamp};

/// A change of reachability: when, and to what.
type Change = (u64, &'static str);
/// Commands that were sent close together: from, until, how many.
type Burst = (u64, u64, u32);

/// Octets of a reason at most; everybody who asks is shown it.
const LONGEST_REASON: usize = 200;

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
    fn mico_requested(&self) -> bool {
        self.0.state().power.mico_requested
    }

    #[zbus(property)]
    fn mico_accepted(&self) -> Dict {
        let accepted = self.0.state().power.mico_accepted;
        accepted
            .map(|reading| supported(reading.value, |enabled| ("enabled", Some(enabled.into()))))
            .unwrap_or_default()
    }

    #[zbus(property)]
    fn drx_requested(&self) -> f64 {
        self.0.state().power.drx_requested.map(|cycle| seconds(cycle.length())).unwrap_or_default()
    }

    #[zbus(property)]
    fn drx_accepted(&self) -> Dict {
        let length = |cycle: Option<DrxCycle>| ("cycle_s", cycle.map(|cycle| seconds(cycle.length()).into()));
        self.0.state().power.drx_accepted.map(|reading| supported(reading.value, length)).unwrap_or_default()
    }

    #[zbus(property)]
    fn next_window(&self) -> u64 {
        time(self.0.state().power.next_window)
    }

    #[zbus(property)]
    fn holds(&self) -> Vec<Dict> {
        self.0.state().holds.iter().map(hold).collect()
    }

    #[zbus(out_args("changes", "commands"))]
    fn timeline(&self, since: u64) -> (Vec<Change>, Vec<Burst>) {
        let (history, since) = (self.0.handle.history(), Timestamp(since));
        let changes = history.changes(since).map(|change| (change.at.0, change.reachability)).collect();
        let commands = history.commands(since).map(|burst| (burst.at.0, burst.until.0, burst.count)).collect();
        (changes, commands)
    }

    #[zbus(out_args("hold"))]
    async fn hold(
        &self,
        reason: String,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<u64, Error> {
        if !(1..=LONGEST_REASON).contains(&reason.len()) || reason.chars().any(char::is_control) {
            let message = format!("a reason of 1 to {LONGEST_REASON} octets, without control characters, is wanted");
            return Err(Error::InvalidArgument(message));
        }
        self.0.hold(connection, &header, reason).await
    }

    async fn release(
        &self,
        hold: u64,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        self.0.authorise(connection, &header).await?;
        Ok(self.0.handle.release(hold).await?)
    }

    async fn set_psm(
        &self,
        wanted: bool,
        periodic_tau_s: u64,
        active_time_s: u64,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        let timers = request::psm(periodic_tau_s, active_time_s)?;
        let request = PowerRequest { psm: Some(wanted.then_some(timers)), ..PowerRequest::default() };
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
        let edrx = wanted.then(|| request::edrx(cycle_s, ptw_s)).transpose()?;
        let request = PowerRequest { edrx: Some(edrx), ..PowerRequest::default() };
        self.0.order(connection, &header, Request::SetPower(request)).await
    }

    async fn set_mico(
        &self,
        wanted: bool,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        let request = PowerRequest { mico: Some(wanted), ..PowerRequest::default() };
        self.0.order(connection, &header, Request::SetPower(request)).await
    }

    async fn set_drx(
        &self,
        cycle_s: f64,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        let request = PowerRequest { drx_cycle: Some(request::drx_cycle(cycle_s)?), ..PowerRequest::default() };
        self.0.order(connection, &header, Request::SetPower(request)).await
    }
}

/// What a modem accepted: `supported`, and where that is true the value.
fn supported<T>(accepted: Accepted<T>, value: impl Fn(T) -> (&'static str, Option<zbus::Variant<'static>>)) -> Dict {
    match accepted {
        Accepted::Unsupported => dict([("supported", Some(false.into()))]),
        Accepted::As(accepted) => dict([("supported", Some(true.into())), value(accepted)]),
    }
}

fn hold(hold: &Hold) -> Dict {
    dict([
        ("id", Some(hold.id.into())),
        ("reason", Some(hold.reason.clone().into())),
        ("since", Some(hold.since.0.into())),
        ("granted", Some(hold.granted.into())),
    ])
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
