//! Links that share a modem: whose turn it is, and the modem being told.

use tokio::sync::mpsc;

use super::super::member::Member;
use super::Runner;
use crate::modem::handle::{Job, LinkSetup, ModemHandle, Request, RequestError};
use crate::policy::uplink::turns::{Reason, Turn, Turns};
use crate::policy::uplink::{Link, Rules};
use crate::state::ModemState;

/// The links of one modem that take turns.
pub(super) struct Group {
    modem: String,
    pub(super) turns: Turns,
    /// The driver that was told whose turn it is; another one has to be told anew.
    told: Option<mpsc::Sender<Job>>,
    /// Whether it is being told.
    pub(super) telling: bool,
}

/// What became of a change.
pub(super) struct Told {
    group: usize,
    result: Result<(), RequestError>,
}

/// The groups among these links: each modem of which a link needs a setup of its own.
pub(super) fn groups(rules: Rules, members: &[Member]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for member in members.iter().filter(|member| member.settings.setup.is_some()) {
        let Some(modem) = member.modem() else { continue };
        if groups.iter().any(|group| group.modem == modem) {
            continue;
        }
        let of_it = members.iter().enumerate().filter(|(_, other)| other.modem() == Some(modem));
        let turns = Turns::new(rules, of_it.map(|(at, _)| at).collect());
        groups.push(Group { modem: modem.to_owned(), turns, told: None, telling: false });
    }
    groups
}

impl Runner {
    /// The name of the link that keeps this one down, where they share a modem.
    pub(super) fn busy_with(&self, at: usize) -> Option<String> {
        let group = self.groups.iter().find(|group| group.turns.links().contains(&at))?;
        match group.turns.current() {
            Some(current) if current == at => None,
            Some(current) => self.members.get(current).map(|member| member.settings.name.clone()),
            None => Some("none of its links yet".into()),
        }
    }

    /// Gives each modem that several links share to one of them.
    pub(super) fn take_turns(&mut self, links: &[Link]) {
        for number in 0..self.groups.len() {
            let now = self.steady.now();
            let Some(group) = self.groups.get_mut(number).filter(|group| !group.telling) else { continue };
            let Some(modem) = self.modems.get(&group.modem).cloned() else { continue };
            let state = modem.state.borrow().clone();
            if state.sim.slots.is_none() {
                // It is not known yet which card it has.
                continue;
            }
            if group.turns.current().is_none()
                && let Some(found) =
                    group.turns.links().iter().find(|at| is_now(self.members.get(**at), &state)).copied()
            {
                group.turns.begin(found, now);
            }
            let turn = group.turns.step(links, &self.choice, now);
            let same = group.told.as_ref().is_some_and(|told| told.same_channel(&modem.jobs));
            if turn.is_some() || !same {
                self.tell_turn(number, &modem, turn);
            }
        }
    }

    /// The modem is told whose turn it is.
    fn tell_turn(&mut self, number: usize, modem: &ModemHandle, turn: Option<Turn>) {
        let Some(group) = self.groups.get_mut(number) else { return };
        let Some(member) = group.turns.current().and_then(|at| self.members.get(at)) else { return };
        if let Some(turn) = turn {
            self.parts.journal.note(&member.settings.name, format!("it has its turn: {}", turn.why.words()));
        }
        (group.told, group.telling) = (Some(modem.jobs.clone()), true);
        let setup = member.settings.setup.clone().unwrap_or_default();
        let (modem, person) = (modem.clone(), turn.is_some_and(|turn| turn.why == Reason::Chosen));
        self.asked.spawn(async move { Told { group: number, result: tell(&modem, setup, person).await } });
    }

    /// A change that the modem did not make is tried again later.
    pub(super) fn take_told(&mut self, told: Told) {
        let now = self.steady.now();
        let Some(group) = self.groups.get_mut(told.group) else { return };
        group.telling = false;
        if let Err(error) = told.result {
            group.turns.refused(now);
            self.parts.journal.note(&group.modem, format!("it stays as it is: {}", error.message));
        }
    }

    /// A person prefers this link: it has its turn at once.
    pub(super) fn want_turn(&mut self, link: Option<usize>) {
        self.groups.iter_mut().for_each(|group| group.turns.want(link));
    }
}

/// Asks the modem for what a link needs. Where no person wants it, the governor may refuse it.
pub(crate) async fn tell(modem: &ModemHandle, setup: LinkSetup, person: bool) -> Result<(), RequestError> {
    let adopt = Request::Adopt(Box::new(setup));
    modem.request(if person { adopt } else { Request::Unasked(Box::new(adopt)) }).await.map(drop)
}

/// Whether the modem is set for the link already, as far as its slot and its contexts show it.
fn is_now(member: Option<&Member>, state: &ModemState) -> bool {
    let Some(setup) = member.and_then(|member| member.settings.setup.as_ref()) else { return false };
    let slot = setup.slot.is_none_or(|slot| state.sim.slot() == Some(slot));
    let apn = |apn: &crate::spec::apn::Apn| state.bearers.iter().any(|bearer| bearer.active && bearer.apn == *apn);
    slot && setup.apn.as_ref().is_none_or(apn)
}
