//! Notifications: what has changed since a host was told.

use crate::codec::mbim::message::Cid;
use crate::codec::mbim::message::choices::ActivationState;
use crate::codec::mbim::message::{basic_connect as basic, sms};
use crate::codec::mbim::{Body, Frame, Record, Service, Version, encode};
use crate::sim::modem::SimModem;

/// What hosts were told, or have seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Told {
    subscriber: basic::SubscriberReadyStatus,
    radio: basic::RadioState,
    register: basic::RegisterStateInfo,
    packet_service: basic::PacketService,
    signal: basic::SignalState,
    sessions: Vec<(u32, bool)>,
    messages: Vec<u32>,
}

impl SimModem {
    fn present(&self) -> Told {
        let sessions = self.session_ids().into_iter().map(|id| (id, self.session(id).is_some()));
        Told {
            subscriber: self.mbim_subscriber(),
            radio: self.mbim_radio(),
            register: self.mbim_register_state(Version::V1),
            packet_service: self.mbim_packet_service(Version::V1),
            signal: self.mbim_signal(Version::V1),
            sessions: sessions.collect(),
            messages: self.inbox.iter().map(|(index, _)| index).collect(),
        }
    }

    /// Tells hosts with an open session what has changed.
    pub(in crate::sim) fn mbim_tell(&mut self) {
        if !self.mbim.links.values().any(|link| link.open.is_some()) || !self.mbim_is_awake() {
            return;
        }
        let now = self.present();
        let before = std::mem::replace(&mut self.mbim.told, now.clone());
        if before == now {
            return;
        }
        if before.subscriber != now.subscriber {
            self.tell_all(&basic::SUBSCRIBER_READY_STATUS, |modem, _| modem.mbim_subscriber());
        }
        if before.radio != now.radio {
            self.tell_all(&basic::RADIO_STATE, |modem, _| modem.mbim_radio());
        }
        if before.register != now.register {
            self.tell_all(&basic::REGISTER_STATE, Self::mbim_register_state);
        }
        if before.packet_service != now.packet_service {
            self.tell_all(&basic::PACKET_SERVICE, Self::mbim_packet_service);
        }
        if before.signal.rssi != now.signal.rssi {
            self.tell_all(&basic::SIGNAL_STATE, Self::mbim_signal);
        }
        self.tell_sessions(&before.sessions, &now.sessions);
        for index in now.messages.iter().filter(|index| !before.messages.contains(index)) {
            self.tell_of(Service::Sms, &sms::MESSAGE_STORE_STATUS, |modem, _| {
                modem.mbim_store(index.saturating_add(1))
            });
        }
    }

    /// A context that went down without its host is told of; one that came up, its host asked for.
    fn tell_sessions(&mut self, before: &[(u32, bool)], now: &[(u32, bool)]) {
        let lost = now.iter().filter(|(id, up)| !up && before.contains(&(*id, true)));
        for (id, _) in lost.copied().collect::<Vec<_>>() {
            self.tell_all(&basic::CONNECT, |modem, _| basic::Connect {
                activation_state: ActivationState::Deactivated,
                ..modem.mbim_connect(id)
            });
        }
    }

    fn tell_all<T: Record>(&mut self, cid: &Cid, say: impl Fn(&Self, Version) -> T) {
        self.tell_of(Service::BasicConnect, cid, say);
    }

    fn tell_of<T: Record>(&mut self, service: Service, cid: &Cid, say: impl Fn(&Self, Version) -> T) {
        let wanting = |link: &super::Link| link.wants(service, cid.number);
        let links: Vec<_> =
            self.mbim.links.iter().filter(|(_, link)| wanting(link)).map(|(id, link)| (*id, link.version)).collect();
        for (link, version) in links {
            let body = Body::indicate(service, cid, encode(&say(self, version), version));
            self.mbim_send(link, self.now, &Frame { transaction: 0, body });
        }
    }
}
