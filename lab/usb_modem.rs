//! A USB modem made of software, for the lab: the kernel's own drivers find it, and lpwa finds what they make of it.
//!
//! `vhci_hcd` takes a socket for the cable of a USB port and speaks USB/IP on it (the kernel's
//! `Documentation/usb/usbip_protocol.rst`). What is plugged in has the identity and the QMI interface of an EG25-G, which
//! `qmi_wwan` takes: control messages go to the simulated modem, packets to a host beyond it that answers pings.
//!
//!     usb_modem SCENARIO       # until it is killed, which unplugs it
#![allow(clippy::indexing_slicing, reason = "a program of the lab: what the kernel sends is as long as it says")]

use std::collections::VecDeque;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream as StdStream;

use anyhow::{Context, bail};
use lpwa::codec::qmi::{FrameReader, Framed};
use lpwa::modem::definition::Library;
use lpwa::sim::{QmiPort, Scenario, Simulated, Speech};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::UnixStream;

/// Port 0 of the first virtual controller.
const CONTROLLER: &str = "/sys/devices/platform/vhci_hcd.0";
/// `USB_SPEED_HIGH` of `linux/usb/ch9.h`.
const HIGH_SPEED: u32 = 3;
/// Octets of every USB/IP header.
const HEADER: usize = 48;
/// USB/IP commands.
const SUBMIT: u32 = 1;
const UNLINK: u32 = 2;
const RET_SUBMIT: u32 = 3;
const RET_UNLINK: u32 = 4;
/// Negated errno values.
const EPIPE: i32 = -32;
const ECONNRESET: i32 = -104;

/// The interface that `qmi_wwan` knows as that of an EC25 or EG25-G, and its endpoints.
const QMI_INTERFACE: u8 = 4;
const NOTICES: u8 = 9;
const PACKETS_IN: u8 = 8;
const PACKETS_OUT: u8 = 5;

/// USB 2.0 §9.6.1: vendor 2c7c, product 0125.
const DEVICE: [u8; 18] = [18, 1, 0x00, 0x02, 0, 0, 0, 64, 0x7C, 0x2C, 0x25, 0x01, 0x18, 0x03, 1, 2, 0, 1];
/// USB 2.0 §9.6.3 to §9.6.6: one interface, of the maker's own class, with three endpoints.
#[rustfmt::skip]
const CONFIGURATION: [u8; 39] = [
    9, 2, 39, 0, 1, 1, 0, 0xA0, 250, // configuration 1, remote wake-up, 500 mA
    9, 4, QMI_INTERFACE, 0, 3, 0xFF, 0xFF, 0xFF, 0, // interface
    7, 5, 0x80 | NOTICES, 3, 8, 0, 9, // interrupt in, 8 octets
    7, 5, 0x80 | PACKETS_IN, 2, 0, 2, 0, // bulk in, 512 octets
    7, 5, PACKETS_OUT, 2, 0, 2, 0, // bulk out, 512 octets
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1).context("usage: usb_modem SCENARIO")?;
    let scenario: Scenario = std::fs::read_to_string(&path)?.parse()?;
    let definition = Library::builtin().get(scenario.model()).context("the scenario's model has no file")?;
    let modem = Simulated::new(scenario.build(definition));
    let (ours, kernels) = StdStream::pair()?;
    let plug = format!("0 {} 1 {HIGH_SPEED}", kernels.as_raw_fd());
    std::fs::write(format!("{CONTROLLER}/attach"), plug).context("load vhci-hcd")?;
    drop(kernels);
    ours.set_nonblocking(true)?;
    let control = modem.open_line(Speech::Qmi(QmiPort::Device))?;
    Usb::new(UnixStream::from_std(ours)?, control).run().await
}

/// A request of the kernel for an endpoint.
struct Urb {
    sequence: u32,
    endpoint: u8,
    is_in: bool,
    length: usize,
    setup: [u8; 8],
    data: Vec<u8>,
}

struct Usb {
    cable: UnixStream,
    control: DuplexStream,
    frames: FrameReader,
    /// Requests for what there is nothing of yet.
    pending: VecDeque<Urb>,
    /// Control messages that the host has not fetched, and for how many it has not been told so.
    messages: VecDeque<Vec<u8>>,
    untold: usize,
    packets: VecDeque<Vec<u8>>,
}

impl Usb {
    fn new(cable: UnixStream, control: DuplexStream) -> Self {
        let (pending, messages, packets) = (VecDeque::new(), VecDeque::new(), VecDeque::new());
        Self { cable, control, frames: FrameReader::new(), pending, messages, untold: 0, packets }
    }

    async fn run(mut self) -> anyhow::Result<()> {
        let (mut input, mut chunk, mut message) = (Vec::new(), [0; 16 * 1024], [0; 4096]);
        loop {
            tokio::select! {
                read = self.cable.read(&mut chunk) => match read? {
                    0 => bail!("the kernel has pulled the plug"),
                    length => input.extend_from_slice(&chunk[..length]),
                },
                read = self.control.read(&mut message) => {
                    let length = read?;
                    self.frames.push(&message[..length]);
                    while let Some(Framed::Frame(frame)) = self.frames.next() {
                        self.messages.push_back(frame);
                        self.untold += 1;
                    }
                }
            }
            while let Some(length) = whole(&input) {
                let rest = input.split_off(length);
                self.heard(&std::mem::replace(&mut input, rest)).await?;
            }
            self.complete().await?;
        }
    }

    /// One message of the kernel.
    async fn heard(&mut self, message: &[u8]) -> anyhow::Result<()> {
        let sequence = word(message, 4);
        if word(message, 0) == UNLINK {
            let unlinked = word(message, 20);
            let before = self.pending.len();
            self.pending.retain(|urb| urb.sequence != unlinked);
            let status = if self.pending.len() < before { ECONNRESET } else { 0 };
            return self.answer(RET_UNLINK, sequence, status, 0, &[]).await;
        }
        let urb = Urb {
            sequence,
            endpoint: message[19],
            is_in: word(message, 12) == 1,
            length: word(message, 24) as usize,
            setup: message[40..48].try_into()?,
            data: message[HEADER..].to_vec(),
        };
        match urb.endpoint {
            0 => self.asked(urb).await,
            PACKETS_OUT if !urb.is_in => {
                self.packets.extend(beyond(&urb.data));
                self.done(&urb, &[]).await
            }
            _ => {
                self.pending.push_back(urb);
                Ok(())
            }
        }
    }

    /// A request to endpoint 0: what every device answers, and the control messages (USB CDC 1.2 §6.2).
    async fn asked(&mut self, urb: Urb) -> anyhow::Result<()> {
        let [kind, request, index, value, ..] = urb.setup;
        match (kind, request) {
            (0x80, 0x06) => match descriptor(value, index) {
                Some(descriptor) => self.done(&urb, &descriptor).await,
                None => self.answer(RET_SUBMIT, urb.sequence, EPIPE, 0, &[]).await,
            },
            // Status: powered by itself, awake.
            (0x80..=0x82, 0x00) => self.done(&urb, &[1, 0]).await,
            // The encapsulated command and response.
            (0x21, 0x00) => {
                self.control.write_all(&urb.data).await?;
                self.done(&urb, &[]).await
            }
            (0xA1, 0x01) => {
                let message = self.messages.pop_front().unwrap_or_default();
                self.done(&urb, &message).await
            }
            // What is set (configuration, alternate setting, features, DTR) is as it was.
            _ if !urb.is_in => self.done(&urb, &[]).await,
            _ => self.answer(RET_SUBMIT, urb.sequence, EPIPE, 0, &[]).await,
        }
    }

    /// Answers requests for which there is something now.
    async fn complete(&mut self) -> anyhow::Result<()> {
        loop {
            let has = |urb: &Urb| match urb.endpoint {
                NOTICES => self.untold > 0,
                PACKETS_IN => !self.packets.is_empty(),
                _ => false,
            };
            let Some(urb) = self.pending.iter().position(has).and_then(|at| self.pending.remove(at)) else {
                return Ok(());
            };
            let data = if urb.endpoint == NOTICES {
                self.untold -= 1;
                // RESPONSE_AVAILABLE (USB CDC 1.2 §6.3.2).
                vec![0xA1, 0x01, 0, 0, QMI_INTERFACE, 0, 0, 0]
            } else {
                self.packets.pop_front().unwrap_or_default()
            };
            self.done(&urb, &data).await?;
        }
    }

    /// A request is fulfilled, with `data` where it asked for some.
    async fn done(&mut self, urb: &Urb, data: &[u8]) -> anyhow::Result<()> {
        let data = &data[..data.len().min(urb.length)];
        let length = if urb.is_in { data.len() } else { urb.data.len() };
        self.answer(RET_SUBMIT, urb.sequence, 0, length, data).await
    }

    async fn answer(
        &mut self,
        command: u32,
        sequence: u32,
        status: i32,
        length: usize,
        data: &[u8],
    ) -> anyhow::Result<()> {
        let mut message = vec![0; HEADER];
        message[0..4].copy_from_slice(&command.to_be_bytes());
        message[4..8].copy_from_slice(&sequence.to_be_bytes());
        message[20..24].copy_from_slice(&status.to_be_bytes());
        message[24..28].copy_from_slice(&u32::try_from(length)?.to_be_bytes());
        message.extend(data);
        Ok(self.cable.write_all(&message).await?)
    }
}

/// How long the message is that starts here; `None`: more octets are needed.
fn whole(input: &[u8]) -> Option<usize> {
    if input.len() < HEADER {
        return None;
    }
    // Only what goes to the device has data.
    let data = if word(input, 0) == SUBMIT && word(input, 12) == 0 { word(input, 24) as usize } else { 0 };
    Some(HEADER + data).filter(|length| *length <= input.len())
}

fn word(message: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([message[at], message[at + 1], message[at + 2], message[at + 3]])
}

fn descriptor(kind: u8, index: u8) -> Option<Vec<u8>> {
    let text = |text: &str| {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [&[units.len() as u8 + 2, 3], units.as_slice()].concat()
    };
    match (kind, index) {
        (1, 0) => Some(DEVICE.to_vec()),
        (2, 0) => Some(CONFIGURATION.to_vec()),
        // English.
        (3, 0) => Some(vec![4, 3, 0x09, 0x04]),
        (3, 1) => Some(text("Quectel")),
        (3, 2) => Some(text("EG25-G")),
        _ => None,
    }
}

/// What comes back for a transfer, be it a packet or one with a header of QMAP before it: `00 | mux id | length u16`, which
/// no packet starts like. The host puts one packet in a transfer.
fn beyond(transfer: &[u8]) -> Option<Vec<u8>> {
    match transfer {
        [0, mux_id, high, low, packet @ ..] => Some([&[0, *mux_id, *high, *low], echo(packet)?.as_slice()].concat()),
        packet => echo(packet),
    }
}

/// The answer of a host to a packet: an echo reply to an IPv4 echo request (RFC 792), else nothing.
fn echo(packet: &[u8]) -> Option<Vec<u8>> {
    let start = usize::from(packet.first()? & 0x0F) * 4;
    if packet[0] >> 4 != 4 || packet.len() < start + 8 || packet[9] != 1 || packet[start] != 8 {
        return None;
    }
    let mut reply = packet.to_vec();
    reply[12..16].copy_from_slice(&packet[16..20]);
    reply[16..20].copy_from_slice(&packet[12..16]);
    reply[start] = 0;
    // Type 8 became 0: the ones' complement sum is 0x0800 less, its complement as much more (RFC 1624).
    let (sum, carry) = u16::from_be_bytes([packet[start + 2], packet[start + 3]]).overflowing_add(0x0800);
    reply[start + 2..start + 4].copy_from_slice(&(sum + u16::from(carry)).to_be_bytes());
    Some(reply)
}
