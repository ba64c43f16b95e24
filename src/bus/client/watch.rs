//! Changes as a stream of documents.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::stream::{SelectAll, select_all};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::mpsc;
use zbus::message::Type;
use zbus::{MatchRule, Message, MessageStream, OwnedObjectPath, OwnedVariant};

use super::{Client, ClientError, Failure};
use crate::bus::{BUS_NAME, MANAGER_PATH, path};
use crate::state::Lifecycle;
use crate::state::json::Document;
use crate::state::json::uplink::Uplink;

/// Documents that the reader has not taken yet; a slow reader then gets the latest state, not every state.
const WAITING: usize = 16;

/// Documents as they change. A modem that leaves is told once more, as `absent`; an error is the last item.
#[derive(Debug)]
pub struct Watch(mpsc::Receiver<Result<Document, ClientError>>);

impl Watch {
    /// The next document; `None` after an error.
    pub async fn next(&mut self) -> Option<Result<Document, ClientError>> {
        self.0.recv().await
    }
}

pub async fn start(client: Client, id: Option<&str>) -> Result<Watch, ClientError> {
    let signals = subscribe(&client).await?;
    let now = match id {
        Some(id) => vec![client.document(id).await?],
        None => client.list().await?,
    };
    let (sender, receiver) = mpsc::channel(WAITING);
    let known = now.iter().map(|document| (path::modem(&document.id), document.clone())).collect();
    let only = id.map(path::modem);
    tokio::spawn(Watcher { client, signals, only, known, sender }.run(now));
    Ok(Watch(receiver))
}

async fn subscribe(client: &Client) -> Result<SelectAll<MessageStream>, ClientError> {
    // A peer's signals have no sender.
    let bus = client.connection.is_bus();
    let daemon = || {
        let signals = MatchRule::builder().msg_type(Type::Signal);
        if bus { signals.sender(BUS_NAME) } else { signals }
    };
    let mut rules = vec![
        daemon().interface("org.freedesktop.DBus.Properties").path_namespace(MANAGER_PATH).build()?,
        daemon().interface("org.freedesktop.DBus.ObjectManager").path("/").build()?,
    ];
    if bus {
        let owner = MatchRule::builder().msg_type(Type::Signal).sender("org.freedesktop.DBus");
        rules.push(owner.member("NameOwnerChanged").arg(0, BUS_NAME).build()?);
    }
    let mut streams = vec![];
    for rule in rules {
        streams.push(MessageStream::for_match_rule(rule, &client.connection, None).await?);
    }
    Ok(select_all(streams))
}

struct Watcher {
    client: Client,
    signals: SelectAll<MessageStream>,
    /// The object of the one modem to watch.
    only: Option<String>,
    /// What was told last, by object.
    known: BTreeMap<String, Document>,
    sender: mpsc::Sender<Result<Document, ClientError>>,
}

impl Watcher {
    async fn run(mut self, now: Vec<Document>) {
        if let Err(error) = self.follow(now).await {
            // A reader that is gone wants no error either.
            let _ = self.sender.send(Err(error)).await;
        }
    }

    async fn follow(&mut self, now: Vec<Document>) -> Result<(), ClientError> {
        for document in now {
            if self.sender.send(Ok(document)).await.is_err() {
                return Ok(());
            }
        }
        loop {
            let signal = tokio::select! {
                () = self.sender.closed() => return Ok(()),
                signal = self.signals.next() => signal,
            };
            for object in self.objects(signal)? {
                if let Some(document) = self.read(&object).await?
                    && self.sender.send(Ok(document)).await.is_err()
                {
                    return Ok(());
                }
            }
        }
    }

    /// The modems that `signal` and those waiting behind it are about: one change of state is several signals.
    fn objects(&mut self, signal: Option<zbus::Result<Message>>) -> Result<BTreeSet<String>, ClientError> {
        let mut objects = BTreeSet::new();
        let mut next = Some(signal);
        while let Some(signal) = next {
            let Some(Ok(signal)) = signal else { return Err(gone()) };
            objects.extend(subject(&signal)?);
            next = self.signals.next().now_or_never();
        }
        objects.retain(|object| self.only.as_ref().is_none_or(|only| only == object));
        Ok(objects)
    }

    /// The document of `object` if it is another than was told.
    async fn read(&mut self, object: &str) -> Result<Option<Document>, ClientError> {
        match self.client.document_at(object).await {
            Ok(document) => {
                let told = self.known.insert(object.to_owned(), document.clone());
                Ok((told.as_ref() != Some(&document)).then_some(document))
            }
            Err(error) if error.failure == Failure::NoSuchModem => Ok(self.known.remove(object).map(left)),
            Err(error) => Err(error),
        }
    }
}

/// All uplinks as they change, beginning with what they are now; ends with the daemon.
pub async fn uplinks(client: Client) -> Result<mpsc::Receiver<Vec<Uplink>>, ClientError> {
    let mut signals = subscribe(&client).await?;
    let (sender, receiver) = mpsc::channel(WAITING);
    let mut told = client.uplinks().await?;
    tokio::spawn(async move {
        let mut news = true;
        loop {
            if news && sender.send(told.clone()).await.is_err() {
                return;
            }
            let signal = tokio::select! {
                () = sender.closed() => return,
                signal = signals.next() => signal,
            };
            let Some(Ok(signal)) = signal else { return };
            news = false;
            if is_of_uplink(&signal)
                && let Ok(now) = client.uplinks().await
            {
                news = now != told;
                told = now;
            }
        }
    });
    Ok(receiver)
}

fn is_of_uplink(signal: &Message) -> bool {
    // What the root tells is that objects came or went, uplinks perhaps.
    let about =
        |path: &str| path == "/" || path.strip_prefix(MANAGER_PATH).is_some_and(|rest| rest.starts_with("/uplink/"));
    signal.header().path().is_some_and(|path| about(path.as_str()))
}

/// The object of the modem that a signal is about.
fn subject(signal: &Message) -> Result<Option<String>, ClientError> {
    let header = signal.header();
    let body = signal.body();
    let path = match header.member().map(|member| member.as_str()) {
        Some("NameOwnerChanged") => {
            let (_, old, _): (String, String, String) = body.deserialize()?;
            // The owner that this client talked to; a new one may have other modems.
            return if old.is_empty() { Ok(None) } else { Err(gone()) };
        }
        Some("PropertiesChanged") => header.path().map(|path| path.as_str().to_owned()),
        Some("InterfacesAdded") => Some(body.deserialize::<(OwnedObjectPath, Interfaces)>()?.0.to_string()),
        Some("InterfacesRemoved") => Some(body.deserialize::<(OwnedObjectPath, Vec<String>)>()?.0.to_string()),
        _ => None,
    };
    Ok(path.as_deref().and_then(modem_of))
}

/// Interfaces with their properties.
type Interfaces = HashMap<String, HashMap<String, OwnedVariant>>;

/// The modem's object, given it or one below it.
fn modem_of(path: &str) -> Option<String> {
    let element = path.strip_prefix(MANAGER_PATH)?.strip_prefix("/modem/")?.split('/').next()?;
    Some(format!("{MANAGER_PATH}/modem/{element}"))
}

fn left(mut document: Document) -> Document {
    document.state = Lifecycle::Absent.name().into();
    document.state_reason = Some("the daemon does not have this modem any more".into());
    document
}

fn gone() -> ClientError {
    ClientError::new(Failure::Unreachable, "the daemon is gone; is it being restarted?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_about_modems() {
        assert_eq!(modem_of("/org/lpwa/modem/m0").as_deref(), Some("/org/lpwa/modem/m0"));
        assert_eq!(modem_of("/org/lpwa/modem/m0/bearer/1").as_deref(), Some("/org/lpwa/modem/m0"));
        assert_eq!(modem_of("/org/lpwa"), None);
        assert_eq!(modem_of("/org/freedesktop/DBus"), None);
    }
}
