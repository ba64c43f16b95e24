//! `org.lpwa.Modem1`.

use zbus::Connection;
use zbus::message::Header;

use crate::bus::error::Error;
use crate::bus::request;
use crate::bus::subject::Subject;
use crate::bus::value::{Options, text, time};
use crate::modem::handle::Request;
use crate::state::Reachability;
use crate::state::json::{Document, Reveal};

/// What the modem is, how far it is on its way to data, and what it can be told to do.
pub struct Modem1(pub Subject);

#[zbus::interface(name = "org.lpwa.Modem1", introspection_docs = false)]
impl Modem1 {
    #[zbus(property(emits_changed_signal = "const"))]
    fn id(&self) -> String {
        self.0.handle.id.clone()
    }

    #[zbus(property)]
    fn state(&self) -> &'static str {
        self.0.state().lifecycle.name()
    }

    #[zbus(property)]
    fn state_reason(&self) -> String {
        self.0.state().reason().unwrap_or_default()
    }

    #[zbus(property)]
    fn since(&self) -> u64 {
        self.0.state().since.0
    }

    #[zbus(property)]
    fn waits_for(&self) -> &'static str {
        self.0.state().retry.as_ref().map_or("", |retry| retry.act)
    }

    #[zbus(property)]
    fn waits_until(&self) -> u64 {
        time(self.0.state().retry.as_ref().and_then(|retry| retry.until))
    }

    #[zbus(property)]
    fn wait_reason(&self) -> String {
        self.0.state().retry.as_ref().map(|retry| retry.reason.clone()).unwrap_or_default()
    }

    #[zbus(property)]
    fn wait_advice(&self) -> String {
        self.0.state().retry.as_ref().map(|retry| retry.advice.clone()).unwrap_or_default()
    }

    #[zbus(property)]
    fn reachability(&self) -> &'static str {
        self.0.state().reachability.name()
    }

    #[zbus(property)]
    fn asleep_until(&self) -> u64 {
        match self.0.state().reachability {
            Reachability::Asleep { until, .. } => time(until),
            _ => 0,
        }
    }

    #[zbus(property)]
    fn wakes_by(&self) -> &'static str {
        match self.0.state().reachability {
            Reachability::Asleep { wakes, .. } => wakes.name(),
            _ => "",
        }
    }

    #[zbus(property)]
    fn definition(&self) -> String {
        self.0.state().definition.clone()
    }

    #[zbus(property)]
    fn manufacturer(&self) -> String {
        text(&self.0.state().identity.manufacturer)
    }

    #[zbus(property)]
    fn model(&self) -> String {
        text(&self.0.state().identity.model)
    }

    #[zbus(property)]
    fn revision(&self) -> String {
        text(&self.0.state().identity.revision)
    }

    #[zbus(property)]
    fn imei(&self) -> String {
        text(&self.0.state().identity.imei)
    }

    #[zbus(out_args("json"))]
    async fn get_document(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<String, Error> {
        let authorised = self.0.is_authorised(connection, Some(&header)).await;
        let reveal = if authorised { Reveal::All } else { Reveal::Redacted };
        let document = Document::new(&self.0.state(), reveal);
        serde_json::to_string(&document).map_err(|error| Error::Gone(format!("the state cannot be written: {error}")))
    }

    async fn enable(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        self.0.order(connection, &header, Request::Enable).await
    }

    async fn disable(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        self.0.order(connection, &header, Request::Disable).await
    }

    async fn connect(
        &self,
        options: Options,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        self.0.order(connection, &header, Request::Connect(request::connect(options)?)).await
    }

    async fn disconnect(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        self.0.order(connection, &header, Request::Disconnect).await
    }

    async fn reset(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        self.0.order(connection, &header, Request::Reset).await
    }
}
