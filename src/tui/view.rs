//! What the dashboard shows, as plain data, and how it follows what happens.

use std::collections::VecDeque;
use std::time::Duration;

use crate::cli::plain;
use crate::state::Timestamp;
use crate::state::json::uplink::Uplink;
use crate::state::json::{Document, Timeline};

use super::action::Action;

/// Signal readings kept per modem: as many as the widest screen has columns.
const HISTORY: usize = 200;
/// Between two looks at what a modem did lately; each change of its state is another.
const RECALL: Duration = Duration::from_secs(10);
/// So long an answer stands where the keys are.
const ANSWER: Duration = Duration::from_secs(10);
/// Lines kept in the log.
const LOG: usize = 500;

/// Everything that is on the screen.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// The time of day, for ages.
    pub now: Timestamp,
    /// The modems in the order of their ids.
    pub modems: Vec<Modem>,
    /// Which of them is looked at.
    pub selected: usize,
    /// The uplinks in the order of their names.
    pub uplinks: Vec<Uplink>,
    /// What happened, oldest first.
    pub log: VecDeque<Entry>,
    /// Whether the keys are shown.
    pub help: bool,
    /// A request that has not been answered yet, in words.
    pub busy: Option<String>,
    /// What became of the last request, and when: a small screen has no room for the log.
    pub answer: Option<(Timestamp, String)>,
    /// When it was last asked what a modem did lately.
    pub recalled: Timestamp,
}

/// One modem on the screen.
#[derive(Debug, Clone)]
pub struct Modem {
    /// All about it.
    pub doc: Document,
    /// RSRP of the last readings, dBm, oldest first.
    pub history: VecDeque<f64>,
    /// What it did lately.
    pub timeline: Timeline,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it happened.
    pub at: Timestamp,
    /// The modem that it is about; empty: none.
    pub modem: String,
    /// What happened.
    pub text: String,
}

/// What has to be done outside of the view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Ask the daemon something about a modem.
    Ask(Ask, String),
    /// Ask the daemon what a modem did lately.
    Recall(String),
}

/// Requests that a key can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Read the signal once.
    Signal,
    /// Bring data up as configured.
    Connect,
    /// Take data down.
    Disconnect,
}

impl View {
    /// The modem that is looked at.
    pub fn modem(&self) -> Option<&Modem> {
        self.modems.get(self.selected)
    }

    fn note(&mut self, modem: &str, text: String) {
        if self.log.len() >= LOG {
            self.log.pop_front();
        }
        self.log.push_back(Entry { at: self.now, modem: modem.to_owned(), text });
    }

    /// What was decided since the last time goes to the log.
    fn uplinks_changed(&mut self, uplinks: Vec<Uplink>) {
        let old = std::mem::replace(&mut self.uplinks, uplinks.clone());
        for uplink in uplinks {
            let Some(old) = old.iter().find(|old| old.name == uplink.name) else { continue };
            let last = old.log.last().map(|decision| decision.at.0);
            for decision in uplink.log.into_iter().filter(|decision| Some(decision.at.0) > last) {
                self.note(&decision.subject, decision.text);
            }
        }
    }

    fn changed(&mut self, doc: Document) {
        match self.modems.binary_search_by(|modem| modem.doc.id.cmp(&doc.id)) {
            Ok(at) => {
                let Some(modem) = self.modems.get_mut(at) else { return };
                let old = std::mem::replace(&mut modem.doc, doc);
                modem.remember_signal(&old);
                let (id, events) = (modem.doc.id.clone(), plain::events(&old, &modem.doc));
                events.into_iter().for_each(|event| self.note(&id, event));
            }
            Err(at) => {
                self.note(&doc.id, doc.state.clone());
                let mut modem = Modem { doc, history: VecDeque::new(), timeline: Timeline::default() };
                modem.history.extend(modem.doc.signal.rsrp_dbm);
                if at <= self.selected && !self.modems.is_empty() {
                    self.selected += 1;
                }
                self.modems.insert(at, modem);
            }
        }
    }

    fn tick(&mut self, now: Timestamp) -> Option<Effect> {
        self.now = now;
        self.answer = self.answer.take().filter(|(at, _)| now.since(*at) < ANSWER);
        if now.since(self.recalled) < RECALL {
            return None;
        }
        self.recalled = now;
        Some(Effect::Recall(self.modem()?.doc.id.clone()))
    }

    fn ask(&mut self, ask: Ask, words: &str) -> Option<Effect> {
        let doc = &self.modem()?.doc;
        let wait = if doc.reachability == "asleep" { " as soon as it wakes" } else { "" };
        let id = doc.id.clone();
        self.answer = None;
        self.busy = Some(format!("{id}: {words}{wait}"));
        Some(Effect::Ask(ask, id))
    }
}

impl Modem {
    fn remember_signal(&mut self, old: &Document) {
        if old.signal.read_at == self.doc.signal.read_at {
            return;
        }
        if self.history.len() >= HISTORY {
            self.history.pop_front();
        }
        self.history.extend(self.doc.signal.rsrp_dbm);
    }
}

/// Lets `action` happen to `view`; gives back what has to be done outside.
pub fn update(view: &mut View, action: Action) -> Option<Effect> {
    let last = view.modems.len().saturating_sub(1);
    match action {
        Action::Quit if view.help => view.help = false,
        Action::Quit => return Some(Effect::Quit),
        Action::Help => view.help = !view.help,
        Action::Next => view.selected = view.selected.saturating_add(1).min(last),
        Action::Previous => view.selected = view.selected.saturating_sub(1),
        Action::ReadSignal => return view.ask(Ask::Signal, "reading the signal"),
        Action::Connect => return view.ask(Ask::Connect, "connecting"),
        Action::Disconnect => return view.ask(Ask::Disconnect, "disconnecting"),
        Action::Tick(now) => return view.tick(now),
        Action::Changed(doc) => {
            let id = doc.id.clone();
            view.changed(*doc);
            return Some(Effect::Recall(id));
        }
        Action::Recalled(id, timeline) => {
            if let Some(modem) = view.modems.iter_mut().find(|modem| modem.doc.id == id) {
                modem.timeline = timeline;
            }
        }
        Action::Uplinks(uplinks) => view.uplinks_changed(uplinks),
        Action::Answered(text) => {
            view.busy = None;
            view.answer = Some((view.now, text.clone()));
            view.note("", text);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::say::tests::modem;
    use crate::state::json::Time;

    fn doc(id: &str, state: &str) -> Box<Document> {
        Box::new(Document { id: id.into(), ..modem(state) })
    }

    fn view_of(ids: &[&str]) -> View {
        let mut view = View::default();
        for id in ids {
            update(&mut view, Action::Changed(doc(id, "searching")));
        }
        view
    }

    #[test]
    fn the_selection_stays_on_its_modem() {
        let mut view = view_of(&["m1"]);
        update(&mut view, Action::Changed(doc("m0", "absent")));
        assert_eq!(view.modem().unwrap().doc.id, "m1");
        update(&mut view, Action::Next);
        assert_eq!(view.modem().unwrap().doc.id, "m1");
    }

    #[test]
    fn changes_are_logged_with_their_time() {
        let mut view = view_of(&["m0"]);
        update(&mut view, Action::Tick(Timestamp(5)));
        update(&mut view, Action::Changed(doc("m0", "registered")));
        let last = view.log.back().unwrap();
        assert_eq!((last.at, last.modem.as_str(), last.text.as_str()), (Timestamp(5), "m0", "registered"));
    }

    #[test]
    fn the_log_and_the_history_are_bounded() {
        let mut view = view_of(&["m0"]);
        for n in 0..1000 {
            let mut doc = doc("m0", if n % 2 == 0 { "off" } else { "searching" });
            doc.signal.rsrp_dbm = Some(-100.0);
            doc.signal.read_at = Some(Time(Timestamp(n)));
            update(&mut view, Action::Changed(doc));
        }
        assert_eq!((view.log.len(), view.modem().unwrap().history.len()), (LOG, HISTORY));
    }

    #[test]
    fn keys_ask_about_the_selected_modem() {
        let mut view = View::default();
        assert_eq!(update(&mut view, Action::Connect), None);
        let mut view = view_of(&["m0", "m1"]);
        update(&mut view, Action::Next);
        assert_eq!(update(&mut view, Action::ReadSignal), Some(Effect::Ask(Ask::Signal, "m1".into())));
        assert!(view.busy.is_some());
        update(&mut view, Action::Answered("m1: the modem does not answer".into()));
        assert_eq!((view.busy.clone(), view.log.back().unwrap().modem.as_str()), (None, ""));
        let (_, answer) = view.answer.clone().unwrap();
        assert_eq!(answer, "m1: the modem does not answer");
        update(&mut view, Action::Tick(Timestamp(10_001)));
        assert_eq!(view.answer, None, "the keys are back");
        assert_eq!(update(&mut view, Action::Quit), Some(Effect::Quit));
    }

    #[test]
    fn quit_closes_the_help_first() {
        let mut view = View::default();
        update(&mut view, Action::Help);
        assert_eq!(update(&mut view, Action::Quit), None);
        assert!(!view.help);
    }
}
