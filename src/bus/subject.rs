//! What the interfaces of one modem share: its handle, and the rights of callers.

use tokio::sync::watch;
use zbus::Connection;
use zbus::message::Header;

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

    /// Carries `request` out for a caller who may ask for it.
    pub async fn ask(&self, connection: &Connection, header: &Header<'_>, request: Request) -> Result<Reply, Error> {
        self.authorise(connection, header).await?;
        Ok(self.handle.request(request).await?)
    }

    /// As [`Self::ask`], where the end of it is all there is to tell.
    pub async fn order(&self, connection: &Connection, header: &Header<'_>, request: Request) -> Result<(), Error> {
        self.ask(connection, header, request).await.map(drop)
    }
}
