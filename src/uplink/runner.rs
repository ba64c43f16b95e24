//! One uplink at work: watches its links, and gives the default route to one of them.

mod route;
mod turns;

use std::collections::{BTreeMap, VecDeque};
use std::future::pending;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::select_all;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use super::handle::Use;
use super::journal::Journal;
use super::kernel::{Changes, Kernel, Seen};
use super::medic::Blocked;
use super::member::Member;
use super::meter::{Meter, Payer, Payers};
use super::probe;
use super::{Then, UplinkError, UplinkHandle, UplinkSettings, Way};
use crate::modem::clock::Clock;
use crate::modem::handle::{ModemHandle, Request};
use crate::net::Links;
use crate::net::links::Up;
use crate::policy::health::{Event, Intent, Octets, Round};
use crate::policy::uplink::{Choice, Link, Move};
use crate::state::uplink::{Allowance, Condition, UplinkState};
use crate::state::{Lifecycle, Timestamp};
pub(crate) use turns::tell;
use turns::{Group, Told};

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
    /// Where is told through which modems nothing gets.
    pub blocked: Blocked,
}

/// Wishes that wait at most.
const WISHES: usize = 4;

/// The task of an uplink, to be spawned, and a handle to it; it ends when the last handle is dropped.
pub fn new(parts: Parts) -> (UplinkHandle, impl Future<Output = ()> + Send + 'static) {
    let steady = Clock::fixed(parts.clock.now());
    let now = steady.now();
    let members: Vec<Member> = parts.settings.members.iter().map(|member| Member::new(member.clone(), now)).collect();
    let choice = Choice::new(parts.settings.rules, members.len());
    let groups = turns::groups(parts.settings.rules, &members);
    let name = parts.settings.name.clone();
    let reason = "none of its links is up yet".to_owned();
    let (state, seen) = watch::channel(UplinkState { name: name.clone(), reason, ..UplinkState::default() });
    let (sender, wishes) = mpsc::channel(WISHES);
    let handle = UplinkHandle { name, state: seen, wishes: sender };
    let (modems, rounds, asked) = (BTreeMap::new(), JoinSet::new(), JoinSet::new());
    let runner = Runner { steady, members, choice, groups, state, wishes, modems, rounds, asked, parts };
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
    /// Links that share a modem.
    groups: Vec<Group>,
    state: watch::Sender<UplinkState>,
    wishes: mpsc::Receiver<Use>,
    /// The modems of the uplink.
    modems: BTreeMap<String, ModemHandle>,
    rounds: JoinSet<Ended>,
    /// Modems that are being told whose turn it is.
    asked: JoinSet<Told>,
}

impl Runner {
    async fn run(mut self) {
        let changes = Changes::listen().map_err(|error| warn!("links are only looked at now and then: {error}")).ok();
        let (mut up, mut decisions) = (self.parts.links.watch(), self.parts.journal.watch());
        loop {
            self.follow_modems();
            let links = up.borrow_and_update().clone();
            self.find(&links).await;
            self.choose().await;
            decisions.mark_unchanged();
            self.publish();
            tokio::select! {
                () = sleep_until(self.wake()) => {}
                _ = up.changed() => {}
                Ok(()) = self.parts.modems.changed() => {}
                () = changed(&mut self.modems) => {}
                () = heard(changes.as_ref()) => {}
                Ok(()) = decisions.changed() => {}
                Some(Ok(ended)) = self.rounds.join_next() => self.take_round(ended).await,
                Some(Ok(told)) = self.asked.join_next() => self.take_told(told),
                wish = self.wishes.recv() => match wish {
                    Some(wish) => self.take_wish(wish),
                    None => return self.release(),
                },
            }
        }
    }

    /// The handles of the modems of this uplink, as they come and go.
    fn follow_modems(&mut self) {
        let there = self.parts.modems.borrow_and_update().clone();
        self.modems.retain(|id, old| there.get(id).is_some_and(|new| new.jobs.same_channel(&old.jobs)));
        for id in self.members.iter().filter_map(Member::modem) {
            if let Some(handle) = there.get(id).filter(|_| !self.modems.contains_key(id)) {
                self.modems.insert(id.to_owned(), handle.clone());
            }
        }
    }

    /// Looks where every link should be, and tells its health.
    async fn find(&mut self, up: &Up) {
        for at in 0..self.members.len() {
            let busy = self.busy_with(at);
            let Some(member) = self.members.get_mut(at) else { break };
            let modem = member.modem().and_then(|id| self.modems.get_mut(id));
            let state = modem.map(|modem| modem.state.borrow_and_update().clone());
            let found = member.find(state.as_ref(), busy, up, &self.parts.kernel).await;
            let events = member.events(found);
            let before = member.usage.allowance;
            member.turn_plan(&self.parts.meter);
            if member.usage.allowance != before {
                self.allow(at, before);
            }
            self.tell(at, events.into_iter().chain([Event::Time])).await;
        }
        self.tell_modems().await;
    }

    /// A modem whose context is up does not know whether anything gets through: its state is told.
    async fn tell_modems(&self) {
        for (id, modem) in &self.modems {
            let lifecycle = modem.state.borrow().lifecycle.clone();
            let blocked = self.blocked(id);
            let shown = matches!(lifecycle, Lifecycle::NoDataPath(_));
            if lifecycle.has_context() && shown != blocked.is_some() {
                modem.tell_data_path(blocked).await;
            }
        }
    }

    /// Why nothing gets through any link of the modem `id` that is up.
    fn blocked(&self, id: &str) -> Option<String> {
        let up = self.members.iter().filter(|member| member.modem() == Some(id) && member.place.is_some());
        let reasons = up.map(|member| match member.health.condition() {
            Condition::NoDataPath(reason) => Some(reason.clone()),
            _ => None,
        });
        reasons.collect::<Option<Vec<_>>>()?.into_iter().next()
    }

    /// Tells the health of a member what happened, and does what follows.
    async fn tell(&mut self, at: usize, events: impl IntoIterator<Item = Event>) {
        let mut events: VecDeque<Event> = events.into_iter().collect();
        while let Some(event) = events.pop_front() {
            let now = self.steady.now();
            let Some(member) = self.members.get_mut(at) else { return };
            let before = member.health.condition().name();
            let intents = member.health.step(event, now);
            self.note_condition(at, before);
            for intent in intents {
                match intent {
                    Intent::Look => events.extend(self.look(at).await.map(Event::Seen)),
                    Intent::Probe(whom) => self.probe(at, &whom),
                }
            }
        }
    }

    fn note_condition(&mut self, at: usize, before: &str) {
        let Some(member) = self.members.get_mut(at) else { return };
        let condition = member.health.condition();
        if condition.name() == before {
            return;
        }
        member.since = self.parts.clock.now();
        let reason = condition.reason().map(|reason| format!(": {reason}")).unwrap_or_default();
        self.parts.journal.note(&member.settings.name, format!("{}{reason}", condition.name()));
        if let Some(modem) = member.modem().map(str::to_owned) {
            let blocked = self.blocked(&modem).is_some();
            let entry = (self.parts.settings.name.clone(), modem);
            self.parts.blocked.send_if_modified(|all| if blocked { all.insert(entry) } else { all.remove(&entry) });
        }
    }

    /// Nothing is said of its modems any more.
    fn release(&self) {
        let name = &self.parts.settings.name;
        self.parts.blocked.send_modify(|all| all.retain(|(uplink, _)| uplink != name));
    }

    /// Reads the counters.
    async fn look(&mut self, at: usize) -> Option<Octets> {
        let member = self.members.get(at)?;
        let place = member.place.clone()?;
        let seen = self.parts.kernel.look(&place.interface).await?;
        let payer = match (&member.settings.way, &place.id) {
            (Way::Modem { .. }, Some(id)) => (self.parts.payers)(&id.modem, id.context),
            _ => Some(Payer { account: place.interface, plan: member.settings.plan }),
        };
        self.count(at, payer, &seen);
        Some(seen.octets)
    }

    fn count(&mut self, at: usize, payer: Option<Payer>, seen: &Seen) {
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
        let Then::Throttle { profile, power, usual } = &member.settings.then else { return };
        let (wish, text) = match (before == Allowance::Spent, usage.allowance == Allowance::Spent) {
            (false, true) => (*power, format!("it goes to the power profile {profile} until the plan begins anew")),
            (true, false) => (*usual, format!("it is no longer held to the power profile {profile}")),
            _ => return,
        };
        self.parts.journal.note(name, text);
        let Some(modem) = member.modem().and_then(|id| self.modems.get(id).cloned()) else { return };
        let (journal, name) = (self.parts.journal.clone(), name.clone());
        tokio::spawn(async move {
            if let Err(error) = modem.request(Request::SetPower(wish)).await {
                journal.note(&name, format!("its power saving could not be changed: {error}"));
            }
        });
    }

    fn probe(&mut self, at: usize, whom: &[usize]) {
        let Some(member) = self.members.get(at) else { return };
        let Some(place) = member.place.clone() else { return };
        let target = |number: &usize| Some((*number, member.settings.targets.get(*number)?.clone()));
        let targets: Vec<_> = whom.iter().filter_map(target).collect();
        let (life, limit) = (member.life, member.settings.limits.timeout);
        self.rounds.spawn(async move {
            let link = probe::Link { interface: place.interface, dns: place.dns };
            let (round, round_trip) = probe::round(&link, &targets, limit).await;
            Ended { member: at, life, round, round_trip }
        });
    }

    async fn take_round(&mut self, ended: Ended) {
        let Some(member) = self.members.get_mut(ended.member) else { return };
        if member.life != ended.life {
            return;
        }
        member.round_trip = ended.round_trip.or(member.round_trip);
        self.tell(ended.member, [Event::Probed(ended.round)]).await;
    }

    fn take_wish(&mut self, wish: Use) {
        let answer = self.prefer(wish.member);
        // Who asked may have left.
        let _: Result<(), _> = oneshot::Sender::send(wish.reply, answer);
    }

    fn prefer(&mut self, member: Option<String>) -> Result<(), UplinkError> {
        let uplink = self.parts.settings.name.clone();
        let Some(member) = member else {
            self.choice.pin(None);
            self.want_turn(None);
            self.state.send_modify(|state| state.pinned = None);
            self.parts.journal.note(&uplink, "lpwa chooses again");
            return Ok(());
        };
        let Some(at) = self.members.iter().position(|known| known.settings.name == member) else {
            let names: Vec<_> = self.members.iter().map(|member| member.settings.name.as_str()).collect();
            return Err(UplinkError::NoMember { uplink, member, members: names.join(", ") });
        };
        self.choice.pin(Some(at));
        self.want_turn(Some(at));
        self.parts.journal.note(&uplink, format!("a person prefers {member}"));
        self.state.send_modify(|state| state.pinned = Some(member));
        Ok(())
    }

    /// Chooses the link, and makes the routes be so.
    async fn choose(&mut self) {
        let links: Vec<Link> = self.members.iter().map(Member::link).collect();
        if let Some(moved) = self.choice.step(&links, self.steady.now()) {
            self.moved(&moved);
        }
        self.take_turns(&links);
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
        let to = moved.to.and_then(|to| self.members.get(to)).map(|member| member.settings.name.clone());
        let text = match &to {
            Some(to) => format!("the default route goes to {to}: {}", moved.why.words()),
            None => "there is no default route: no link is up".to_owned(),
        };
        self.parts.journal.note(&self.parts.settings.name, text);
        self.state.send_modify(|state| {
            state.reason = if to.is_some() { moved.why.words().into() } else { "no link is up".into() };
            (state.active, state.since) = (to, self.parts.clock.now());
        });
    }

    /// When something is due.
    fn wake(&self) -> Instant {
        let now = self.steady.now();
        let links: Vec<Link> = self.members.iter().map(Member::link).collect();
        let healths = self.members.iter().filter_map(|member| member.health.deadline(now));
        let waiting = self.groups.iter().filter(|group| !group.telling);
        let turns = waiting.filter_map(|group| group.turns.deadline(&links, &self.choice));
        let due = healths.chain(self.choice.deadline(&links, now)).chain(turns.filter(|at| *at > now)).min();
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
        let log: VecDeque<_> = decisions.iter().filter(|d| mine(&d.subject)).cloned().collect();
        self.state.send_if_modified(|state| {
            let news = (&state.members, &state.log) != (&members, &log);
            (state.members, state.log) = (members, log);
            news
        });
    }
}

/// Resolves when a modem of the uplink changes.
async fn changed(modems: &mut BTreeMap<String, ModemHandle>) {
    let changes = modems.values_mut().map(|modem| {
        async {
            if modem.state.changed().await.is_err() {
                // Its driver has stopped; the list tells when there is another one.
                pending::<()>().await;
            }
        }
        .boxed()
    });
    select_all(changes.chain([pending().boxed()])).await;
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
