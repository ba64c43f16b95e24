//! Uplinks and data usage.

use zbus::OwnedObjectPath;

use super::{Client, ClientError, Failure, MANAGER};
use crate::bus::{MANAGER_PATH, path};
use crate::modem::handle::ErrorKind;
use crate::state::json::uplink::{Account, Uplink};

const UPLINK: &str = "org.lpwa.Uplink1";

impl Client {
    /// All uplinks, by name.
    pub async fn uplinks(&self) -> Result<Vec<Uplink>, ClientError> {
        let paths: Vec<OwnedObjectPath> = self.call(MANAGER_PATH, MANAGER, "ListUplinks", &()).await?;
        let mut uplinks = vec![];
        for path in paths {
            match self.uplink_at(path.as_str()).await {
                Ok(uplink) => uplinks.push(uplink),
                // It left since it was listed.
                Err(error) if error.failure == Failure::NoSuchModem => {}
                Err(error) => return Err(error),
            }
        }
        Ok(uplinks)
    }

    async fn uplink_at(&self, path: &str) -> Result<Uplink, ClientError> {
        let text: String = self.call(path, UPLINK, "GetDocument", &()).await?;
        read(&text)
    }

    /// Prefers `member` of the uplink `name`; `auto`: lpwa chooses again.
    pub async fn use_member(&self, name: &str, member: &str) -> Result<(), ClientError> {
        self.call(&path::uplink(name), UPLINK, "Use", &member).await.map_err(|error: ClientError| match error.failure {
            Failure::NoSuchModem => ClientError::new(
                Failure::Request(ErrorKind::InvalidArgument),
                format!("there is no uplink {name:?}; `lpwa uplink show` has those that there are"),
            ),
            _ => error,
        })
    }

    /// What every SIM and interface carried.
    pub async fn usage(&self) -> Result<Vec<Account>, ClientError> {
        let text: String = self.call(MANAGER_PATH, MANAGER, "GetUsage", &()).await?;
        read(&text)
    }
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, ClientError> {
    serde_json::from_str(text).map_err(|error| {
        let message = format!("the daemon's answer cannot be read ({error}); are daemon and command of one version?");
        ClientError::new(Failure::Other, message)
    })
}
