//! The dashboard: a D-Bus client like any other.
//!
//! Key, news and clock become an [`action::Action`]; [`view::update`] lets it happen to the [`view::View`];
//! [`screen::render`] draws the view.

pub mod action;
pub mod panel;
pub mod screen;
pub mod view;

use std::time::Duration;

use anyhow::Context;
use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use ratatui::DefaultTerminal;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::interval;

use crate::bus::client::{Client, Watch};
use crate::cli::now;
use crate::modem::handle::ConnectRequest;
use crate::state::Timestamp;
use crate::state::json::uplink::Uplink;

use action::Action;
use panel::timeline;
use view::{Ask, Effect, View, update};

/// Shows the dashboard of the daemon behind `client` until somebody quits, or the daemon goes. The terminal is put
/// back as it was, whatever happens; nothing else may write to it meanwhile.
pub async fn run(client: Client) -> anyhow::Result<()> {
    let watch = client.watch(None).await?;
    let uplinks = client.watch_uplinks().await?;
    let mut terminal =
        ratatui::try_init().context("the dashboard needs a terminal; `lpwa watch` and `lpwa demo --plain` do not")?;
    let _restore = Restore;
    Session::new(client, watch, uplinks).run(&mut terminal).await
}

/// Puts the terminal back also where the dashboard is dropped while it waits; for a panic ratatui has its hook.
struct Restore;

impl Drop for Restore {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

struct Session {
    client: Client,
    watch: Watch,
    uplinks: mpsc::Receiver<Vec<Uplink>>,
    keys: EventStream,
    answers: mpsc::Receiver<Action>,
    answer: mpsc::Sender<Action>,
    view: View,
}

impl Session {
    fn new(client: Client, watch: Watch, uplinks: mpsc::Receiver<Vec<Uplink>>) -> Self {
        let (answer, answers) = mpsc::channel(16);
        Self {
            client,
            watch,
            uplinks,
            keys: EventStream::new(),
            answers,
            answer,
            view: View { now: now(), ..View::default() },
        }
    }

    async fn run(&mut self, terminal: &mut DefaultTerminal) -> anyhow::Result<()> {
        let mut clock = interval(Duration::from_secs(1));
        let mut end = signal(SignalKind::terminate())?;
        loop {
            let action = tokio::select! {
                _ = clock.tick() => Some(Action::Tick(now())),
                _ = end.recv() => return Ok(()),
                key = self.keys.next() => match key {
                    Some(Ok(Event::Key(key))) => action::of_key(key),
                    // The size changed; drawing again is all it takes.
                    Some(Ok(_)) => None,
                    Some(Err(error)) => return Err(error.into()),
                    None => return Ok(()),
                },
                doc = self.watch.next() => match doc {
                    Some(doc) => Some(Action::Changed(Box::new(doc?))),
                    None => return Ok(()),
                },
                Some(uplinks) = self.uplinks.recv() => Some(Action::Uplinks(uplinks)),
                answer = self.answers.recv() => answer,
            };
            match action.and_then(|action| update(&mut self.view, action)) {
                Some(Effect::Quit) => return Ok(()),
                Some(Effect::Ask(ask, id)) => self.ask(ask, id),
                Some(Effect::Recall(id)) => self.recall(id),
                None => {}
            }
            terminal.draw(|frame| screen::render(frame, &self.view))?;
        }
    }

    /// Asks the daemon what the modem did lately; an older daemon does not know, and the panel stays empty.
    fn recall(&self, id: String) {
        let (client, answer) = (self.client.clone(), self.answer.clone());
        let since = Timestamp(self.view.now.0.saturating_sub(timeline::BACK.as_millis() as u64));
        tokio::spawn(async move {
            if let Ok(timeline) = client.timeline(&id, since).await {
                // Where the dashboard is gone, nobody wants to know.
                let _ = answer.send(Action::Recalled(id, timeline)).await;
            }
        });
    }

    /// Asks the daemon; the screen goes on meanwhile.
    fn ask(&self, ask: Ask, id: String) {
        let (client, answer) = (self.client.clone(), self.answer.clone());
        tokio::spawn(async move {
            let done = match ask {
                Ask::Signal => client.read_signal(&id).await.map(|()| "signal read"),
                Ask::Connect => client.connect_data(&id, &ConnectRequest::default()).await.map(|()| "connected"),
                Ask::Disconnect => client.disconnect(&id).await.map(|()| "disconnected"),
            };
            let words = done.map_or_else(|error| error.to_string(), |done| format!("{id}: {done}"));
            // Where the dashboard is gone, nobody wants to know.
            let _ = answer.send(Action::Answered(words)).await;
        });
    }
}
