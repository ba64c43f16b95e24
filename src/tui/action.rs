//! What can happen to the dashboard: keys, news from the daemon, the clock.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::state::Timestamp;
use crate::state::json::uplink::Uplink;
use crate::state::json::{Document, Timeline};

/// One thing that happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Leave.
    Quit,
    /// Show or hide the keys.
    Help,
    /// The next modem.
    Next,
    /// The modem before.
    Previous,
    /// Read the signal of the selected modem.
    ReadSignal,
    /// Bring data up on the selected modem.
    Connect,
    /// Take data down on the selected modem.
    Disconnect,
    /// The time of day moved on.
    Tick(Timestamp),
    /// A modem is there or changed; one that the daemon does not have any more is told as absent.
    Changed(Box<Document>),
    /// The uplinks there are, as they are now.
    Uplinks(Vec<Uplink>),
    /// What a modem did lately.
    Recalled(String, Timeline),
    /// What became of a request, in a sentence.
    Answered(String),
}

/// A key, what it does, and how the help names it.
pub struct Binding {
    /// The keys, any of them.
    pub keys: &'static [KeyCode],
    /// As the help writes them.
    pub label: &'static str,
    /// What they do.
    pub action: Action,
    /// What they do, in words.
    pub help: &'static str,
}

/// All keys, in the order of the help.
pub const BINDINGS: [Binding; 7] = [
    Binding { keys: &[KeyCode::Char('q'), KeyCode::Esc], label: "q", action: Action::Quit, help: "quit" },
    Binding { keys: &[KeyCode::Char('?')], label: "?", action: Action::Help, help: "keys" },
    Binding { keys: &[KeyCode::Char('r')], label: "r", action: Action::ReadSignal, help: "read signal" },
    Binding { keys: &[KeyCode::Char('c')], label: "c", action: Action::Connect, help: "connect" },
    Binding { keys: &[KeyCode::Char('d')], label: "d", action: Action::Disconnect, help: "disconnect" },
    Binding { keys: &[KeyCode::Char('j'), KeyCode::Down], label: "j", action: Action::Next, help: "next modem" },
    Binding { keys: &[KeyCode::Char('k'), KeyCode::Up], label: "k", action: Action::Previous, help: "previous modem" },
];

/// What a key does; `None`: nothing.
pub fn of_key(key: KeyEvent) -> Option<Action> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        // In raw mode an interrupt is a key like any other.
        return (key.code == KeyCode::Char('c')).then_some(Action::Quit);
    }
    BINDINGS.iter().find(|binding| binding.keys.contains(&key.code)).map(|binding| binding.action.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_bound_once() {
        let keys: Vec<KeyCode> = BINDINGS.iter().flat_map(|binding| binding.keys).copied().collect();
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key), "{key:?} is bound twice");
        }
    }

    #[test]
    fn control_c_quits_and_c_connects() {
        let key = |code, modifiers| of_key(KeyEvent::new(code, modifiers));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Action::Quit));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::NONE), Some(Action::Connect));
        assert_eq!(key(KeyCode::Down, KeyModifiers::NONE), Some(Action::Next));
        assert_eq!(key(KeyCode::Char('x'), KeyModifiers::NONE), None);
    }
}
