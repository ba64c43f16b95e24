//! Requests with a say in when, holds, and what happened lately.

use std::collections::HashMap;

use zbus::OwnedVariant;

use super::{Client, ClientError, Failure, FoundNetwork, POWER, found};
use crate::bus::request;
use crate::bus::value::Dict;
use crate::modem::handle::{ErrorKind, Request, When};
use crate::state::Timestamp;
use crate::state::json::{Change, Commands, Time, Timeline};

const QUEUE: &str = "org.lpwa.Queue1";

/// What a request was answered with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered {
    /// Lines of `at`.
    pub lines: Vec<String>,
    /// Networks of `scan`.
    pub networks: Vec<FoundNetwork>,
    /// When the value was read, where the modem sleeps and was not asked.
    pub read_at: Option<Timestamp>,
}

impl Client {
    /// Carries `request` out; `when` says what becomes of it while the modem sleeps, or the daemon decides.
    pub async fn ask(&self, id: &str, request: &Request, when: Option<When>) -> Result<Answered, ClientError> {
        let (name, parameters) = encoded(request)?;
        let body = (name, parameters, request::term_options(when, false));
        self.of(id, QUEUE, "Do", &body).await.and_then(answered)
    }

    /// Leaves `request` to the queue; its number comes back.
    pub async fn submit(
        &self,
        id: &str,
        request: &Request,
        when: Option<When>,
        keep: bool,
    ) -> Result<u64, ClientError> {
        let (name, parameters) = encoded(request)?;
        self.of(id, QUEUE, "Submit", &(name, parameters, request::term_options(when, keep))).await
    }

    /// Waits for what becomes of request `number`.
    pub async fn result(&self, id: &str, number: u64) -> Result<Answered, ClientError> {
        self.of(id, QUEUE, "Wait", &number).await.and_then(answered)
    }

    /// Takes request `number` out of the queue.
    pub async fn cancel(&self, id: &str, number: u64) -> Result<(), ClientError> {
        self.of(id, QUEUE, "Cancel", &number).await
    }

    /// Keeps the modem awake until this client is gone or releases it; a sleeping one is waited for.
    pub async fn hold(&self, id: &str, reason: &str) -> Result<u64, ClientError> {
        self.of(id, POWER, "Hold", &reason).await
    }

    /// What the modem did from `since` on.
    pub async fn timeline(&self, id: &str, since: Timestamp) -> Result<Timeline, ClientError> {
        type Told = (Vec<(u64, String)>, Vec<(u64, u64, u32)>);
        let (changes, commands): Told = self.of(id, POWER, "Timeline", &since.0).await?;
        let time = |ms| Time(Timestamp(ms));
        let change = |(at, reachability)| Change { at: time(at), reachability };
        let burst = |(at, until, count)| Commands { at: time(at), until: time(until), count };
        Ok(Timeline {
            changes: changes.into_iter().map(change).collect(),
            commands: commands.into_iter().map(burst).collect(),
        })
    }

    /// Ends a hold.
    pub async fn release(&self, id: &str, number: u64) -> Result<(), ClientError> {
        self.of(id, POWER, "Release", &number).await
    }
}

fn encoded(request: &Request) -> Result<(&'static str, Dict), ClientError> {
    request::encode(request).ok_or_else(|| {
        let message = "a code of the SIM cannot be left to the queue; `lpwa sim unlock` enters it";
        ClientError::new(Failure::Request(ErrorKind::InvalidArgument), message)
    })
}

fn answered(mut answer: HashMap<String, OwnedVariant>) -> Result<Answered, ClientError> {
    let lines = answer.remove("lines").map(Vec::<String>::try_from).transpose()?;
    let networks = answer.remove("networks").map(Vec::<HashMap<String, OwnedVariant>>::try_from).transpose()?;
    let read_at = answer.remove("read_at").map(u64::try_from).transpose()?;
    Ok(Answered {
        lines: lines.unwrap_or_default(),
        networks: networks.unwrap_or_default().into_iter().map(found).collect(),
        read_at: read_at.map(Timestamp),
    })
}
