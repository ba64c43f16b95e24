//! Indications: what changed in the world since the host was told, to those who want to know.

use crate::codec::qmi::{Body, Message, Service, dms, nas, uim, wds, wms};
use crate::sim::modem::SimModem;

use super::{registration, uim as card};

/// ESM cause 36, regular deactivation (TS 24.301 §9.9.4.4).
const REGULAR_DEACTIVATION: i16 = 36;

/// What a client wants to be told of.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Wants {
    /// Operating mode and PIN (DMS), messages (WMS).
    pub(super) event_report: bool,
    /// Cards and slots (UIM).
    pub(super) events: uim::Events,
    pub(super) serving_system: bool,
    pub(super) system_info: bool,
    pub(super) signal_info: bool,
    pub(super) network_reject: bool,
}

/// What was told last.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    mode: Option<dms::OperatingMode>,
    serving: nas::ServingSystemChanged,
    system: nas::SystemInfoChanged,
    signal: nas::SignalInfoChanged,
    reject: Option<u8>,
    card: uim::CardStatus,
    slots: Option<uim::SlotStatusChanged>,
    messages: Vec<u32>,
}

impl SimModem {
    /// A client registers for indications.
    pub(super) fn wanting(&mut self, request: &Message, change: impl FnOnce(&mut Wants)) {
        if let Some(client) = self.qmi.clients.get_mut(&(request.service, request.client)) {
            change(&mut client.wants);
        }
    }

    /// Tells of what is no longer as it was told. Does nothing while nobody listens.
    pub(in crate::sim) fn tell(&mut self) {
        if self.qmi.clients.is_empty() {
            return;
        }
        self.tell_registration();
        self.tell_card();
        self.tell_mode();
        self.tell_messages();
        self.tell_calls();
    }

    fn tell_registration(&mut self) {
        let (serving, system) = (registration::serving_changed(self), registration::system_changed(self));
        let signal = registration::signal_changed(self);
        if std::mem::replace(&mut self.qmi.told.serving, serving.clone()) != serving {
            self.tell_those(Service::NAS, |wants| wants.serving_system, &serving);
        }
        if std::mem::replace(&mut self.qmi.told.system, system.clone()) != system {
            self.tell_those(Service::NAS, |wants| wants.system_info, &system);
        }
        if std::mem::replace(&mut self.qmi.told.signal, signal.clone()) != signal {
            self.tell_those(Service::NAS, |wants| wants.signal_info, &signal);
        }
        let reject = self.radio.reject();
        if std::mem::replace(&mut self.qmi.told.reject, reject) != reject
            && let Some(cause) = reject
        {
            let refusal = registration::refusal(self, cause);
            self.tell_those(Service::NAS, |wants| wants.network_reject, &refusal);
        }
    }

    fn tell_card(&mut self) {
        let status = card::card_status(self);
        if std::mem::replace(&mut self.qmi.told.card, status.clone()) != status {
            let changed = uim::CardStatusChanged { status: Some(status), ..Default::default() };
            self.tell_those(Service::UIM, |wants| wants.events.has(uim::Events::CARD_STATUS), &changed);
        }
        let (slots, information, eids) = card::slots(self);
        let changed = uim::SlotStatusChanged {
            slots: Some(slots),
            information: Some(information),
            eids: Some(eids),
            ..Default::default()
        };
        if self.qmi.told.slots.as_ref() != Some(&changed) {
            let first = self.qmi.told.slots.replace(changed.clone()).is_none();
            if !first {
                self.tell_those(Service::UIM, |wants| wants.events.has(uim::Events::PHYSICAL_SLOT_STATUS), &changed);
            }
        }
    }

    fn tell_mode(&mut self) {
        let mode = super::dms::mode(self);
        if self.qmi.told.mode.replace(mode) != Some(mode) {
            let report = dms::EventReport { operating_mode: Some(mode), ..Default::default() };
            self.tell_those(Service::DMS, |wants| wants.event_report, &report);
        }
    }

    fn tell_messages(&mut self) {
        let stored: Vec<u32> = self.inbox.iter().map(|(index, _)| index).collect();
        let before = std::mem::replace(&mut self.qmi.told.messages, stored.clone());
        let new: Vec<(u32, bool)> = self.inbox.iter().map(|(index, message)| (index, message.read)).collect();
        for (index, _) in new.into_iter().filter(|(index, read)| !read && !before.contains(index)) {
            let stored = wms::StoredMessage { storage: wms::Storage::Nv, index };
            let report = wms::EventReport { stored: Some(stored), mode: Some(wms::Mode::Gsm), ..Default::default() };
            self.tell_those(Service::WMS, |wants| wants.event_report, &report);
        }
    }

    /// Calls whose context went down.
    fn tell_calls(&mut self) {
        let lost = |client: &super::Client| {
            client.call.as_ref().filter(|call| !self.leases.contains_key(&call.context)).map(|call| call.family)
        };
        let ended: Vec<_> = self.qmi.clients.iter().filter_map(|(id, client)| Some((*id, lost(client)?))).collect();
        for (id, family) in ended {
            if let Some(client) = self.qmi.clients.get_mut(&id) {
                client.call = None;
            }
            let status = wds::PacketStatus { status: wds::ConnectionStatus::Disconnected, reconfigure: false };
            let reason = wds::VerboseEndReason { kind: wds::EndReasonType::ThreeGpp, reason: REGULAR_DEACTIVATION };
            let changed = wds::PacketServiceStatusChanged {
                status: Some(status),
                end_reason: Some(wds::EndReason::GsmWcdmaRegularDeactivation),
                verbose_end_reason: Some(reason),
                ip_family: Some(family),
                ..Default::default()
            };
            self.indicate(id, &changed);
        }
    }

    fn tell_those<B: Body>(&mut self, service: Service, wants: impl Fn(&Wants) -> bool, body: &B) {
        let all = self.qmi.clients.iter().filter(|((own, _), client)| *own == service && wants(&client.wants));
        let ids: Vec<_> = all.map(|(id, _)| *id).collect();
        for id in ids {
            self.indicate(id, body);
        }
    }
}
