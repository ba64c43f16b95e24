//! Waking a modem by a line: for who asked for it, and to find one that is late.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use super::Actor;
use crate::modem::definition::Definition;
use crate::modem::wake::Waking;
use crate::spec::span::Span;

/// Pulses after which a modem that does not come counts as one that cannot be woken.
const PULSES: u32 = 3;

/// What was tried since the modem was last awake.
#[derive(Debug, Default)]
pub(super) struct Tried {
    pulses: u32,
    last: Option<Instant>,
}

impl Actor {
    /// The model in use, with or without an open port.
    pub(super) fn definition(&self) -> Arc<Definition> {
        let name = self.state.borrow().definition.clone();
        self.parts.library.get(&name).unwrap_or_else(|| self.parts.definition.clone())
    }

    /// The form of the model for a port that was just opened: a modem that has only slept is what it was, firmware and
    /// all; any other is asked.
    pub(super) fn form(&self) -> Arc<Definition> {
        if !self.asleep() {
            return self.parts.definition.clone();
        }
        let (definition, library) = (self.definition(), &self.parts.library);
        let revision = self.state.borrow().identity.revision.as_ref().map(|read| read.value.clone());
        revision.and_then(|revision| library.for_revision(&definition.name, &revision)).unwrap_or(definition)
    }

    /// How the modem can be woken from here.
    pub(super) fn waking(&self) -> Waking {
        self.parts.wake.waking(&self.definition())
    }

    /// A pulse on the modem's line, where somebody wants it awake and the last pulse has had its time. Ends when the
    /// modem is heard, or had time to start.
    pub(super) fn due_pulse(&mut self) -> Option<impl Future<Output = Result<(), String>> + Send + 'static> {
        if !self.asleep() {
            self.tried = Tried::default();
            return None;
        }
        if !self.desk.wants_waking() || self.waking() != Waking::Line {
            return None;
        }
        let boot = self.definition().timing.boot;
        if self.tried.last.is_some_and(|last| last.elapsed() < boot) {
            return None;
        }
        if self.tried.pulses >= PULSES {
            self.tried = Tried::default();
            self.desk.cannot_wake(&format!(
                "the modem did not answer within {} of {PULSES} pulses on its wake line; check the line's number and active_low",
                Span(boot)
            ));
            return None;
        }
        self.tried = Tried { pulses: self.tried.pulses.saturating_add(1), last: Some(Instant::now()) };
        self.pulse()
    }

    /// A pulse on the modem's line, if it has one.
    pub(super) fn pulse(&self) -> Option<impl Future<Output = Result<(), String>> + Send + 'static> {
        let definition = self.definition();
        let (line, length) = self.parts.wake.of(&definition)?;
        let (id, boot, mut state) = (self.parts.settings.id.clone(), definition.timing.boot, self.state.subscribe());
        Some(async move {
            info!("{id}: waking it by {}", definition.sleep.wake.name());
            line.pulse(length).await?;
            let answers = state.wait_for(|state| state.reachability.answers());
            // One that tells nothing of its start is asked then.
            let _ = timeout(boot, answers).await;
            Ok(())
        })
    }

    /// Without a port there is nobody to listen to: the port is looked for at once.
    pub(super) async fn wake_without_port(&mut self) -> bool {
        let Some(pulse) = self.due_pulse() else { return false };
        // The device needs its time to start whether anybody waits for it or not.
        match timeout(Duration::from_secs(5), pulse).await {
            Ok(Err(reason)) => self.not_woken(&reason),
            Ok(Ok(())) | Err(_) => self.port_backoff.reset(),
        }
        true
    }

    /// The line could not be moved: whoever waits for it hears why.
    pub(super) fn not_woken(&mut self, reason: &str) {
        warn!("{}: {reason}", self.parts.settings.id);
        self.desk.cannot_wake(reason);
    }
}
