//! What happens at the desk by itself: an errand ends, a deadline passes, somebody leaves.

use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use tokio::time::sleep;

use super::{Busy, Desk};

impl Desk {
    /// Waits until there is something to do: an errand ended, a deadline passed, somebody left.
    pub async fn attend(&mut self) {
        let wait = self.queue.next_deadline().map(|deadline| deadline.since(self.clock.now()));
        let mut over = pin!(async move {
            match wait {
                Some(wait) => sleep(wait).await,
                None => pending().await,
            }
        });
        poll_fn(|cx| {
            let news = [self.poll_errand(cx), self.poll_callers(cx), self.holds.poll(cx), over.as_mut().poll(cx)];
            if news.iter().any(Poll::is_ready) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        let left = self.queue.expire(self.clock.now());
        self.leave(left, None);
        self.publish();
    }

    fn poll_errand(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(Busy::Delivery(_, answer) | Busy::KeepAwake(_, answer)) = &mut self.busy else { return Poll::Pending };
        match Pin::new(answer).poll(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Ok(answer)) => self.finish(answer),
            // Whoever did it is gone, and the port with it.
            Poll::Ready(Err(_)) => self.interrupt(),
        }
        Poll::Ready(())
    }

    fn poll_callers(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut gone = self.queue.withdraw(|work| work.is_abandoned(cx));
        self.busy = match self.busy.take() {
            Some(Busy::Delivery(mut delivery, answer)) => {
                if delivery.entries.iter_mut().all(|entry| entry.work.is_abandoned(cx)) {
                    gone.extend(delivery.abandon());
                    None
                } else {
                    Some(Busy::Delivery(delivery, answer))
                }
            }
            other => other,
        };
        if gone.is_empty() {
            return Poll::Pending;
        }
        self.leave(gone, None);
        Poll::Ready(())
    }
}
