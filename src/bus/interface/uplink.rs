//! `org.lpwa.Uplink1`.

use zbus::Connection;
use zbus::message::Header;

use crate::bus::auth::authorise;
use crate::bus::error::Error;
use crate::bus::value::{Dict, dict, time};
use crate::bus::{Authority, path};
use crate::state::json::uplink::Uplink as Document;
use crate::state::uplink::{Decision, Member, UplinkState};
use crate::uplink::{UplinkError, UplinkHandle};

/// One uplink.
#[derive(Clone)]
pub struct Uplink1 {
    pub handle: UplinkHandle,
    pub authority: Authority,
}

impl Uplink1 {
    /// Its object.
    pub fn path(&self) -> String {
        path::uplink(&self.handle.name)
    }

    /// The same uplink as it was in `state`.
    pub fn at(&self, state: UplinkState) -> Self {
        let mut uplink = self.clone();
        uplink.handle.state = tokio::sync::watch::channel(state).1;
        uplink
    }

    fn read<T>(&self, read: impl FnOnce(&UplinkState) -> T) -> T {
        read(&self.handle.state.borrow())
    }
}

#[zbus::interface(name = "org.lpwa.Uplink1", introspection_docs = false)]
impl Uplink1 {
    #[zbus(property(emits_changed_signal = "const"))]
    fn name(&self) -> String {
        self.handle.name.clone()
    }

    #[zbus(property)]
    fn active(&self) -> String {
        self.read(|state| state.active.clone().unwrap_or_default())
    }

    #[zbus(property)]
    fn since(&self) -> u64 {
        self.read(|state| state.since.0)
    }

    #[zbus(property)]
    fn reason(&self) -> String {
        self.read(|state| state.reason.clone())
    }

    #[zbus(property)]
    fn pinned(&self) -> String {
        self.read(|state| state.pinned.clone().unwrap_or_default())
    }

    #[zbus(property)]
    fn trouble(&self) -> String {
        self.read(|state| state.trouble.clone().unwrap_or_default())
    }

    #[zbus(property)]
    fn members(&self) -> Vec<Dict> {
        self.read(|state| state.members.iter().map(member).collect())
    }

    #[zbus(name = "Use")]
    async fn prefer(
        &self,
        member: String,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        authorise(&self.authority, connection, &header).await?;
        let member = (!member.is_empty() && member != "auto").then_some(member);
        Ok(self.handle.prefer(member).await?)
    }

    #[zbus(out_args("decisions"))]
    fn get_log(&self) -> Vec<Dict> {
        self.read(|state| state.log.iter().map(decision).collect())
    }

    #[zbus(out_args("document"))]
    fn get_document(&self) -> Result<String, Error> {
        let document = self.read(|state| Document::from(state));
        serde_json::to_string(&document).map_err(|error| Error::InvalidArgument(error.to_string()))
    }
}

/// What changes with every packet is not in the properties, each change of which is a signal: the document has it.
fn member(member: &Member) -> Dict {
    let text = |text: Option<&String>| text.map(|text| text.clone().into());
    dict([
        ("name", Some(member.name.clone().into())),
        ("modem", text(member.modem.as_ref())),
        ("interface", text(member.interface.as_ref())),
        ("kind", Some(member.kind.clone().into())),
        ("condition", Some(member.condition.name().into())),
        ("reason", text(member.condition.reason())),
        ("since", Some(time(Some(member.since)).into())),
        ("detection_s", Some(member.detection.as_secs_f64().into())),
        ("probe_budget", Some(member.probe_budget.into())),
        ("cost", Some(member.cost.into())),
        ("limit", member.usage.limit.map(Into::into)),
        ("allowance", Some(member.usage.allowance.name().into())),
    ])
}

fn decision(decision: &Decision) -> Dict {
    dict([
        ("at", Some(decision.at.0.into())),
        ("subject", Some(decision.subject.clone().into())),
        ("text", Some(decision.text.clone().into())),
    ])
}

impl From<UplinkError> for Error {
    fn from(error: UplinkError) -> Self {
        let message = error.to_string();
        match error {
            UplinkError::NoMember { .. } => Self::InvalidArgument(message),
            UplinkError::Gone(_) => Self::Gone(message),
        }
    }
}
