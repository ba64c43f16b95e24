//! QRTR, the network of the processors of a Qualcomm system: addresses, and the packets of its name server.
//!
//! On such a system QMI has no QMUX frames. A service is a port of a node, a client of it is a socket, and a datagram
//! between the two is a bare SDU ([`Message::decode_sdu`](super::qmi::Message::decode_sdu)). Who wants a service asks the
//! name server, which is the control port of every node, and is told of what comes and goes from then on:
//!
//! ```text
//! control packet  command u32 | service u32 | instance u32 | node u32 | port u32      of a server, and of lookups
//!                 command u32 | node u32 | port u32 | 8 octets of no account          of a client
//! ```
//!
//! All numbers are little-endian (`linux/qrtr.h`, `struct qrtr_ctrl_pkt`).

use std::fmt;

use super::qmi::Service;

/// The port of each node that takes control packets.
pub const CONTROL_PORT: u32 = 0xFFFF_FFFE;
/// Octets of a control packet.
pub const CONTROL_LENGTH: usize = 20;

/// Where datagrams go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// A processor.
    pub node: u32,
    /// A socket on it.
    pub port: u32,
}

impl Address {
    /// Where control packets of `node` go to and come from.
    pub const fn control(node: u32) -> Self {
        Self { node, port: CONTROL_PORT }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.node, self.port)
    }
}

/// A service, and where it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Server {
    /// Its number; those of QMI services are QMI's.
    pub service: u32,
    /// Its version in the low octet, which of several in the others.
    pub instance: u32,
    /// Where it takes datagrams.
    pub address: Address,
}

impl Server {
    /// The QMI service that it is.
    pub fn qmi(&self) -> Option<Service> {
        u16::try_from(self.service).ok().map(Service)
    }
}

/// A control packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// A node says that it is there.
    Hello,
    /// This node goes, and all that is on it.
    Bye(u32),
    /// A service came. To the name server: I am one.
    NewServer(Server),
    /// All services that a lookup matched have been told; what is told from now on is new.
    EndOfList,
    /// A service went.
    DelServer(Server),
    /// A socket was closed.
    DelClient(Address),
    /// A socket takes datagrams again.
    ResumeTx(Address),
    /// A node ends.
    Exit,
    /// A node asks whether another lives.
    Ping,
    /// Tell me of the service; 0 is every service, and every instance.
    NewLookup {
        /// Number of the service.
        service: u32,
        /// Which of several.
        instance: u32,
    },
    /// Tell me no more.
    DelLookup {
        /// Number of the service.
        service: u32,
        /// Which of several.
        instance: u32,
    },
}

/// Octets that are no control packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoControl {
    /// It ends too early.
    #[error("a QRTR control packet of {0} octets ends too early")]
    Short(usize),
    /// Its command is none that is known.
    #[error("{0} is no command of a QRTR control packet")]
    Command(u32),
}

impl Control {
    /// Reads a packet; what is longer than it has to be is read all the same.
    pub fn decode(packet: &[u8]) -> Result<Self, NoControl> {
        let (words, _) = packet.as_chunks::<4>();
        let word = |at: usize| words.get(at).copied().map(u32::from_le_bytes).ok_or(NoControl::Short(packet.len()));
        let client = || Ok(Address { node: word(1)?, port: word(2)? });
        let server = || {
            let address = Address { node: word(3)?, port: word(4)? };
            Ok(Server { service: word(1)?, instance: word(2)?, address })
        };
        Ok(match word(0)? {
            2 => Self::Hello,
            3 => Self::Bye(word(1)?),
            // The kernel tells the end of a list by a server without anything.
            4 => Some(server()?).filter(|server| *server != Server::default()).map_or(Self::EndOfList, Self::NewServer),
            5 => Self::DelServer(server()?),
            6 => Self::DelClient(client()?),
            7 => Self::ResumeTx(client()?),
            8 => Self::Exit,
            9 => Self::Ping,
            10 => Self::NewLookup { service: word(1)?, instance: word(2)? },
            11 => Self::DelLookup { service: word(1)?, instance: word(2)? },
            command => return Err(NoControl::Command(command)),
        })
    }

    /// The packet.
    pub fn encode(&self) -> [u8; CONTROL_LENGTH] {
        let server = |command, of: &Server| [command, of.service, of.instance, of.address.node, of.address.port];
        let client = |command, of: &Address| [command, of.node, of.port, 0, 0];
        let words = match self {
            Self::Hello => [2, 0, 0, 0, 0],
            Self::Bye(node) => [3, *node, 0, 0, 0],
            Self::NewServer(of) => server(4, of),
            Self::EndOfList => server(4, &Server::default()),
            Self::DelServer(of) => server(5, of),
            Self::DelClient(of) => client(6, of),
            Self::ResumeTx(of) => client(7, of),
            Self::Exit => [8, 0, 0, 0, 0],
            Self::Ping => [9, 0, 0, 0, 0],
            Self::NewLookup { service, instance } => [10, *service, *instance, 0, 0],
            Self::DelLookup { service, instance } => [11, *service, *instance, 0, 0],
        };
        let mut packet = [0; CONTROL_LENGTH];
        for (octets, word) in packet.chunks_exact_mut(4).zip(words) {
            octets.copy_from_slice(&word.to_le_bytes());
        }
        packet
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DMS: Server = Server { service: 2, instance: 0x0101, address: Address { node: 0, port: 87 } };

    /// `linux/qrtr.h`: `QRTR_TYPE_NEW_SERVER` is 4, `QRTR_TYPE_DEL_CLIENT` 6, `QRTR_TYPE_NEW_LOOKUP` 10.
    #[test]
    fn packets_have_the_octets_of_the_header() {
        let server = [4, 0, 0, 0, 2, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 87, 0, 0, 0];
        assert_eq!(Control::NewServer(DMS).encode(), server);
        let client = Address { node: 1, port: 0x4001 };
        let gone = [6, 0, 0, 0, 1, 0, 0, 0, 1, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(Control::DelClient(client).encode(), gone);
        let lookup = Control::NewLookup { service: 2, instance: 0 }.encode();
        assert_eq!(lookup, [10, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_server_without_anything_ends_a_list() {
        let mut end = [0; CONTROL_LENGTH];
        end[0] = 4;
        assert_eq!(Control::decode(&end), Ok(Control::EndOfList));
    }

    #[test]
    fn what_is_cut_short_is_told() {
        for (packet, least) in [
            (Control::Ping, 4),
            (Control::Bye(3), 8),
            (Control::DelClient(Address { node: 3, port: 7 }), 12),
            (Control::NewLookup { service: 3, instance: 1 }, 12),
            (Control::DelServer(DMS), 20),
        ] {
            let octets = packet.encode();
            for length in 0..CONTROL_LENGTH {
                let read = Control::decode(&octets[..length]);
                let wanted = if length < least { Err(NoControl::Short(length)) } else { Ok(packet) };
                assert_eq!(read, wanted, "{packet:?} of {length} octets");
            }
        }
        assert_eq!(Control::decode(&[1; 20]), Err(NoControl::Command(0x0101_0101)));
        assert_eq!(NoControl::Short(3).to_string(), "a QRTR control packet of 3 octets ends too early");
    }

    fn controls() -> impl Strategy<Value = Control> {
        let address = || (any::<u32>(), any::<u32>()).prop_map(|(node, port)| Address { node, port });
        // A server without a service or a port is none; the name server takes none.
        let server = || {
            (1_u32.., any::<u32>(), address()).prop_map(|(service, instance, address)| Server {
                service,
                instance,
                address,
            })
        };
        let lookup = || (any::<u32>(), any::<u32>());
        prop_oneof![
            Just(Control::Hello),
            any::<u32>().prop_map(Control::Bye),
            server().prop_map(Control::NewServer),
            Just(Control::EndOfList),
            server().prop_map(Control::DelServer),
            address().prop_map(Control::DelClient),
            address().prop_map(Control::ResumeTx),
            Just(Control::Exit),
            Just(Control::Ping),
            lookup().prop_map(|(service, instance)| Control::NewLookup { service, instance }),
            lookup().prop_map(|(service, instance)| Control::DelLookup { service, instance }),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(control in controls()) {
            prop_assert_eq!(Control::decode(&control.encode()), Ok(control));
        }
    }
}
