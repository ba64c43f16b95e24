//! `org.lpwa.Diagnostics1`.

use std::time::Duration;

use zbus::Connection;
use zbus::message::Header;

use crate::bus::error::Error;
use crate::bus::subject::Subject;
use crate::modem::handle::{Reply, Request};

/// No modem takes a longer line.
const MAX_LINE: usize = 2048;

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
        // A second line within would be a second command that nobody waits for.
        if line.len() > MAX_LINE || line.chars().any(char::is_control) {
            let message = format!("one line of at most {MAX_LINE} characters, without control characters, is wanted");
            return Err(Error::InvalidArgument(message));
        }
        let timeout = (timeout_ms > 0).then(|| Duration::from_millis(timeout_ms.into()));
        match self.0.ask(connection, &header, Request::At(line.into(), timeout)).await? {
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
