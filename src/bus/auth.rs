//! Who may change things and see personal data: root, the daemon's own user, members of the group `lpwa`.

use std::fs;
use std::sync::Arc;

use zbus::Connection;
use zbus::fdo::ConnectionCredentials;
use zbus::message::Header;

use super::error::Error;

/// The group whose members may do everything.
const GROUP: &str = "lpwa";

/// A process at the other end, as the kernel or the bus vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Its user.
    pub uid: u32,
    /// Its groups, the supplementary ones included.
    pub groups: Vec<u32>,
}

/// Decides whether a caller may change things and see personal data.
pub type Authority = Arc<dyn Fn(&Caller) -> bool + Send + Sync>;

/// The authority of a gateway: root, the user that the daemon runs as, and the group `lpwa` of `/etc/group`, which is
/// read at each call, so that a new member need not restart the daemon.
pub fn local_users() -> Authority {
    let own = rustix::process::geteuid().as_raw();
    Arc::new(move |caller| allows(caller, own, group_gid))
}

/// The number of the group whose members may do everything, where there is one.
pub fn group_gid() -> Option<u32> {
    gid_of(&fs::read_to_string("/etc/group").ok()?, GROUP)
}

fn allows(caller: &Caller, own_uid: u32, group: impl FnOnce() -> Option<u32>) -> bool {
    caller.uid == 0 || caller.uid == own_uid || group().is_some_and(|gid| caller.groups.contains(&gid))
}

/// The number of group `name` in a text like `/etc/group`: `name:password:gid:members`.
fn gid_of(groups: &str, name: &str) -> Option<u32> {
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok()).flatten()
    })
}

/// Whether the sender of `header` may change things. A call without a header comes from within zbus, on behalf of
/// nobody in particular: of everybody.
pub async fn is_authorised(authority: &Authority, connection: &Connection, header: Option<&Header<'_>>) -> bool {
    match header {
        Some(header) => caller(connection, header).await.is_some_and(|caller| authority(&caller)),
        None => false,
    }
}

/// As [`is_authorised`], with the sentence for those who are not.
pub async fn authorise(authority: &Authority, connection: &Connection, header: &Header<'_>) -> Result<(), Error> {
    if is_authorised(authority, connection, Some(header)).await {
        return Ok(());
    }
    Err(Error::NotAuthorized(remedy()))
}

/// Who may, and how to become one of them.
pub fn remedy() -> String {
    let way = format!("`usermod -aG {GROUP} USER` makes USER one from the next login on");
    format!("only root and members of the group {GROUP} may do this; {way}")
}

async fn caller(connection: &Connection, header: &Header<'_>) -> Option<Caller> {
    if !connection.is_bus() {
        return of_credentials(connection.peer_creds().await.ok()?);
    }
    let bus = Some("org.freedesktop.DBus");
    let call = connection.call_method(bus, "/org/freedesktop/DBus", bus, "GetConnectionCredentials", header.sender()?);
    of_credentials(&call.await.ok()?.body().deserialize().ok()?)
}

fn of_credentials(credentials: &ConnectionCredentials) -> Option<Caller> {
    let groups = credentials.unix_group_ids().cloned().unwrap_or_default();
    Some(Caller { uid: credentials.unix_user_id()?, groups })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_own_user_and_group_may() {
        let caller = |uid, groups: &[u32]| Caller { uid, groups: groups.to_vec() };
        assert!(allows(&caller(0, &[]), 990, || None));
        assert!(allows(&caller(990, &[]), 990, || None));
        assert!(allows(&caller(1000, &[1000, 991]), 990, || Some(991)));
        assert!(!allows(&caller(1000, &[1000]), 990, || Some(991)));
        assert!(!allows(&caller(1000, &[1000]), 990, || None));
    }

    #[test]
    fn finds_a_group_by_its_whole_name() {
        let groups = "root:x:0:\nlpwa-admin:x:5:\nbroken\nlpwa:x:991:alice,bob\n";
        assert_eq!(gid_of(groups, "lpwa"), Some(991));
        assert_eq!(gid_of(groups, "lpw"), None);
        assert_eq!(gid_of("lpwa:x\nlpwa:x:y:", "lpwa"), None);
    }
}
