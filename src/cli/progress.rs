//! A sign of life on standard error while something takes long; silent where nobody watches.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::{self, Future};
use std::io::{self, IsTerminal, Write};
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, interval};

use crate::bus::client::Client;

use super::table::cut;
use super::{say, words};

/// Four strokes of plain ASCII, for serial consoles.
const STROKES: [char; 4] = ['|', '/', '-', '\\'];

/// Waits for `work`; on a terminal it shows what `label` says now, and for how long it has been waiting.
pub async fn wait<T>(label: impl Fn() -> String, work: impl Future<Output = T>) -> T {
    if !io::stderr().is_terminal() {
        return work.await;
    }
    let (start, mut work) = (Instant::now(), pin!(work));
    let mut tick = interval(Duration::from_millis(200));
    let mut strokes = STROKES.iter().cycle();
    loop {
        tokio::select! {
            done = &mut work => {
                show("");
                return done;
            }
            _ = tick.tick() => {
                let elapsed = words::span(Duration::from_secs(start.elapsed().as_secs()));
                show(&format!("{} {}  {elapsed}", strokes.next().unwrap_or(&'|'), label()));
            }
        }
    }
}

/// Waits for `work` on the modem `id`; on a terminal it shows how the modem gets on meanwhile.
pub async fn follow<T>(client: &Client, id: &str, what: &str, work: impl Future<Output = T>) -> T {
    if !io::stderr().is_terminal() {
        return work.await;
    }
    let state = RefCell::new(String::new());
    let news = async {
        if let Ok(mut watch) = client.watch(Some(id)).await {
            while let Some(Ok(doc)) = watch.next().await {
                // A sleeping modem is what a request waits for.
                let asleep = doc.reachability == "asleep";
                let how = if asleep { say::reachability(&doc, super::now()) } else { doc.state.clone() };
                *state.borrow_mut() = format!(" ({how})");
            }
        }
        // Without news the work goes on.
        future::pending::<Infallible>().await
    };
    tokio::select! {
        done = wait(|| format!("{id}: {what}{}", state.borrow()), work) => done,
        never = news => match never {},
    }
}

/// Writes over the line; a progress that cannot be shown is no reason to fail.
fn show(text: &str) {
    let mut stderr = io::stderr().lock();
    // What the terminal wraps is not written over.
    let room = rustix::termios::tcgetwinsize(&stderr).map_or(0, |size| usize::from(size.ws_col).saturating_sub(1));
    let text = cut(text, room);
    let _ = write!(stderr, "\r\x1b[K{text}").and_then(|()| stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn gives_back_what_the_work_gives() {
        let work = async {
            tokio::time::sleep(Duration::from_secs(180)).await;
            7
        };
        assert_eq!(wait(|| "scanning".into(), work).await, 7);
    }
}
