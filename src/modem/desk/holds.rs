//! Who keeps the modem awake. The modem is told once: when the first comes, and when the last has gone.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Sleep, sleep};

use crate::modem::handle::{ErrorKind, RequestError};
use crate::policy::queue::Queue;
use crate::state::{Timestamp, queue};

/// Holds at the same time.
const MOST: usize = 32;
/// Between two attempts to tell a modem what it refused: it may stay awake for nothing meanwhile.
const PAUSE: Duration = Duration::from_secs(300);

/// The far end of a hold: its life line, and who waits for its number.
pub type Owner = (oneshot::Receiver<Infallible>, oneshot::Sender<Result<u64, RequestError>>);

struct Hold {
    shown: queue::Hold,
    end: oneshot::Receiver<Infallible>,
    back: Option<oneshot::Sender<Result<u64, RequestError>>>,
}

/// All holds of a modem.
pub struct Holds {
    holds: Vec<Hold>,
    /// What the modem was told last: to stay awake, or not.
    engaged: bool,
    /// It may not have taken that.
    doubt: bool,
    /// It refused, and is left alone for a while.
    pause: Option<Pin<Box<Sleep>>>,
}

impl Holds {
    /// Nobody holds the modem. `engaged`: an earlier life did, and the modem may not know that it is over.
    pub const fn new(engaged: bool) -> Self {
        Self { holds: Vec::new(), engaged, doubt: engaged, pause: None }
    }

    /// A new hold; its number is taken from the queue's.
    pub fn add<W>(&mut self, numbers: &mut Queue<W>, reason: String, now: Timestamp, owner: Owner, modem: &str) {
        let (end, back) = owner;
        if self.holds.len() >= MOST {
            let message = format!("{MOST} hold the modem awake already; `lpwa queue list` shows them");
            let error = RequestError { kind: ErrorKind::WrongState, modem: modem.to_owned(), message };
            let _ = back.send(Err(error));
            return;
        }
        let shown = queue::Hold { id: numbers.number(), reason, since: now, granted: false };
        self.holds.push(Hold { shown, end, back: Some(back) });
        self.pause = None;
        self.grant();
    }

    /// Ends a hold; false where there is none of that number.
    pub fn release(&mut self, id: u64) -> bool {
        let before = self.holds.len();
        self.holds.retain(|hold| hold.shown.id != id);
        self.holds.len() < before
    }

    /// What the modem has to be told, if anything; it counts as told from now on.
    pub fn begin(&mut self) -> Option<bool> {
        let wanted = !self.holds.is_empty();
        if self.pause.is_some() || (wanted == self.engaged && !self.doubt) {
            return None;
        }
        (self.engaged, self.doubt) = (wanted, true);
        Some(wanted)
    }

    /// What came of telling it; true where it took it.
    pub fn end(&mut self, told: Result<(), RequestError>) -> bool {
        let Err(error) = told else {
            self.doubt = false;
            self.grant();
            return true;
        };
        self.pause = Some(Box::pin(sleep(PAUSE)));
        for mut hold in std::mem::take(&mut self.holds) {
            match hold.back.take() {
                Some(back) => drop(back.send(Err(error.clone()))),
                None => self.holds.push(hold),
            }
        }
        false
    }

    /// Whether the modem is to be awake, as far as it was told.
    pub const fn is_engaged(&self) -> bool {
        self.engaged
    }

    /// The modem has slept or started anew, and may have forgotten it.
    pub fn lost(&mut self) {
        self.doubt |= self.engaged;
        self.pause = None;
    }

    /// Ready when an owner has gone, or the modem may be told again what it refused.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let before = self.holds.len();
        self.holds.retain_mut(|hold| Pin::new(&mut hold.end).poll(cx).is_pending());
        let over = self.pause.as_mut().is_some_and(|pause| pause.as_mut().poll(cx).is_ready());
        if over {
            self.pause = None;
        }
        if over || self.holds.len() < before { Poll::Ready(()) } else { Poll::Pending }
    }

    /// As all may see it.
    pub fn shown(&self) -> Vec<queue::Hold> {
        self.holds.iter().map(|hold| hold.shown.clone()).collect()
    }

    /// Lets those who wait know, once the modem stays awake.
    fn grant(&mut self) {
        if !self.engaged || self.doubt {
            return;
        }
        for hold in &mut self.holds {
            if let Some(back) = hold.back.take() {
                hold.shown.granted = true;
                // An owner who has gone is noticed by the life line.
                let _ = back.send(Ok(hold.shown.id));
            }
        }
    }
}
