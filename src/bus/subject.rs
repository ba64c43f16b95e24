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
use crate::modem::handle::{ModemHandle, Reply, Request, When};
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
        let when = request.usual();
        self.ask_with(connection, header, request, when).await
    }

    /// As [`Self::ask`], and `when` says what becomes of it while the modem sleeps.
    pub async fn ask_with(
        &self,
        connection: &Connection,
        header: &Header<'_>,
        request: Request,
        when: When,
    ) -> Result<Reply, Error> {
        self.authorise(connection, header).await?;
        tokio::select! {
            reply = self.handle.request_with(request, when) => Ok(reply?),
            () = withdrawal(connection, header) => Err(Error::Gone("the caller left".into())),
        }
    }

    /// Keeps the modem awake for a caller who may ask for it, until the caller leaves or releases it.
    pub async fn hold(&self, connection: &Connection, header: &Header<'_>, reason: String) -> Result<u64, Error> {
        self.authorise(connection, header).await?;
        let sender = header.sender().map(|sender| sender.to_string());
        let mut owner_left = Box::pin(left(connection.clone(), sender));
        let mut hold = tokio::select! {
            hold = self.handle.hold(reason) => hold?,
            _ = &mut owner_left => return Err(Error::Gone("the caller left".into())),
        };
        let id = hold.id;
        tokio::spawn(async move {
            // Where nobody tells when the owner leaves, it counts as gone: better no hold than one for ever.
            tokio::select! {
                () = hold.released() => {}
                _ = owner_left => {}
            }
        });
        Ok(id)
    }

    /// As [`Self::ask`], where the end of it is all there is to tell.
    pub async fn order(&self, connection: &Connection, header: &Header<'_>, request: Request) -> Result<(), Error> {
        self.ask(connection, header, request).await.map(drop)
    }
}

/// Resolves when a caller has left who waits for the answer.
async fn withdrawal(connection: &Connection, header: &Header<'_>) {
    if header.primary().flags().contains(Flags::NO_REPLY_EXPECTED) {
        return future::pending().await;
    }
    let sender = header.sender().map(|sender| sender.to_string());
    if let Err(error) = left(connection.clone(), sender).await {
        // Then nobody tells; the request stands.
        debug!("cannot watch for a caller to leave: {error}");
        future::pending().await
    }
}

/// Resolves when a caller has left: a peer with its connection, a client of a bus with its unique name.
async fn left(connection: Connection, sender: Option<String>) -> zbus::Result<()> {
    let Some(name) = sender.filter(|_| connection.is_bus()) else {
        connection.closed().await;
        return Ok(());
    };
    let mut signals = lost_name(&connection, &name).await?;
    // It may have left before anybody listened.
    let bus = Some("org.freedesktop.DBus");
    let reply = connection.call_method(bus, "/org/freedesktop/DBus", bus, "NameHasOwner", &name).await?;
    if reply.body().deserialize()? {
        signals.next().await;
    }
    Ok(())
}

async fn lost_name(connection: &Connection, name: &str) -> zbus::Result<MessageStream> {
    let rule = MatchRule::builder().msg_type(Type::Signal).sender("org.freedesktop.DBus");
    let rule = rule.member("NameOwnerChanged").arg(0, name).build()?;
    MessageStream::for_match_rule(rule, connection, None).await
}
