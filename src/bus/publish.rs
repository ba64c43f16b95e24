//! The objects of one connection: kept as the modems are, each change told once per interface.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::future;

use futures_util::FutureExt;
use futures_util::future::select_all;
use zbus::connection::Builder;
use zbus::fdo::{ObjectManager, Properties};
use zbus::object_server::{Interface, SignalEmitter};
use zbus::{Connection, ObjectServer, Variant};

use super::interface::{Bearer1, Diagnostics1, Manager1, Modem1, Network1, Part, Power1, Queue1, Sim1, Uplink1};
use super::subject::Subject;
use super::{Exports, MANAGER_PATH, path};
use crate::modem::handle::ModemHandle;
use crate::state::ModemState;
use crate::state::uplink::UplinkState;
use crate::uplink::UplinkHandle;

/// What a connection shows.
pub struct Published {
    exports: Exports,
    modems: BTreeMap<String, Shown>,
    uplinks: BTreeMap<String, ShownUplink>,
}

/// An uplink as listeners know it.
struct ShownUplink {
    uplink: Uplink1,
    /// The state that was told last.
    told: UplinkState,
    /// Its task has stopped, nothing changes any more.
    ended: bool,
}

/// A modem as listeners know it.
struct Shown {
    subject: Subject,
    /// The state that was told last.
    told: ModemState,
    /// Its driver has stopped, nothing changes any more.
    ended: bool,
}

/// What there is to tell.
enum Change {
    /// Modems came or went.
    List,
    /// The state of a modem.
    Modem(String),
    /// Uplinks came or went.
    Uplinks,
    /// The state of an uplink.
    Uplink(String),
}

impl Published {
    /// Puts all objects that there are now into `builder`: a peer sees all of them or is not connected yet.
    pub fn within<'a>(exports: &Exports, mut builder: Builder<'a>) -> (Self, Builder<'a>) {
        let mut exports = exports.clone();
        let modems: Vec<_> = exports.modems.borrow_and_update().values().cloned().collect();
        builder = builder.serve_at("/", ObjectManager).serve_at(MANAGER_PATH, Manager1(exports.clone()));
        let uplinks: Vec<_> = exports.uplinks.borrow_and_update().values().cloned().collect();
        let mut published = Self { exports, modems: BTreeMap::new(), uplinks: BTreeMap::new() };
        for handle in modems {
            let shown = published.shown(handle);
            builder = shown.within(builder);
            published.modems.insert(shown.subject.handle.id.clone(), shown);
        }
        for handle in uplinks {
            let shown = published.shown_uplink(handle);
            builder = builder.serve_at(shown.uplink.path(), shown.uplink.clone());
            published.uplinks.insert(shown.uplink.handle.name.clone(), shown);
        }
        (published, builder)
    }

    /// Keeps the objects as the modems are until the connection closes.
    pub async fn follow(mut self, connection: &Connection) -> zbus::Result<()> {
        loop {
            let change = tokio::select! {
                () = connection.closed() => return Ok(()),
                change = self.changed() => change,
            };
            match change {
                Change::List => self.update_list(connection).await?,
                Change::Modem(id) => {
                    if let Some(shown) = self.modems.get_mut(&id) {
                        shown.update(connection).await?;
                    }
                }
                Change::Uplinks => self.update_uplinks(connection).await?,
                Change::Uplink(name) => {
                    if let Some(shown) = self.uplinks.get_mut(&name) {
                        shown.update(connection).await?;
                    }
                }
            }
        }
    }

    fn shown(&self, mut handle: ModemHandle) -> Shown {
        let told = handle.state.borrow_and_update().clone();
        Shown { subject: Subject { handle, exports: self.exports.clone() }, told, ended: false }
    }

    fn shown_uplink(&self, mut handle: UplinkHandle) -> ShownUplink {
        let told = handle.state.borrow_and_update().clone();
        ShownUplink { uplink: Uplink1 { handle, authority: self.exports.authority.clone() }, told, ended: false }
    }

    async fn changed(&mut self) -> Change {
        let modems = &mut self.exports.modems;
        let list = async {
            match modems.changed().await {
                Ok(()) => Change::List,
                Err(_) => future::pending().await,
            }
        };
        let states = self.modems.iter_mut().filter(|(_, shown)| !shown.ended).map(|(id, shown)| {
            async {
                shown.ended = shown.subject.handle.state.changed().await.is_err();
                Change::Modem(id.clone())
            }
            .boxed()
        });
        let uplinks = &mut self.exports.uplinks;
        let uplink_list = async {
            match uplinks.changed().await {
                Ok(()) => Change::Uplinks,
                Err(_) => future::pending().await,
            }
        };
        let uplinks = self.uplinks.iter_mut().filter(|(_, shown)| !shown.ended).map(|(name, shown)| {
            async {
                shown.ended = shown.uplink.handle.state.changed().await.is_err();
                Change::Uplink(name.clone())
            }
            .boxed()
        });
        select_all(states.chain(uplinks).chain([list.boxed(), uplink_list.boxed()])).await.0
    }

    async fn update_uplinks(&mut self, connection: &Connection) -> zbus::Result<()> {
        let current = self.exports.uplinks.borrow_and_update().clone();
        let server = connection.object_server();
        let (kept, gone): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.uplinks).into_iter().partition(|(name, shown)| {
                current.get(name).is_some_and(|handle| handle.wishes.same_channel(&shown.uplink.handle.wishes))
            });
        self.uplinks = kept;
        for shown in gone.into_values() {
            server.remove::<Uplink1, _>(shown.uplink.path()).await?;
        }
        for (name, handle) in current {
            if !self.uplinks.contains_key(&name) {
                let shown = self.shown_uplink(handle);
                server.at(shown.uplink.path(), shown.uplink.clone()).await?;
                self.uplinks.insert(name, shown);
            }
        }
        Ok(())
    }

    async fn update_list(&mut self, connection: &Connection) -> zbus::Result<()> {
        let current = self.exports.modems.borrow_and_update().clone();
        let server = connection.object_server();
        let (kept, gone): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.modems).into_iter().partition(|(id, shown)| {
                current.get(id).is_some_and(|handle| handle.jobs.same_channel(&shown.subject.handle.jobs))
            });
        self.modems = kept;
        for shown in gone.into_values() {
            shown.remove(server).await?;
        }
        for (id, handle) in current {
            if !self.modems.contains_key(&id) {
                let shown = self.shown(handle);
                shown.add(server).await?;
                self.modems.insert(id, shown);
            }
        }
        Ok(())
    }
}

impl ShownUplink {
    /// Tells what became different since the last time.
    async fn update(&mut self, connection: &Connection) -> zbus::Result<()> {
        let now = self.uplink.handle.state.borrow_and_update().clone();
        let before = std::mem::replace(&mut self.told, now);
        let emitter = SignalEmitter::new(connection, self.uplink.path())?;
        announce(&emitter, &self.uplink.at(before), &self.uplink.at(self.told.clone()), &[]).await
    }
}

impl Shown {
    fn within<'a>(&self, builder: Builder<'a>) -> Builder<'a> {
        let (subject, path) = (&self.subject, self.subject.path());
        let mut builder = builder
            .serve_at(path.clone(), Modem1::of(subject.clone()))
            .serve_at(path.clone(), Network1::of(subject.clone()))
            .serve_at(path.clone(), Power1::of(subject.clone()))
            .serve_at(path.clone(), Queue1::of(subject.clone()))
            .serve_at(path.clone(), Sim1::of(subject.clone()))
            .serve_at(path, Diagnostics1::of(subject.clone()));
        for context in contexts(&self.told) {
            builder = builder.serve_at(self.bearer_path(context), self.bearer(context));
        }
        builder
    }

    async fn add(&self, server: &ObjectServer) -> zbus::Result<()> {
        let (subject, path) = (&self.subject, self.subject.path());
        server.at(path.as_str(), Modem1::of(subject.clone())).await?;
        server.at(path.as_str(), Network1::of(subject.clone())).await?;
        server.at(path.as_str(), Power1::of(subject.clone())).await?;
        server.at(path.as_str(), Queue1::of(subject.clone())).await?;
        server.at(path.as_str(), Sim1::of(subject.clone())).await?;
        server.at(path.as_str(), Diagnostics1::of(subject.clone())).await?;
        for context in contexts(&self.told) {
            server.at(self.bearer_path(context), self.bearer(context)).await?;
        }
        Ok(())
    }

    async fn remove(&self, server: &ObjectServer) -> zbus::Result<()> {
        for context in contexts(&self.told) {
            server.remove::<Bearer1, _>(self.bearer_path(context)).await?;
        }
        let path = self.subject.path();
        server.remove::<Diagnostics1, _>(path.as_str()).await?;
        server.remove::<Sim1, _>(path.as_str()).await?;
        server.remove::<Queue1, _>(path.as_str()).await?;
        server.remove::<Power1, _>(path.as_str()).await?;
        server.remove::<Network1, _>(path.as_str()).await?;
        server.remove::<Modem1, _>(path.as_str()).await?;
        Ok(())
    }

    /// Tells what became different since the last time.
    async fn update(&mut self, connection: &Connection) -> zbus::Result<()> {
        let now = self.subject.handle.state.borrow_and_update().clone();
        let before = std::mem::replace(&mut self.told, now);
        let (old, new) = (self.subject.at(before.clone()), self.subject.at(self.told.clone()));
        let emitter = SignalEmitter::new(connection, self.subject.path())?;
        let sim = hidden_changes(&before, &self.told);
        announce(&emitter, &Modem1::of(old.clone()), &Modem1::of(new.clone()), &[]).await?;
        announce(&emitter, &Network1::of(old.clone()), &Network1::of(new.clone()), &[]).await?;
        announce(&emitter, &Power1::of(old.clone()), &Power1::of(new.clone()), &[]).await?;
        announce(&emitter, &Queue1::of(old.clone()), &Queue1::of(new.clone()), &[]).await?;
        self.tell_ended(&emitter, &before).await?;
        announce(&emitter, &Sim1::of(old.clone()), &Sim1::of(new.clone()), &sim).await?;
        self.update_bearers(connection, &before, &old, &new).await
    }

    /// One signal for each request that ended since.
    async fn tell_ended(&self, emitter: &SignalEmitter<'_>, before: &ModemState) -> zbus::Result<()> {
        let told = |id| before.queue.ended.iter().any(|ended| ended.id == id);
        for ended in self.told.queue.ended.iter().filter(|ended| !told(ended.id)) {
            let reason = ended.reason.as_deref().unwrap_or_default();
            Queue1::ended(emitter, ended.id, ended.outcome.name(), reason).await?;
        }
        Ok(())
    }

    async fn update_bearers(
        &self,
        connection: &Connection,
        before: &ModemState,
        old: &Subject,
        new: &Subject,
    ) -> zbus::Result<()> {
        let (was, is) = (contexts(before), contexts(&self.told));
        for &context in was.difference(&is) {
            connection.object_server().remove::<Bearer1, _>(self.bearer_path(context)).await?;
        }
        for &context in is.difference(&was) {
            connection.object_server().at(self.bearer_path(context), self.bearer(context)).await?;
        }
        for &context in is.intersection(&was) {
            let emitter = SignalEmitter::new(connection, self.bearer_path(context))?;
            let of = |subject: &Subject| Bearer1 { subject: subject.clone(), context };
            announce(&emitter, &of(old), &of(new), &[]).await?;
        }
        Ok(())
    }

    fn bearer(&self, context: u8) -> Bearer1 {
        Bearer1 { subject: self.subject.clone(), context }
    }

    fn bearer_path(&self, context: u8) -> String {
        path::bearer(&self.subject.handle.id, context)
    }
}

fn contexts(state: &ModemState) -> BTreeSet<u8> {
    state.bearers.iter().map(|bearer| bearer.context).collect()
}

/// Personal data that changed: listeners hear that it did, and may ask for it.
fn hidden_changes(before: &ModemState, now: &ModemState) -> Vec<&'static str> {
    let iccid = before.sim.iccid != now.sim.iccid;
    let imsi = before.sim.imsi != now.sim.imsi;
    [("Iccid", iccid), ("Imsi", imsi)].into_iter().filter_map(|(name, changed)| changed.then_some(name)).collect()
}

/// One `PropertiesChanged` with all that differs between `old` and `new`; none if nothing does.
async fn announce<I: Interface>(
    emitter: &SignalEmitter<'_>,
    old: &I,
    new: &I,
    invalidated: &[&str],
) -> zbus::Result<()> {
    let (connection, server) = (emitter.connection(), emitter.connection().object_server());
    let before = old.get_all(server, connection, None, emitter).await?;
    let mut now = new.get_all(server, connection, None, emitter).await?;
    now.retain(|name, value| before.get(name) != Some(value));
    if now.is_empty() && invalidated.is_empty() {
        return Ok(());
    }
    let changed = now.iter().map(|(name, value)| Ok((name.as_str(), Variant::try_from(value)?)));
    let changed = changed.collect::<zbus::Result<_>>()?;
    Properties::properties_changed(emitter, I::name(), changed, Cow::Borrowed(invalidated)).await
}
