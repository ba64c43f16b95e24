//! What an actor keeps over restarts of the daemon.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::handle::{ConnectRequest, PowerRequest, Request};
use super::sleeper::Sleeper;
use crate::codec::at::command::CommandLine;
use crate::policy::governor;
use crate::policy::governor::steady::{Anchor, Boot};
use crate::spec::drx::{DrxCycle, NoDrxCycle};
use crate::state::queue::Waiting;
use crate::state::{Edrx, PsmTimers, Timestamp};

/// Everything that is kept of one modem.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// Requests whose callers asked for that, in the order of their arrival.
    pub queue: Vec<KeptRequest>,
    /// What the modem is to be given back, while it is held awake.
    pub held: Option<Held>,
    /// The modem as it fell asleep last.
    pub asleep: Option<Sleeper>,
    /// Budgets and waits of the retry governor.
    pub governor: governor::Kept,
    /// When that was.
    pub anchor: Option<Anchor>,
    /// What stands for the card that the governor's waits are about.
    pub card: Option<u64>,
    /// The APNs that they are about.
    pub apns: Option<Vec<String>>,
    /// When preferred networks were looked for last, by the governor's time.
    pub looked_for: BTreeMap<String, u64>,
    /// QMI clients, service and number, that are to be released where nobody does it for us.
    pub qmi_clients: Vec<(u16, u8)>,
}

impl Kept {
    /// What of it still holds in the kernel's present boot: behind a proxy that is new, the numbers of QMI clients are
    /// other programs' by now.
    pub fn in_boot(mut self, boot: Option<&Boot>) -> Self {
        let then = self.anchor.as_ref().and_then(|anchor| anchor.boot.as_ref());
        if then.zip(boot).is_none_or(|(then, now)| then.id != now.id) {
            self.qmi_clients.clear();
        }
        self
    }
}

/// What a hold changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// PSM as it was asked for before.
    pub psm: Option<KeptPsm>,
}

/// A request that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRequest {
    /// Its number.
    pub id: u64,
    /// When it was entered, milliseconds since 1970.
    pub entered: u64,
    /// Whether the modem is to be woken for it.
    pub wake: bool,
    /// When it is given up, milliseconds since 1970.
    pub deadline: Option<u64>,
    #[serde(flatten)]
    what: What,
}

/// What a kept request asks for. There is no form for what holds a code or a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "kebab-case")]
enum What {
    ReadSignal,
    Scan,
    At {
        line: String,
        time_out_ms: Option<u64>,
    },
    SetPower {
        psm: Option<Switch<KeptPsm>>,
        edrx: Option<Switch<KeptEdrx>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mico: Option<bool>,
        /// Milliseconds; 0 is the network's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        drx_cycle_ms: Option<u64>,
    },
    Connect {
        apn: Option<String>,
        pdp_type: Option<String>,
    },
    Disconnect,
    Enable,
    Disable,
    Reset,
}

/// A feature to be switched; `None` around it leaves the feature as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Switch<T> {
    Off,
    On(T),
}

/// [`PsmTimers`], seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPsm {
    periodic_tau_s: Option<u64>,
    active_time_s: u64,
}

/// [`Edrx`], milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct KeptEdrx {
    cycle_ms: u64,
    ptw_ms: Option<u64>,
}

impl KeptRequest {
    /// `request` as it is kept; `None` where it must not be, as it holds a code or a password.
    pub fn new(item: &Waiting, request: &Request) -> Option<Self> {
        Some(Self {
            id: item.id,
            entered: item.entered.0,
            wake: item.wake,
            deadline: item.deadline.map(|deadline| deadline.0),
            what: What::of(request)?,
        })
    }

    /// The request; `None` where this version cannot read it.
    pub fn request(self) -> Option<(Waiting, Request)> {
        let request = self.what.request()?;
        let item = Waiting {
            id: self.id,
            task: request.task(),
            wake: self.wake,
            deadline: self.deadline.map(Timestamp),
            keep: true,
            entered: Timestamp(self.entered),
        };
        Some((item, request))
    }
}

/// Whether `request` may be kept.
pub fn may_keep(request: &Request) -> bool {
    What::of(request).is_some()
}

impl What {
    fn of(request: &Request) -> Option<Self> {
        Some(match request {
            Request::ReadSignal => Self::ReadSignal,
            Request::Scan => Self::Scan,
            Request::At(line, time_out) => {
                let line = CommandLine::raw(line.reveal()).ok().filter(|line| !line.is_secret())?;
                Self::At { line: line.as_str().to_owned(), time_out_ms: time_out.map(ms) }
            }
            Request::SetPower(PowerRequest { psm, edrx, mico, drx_cycle }) => Self::SetPower {
                psm: psm.map(switch),
                edrx: edrx.map(switch),
                mico: *mico,
                drx_cycle_ms: drx_cycle.map(|cycle| cycle.map_or(0, |cycle| ms(cycle.length()))),
            },
            Request::Connect(ConnectRequest { apn, pdp_type, user: None, password: None }) => Self::Connect {
                apn: apn.as_ref().map(ToString::to_string),
                pdp_type: pdp_type.map(|pdp_type| pdp_type.name().to_owned()),
            },
            Request::Disconnect => Self::Disconnect,
            Request::Enable => Self::Enable,
            Request::Disable => Self::Disable,
            Request::Reset => Self::Reset,
            // What is decided anew after a restart, and what holds a code or a password.
            Request::Reattach | Request::Unasked(_) | Request::SwitchSlot(_) | Request::Adopt(_) => return None,
            Request::Connect(_) | Request::EnterPin(_) | Request::EnterPuk(..) => return None,
        })
    }

    fn request(self) -> Option<Request> {
        Some(match self {
            Self::ReadSignal => Request::ReadSignal,
            Self::Scan => Request::Scan,
            Self::At { line, time_out_ms } => Request::At(line.into(), time_out_ms.map(Duration::from_millis)),
            Self::SetPower { psm, edrx, mico, drx_cycle_ms } => Request::SetPower(PowerRequest {
                psm: psm.map(unswitch),
                edrx: edrx.map(unswitch),
                mico,
                drx_cycle: drx_cycle_ms.map(drx_cycle).transpose().ok()?,
            }),
            Self::Connect { apn, pdp_type } => Request::Connect(ConnectRequest {
                apn: apn.map(|apn| apn.parse()).transpose().ok()?,
                pdp_type: pdp_type.map(|pdp_type| pdp_type.parse()).transpose().ok()?,
                ..ConnectRequest::default()
            }),
            Self::Disconnect => Request::Disconnect,
            Self::Enable => Request::Enable,
            Self::Disable => Request::Disable,
            Self::Reset => Request::Reset,
        })
    }
}

/// What was kept as 0 is the network's.
fn drx_cycle(ms: u64) -> Result<Option<DrxCycle>, NoDrxCycle> {
    (ms > 0).then(|| DrxCycle::of_length(Duration::from_millis(ms))).transpose()
}

fn ms(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn switch<T, K: From<T>>(wish: Option<T>) -> Switch<K> {
    wish.map_or(Switch::Off, |value| Switch::On(value.into()))
}

fn unswitch<K, T: From<K>>(kept: Switch<K>) -> Option<T> {
    match kept {
        Switch::Off => None,
        Switch::On(value) => Some(value.into()),
    }
}

impl From<PsmTimers> for KeptPsm {
    fn from(timers: PsmTimers) -> Self {
        Self {
            periodic_tau_s: timers.periodic_tau.map(|tau| tau.as_secs()),
            active_time_s: timers.active_time.as_secs(),
        }
    }
}

impl From<KeptPsm> for PsmTimers {
    fn from(kept: KeptPsm) -> Self {
        Self {
            periodic_tau: kept.periodic_tau_s.map(Duration::from_secs),
            active_time: Duration::from_secs(kept.active_time_s),
        }
    }
}

impl From<Edrx> for KeptEdrx {
    fn from(edrx: Edrx) -> Self {
        Self { cycle_ms: ms(edrx.cycle), ptw_ms: edrx.ptw.map(ms) }
    }
}

impl From<KeptEdrx> for Edrx {
    fn from(kept: KeptEdrx) -> Self {
        Self { cycle: Duration::from_millis(kept.cycle_ms), ptw: kept.ptw_ms.map(Duration::from_millis) }
    }
}

/// Brings what is kept to where it lasts; the error is a sentence.
pub type Keeper = Box<dyn FnMut(&Kept) -> Result<(), String> + Send>;

/// The memory of one modem. Clones share it.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    kept: Kept,
    keeper: Option<Keeper>,
}

impl Memory {
    /// What was `kept` by an earlier life, and who keeps what changes. [`Memory::default`] lasts as long as it is held.
    pub fn new(kept: Kept, keeper: Keeper) -> Self {
        Self(Arc::new(Mutex::new(Inner { kept, keeper: Some(keeper) })))
    }

    /// What is kept.
    pub fn kept(&self) -> Kept {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).kept.clone()
    }

    /// Changes what is kept; it lasts when this returns. Nothing is written where nothing became different.
    pub fn change(&self, change: impl FnOnce(&mut Kept)) -> Result<(), String> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = inner.kept.clone();
        change(&mut inner.kept);
        let Inner { kept, keeper } = &mut *inner;
        match keeper {
            Some(keeper) if *kept != before => keeper(kept),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Memory").field(&self.kept()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private::Private;
    use crate::spec::apn::PdpType;

    fn item(request: &Request) -> Waiting {
        let (id, entered) = (7, Timestamp(1_795_350_896_789));
        let deadline = Some(Timestamp(entered.0 + 60_000));
        Waiting { id, task: request.task(), wake: true, deadline, keep: true, entered }
    }

    fn at(line: &str) -> Request {
        Request::At(Private::new(line.into()), Some(Duration::from_millis(1500)))
    }

    fn requests() -> Vec<Request> {
        let psm = PsmTimers { periodic_tau: Some(Duration::from_secs(3600)), active_time: Duration::from_secs(10) };
        let edrx = Edrx { cycle: Duration::from_millis(81_920), ptw: Some(Duration::from_millis(2560)) };
        let power = |psm, edrx| Request::SetPower(PowerRequest { psm, edrx, ..PowerRequest::default() });
        let registration =
            |mico, drx_cycle| Request::SetPower(PowerRequest { mico, drx_cycle, ..PowerRequest::default() });
        vec![
            Request::ReadSignal,
            Request::Scan,
            at("AT+CESQ"),
            power(Some(Some(psm)), Some(Some(edrx))),
            power(Some(Some(PsmTimers { periodic_tau: None, ..psm })), None),
            power(Some(None), Some(None)),
            power(None, Some(None)),
            registration(Some(true), Some(Some(DrxCycle::Frames256))),
            registration(Some(false), Some(None)),
            Request::Connect(ConnectRequest::default()),
            Request::Connect(ConnectRequest {
                apn: Some("iot.test".parse().unwrap()),
                pdp_type: Some(PdpType::Ipv4v6),
                ..ConnectRequest::default()
            }),
            Request::Disconnect,
            Request::Enable,
            Request::Disable,
            Request::Reset,
        ]
    }

    #[test]
    fn a_kept_request_is_the_same_afterwards() {
        for request in requests() {
            let kept = KeptRequest::new(&item(&request), &request).unwrap();
            let text = serde_json::to_string(&kept).unwrap();
            let again: KeptRequest = serde_json::from_str(&text).unwrap();
            assert_eq!(again.request(), Some((item(&request), request)), "{text}");
        }
    }

    #[test]
    fn secrets_are_never_kept() {
        let code = || Private::new("1234".to_owned());
        let with = |user: Option<&str>, password: Option<&str>| {
            Request::Connect(ConnectRequest {
                user: user.map(Into::into),
                password: password.map(|p| Private::new(p.into())),
                ..ConnectRequest::default()
            })
        };
        for request in [
            Request::EnterPin(code()),
            Request::EnterPuk(code(), code()),
            with(Some("u"), Some("p")),
            with(Some("u"), None),
            at("AT+CPIN=\"1234\""),
            at("no command"),
        ] {
            assert!(!may_keep(&request) && KeptRequest::new(&item(&request), &request).is_none(), "{request:?}");
        }
    }

    #[test]
    fn numbers_of_clients_hold_for_one_boot() {
        let boot = |id: &str| Boot { id: id.into(), up_ms: 5 };
        let anchor = Anchor { boot: Some(boot("a")), ..Anchor::default() };
        let kept = Kept { qmi_clients: vec![(3, 1)], anchor: Some(anchor), ..Kept::default() };
        assert_eq!(kept.clone().in_boot(Some(&boot("a"))), kept);
        for other in [Some(boot("b")), None] {
            assert!(kept.clone().in_boot(other.as_ref()).qmi_clients.is_empty(), "{other:?}");
        }
    }

    #[test]
    fn what_does_not_change_is_not_written() {
        let (told, hears) = std::sync::mpsc::channel();
        let keeper: Keeper = Box::new(move |kept| told.send(kept.held.is_some()).map_err(|error| error.to_string()));
        let memory = Memory::new(Kept::default(), keeper);
        memory.change(|kept| kept.held = None).unwrap();
        memory.clone().change(|kept| kept.held = Some(Held::default())).unwrap();
        assert!(memory.kept().held.is_some());
        assert_eq!(hears.try_iter().collect::<Vec<_>>(), [true]);
    }
}
