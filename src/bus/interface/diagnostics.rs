//! `org.lpwa.Diagnostics1`.

use std::time::Duration;

use zbus::Connection;
use zbus::message::Header;

use crate::bus::error::Error;
use crate::bus::request;
use crate::bus::subject::Subject;
use crate::modem::handle::Reply;

/// For engineers: a raw command, the recorder.
pub struct Diagnostics1(pub Subject);

#[zbus::interface(name = "org.lpwa.Diagnostics1", introspection_docs = false)]
impl Diagnostics1 {
    #[zbus(out_args("lines"))]
    async fn at(
        &self,
        line: String,
        timeout_ms: u32,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Vec<String>, Error> {
        match self.0.ask(connection, &header, request::at(line, timeout_ms)?).await? {
            Reply::Lines(lines) => Ok(lines),
            _ => Ok(vec![]),
        }
    }

    #[zbus(out_args("transcript"))]
    async fn transcript(
        &self,
        seconds: u32,
        redacted: bool,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<String, Error> {
        self.0.authorise(connection, &header).await?;
        let (id, source) = (&self.0.handle.id, &self.0.exports.transcript);
        source(id, Duration::from_secs(seconds.into()), redacted).ok_or_else(|| {
            Error::WrongState(format!("{id}: nothing is recorded; recorder_kib of [daemon] switches the recorder on"))
        })
    }
}
