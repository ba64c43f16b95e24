//! One uplink at work: watches its links, and gives the default route to one of them.

use std::collections::BTreeMap;
use std::future::pending;
use std::time::Duration;

use futures_util::future::select_all;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt, future::BoxFuture};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use super::handle::Use;
use super::journal::Journal;
use super::kernel::{Changes, Kernel};
use super::member::Member;
use super::meter::{Meter, Payer, Payers};
use super::probe;
use super::{Then, UplinkError, UplinkHandle, UplinkSettings, Way};
use crate::modem::clock::Clock;
use crate::modem::handle::{ModemHandle, Request};
use crate::net::Links;
use crate::policy::health::{Event, Intent, Round};
use crate::policy::uplink::{Choice, Link, Move};
use crate::spec::span::Span;
use crate::state::Timestamp;
use crate::state::uplink::{Allowance, UplinkState};

/// What an uplink is made of.
pub struct Parts {
    /// What is wanted of it.
    pub settings: UplinkSettings,
    /// Names points in time.
    pub clock: Clock,
    /// The modems there are.
    pub modems: watch::Receiver<BTreeMap<String, ModemHandle>>,
    /// The links of modems.
    pub links: Links,
    /// Asks the kernel about interfaces.
    pub kernel: Kernel,
    /// Counts.
    pub meter: Meter,
    /// Who pays for a link of a modem.
    pub payers: Payers,
    /// Where decisions are written down.
    pub journal: Journal,
}

/// Wishes that wait at most.
const WISHES: usize = 4;

/// The task of an uplink, to be spawned, and a handle to it; it ends when the last handle is dropped.
pub fn new(parts: Parts) -> (UplinkHandle, impl Future<Output = ()> + Send + 'static) {
    let steady = Clock::fixed(parts.clock.now());
    let now = steady.now();
    let members: Vec<Member> = parts.settings.members.iter().map(|member| Member::new(member.clone(), now)).collect();
    let choice = Choice::new(parts.settings.rules, members.len());
    let name = parts.settings.name.clone();
    let reason = "none of its links is up yet".to_owned();
    let (state, seen) = watch::channel(UplinkState { name: name.clone(), reason, ..UplinkState::default() });
    let (sender, wishes) = mpsc::channel(WISHES);
    let handle = UplinkHandle { name, state: seen, wishes: sender };
    let runner = Runner { steady, members, choice, state, wishes, rounds: FuturesUnordered::new(), parts };
    (handle, runner.run())
}

/// A round of probes that ended: of which member, of which of its lives.
struct Ended {
    member: usize,
    life: u64,
    round: Round,
    round_trip: Option<Duration>,
}

struct Runner {
    parts: Parts,
    /// A clock that never jumps, for waits.
    steady: Clock,
    members: Vec<Member>,
    choice: Choice,
    state: watch::Sender<UplinkState>,
    wishes: mpsc::Receiver<Use>,
    rounds: FuturesUnordered<BoxFuture<'static, Ended>>,
}

impl Runner {
    async fn run(mut self) {
        let changes = Changes::listen().map_err(|error| warn!("links are only looked at now and then: {error}")).ok();
        let (mut up, mut decisions) = (self.parts.links.watch(), self.parts.journal.watch());
        self.publish();
        loop {
            let handles = self.parts.modems.borrow_and_update().clone();
            let links = up.borrow_and_update().clone();
            self.find(&handles, &links).await;
            self.choose().await;
            decisions.mark_unchanged();
            self.publish();
            tokio::select! {
                () = sleep_until(self.wake()) => {}
                _ = up.changed() => {}
                Ok(()) = self.parts.modems.changed() => {}
                () = changed(&handles, &self.members) => {}
                () = heard(changes.as_ref()) => {}
                Ok(()) = decisions.changed() => {}
                Some(ended) = self.rounds.next(), if !self.rounds.is_empty() => self.take_round(ended).await,
                wish = self.wishes.recv() => match wish {
                    Some(wish) => self.take_wish(wish),
                    None => return,
                },
            }
        }
    }

    /// Looks where every link should be, and tells its health.
    async fn find(&mut self, handles: &BTreeMap<String, ModemHandle>, up: &crate::net::links::Up) {
        for at in 0..self.members.len() {
            let Some(member) = self.members.get_mut(at) else { break };
            let modem = member.modem().and_then(|id| handles.get(id));
            let found = member.find(modem, up, &self.parts.kernel).await;
            for event in member.events(found).into_iter().chain([Event::Time]) {
                self.tell(at, event).await;
            }
        }
    }

    /// Tells the health of a member, and does what follows.
    async fn tell(&mut self, at: usize, event: Event) {
        let now = self.steady.now();
        let Some(member) = self.members.get_mut(at) else { return };
        let before = member.health.condition().clone();
        let intents = member.health.step(event, now);
        let condition = member.health.condition();
        if condition.name() != before.name() {
            member.since = self.parts.clock.now();
            let reason = condition.reason().map(|reason| format!(": {reason}")).unwrap_or_default();
            self.parts.journal.note(&member.settings.name, format!("{}{reason}", condition.name()));
        }
        for intent in intents {
            match intent {
                Intent::Look => self.look(at).await,
                Intent::Probe(whom) => self.probe(at, &whom),
            }
        }
    }

    /// Reads the counters.
    async fn look(&mut self, at: usize) {
        let Some(member) = self.members.get(at) else { return };
        let Some(place) = member.place.clone() else { return };
        let Some(seen) = self.parts.kernel.look(&place.interface).await else { return };
        let payer = match (&member.settings.way, &place.id) {
            (Way::Modem { .. }, Some(id)) => (self.parts.payers)(&id.modem, id.context),
            _ => Some(Payer { account: place.interface, plan: member.settings.plan }),
        };
        self.count(at, payer, &seen);
        Box::pin(self.tell(at, Event::Seen(seen.octets))).await;
    }

    fn count(&mut self, at: usize, payer: Option<Payer>, seen: &super::kernel::Seen) {
        let Some(member) = self.members.get_mut(at) else { return };
        let before = member.usage.allowance;
        let plan = member.settings.plan;
        // What the uplink says of the plan goes before what the SIM's policy says.
        let payer = payer.map(|payer| if plan.limit.is_some() { Payer { plan, ..payer } } else { payer });
        member.count(&self.parts.meter, payer, seen);
        if member.usage.allowance != before {
            self.allow(at, before);
        }
    }

    /// A limit was passed, or the plan began anew.
    fn allow(&self, at: usize, before: Allowance) {
        let Some(member) = self.members.get(at) else { return };
        let (name, usage) = (&member.settings.name, member.usage);
        let used = format!("{} of {} octets are used", usage.total(), usage.limit.unwrap_or_default());
        self.parts.journal.note(name, format!("the data plan is {}: {used}", usage.allowance.name()));
        let Then::Throttle { profile, power } = &member.settings.then else { return };
        let modem = member.modem().and_then(|id| self.parts.modems.borrow().get(id).cloned());
        if let Some(modem) = modem.filter(|_| usage.allowance == Allowance::Spent && before != Allowance::Spent) {
            self.parts.journal.note(name, format!("it goes to the power profile {profile} until the plan begins anew"));
            let (power, journal, name) = (*power, self.parts.journal.clone(), name.clone());
            tokio::spawn(async move {
                if let Err(error) = modem.request(Request::SetPower(power)).await {
                    journal.note(&name, format!("it could not be throttled: {error}"));
                }
            });
        }
    }

    fn probe(&mut self, at: usize, whom: &[usize]) {
        let Some(member) = self.members.get(at) else { return };
        let Some(place) = member.place.clone() else { return };
        let targets: Vec<_> = whom.iter().filter_map(|target| member.settings.targets.get(*target).cloned()).collect();
        let (life, limit) = (member.life, member.settings.limits.timeout);
        self.rounds.push(Box::pin(async move {
            let link = probe::Link { interface: place.interface, dns: place.dns };
            let (round, round_trip) = probe::round(&link, &targets, limit).await;
            Ended { member: at, life, round, round_trip }
        }));
    }

    async fn take_round(&mut self, ended: Ended) {
        let Some(member) = self.members.get_mut(ended.member) else { return };
        if member.life != ended.life {
            return;
        }
        member.round_trip = ended.round_trip.or(member.round_trip);
        self.tell(ended.member, Event::Probed(ended.round)).await;
    }

    fn take_wish(&mut self, wish: Use) {
        let answer = self.prefer(wish.member);
        // Who asked may have left.
        let _: Result<(), _> = oneshot::Sender::send(wish.reply, answer);
    }

    fn prefer(&mut self, member: Option<String>) -> Result<(), UplinkError> {
        let uplink = &self.parts.settings.name;
        let Some(member) = member else {
            self.choice.pin(None);
            self.state.send_modify(|state| state.pinned = None);
            self.parts.journal.note(uplink, "lpwa chooses again");
            return Ok(());
        };
        let Some(at) = self.members.iter().position(|known| known.settings.name == member) else {
            let names: Vec<_> = self.members.iter().map(|member| member.settings.name.as_str()).collect();
            return Err(UplinkError::NoMember { uplink: uplink.clone(), member, members: names.join(", ") });
        };
        self.choice.pin(Some(at));
        self.parts.journal.note(uplink, format!("a person prefers {member}"));
        self.state.send_modify(|state| state.pinned = Some(member));
        Ok(())
    }

    /// Chooses the link, and makes the routes be so.
    async fn choose(&mut self) {
        let links: Vec<Link> = self.members.iter().map(Member::link).collect();
        if let Some(moved) = self.choice.step(&links, self.steady.now()) {
            self.moved(&moved);
        }
        let trouble = self.route().await.err();
        self.state.send_if_modified(|state| {
            let news = state.trouble != trouble;
            if let Some(trouble) = trouble.as_ref().filter(|_| news) {
                warn!("{}: {trouble}", state.name);
            }
            state.trouble = trouble;
            news
        });
    }

    fn moved(&self, moved: &Move) {
        let name = |at: Option<usize>| at.and_then(|at| self.members.get(at)).map(|member| member.settings.name.clone());
        let (from, to) = (name(moved.from), name(moved.to));
        let text = match &to {
            Some(to) => format!("the default route goes to {to}: {}", moved.why.words()),
            None => "there is no default route: no link is up".to_owned(),
        };
        self.parts.journal.note(&self.parts.settings.name, text);
        self.state.send_modify(|state| {
            state.reason = if to.is_some() { moved.why.words().into() } else { "no link is up".into() };
            (state.active, state.since) = (to, self.parts.clock.now());
        });
        drop(from);
    }

    /// The link that was chosen has the default route, and no other link of ours.
    async fn route(&self) -> Result<(), String> {
        let active = self.choice.current();
        let metric = self.metric(active)?;
        let ours = self.members.iter().enumerate().filter_map(|(at, member)| Some((at, member.place.as_ref()?.id.clone()?)));
        let (chosen, others): (Vec<_>, Vec<_>) = ours.partition(|(at, _)| Some(*at) == active);
        // The new one first: there is no moment without a route.
        for (_, id) in chosen {
            self.parts.links.set_metric(&id, Some(metric)).await.map_err(|error| format!("{id}: {error}"))?;
        }
        for (_, id) in others {
            self.parts.links.set_metric(&id, None).await.map_err(|error| format!("{id}: {error}"))?;
        }
        Ok(())
    }

    /// Below the metric of every interface that has a default route of somebody else's making, and is not chosen.
    fn metric(&self, active: Option<usize>) -> Result<u32, String> {
        let others = self.members.iter().enumerate().filter(|(at, _)| Some(*at) != active);
        let least = others.filter_map(|(_, member)| Some((member.metric?, &member.settings.name))).min();
        let wanted = self.parts.settings.metric;
        match least {
            Some((0, name)) => Err(format!(
                "{name} has a default route with metric 0, before which none can be; give it a metric such as 100 where \
                 it is configured"
            )),
            Some((theirs, _)) if theirs <= wanted => Ok(theirs - 1),
            _ => Ok(wanted),
        }
    }

    /// When something is due.
    fn wake(&self) -> Instant {
        let now = self.steady.now();
        let links: Vec<Link> = self.members.iter().map(Member::link).collect();
        let healths = self.members.iter().filter_map(|member| member.health.deadline(now));
        let due = healths.chain(self.choice.deadline(&links, now)).min();
        let wait = due.map_or(Duration::from_secs(3600), |due: Timestamp| due.since(now));
        // A millisecond more: timestamps have no finer grain.
        Instant::now() + wait + Duration::from_millis(1)
    }

    fn publish(&self) {
        let now = self.steady.now();
        let members: Vec<_> = self.members.iter().map(|member| member.shown(now)).collect();
        let decisions = self.parts.journal.watch();
        let (name, decisions) = (&self.parts.settings.name, decisions.borrow());
        let mine = |subject: &String| {
            subject == name || members.iter().any(|m| m.name == *subject || m.modem.as_ref() == Some(subject))
        };
        let log: std::collections::VecDeque<_> = decisions.iter().filter(|d| mine(&d.subject)).cloned().collect();
        self.state.send_if_modified(|state| {
            let news = (&state.members, &state.log) != (&members, &log);
            (state.members, state.log) = (members, log);
            news
        });
    }
}

/// Resolves when a modem of the uplink changes.
async fn changed(handles: &BTreeMap<String, ModemHandle>, members: &[Member]) {
    let states = members.iter().filter_map(|member| handles.get(member.modem()?)).map(|handle| handle.state.clone());
    let waits: Vec<_> = states
        .map(|mut state| {
            async move {
                if state.changed().await.is_err() {
                    pending::<()>().await;
                }
            }
            .boxed()
        })
        .collect();
    if waits.is_empty() {
        pending::<()>().await;
    }
    select_all(waits).await;
}

/// Resolves when links or routes of the kernel changed.
async fn heard(changes: Option<&Changes>) {
    match changes {
        Some(changes) => match changes.next().await {
            Ok(()) => {}
            Err(_) => pending().await,
        },
        None => pending().await,
    }
}

/// For people.
#[allow(dead_code)]
fn span(span: Duration) -> Span {
    Span(Duration::from_secs(span.as_secs()))
}
