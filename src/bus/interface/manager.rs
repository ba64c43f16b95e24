//! `org.lpwa.Manager1`.

use tokio::sync::oneshot;
use zbus::message::Header;
use zbus::{Connection, OwnedObjectPath};

use crate::bus::auth::{authorise, is_authorised};
use crate::bus::error::Error;
use crate::bus::value::Options;
use crate::bus::{Exports, path, wish};
use crate::modem::plan::{Document, PlanError};

/// The daemon itself.
pub struct Manager1(pub Exports);

#[zbus::interface(name = "org.lpwa.Manager1", introspection_docs = false)]
impl Manager1 {
    #[zbus(property(emits_changed_signal = "const"))]
    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    #[zbus(out_args("modems"))]
    fn list_modems(&self) -> Vec<OwnedObjectPath> {
        let modems = self.0.modems.borrow();
        modems.keys().filter_map(|id| OwnedObjectPath::try_from(path::modem(id)).ok()).collect()
    }

    #[zbus(out_args("uplinks"))]
    fn list_uplinks(&self) -> Vec<OwnedObjectPath> {
        let uplinks = self.0.uplinks.borrow();
        uplinks.keys().filter_map(|name| OwnedObjectPath::try_from(path::uplink(name)).ok()).collect()
    }

    #[zbus(out_args("accounts"))]
    async fn get_usage(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<String, Error> {
        let reveal = is_authorised(&self.0.authority, connection, Some(&header)).await;
        serde_json::to_string(&(self.0.usage)(reveal)).map_err(|error| Error::InvalidArgument(error.to_string()))
    }

    async fn reload(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        authorise(&self.0.authority, connection, &header).await?;
        let stopping = || Error::Gone("the daemon is stopping; nothing was reloaded".into());
        let (job, outcome) = oneshot::channel();
        self.0.reload.send(job).await.map_err(|_| stopping())?;
        outcome.await.map_err(|_| stopping())?.map_err(Error::InvalidArgument)
    }
    #[zbus(out_args("document"))]
    fn plan_power(&self, wish: Options) -> Result<String, Error> {
        let wish = wish::read(wish)?;
        let planner = self.0.planner.borrow().clone();
        let answer = planner.plan(&wish)?;
        serde_json::to_string(&Document::from(&answer)).map_err(|error| Error::InvalidArgument(error.to_string()))
    }
}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Rat { .. } => Self::Unsupported(error.to_string()),
            _ => Self::InvalidArgument(error.to_string()),
        }
    }
}
