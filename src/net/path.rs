//! The machine's side of the bearers of one modem: what [`DataPath`] is in a daemon.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tracing::warn;

use super::NetError;
use super::dhcp::{Client, DhcpLease};
use super::hook::{Event, Hook};
use super::links::{LinkId, Links};
use super::plan::{Address, Interface, LinkPlan};
use super::ppp::{Call, PppLink, Session};
use super::usb;
use crate::codec::at::command::standard;
use crate::modem::channel::{Channel, Command, CommandError, Lease};
use crate::modem::data::{DataPath, Share, Way, Which};
use crate::port::spec::Flow;
use crate::port::{self, PortSpec};
use crate::state::Bearer;

/// MTU of an interface of which nobody says anything, octets.
const USUAL_MTU: u16 = 1500;
/// Octets of QMAP that a packet has in a transfer: four before it, and up to three that fill it up.
const QMAP: u16 = 7;

/// A context may be activated on the way, for which networks have their time.
const DIAL: Duration = Duration::from_secs(150);

/// How packets of a bearer reach the machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DataKind {
    /// Not at all: the context comes up, and somebody else may use it.
    #[default]
    None,
    /// By a network interface that the modem has.
    Interface,
    /// By PPP on a serial line.
    Ppp,
}

/// A text that names no way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no way for data; write \"none\", \"interface\" or \"ppp\"")]
pub struct InvalidData(String);

impl FromStr for DataKind {
    type Err = InvalidData;

    fn from_str(text: &str) -> Result<Self, InvalidData> {
        match text {
            "none" => Ok(Self::None),
            "interface" => Ok(Self::Interface),
            "ppp" => Ok(Self::Ppp),
            other => Err(InvalidData(other.to_owned())),
        }
    }
}

/// What is wanted of one bearer on the machine's side.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PathSettings {
    /// How packets reach the machine.
    pub kind: DataKind,
    /// The network interface; `None`: the one of the USB device.
    pub interface: Option<String>,
    /// The USB device, where the modem is one: `1-1.2`.
    pub usb: Option<String>,
    /// Whether addresses come by DHCP rather than from the modem.
    pub dhcp: bool,
    /// Metric of its default routes; `None`: it has none in the main table.
    pub metric: Option<u32>,
    /// Whether addresses and routes are set here, and not by somebody else.
    pub manage: bool,
    /// What is told of it.
    pub hook: Option<Hook>,
    /// The call, for PPP; families and name are filled in.
    pub call: Option<Call>,
}

impl PathSettings {
    /// With a default route of the usual metric, managed here.
    pub fn new(kind: DataKind) -> Self {
        Self { kind, metric: Some(super::plan::METRIC), manage: true, ..Self::default() }
    }
}

/// The bearers of one modem.
pub struct ModemPath {
    links: Links,
    modem: String,
    first: PathSettings,
    more: BTreeMap<u8, PathSettings>,
    used: Mutex<BTreeMap<u8, Used>>,
    ends: mpsc::UnboundedSender<(u8, String)>,
    ended: Mutex<mpsc::UnboundedReceiver<(u8, String)>>,
}

/// A bearer in use.
struct Used {
    /// As the modem told it.
    told: Bearer,
    bearer: Bearer,
    plan: LinkPlan,
    helper: Option<Helper>,
}

/// A line in data mode.
struct Line {
    _lease: Lease,
    /// Of a line that takes no commands but this one.
    _channel: Option<Channel>,
}

/// Dials on a line of its own.
async fn dial(call: &Call, context: u8) -> Result<Line, String> {
    let flow = if call.hardware_flow { Flow::Hardware } else { Flow::None };
    let spec = PortSpec::Tty { path: call.tty.clone(), baud: call.baud, flow };
    let stream = port::open(&spec).await.map_err(|error| error.to_string())?;
    let (events, mut unheard) = mpsc::channel(1);
    tokio::spawn(async move { while unheard.recv().await.is_some() {} });
    let channel = Channel::start(stream, Arc::default(), events);
    let line = standard::dial(context).map_err(|error| error.to_string())?;
    let told = |error: CommandError| format!("dialling on {spec}: {error}");
    let lease = channel.dial(Command::new(line, DIAL)).await.map_err(told)?;
    Ok(Line { _lease: lease, _channel: Some(channel) })
}

impl Used {
    /// Whether nothing that it needs has ended.
    fn lives(&self) -> bool {
        self.helper.as_ref().is_none_or(|helper| !helper.task.is_finished())
    }
}

/// What keeps a bearer up on this side.
enum Process {
    Dhcp(Client),
    /// The line goes back when pppd has left it.
    Ppp(Session, Line),
}

impl Process {
    async fn ended(&mut self) -> String {
        match self {
            Self::Dhcp(client) => client.ended().await,
            Self::Ppp(session, _) => session.ended().await,
        }
    }

    async fn stop(self) {
        // A DHCP client ends when it is dropped.
        if let Self::Ppp(session, line) = self {
            session.stop().await;
            drop(line);
        }
    }
}

/// A process that keeps a bearer up, and the task that waits for its end.
struct Helper {
    stop: oneshot::Sender<Infallible>,
    task: JoinHandle<()>,
}

impl ModemPath {
    /// The bearers of `modem`, none of which is up; the first context is as `first` says, others as `more`.
    pub fn new(links: Links, modem: &str, first: PathSettings, more: BTreeMap<u8, PathSettings>) -> Self {
        let (ends, ended) = mpsc::unbounded_channel();
        Self { links, modem: modem.to_owned(), first, more, used: Mutex::default(), ends, ended: Mutex::new(ended) }
    }

    fn id(&self, context: u8) -> LinkId {
        LinkId { modem: self.modem.clone(), context }
    }

    fn settings(&self, context: u8) -> &PathSettings {
        self.more.get(&context).unwrap_or(&self.first)
    }

    async fn bring_up(&self, bearer: Bearer, way: Way) -> Result<Bearer, String> {
        let context = bearer.context;
        let settings = self.settings(context);
        let mut used = self.used.lock().await;
        if !matches!(way, Way::Line(_))
            && let Some(old) = used.get(&context).filter(|old| old.told == bearer && old.lives())
        {
            return Ok(old.bearer.clone());
        }
        if let Some(old) = used.remove(&context) {
            self.leave(context, old).await;
        }
        if settings.kind == DataKind::None {
            return Ok(bearer);
        }
        let id = self.id(context);
        let new = self.link(settings, bearer, way).await?;
        if settings.manage
            && let Err(error) = self.links.bring_up(&id, new.plan.clone()).await
        {
            self.leave(context, new).await;
            return Err(error.to_string());
        }
        if let Err(error) = self.tell(settings, Event::Up, context, &new).await {
            // Where the hook is what makes the link usable, there is none without it.
            if !settings.manage {
                self.leave(context, new).await;
                return Err(error);
            }
            warn!("{id}: {error}");
        }
        let bearer = new.bearer.clone();
        used.insert(context, new);
        Ok(bearer)
    }

    /// The way of a bearer to the machine, before anything is set on it. What was made on the way does not stay where it
    /// fails.
    async fn link(&self, settings: &PathSettings, bearer: Bearer, way: Way) -> Result<Used, String> {
        let id = self.id(bearer.context);
        let link = match settings.kind {
            DataKind::Ppp => self.by_ppp(settings, bearer, way).await,
            DataKind::Interface | DataKind::None => self.by_interface(settings, bearer, way).await,
        };
        if link.is_err() {
            self.links.take_down(&id).await;
        }
        link
    }

    async fn tell(&self, settings: &PathSettings, event: Event, context: u8, used: &Used) -> Result<(), String> {
        let Some(hook) = &settings.hook else { return Ok(()) };
        hook.run(event, &self.id(context), &used.bearer, &used.plan).await
    }

    /// The interface of a bearer. The first that bearers share is the modem's; of the links over it each has its own.
    async fn interface(&self, settings: &PathSettings, bearer: &Bearer, way: Way) -> Result<Interface, String> {
        let named = |configured: &PathSettings, found: Option<&String>| match (configured, found) {
            (PathSettings { interface: Some(name), .. }, _) => Ok(name.clone()),
            (_, Some(name)) => Ok(name.clone()),
            (PathSettings { usb: Some(usb), .. }, None) => usb::interface(usb),
            _ => Err("no network interface is configured; write interface = \"wwan0\"".into()),
        };
        let told = |error: NetError| error.to_string();
        let Way::Shared { interface, share } = way else {
            let name = named(settings, bearer.interface.as_ref())?;
            return self.links.netlink().interface(&name).await.map_err(told);
        };
        let base = named(&self.first, interface.as_ref())?;
        let name = self.more.get(&bearer.context).and_then(|settings| settings.interface.as_deref());
        if name == Some(&base) {
            return Err(format!(
                "{base} carries all bearers of the modem; leave `interface` out, or name the link over it"
            ));
        }
        self.links.share(&self.id(bearer.context), &base, name, share).await.map_err(told)
    }

    async fn by_interface(&self, settings: &PathSettings, mut bearer: Bearer, way: Way) -> Result<Used, String> {
        let share = if let Way::Shared { share, .. } = &way { Some(*share) } else { None };
        let (told, netlink) = (bearer.clone(), self.links.netlink());
        let interface = self.interface(settings, &bearer, way).await?;
        let name = interface.name.clone();
        bearer.interface = Some(name.clone());
        let most = share.and_then(|share| match share {
            // A VLAN link takes no longer packets than what carries it.
            Share::Session(_) => u16::try_from(interface.mtu).ok(),
            Share::Qmap { transfer, .. } => Some(transfer.saturating_sub(QMAP)),
        });
        if let Some(most) = most {
            let usual = Some(most).filter(|most| *most < USUAL_MTU);
            bearer.mtu = bearer.mtu.or(usual).map(|mtu| mtu.min(most));
        }
        if !settings.dhcp {
            let plan = LinkPlan::new(&bearer, &interface, settings.metric);
            return Ok(Used { told, bearer, plan, helper: None });
        }
        netlink.set_up(&interface, None).await.map_err(|error| error.to_string())?;
        let client = match Client::start(&name).await {
            Ok(client) => client,
            Err(reason) => {
                if let Err(error) = netlink.set_back(&interface).await {
                    warn!("{error}");
                }
                return Err(reason);
            }
        };
        let lease = client.lease.clone();
        adopt(&mut bearer, &lease);
        let mut plan = LinkPlan::new(&bearer, &interface, settings.metric);
        plan.addresses = lease.address.into_iter().filter(|a| plan.addresses.contains(&Address::from(a.ip))).collect();
        plan.domains = lease.domains;
        let helper = Some(self.keep(bearer.context, Process::Dhcp(client)));
        Ok(Used { told, bearer, plan, helper })
    }

    async fn by_ppp(&self, settings: &PathSettings, mut bearer: Bearer, way: Way) -> Result<Used, String> {
        let told = bearer.clone();
        let Some(call) = &settings.call else { return Err("PPP needs a serial line; name it with ppp_port".into()) };
        let line = match way {
            Way::Line(lease) => Line { _lease: lease, _channel: None },
            Way::Own | Way::Shared { .. } => dial(call, bearer.context).await?,
        };
        let name = self.id(bearer.context).to_string();
        let call = Call { pdp_type: bearer.pdp_type, name, ..call.clone() };
        let (session, link) = Session::start(&call).await?;
        let Some(name) = link.interface.clone() else { return Err("pppd made no network interface".into()) };
        let interface = self.links.netlink().interface(&name).await.map_err(|error| error.to_string())?;
        take_over(&mut bearer, link);
        bearer.interface = Some(name);
        let plan = LinkPlan { addressed: true, mtu: None, ..LinkPlan::new(&bearer, &interface, settings.metric) };
        let helper = Some(self.keep(bearer.context, Process::Ppp(session, line)));
        Ok(Used { told, bearer, plan, helper })
    }

    /// Lets a process run until it ends, which is told, or until it is to stop.
    fn keep(&self, context: u8, mut process: Process) -> Helper {
        let (stop, stopped) = oneshot::channel::<Infallible>();
        let ends = self.ends.clone();
        let task = tokio::spawn(async move {
            tokio::select! {
                // Dropped: that is the word.
                _ = stopped => process.stop().await,
                // The receiver goes with the modem.
                reason = process.ended() => drop(ends.send((context, reason))),
            }
        });
        Helper { stop, task }
    }

    async fn leave(&self, context: u8, used: Used) {
        let settings = self.settings(context);
        if let Err(error) = self.tell(settings, Event::Down, context, &used).await {
            warn!("{}: {error}", self.id(context));
        }
        self.links.take_down(&self.id(context)).await;
        if let Some(helper) = used.helper {
            drop(helper.stop);
            // A panic of it has been printed already.
            let _ = helper.task.await;
        }
    }
}

impl DataPath for ModemPath {
    fn up(&self, bearer: Bearer, way: Way) -> BoxFuture<'_, Result<Bearer, String>> {
        Box::pin(self.bring_up(bearer, way))
    }

    fn down(&self, which: Which) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut used = self.used.lock().await;
            let contexts = match which {
                Which::All => used.keys().copied().collect(),
                Which::These(contexts) => contexts,
            };
            for context in contexts {
                if let Some(old) = used.remove(&context) {
                    self.leave(context, old).await;
                }
            }
        })
    }

    fn ended(&self) -> BoxFuture<'_, (u8, String)> {
        Box::pin(async {
            match self.ended.lock().await.recv().await {
                Some(end) => end,
                // Never: this has a sender itself.
                None => std::future::pending().await,
            }
        })
    }
}

/// What a DHCP server gave goes before what the modem said.
fn adopt(bearer: &mut Bearer, lease: &DhcpLease) {
    bearer.addresses = lease.address.iter().map(|address| address.ip).collect();
    bearer.gateways.clone_from(&lease.gateways);
    if !lease.dns.is_empty() {
        bearer.dns.clone_from(&lease.dns);
    }
    bearer.mtu = lease.mtu.or(bearer.mtu);
}

/// What the modem told pppd goes before what it said in commands.
fn take_over(bearer: &mut Bearer, link: PppLink) {
    if let Some(v4) = link.v4 {
        bearer.addresses.retain(|ip| !ip.is_ipv4());
        bearer.addresses.insert(0, v4.into());
    }
    if !link.dns.is_empty() {
        bearer.dns = link.dns;
    }
}
