//! Links of which each carries one of several bearers over the interface of a modem: with a mux id (QMAP) by rmnet or by
//! `qmi_wwan` itself, and for the sessions of MBIM by VLAN links, whose ids `cdc_mbim` takes for those of sessions.

use std::fmt;
use std::io;
use std::path::Path;

use rtnetlink::packet_route::link::{LinkMessage, RmNetFlags};
use rtnetlink::{LinkRmNet, LinkVlan};

use super::error::NetError;
use super::netlink::{MAX_NAME, Netlink};
use super::plan::Interface;
use super::qmimux;
use crate::modem::data::Share;

/// What made a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The kernel's rmnet.
    Rmnet,
    /// `qmi_wwan`, by its switches.
    Qmimux,
    /// The kernel's 8021q.
    Vlan,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Rmnet, Self::Qmimux, Self::Vlan];

    const fn name(self) -> &'static str {
        match self {
            Self::Rmnet => "rmnet",
            Self::Qmimux => "qmimux",
            Self::Vlan => "vlan",
        }
    }

    /// What a kernel lacks that cannot make one.
    const fn advice(self) -> &'static str {
        match self {
            Self::Vlan => "load 8021q with `modprobe 8021q`, or use a kernel with CONFIG_VLAN_8021Q",
            Self::Rmnet | Self::Qmimux => "load rmnet with `modprobe rmnet`, or use a kernel with CONFIG_RMNET",
        }
    }
}

/// A link of ours. Prints as it is written on the link: the next life of a daemon that was killed knows it by that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What made it.
    pub kind: Kind,
    /// Mux id, or session.
    pub id: u8,
    /// The interface that carries it.
    pub base: String,
}

const MARK: &str = "made by lpwa: ";

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK}{} {} of {}", self.kind.name(), self.id, self.base)
    }
}

impl Made {
    /// By what is written on a link; `None`: it is none of ours.
    pub fn read(link: &Interface) -> Option<Self> {
        let (kind, rest) = link.note.as_deref()?.strip_prefix(MARK)?.split_once(' ')?;
        let (id, base) = rest.split_once(" of ")?;
        let kind = Kind::ALL.into_iter().find(|known| known.name() == kind)?;
        // It names a directory below.
        let named = !base.is_empty() && base.len() <= MAX_NAME && !base.contains('/') && !base.starts_with('.');
        named.then_some(Self { kind, id: id.parse().ok()?, base: base.to_owned() })
    }
}

/// The name of a link over `base` where nobody says how it is called.
pub fn name(base: &Interface, share: Share) -> String {
    let id = id(share);
    let usual = format!("{}.{id}", base.name);
    if usual.len() <= MAX_NAME { usual } else { format!("wwan{}.{id}", base.index) }
}

const fn id(share: Share) -> u8 {
    match share {
        Share::Qmap { mux_id, .. } => mux_id,
        Share::Session(session) => session,
    }
}

/// Makes a link with that name. `root` is `/` but in tests.
pub async fn make(
    netlink: &Netlink,
    root: &Path,
    base: &Interface,
    name: &str,
    share: Share,
) -> Result<(Interface, Made), NetError> {
    let (kind, link) = match share {
        Share::Session(_) => (Kind::Vlan, by_netlink(netlink, Kind::Vlan, base, name, share).await?),
        Share::Qmap { mux_id, .. } => match by_qmap(netlink, root, base, name, mux_id, share).await {
            Ok(found) => found,
            Err(error) => {
                settle(netlink, root, &base.name).await?;
                return Err(error);
            }
        },
    };
    let made = Made { kind, id: id(share), base: base.name.clone() };
    let link = Interface { note: Some(made.to_string()), ..link };
    if let Err(error) = netlink.note(&link, &made.to_string()).await {
        unmake(netlink, root, &link, &made).await?;
        return Err(error);
    }
    Ok((link, made))
}

/// By rmnet, else by the driver.
async fn by_qmap(
    netlink: &Netlink,
    root: &Path,
    base: &Interface,
    name: &str,
    mux_id: u8,
    share: Share,
) -> Result<(Kind, Interface), NetError> {
    let refused = |error: io::Error| NetError::refused(format!("making {name} over {}", base.name), &error);
    qmimux::pass_through(root, &base.name, true).map_err(refused)?;
    match by_netlink(netlink, Kind::Rmnet, base, name, share).await {
        Err(NetError::NoLinks { .. }) if qmimux::can_add(root, &base.name) => {}
        other => return Ok((Kind::Rmnet, other?)),
    }
    qmimux::pass_through(root, &base.name, false).map_err(refused)?;
    let given = netlink.interface(&qmimux::add(root, &base.name, mux_id).map_err(refused)?).await?;
    netlink.rename(&given, name).await?;
    Ok((Kind::Qmimux, Interface { name: name.to_owned(), ..given }))
}

async fn by_netlink(
    netlink: &Netlink,
    kind: Kind,
    base: &Interface,
    name: &str,
    share: Share,
) -> Result<Interface, NetError> {
    let (unsupported, doing) = (rustix::io::Errno::OPNOTSUPP, format!("making {name} over {}", base.name));
    match netlink.add_link(message(base.index, name, share)).await {
        Err(error) if error.raw_os_error() == Some(unsupported.raw_os_error()) => {
            Err(NetError::NoLinks { doing, kind: kind.name(), advice: kind.advice() })
        }
        other => {
            other.map_err(|error| NetError::refused(doing, &error))?;
            netlink.interface(name).await
        }
    }
}

/// What the kernel is asked for (linux/if_link.h).
fn message(base: u32, name: &str, share: Share) -> LinkMessage {
    match share {
        Share::Qmap { mux_id, .. } => {
            // A transfer holds several packets.
            let flags = RmNetFlags::IngressDeaggregation;
            LinkRmNet::new(name).mux_id(mux_id.into()).flags(flags, flags).link(base).build()
        }
        Share::Session(session) => LinkVlan::new(name, base, session.into()).build(),
    }
}

/// Takes a link away; one that is gone is gone.
pub async fn unmake(netlink: &Netlink, root: &Path, link: &Interface, made: &Made) -> Result<(), NetError> {
    match made.kind {
        Kind::Vlan => netlink.delete_link(link).await,
        Kind::Rmnet => {
            netlink.delete_link(link).await?;
            settle(netlink, root, &made.base).await
        }
        Kind::Qmimux => match qmimux::delete(root, &made.base, made.id) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other.map_err(|error| NetError::refused(format!("removing {}", link.name), &error)),
        },
    }
}

/// Where nothing takes packets with headers any more, the driver passes none on.
async fn settle(netlink: &Netlink, root: &Path, base: &str) -> Result<(), NetError> {
    let interfaces = netlink.interfaces().await;
    let mut ours = interfaces.iter().filter_map(Made::read);
    if ours.any(|made| made.kind == Kind::Rmnet && made.base == base) {
        return Ok(());
    }
    let refused = |error: io::Error| NetError::refused(format!("switching pass_through of {base} off"), &error);
    qmimux::pass_through(root, base, false).map_err(refused)
}

#[cfg(test)]
mod tests {
    use rtnetlink::packet_core::Emitable;

    use super::*;

    fn wwan0(name: &str) -> Interface {
        Interface { name: name.into(), index: 7, up: false, mtu: 1500, note: None }
    }

    /// `struct rtattr`: length, kind, value, and zeros up to a multiple of four.
    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(value.len() + 4).unwrap();
        let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    /// The attributes of a message, sorted: the kernel takes them in any order.
    fn attributes(message: &LinkMessage) -> Vec<Vec<u8>> {
        let mut bytes = vec![0; message.buffer_len()];
        message.emit(&mut bytes);
        // After `struct ifinfomsg`.
        let (mut rest, mut found) = (&bytes[16..], Vec::new());
        while rest.len() >= 4 {
            let length = usize::from(u16::from_ne_bytes([rest[0], rest[1]])).next_multiple_of(4);
            found.push(rest[..length].to_vec());
            rest = &rest[length..];
        }
        found.sort();
        found
    }

    fn sorted(mut attributes: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        attributes.sort();
        attributes
    }

    /// `IFLA_IFNAME` is 3, `IFLA_LINK` 5, `IFLA_LINKINFO` 18 with `IFLA_INFO_KIND` 1 and `IFLA_INFO_DATA` 2.
    fn expected(name: &str, kind: &str, data: &[u8]) -> Vec<Vec<u8>> {
        let text = |text: &str| [text.as_bytes(), b"\0"].concat();
        sorted(vec![
            attribute(3, &text(name)),
            attribute(5, &7u32.to_ne_bytes()),
            attribute(18, &[attribute(1, &text(kind)), attribute(2, data)].concat()),
        ])
    }

    #[test]
    fn the_kernel_is_asked_for_rmnet_with_a_mux_id() {
        // IFLA_RMNET_MUX_ID 1, u16; IFLA_RMNET_FLAGS 2, flags and mask, of which 1 is ingress deaggregation.
        let one = 1u32.to_ne_bytes();
        let data = [attribute(1, &2u16.to_ne_bytes()), attribute(2, &[one, one].concat())].concat();
        let share = Share::Qmap { mux_id: 2, transfer: 16_384 };
        assert_eq!(attributes(&message(7, "wwan0.2", share)), expected("wwan0.2", "rmnet", &data));
    }

    #[test]
    fn the_kernel_is_asked_for_a_vlan_with_the_number_of_the_session() {
        // IFLA_VLAN_ID 1, u16.
        let data = attribute(1, &1u16.to_ne_bytes());
        assert_eq!(attributes(&message(7, "wwan0.1", Share::Session(1))), expected("wwan0.1", "vlan", &data));
    }

    #[test]
    fn a_link_tells_what_it_is() {
        for kind in Kind::ALL {
            let made = Made { kind, id: 254, base: "wwan0".into() };
            let link = Interface { note: Some(made.to_string()), ..wwan0("wwan0.254") };
            assert_eq!(Made::read(&link), Some(made));
        }
        for other in [
            "",
            "made by hand",
            "made by lpwa: rmnet 2 of ",
            "made by lpwa: rmnet 999 of x",
            "made by lpwa: vlan 1 of ../x",
        ] {
            let link = Interface { note: Some(other.into()), ..wwan0("wwan0.2") };
            assert_eq!(Made::read(&link), None, "{other}");
        }
    }

    #[test]
    fn a_name_fits_whatever_the_interface_is_called() {
        assert_eq!(name(&wwan0("wwan0"), Share::Session(3)), "wwan0.3");
        assert_eq!(name(&wwan0("wwx0250f4000000"), Share::Qmap { mux_id: 254, transfer: 1500 }), "wwan7.254");
    }
}
