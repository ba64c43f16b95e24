//! `org.lpwa.Queue1`.

use zbus::Connection;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;

use crate::bus::error::Error;
use crate::bus::request;
use crate::bus::subject::Subject;
use crate::bus::value::{Dict, Options, dict};
use crate::modem::handle::{Order, Request};
use crate::state::queue::Waiting;

/// Requests that wait for the modem to wake, and what is to become of a request while it sleeps.
pub struct Queue1(pub Subject);

#[zbus::interface(name = "org.lpwa.Queue1", introspection_docs = false)]
impl Queue1 {
    #[zbus(property)]
    fn items(&self) -> Vec<Dict> {
        self.0.state().queue.waiting.iter().map(item).collect()
    }

    /// A request ended; what it was answered with is for those who may ask.
    #[zbus(signal)]
    pub async fn ended(emitter: &SignalEmitter<'_>, id: u64, outcome: &str, reason: &str) -> zbus::Result<()>;

    #[zbus(name = "Do", out_args("answer"))]
    async fn carry_out(
        &self,
        request: String,
        parameters: Options,
        options: Options,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Dict, Error> {
        let Order { request, when, keep } = order(&request, parameters, options)?;
        if keep {
            return Err(Error::InvalidArgument("keep is for Submit: whoever waits is gone after a restart".into()));
        }
        self.0.ask_with(connection, &header, request, when).await.map(request::reply)
    }

    #[zbus(out_args("id"))]
    async fn submit(
        &self,
        request: String,
        parameters: Options,
        options: Options,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<u64, Error> {
        let order = order(&request, parameters, options)?;
        self.0.authorise(connection, &header).await?;
        Ok(self.0.handle.submit(order).await?)
    }

    #[zbus(out_args("answer"))]
    async fn wait(
        &self,
        id: u64,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Dict, Error> {
        self.0.authorise(connection, &header).await?;
        Ok(request::reply(self.0.handle.result(id).await?))
    }

    async fn cancel(
        &self,
        id: u64,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        self.0.authorise(connection, &header).await?;
        Ok(self.0.handle.cancel(id).await?)
    }
}

fn order(name: &str, parameters: Options, mut options: Options) -> Result<Order, Error> {
    let request: Request = request::decode(name, parameters)?;
    let (when, keep) = request::terms(&request, &mut options)?;
    request::finish(&options, "when, within_s and keep")?;
    Ok(Order { request, when, keep })
}

fn item(item: &Waiting) -> Dict {
    dict([
        ("id", Some(item.id.into())),
        ("request", Some(item.task.name().into())),
        ("wake", Some(item.wake.into())),
        ("deadline", item.deadline.map(|deadline| deadline.0.into())),
        ("keep", Some(item.keep.into())),
        ("entered", Some(item.entered.0.into())),
    ])
}
