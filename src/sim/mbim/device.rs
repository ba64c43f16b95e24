//! What the modem is, whose card it has, and whether its radio is on.

use crate::codec::mbim::message::choices::*;
use crate::codec::mbim::message::vendor::{self, QuectelRadioSwitchState};
use crate::codec::mbim::message::{basic_connect as basic, microsoft};
use crate::codec::mbim::{Status, Uuid, Version};
use crate::sim::agenda::Due;
use crate::sim::card::CardState;
use crate::sim::modem::SimModem;
use crate::spec::rat::Rat;

use super::ask::{Answer, Ask};

/// Sessions of data at the same time.
pub(super) const SESSIONS: u32 = 4;

/// The class of a technology. 5G has one bit since MBIMEx 3.0, and two before: NSA and SA.
pub(super) fn data_class(rat: Rat, version: Version) -> DataClass {
    match rat {
        Rat::Gsm | Rat::EcGsm => DataClass::GPRS | DataClass::EDGE,
        Rat::Umts => DataClass::UMTS | DataClass::HSDPA | DataClass::HSUPA,
        Rat::Lte | Rat::LteM | Rat::NbIot => DataClass::LTE,
        Rat::Nr if version >= Version::V3 => DataClass::NR_NSA,
        Rat::Nr => DataClass::NR_SA,
    }
}

impl SimModem {
    pub(super) fn data_classes(&self, version: Version) -> DataClass {
        let rats = self.definition.capabilities.rats.iter();
        rats.fold(DataClass::default(), |classes, rat| classes | data_class(*rat, version))
    }

    /// What the modem is.
    pub(super) fn mbim_caps(&self, version: Version) -> basic::DeviceCaps {
        basic::DeviceCaps {
            device_type: DeviceType::Embedded,
            cellular_class: CellularClass::GSM,
            voice_class: VoiceClass::NoVoice,
            sim_class: SimClass::REMOVABLE,
            data_class: self.data_classes(version),
            sms_caps: SmsCaps::PDU_RECEIVE | SmsCaps::PDU_SEND,
            control_caps: CtrlCaps::REG_MANUAL,
            max_sessions: SESSIONS,
            custom_data_class: String::new(),
            device_id: self.profile.imei.clone(),
            firmware_info: self.profile.revision.clone(),
            hardware_info: self.profile.product(&self.definition),
        }
    }

    /// Whether the card is ready, and whose it is.
    pub(super) fn mbim_subscriber(&self) -> basic::SubscriberReadyStatus {
        let ready_state = match self.card.state() {
            CardState::Absent => SubscriberReadyState::SimNotInserted,
            CardState::Blocked => SubscriberReadyState::BadSim,
            _ if self.agenda.has(&Due::SimReady) => SubscriberReadyState::NotInitialized,
            CardState::Pin | CardState::Puk => SubscriberReadyState::DeviceLocked,
            CardState::Ready => SubscriberReadyState::Initialized,
        };
        let mut status = basic::SubscriberReadyStatus { ready_state, ..basic::SubscriberReadyStatus::default() };
        let removable = SubscriberReadyStatusFlag::SIM_REMOVABILITY_KNOWN | SubscriberReadyStatusFlag::SIM_REMOVABLE;
        status.flags = removable.into();
        if !matches!(ready_state, SubscriberReadyState::SimNotInserted | SubscriberReadyState::NotInitialized) {
            status.sim_icc_id = self.card.iccid.clone().into();
        }
        if ready_state == SubscriberReadyState::Initialized {
            status.subscriber_id = self.card.imsi.clone().into();
            status.telephone_numbers = crate::private::Private::new(self.card.number.iter().cloned().collect());
        }
        status
    }

    pub(super) fn mbim_radio(&self) -> basic::RadioState {
        let on = if self.kept.cfun == 1 { RadioSwitchState::On } else { RadioSwitchState::Off };
        basic::RadioState { hw_radio_state: RadioSwitchState::On, sw_radio_state: on }
    }

    fn switch_radio(&mut self, on: bool) {
        // Off is the flight mode: the card stays up (TS 27.007 clause 8.2).
        self.kept.cfun = if on { 1 } else { 4 };
        self.radio_follows();
    }
}

pub(super) fn caps(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    ask.answer(&modem.mbim_caps(ask.version))
}

pub(super) fn subscriber(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    ask.answer(&modem.mbim_subscriber())
}

pub(super) fn radio(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    if !ask.set {
        return ask.answer(&modem.mbim_radio());
    }
    let wanted: basic::SetRadioState = ask.read()?;
    modem.switch_radio(wanted.radio_state == RadioSwitchState::On);
    Ok(ask.answer(&modem.mbim_radio())?.taking(modem.profile.cfun))
}

/// Quectel's own switch, which also tells of the lock of the FCC: there is none here.
pub(super) fn quectel_radio(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    if ask.set {
        let wanted: vendor::RadioState = ask.read()?;
        modem.switch_radio(wanted.radio_state == QuectelRadioSwitchState::On);
    }
    let on = modem.kept.cfun == 1;
    let radio_state = if on { QuectelRadioSwitchState::On } else { QuectelRadioSwitchState::Off };
    ask.answer(&vendor::RadioState { radio_state })
}

pub(super) fn idle(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    if ask.set {
        modem.mbim.idle = ask.read::<basic::NetworkIdleHint>()?.state == NetworkIdleHintState::Enabled;
    }
    let state = if modem.mbim.idle { NetworkIdleHintState::Enabled } else { NetworkIdleHintState::Disabled };
    ask.answer(&basic::NetworkIdleHint { state })
}

/// There is no voice, so there are no emergency calls.
pub(super) fn emergency(_: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    ask.answer(&basic::EmergencyMode { state: EmergencyModeState::Off })
}

/// The firmware's identity: its revision, filled up with zeros.
pub(super) fn firmware(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let mut octets = modem.profile.revision.bytes().chain(std::iter::repeat(0));
    let firmware_id = Uuid([(); 16].map(|()| octets.next().unwrap_or(0)));
    ask.answer(&microsoft::FirmwareId { firmware_id })
}

/// The host shuts down: the modem leaves the network in good order.
pub(super) fn host_shutdown(modem: &mut SimModem, _: &Ask) -> Result<Answer, Status> {
    modem.detach();
    Ok(Answer::done())
}
