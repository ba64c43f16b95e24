//! What the interfaces of one modem share: its handle, and the rights of callers.

use std::future;

use futures_util::StreamExt;
use tokio::sync::watch;
use tracing::debug;
use zbus::message::{Flags, Header, Type};
use zbus::{Connection, MatchRule, MessageStream};

use super::auth::{authorise, is_authorised};
use super::error::Error;
use super::{Exports, path};
use crate::modem::handle::{ModemHandle, Reply, Request};
use crate::state::ModemState;

/// The modem that an interface is about.
#[derive(Clone)]
pub struct Subject {
    pub handle: ModemHandle,
    pub exports: Exports,
}

impl Subject {
    /// What is known of the modem. Do not hold it across an await.
    pub fn state(&self) -> watch::Ref<'_, ModemState> {
        self.handle.state.borrow()
    }

    /// The same modem as it was in `state`: its interfaces then show that.
    pub fn at(&self, state: ModemState) -> Self {
        let mut subject = self.clone();
        subject.handle.state = watch::channel(state).1;
        subject
    }

    pub fn path(&self) -> String {
        path::modem(&self.handle.id)
    }

    pub async fn is_authorised(&self, connection: &Connection, header: Option<&Header<'_>>) -> bool {
        is_authorised(&self.exports.authority, connection, header).await
    }

    pub async fn authorise(&self, connection: &Connection, header: &Header<'_>) -> Result<(), Error> {
        authorise(&self.exports.authority, connection, header).await
    }

    /// Carries `request` out for a caller who may ask for it; it is withdrawn when the caller leaves before.
    pub async fn ask(&self, connection: &Connection, header: &Header<'_>, request: Request) -> Result<Reply, Error> {
        self.authorise(connection, header).await?;
        tokio::select! {
            reply = self.handle.request(request) => Ok(reply?),
            () = left(connection, header) => Err(Error::Gone("the caller left".into())),
        }
    }

    /// As [`Self::ask`], where the end of it is all there is to tell.
    pub async fn order(&self, connection: &Connection, header: &Header<'_>, request: Request) -> Result<(), Error> {
        self.ask(connection, header, request).await.map(drop)
    }
}

/// Resolves when a caller has left who waits for the answer: a peer with its connection, a client of a bus with its
/// unique name.
async fn left(connection: &Connection, header: &Header<'_>) {
    if header.primary().flags().contains(Flags::NO_REPLY_EXPECTED) {
        return future::pending().await;
    }
    let Some(sender) = header.sender().filter(|_| connection.is_bus()) else { return connection.closed().await };
    match lost_name(connection, sender.as_str()).await {
        Ok(mut signals) => drop(signals.next().await),
        // Then nobody tells; the request stands.
        Err(error) => {
            debug!("cannot watch for {sender} to leave: {error}");
            future::pending().await
        }
    }
}

async fn lost_name(connection: &Connection, name: &str) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder().msg_type(Type::Signal).sender("org.freedesktop.DBus");
    let rule = rule.member("NameOwnerChanged").arg(0, name).build()?;
    MessageStream::for_match_rule(rule, connection, None).await
}
