//! A QRTR network in process, with its name server: this machine's kernel may have none.
//!
//! What it keeps to is what the kernel does (`net/qrtr`): a name server on the control port of each node, which tells of
//! servers, tells the end of each list, and believes of a local server only the address that it sends from; a socket
//! that closes takes its server and its lookups along and is told to every server; a port that nobody has is an error
//! on the own node and silence on another. What it leaves out: the wire between nodes, flow control by the remote
//! (a mailbox that is full stands for it), and sockets that are bound to a port of their choice.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use lpwa::codec::qrtr::{Address, CONTROL_PORT, Control, Server};
use lpwa::port::qrtr::{Network, Socket};
use rustix::io::Errno;

/// Datagrams that a socket holds.
const MAILBOX: usize = 256;
/// The first port that the kernel gives away by itself.
const FIRST_PORT: u32 = 0x4000;

/// All nodes together. Cheap to clone.
#[derive(Clone, Default)]
pub struct Nodes(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    ports: u32,
    sockets: BTreeMap<Address, Mailbox>,
    servers: BTreeMap<Address, Server>,
    lookups: Vec<(Address, u32, u32)>,
    /// The name servers have died.
    deaf: bool,
}

#[derive(Default)]
struct Mailbox {
    waiting: VecDeque<(Vec<u8>, Address)>,
    waker: Option<Waker>,
}

/// A processor.
#[derive(Clone)]
pub struct Node {
    nodes: Nodes,
    number: u32,
}

impl Nodes {
    pub fn node(&self, number: u32) -> Node {
        Node { nodes: self.clone(), number }
    }

    /// Lookups get no answer any more.
    pub fn deafen(&self) {
        self.with(|state| state.deaf = true);
    }

    /// Sockets that are open on a node.
    pub fn sockets(&self, node: u32) -> Vec<Address> {
        self.with(|state| state.sockets.keys().filter(|address| address.node == node).copied().collect())
    }

    fn with<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        act(&mut self.0.lock().unwrap())
    }
}

impl State {
    fn post(&mut self, datagram: &[u8], from: Address, to: Address) -> io::Result<()> {
        let Some(mailbox) = self.sockets.get_mut(&to) else {
            let local = from.node == to.node;
            return if local { Err(Errno::NODEV.into()) } else { Ok(()) };
        };
        if mailbox.waiting.len() >= MAILBOX {
            return Err(ErrorKind::WouldBlock.into());
        }
        mailbox.waiting.push_back((datagram.to_vec(), from));
        mailbox.waker.take().into_iter().for_each(Waker::wake);
        Ok(())
    }

    /// What the name server of the node of `to` says to it.
    fn tell(&mut self, control: Control, to: Address) {
        let _ = self.post(&control.encode(), Address::control(to.node), to);
    }

    fn asked(&mut self, packet: &[u8], from: Address) {
        match Control::decode(packet) {
            Ok(Control::NewLookup { service, instance }) => {
                self.lookups.push((from, service, instance));
                let all: Vec<Server> = self.servers.values().copied().collect();
                for server in all.into_iter().filter(|server| matches(server, service, instance)) {
                    self.tell(Control::NewServer(server), from);
                }
                self.tell(Control::EndOfList, from);
            }
            Ok(Control::DelLookup { service, .. }) => self.lookups.retain(|(by, of, _)| (*by, *of) != (from, service)),
            Ok(Control::NewServer(server)) => {
                let server = Server { address: from, ..server };
                self.servers.insert(from, server);
                self.tell_observers(Control::NewServer(server), &server);
            }
            Ok(Control::DelServer(_)) => self.del_server(from),
            other => panic!("{from} sends to the name server: {other:?}"),
        }
    }

    fn del_server(&mut self, address: Address) {
        if let Some(server) = self.servers.remove(&address) {
            self.tell_observers(Control::DelServer(server), &server);
        }
    }

    fn tell_observers(&mut self, control: Control, server: &Server) {
        let wanted = |(_, service, instance): &&(Address, u32, u32)| matches(server, *service, *instance);
        let them: Vec<Address> = self.lookups.iter().filter(wanted).map(|(by, ..)| *by).collect();
        them.into_iter().for_each(|by| self.tell(control, by));
    }

    fn close(&mut self, address: Address) {
        self.sockets.remove(&address);
        self.lookups.retain(|(by, ..)| *by != address);
        self.del_server(address);
        let servers: Vec<Address> = self.servers.keys().copied().collect();
        servers.into_iter().for_each(|server| self.tell(Control::DelClient(address), server));
    }
}

fn matches(server: &Server, service: u32, instance: u32) -> bool {
    (service == 0 || service == server.service) && (instance == 0 || instance == server.instance)
}

impl Node {
    /// A socket as a program of the node would have it.
    pub fn open(&self) -> Box<dyn Socket> {
        self.socket().unwrap()
    }
}

impl Network for Node {
    fn socket(&self) -> io::Result<Box<dyn Socket>> {
        let address = self.nodes.with(|state| {
            let address = Address { node: self.number, port: FIRST_PORT + state.ports };
            state.ports += 1;
            state.sockets.insert(address, Mailbox::default());
            address
        });
        Ok(Box::new(InProcess { nodes: self.nodes.clone(), address }))
    }
}

struct InProcess {
    nodes: Nodes,
    address: Address,
}

impl Socket for InProcess {
    fn address(&self) -> Address {
        self.address
    }

    fn send(&self, datagram: &[u8], to: Address) -> io::Result<()> {
        self.nodes.with(|state| match to {
            Address { node, port: CONTROL_PORT } if node == self.address.node => {
                if !state.deaf {
                    state.asked(datagram, self.address);
                }
                Ok(())
            }
            // Which sockets a node has is its own affair; that nobody is there is known.
            Address { node, .. } if state.sockets.keys().all(|other| other.node != node) => {
                Err(Errno::CONNRESET.into())
            }
            _ => state.post(datagram, self.address, to),
        })
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<(usize, Address)>> {
        self.nodes.with(|state| {
            let mailbox = state.sockets.get_mut(&self.address).expect("an open socket has a mailbox");
            let Some((datagram, from)) = mailbox.waiting.pop_front() else {
                mailbox.waker = Some(cx.waker().clone());
                return Poll::Pending;
            };
            let length = datagram.len().min(buffer.len());
            buffer[..length].copy_from_slice(&datagram[..length]);
            Poll::Ready(Ok((length, from)))
        })
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        self.nodes.with(|state| state.close(self.address));
    }
}
