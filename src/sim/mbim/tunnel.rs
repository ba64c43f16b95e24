//! QMI over MBIM: frames of QMI inside commands and notifications, to and from the modem's QMI side.

use std::time::Duration;

use crate::codec::mbim::message::tunnel::{QMI_MSG, Qmi};
use crate::codec::mbim::{Body, Frame, Service, Status, encode};
use crate::codec::qmi::{self, Message};
use crate::sim::modem::SimModem;
use crate::sim::qmi::{QmiLink, QmiPort};

use super::ask::{Answer, Ask};
use super::{MbimLink, WAITING};

/// What ties an answer of QMI to its question.
type Key = (qmi::Service, u8, u16);

/// The QMI side of a link, and the commands that wait for an answer from there.
#[derive(Debug, Clone)]
pub(super) struct Tunnel {
    link: QmiLink,
    waiting: Vec<(Key, u32)>,
}

fn key(message: &Message) -> Key {
    (message.service, message.client, message.transaction)
}

impl SimModem {
    /// A command that carries a request of QMI: its answer comes when QMI has one.
    pub(super) fn mbim_qmi(&mut self, ask: &Ask) {
        let request = ask.read::<Qmi>().map(|qmi| qmi.msg.0);
        let message = request.as_ref().ok().and_then(|frame| Message::decode(frame).ok());
        let (Ok(frame), Some(message)) = (request, message) else {
            return self.answer_mbim(ask, Answer::refused(Status::InvalidParameters), None);
        };
        let Some(qmi) = self.tunnel(ask.link) else { return };
        let now = self.now;
        if let Some(tunnel) = self.mbim.links.get_mut(&ask.link).and_then(|link| link.tunnel.as_mut()) {
            if tunnel.waiting.len() >= WAITING {
                tunnel.waiting.clear();
            }
            tunnel.waiting.push((key(&message), ask.transaction));
        }
        self.qmi_receive(now, qmi, &frame);
    }

    /// The QMI side of a link; it is opened with the first request.
    fn tunnel(&mut self, link: MbimLink) -> Option<QmiLink> {
        if let Some(tunnel) = &self.mbim.links.get(&link)?.tunnel {
            return Some(tunnel.link);
        }
        let qmi = self.qmi_open(self.now, QmiPort::Device);
        self.mbim.links.get_mut(&link)?.tunnel = Some(Tunnel { link: qmi, waiting: Vec::new() });
        Some(qmi)
    }

    pub(super) fn close_tunnel(&mut self, link: MbimLink) {
        let tunnel = self.mbim.links.get_mut(&link).and_then(|link| link.tunnel.take());
        if let Some(tunnel) = tunnel {
            self.qmi_close(self.now, tunnel.link);
        }
    }

    pub(super) fn tunnel_deadline(&self, link: MbimLink) -> Option<Duration> {
        let tunnel = self.mbim.links.get(&link)?.tunnel.as_ref()?;
        self.qmi_deadline(tunnel.link)
    }

    /// Takes over what QMI has to say.
    pub(super) fn pull_tunnel(&mut self, now: Duration, link: MbimLink) {
        let Some(qmi) = self.mbim.links.get(&link).and_then(|link| link.tunnel.as_ref()).map(|t| t.link) else {
            return;
        };
        while let Some(frame) = self.qmi_poll(now, qmi) {
            let Ok(message) = Message::decode(&frame) else { continue };
            let Some(end) = self.mbim.links.get_mut(&link).filter(|end| end.open.is_some()) else { continue };
            let waiting = end.tunnel.as_mut().map(|tunnel| &mut tunnel.waiting);
            let answered = waiting.and_then(|waiting| {
                let at = waiting.iter().position(|(known, _)| *known == key(&message))?;
                Some(waiting.remove(at).1).filter(|_| message.kind != qmi::Kind::Indication)
            });
            let buffer = encode(&Qmi { msg: frame.into() }, end.version);
            let body = match answered {
                Some(_) => Body::done(Service::Qmi, &QMI_MSG, Status::SUCCESS, buffer),
                None => Body::indicate(Service::Qmi, &QMI_MSG, buffer),
            };
            self.mbim_send(link, now, &Frame { transaction: answered.unwrap_or(0), body });
        }
    }
}
