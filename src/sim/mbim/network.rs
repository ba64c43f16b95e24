//! The network: registration, attachment, signal, other networks, the clock.

use crate::codec::mbim::list::Array;
use crate::codec::mbim::message::basic_connect::{self as basic, Provider, RsrpSnr, SignalState};
use crate::codec::mbim::message::choices::*;
use crate::codec::mbim::message::microsoft;
use crate::codec::mbim::{Status, Version};
use crate::sim::modem::SimModem;
use crate::sim::network::Cell;
use crate::sim::settings::Selection;
use crate::spec::plmn::Plmn;
use crate::spec::rat::Rat;
use crate::spec::registration::Registration;

use super::ask::{Answer, Ask};
use super::device::data_class;

/// What is said of a value that is not known.
const NOT_KNOWN: u32 = 99;

impl SimModem {
    pub(super) fn mbim_register_state(&self, version: Version) -> basic::RegisterStateInfo {
        let registration = self.radio.registration();
        let register_state = match registration {
            Registration::Home => RegisterState::Home,
            Registration::Roaming => RegisterState::Roaming,
            Registration::Searching => RegisterState::Searching,
            Registration::Denied => RegisterState::Denied,
            _ => RegisterState::Deregistered,
        };
        let serving = self.serving();
        let classes = serving.map(|cell| data_class(cell.rat, version)).unwrap_or_default();
        let refused = self.radio.reject().filter(|_| !registration.is_registered());
        basic::RegisterStateInfo {
            nw_error: NwError::from_number(refused.map_or(0, u32::from)),
            register_state,
            register_mode: match self.kept.selection {
                Selection::Manual(_) => RegisterMode::Manual,
                _ => RegisterMode::Automatic,
            },
            available_data_classes: classes,
            current_cellular_class: CellularClass::GSM,
            provider_id: serving.and_then(|cell| cell.plmn).map(|plmn| plmn.to_string()).unwrap_or_default(),
            provider_name: serving.map(|cell| cell.operator.clone()).unwrap_or_default(),
            roaming_text: String::new(),
            registration_flag: RegistrationFlag::PACKET_SERVICE_AUTOMATIC_ATTACH,
            preferred_data_classes: self.data_classes(version).into(),
        }
    }

    pub(super) fn mbim_packet_service(&self, version: Version) -> basic::PacketService {
        let serving = self.serving();
        let packet_service_state = match (serving, self.radio.registration()) {
            (Some(_), _) => PacketServiceState::Attached,
            (None, Registration::Searching) => PacketServiceState::Attaching,
            _ => PacketServiceState::Detached,
        };
        let (uplink_speed, downlink_speed) = serving.map_or((0, 0), |cell| speeds(cell.rat));
        let refused = self.radio.reject().filter(|_| serving.is_none());
        basic::PacketService {
            nw_error: Cause(NwError::from_number(refused.map_or(0, u32::from))),
            packet_service_state,
            highest_available_data_class: serving.map(|cell| data_class(cell.rat, version)).unwrap_or_default(),
            uplink_speed,
            downlink_speed,
            tai: serving.map(tracking_area).unwrap_or_default().into(),
            ..basic::PacketService::default()
        }
    }

    pub(super) fn mbim_signal(&self, version: Version) -> SignalState {
        let asked = &self.mbim.signal;
        let cell = self.radio.cell();
        let levels = |cell: &Cell| RsrpSnr {
            rsrp: RsrpSnr::coded_rsrp(cell.rsrp),
            snr: RsrpSnr::coded_snr(cell.sinr),
            system_type: data_class(cell.rat, version),
            ..RsrpSnr::default()
        };
        SignalState {
            rssi: cell.map_or(NOT_KNOWN, |cell| SignalState::coded_rssi(cell.rssi)),
            error_rate: NOT_KNOWN,
            signal_strength_interval: asked.signal_strength_interval,
            rssi_threshold: asked.rssi_threshold,
            error_rate_threshold: asked.error_rate_threshold,
            rsrp_snr: cell.into_iter().map(levels).collect::<Array<_>>().into(),
        }
    }

    fn on_the_air(&self) -> Result<(), Status> {
        if self.kept.cfun == 1 { self.mbim_card() } else { Err(Status::RadioPowerOff) }
    }

    fn provider(&self, plmn: Plmn, name: &str, provider_state: ProviderState) -> Provider {
        Provider {
            provider_id: plmn.to_string(),
            provider_state,
            provider_name: name.to_owned(),
            cellular_class: CellularClass::GSM,
            rssi: NOT_KNOWN,
            error_rate: NOT_KNOWN,
        }
    }

    fn home_provider(&self) -> Option<Provider> {
        let home = self.home()?;
        let heard = self.network.cells.iter().find(|cell| cell.plmn == Some(home));
        let name = self.card.provider.as_deref().or(heard.map(|cell| cell.operator.as_str())).unwrap_or_default();
        Some(self.provider(home, name, ProviderState::HOME))
    }

    /// Networks in reach, one entry each.
    fn providers(&self) -> Vec<Provider> {
        let mut found: Vec<Provider> = Vec::new();
        let own = self.serving().and_then(|cell| cell.plmn);
        for cell in self.network.cells.iter().filter(|_| self.network.coverage) {
            let Some(plmn) = cell.plmn.filter(|p| !found.iter().any(|f| f.provider_id == p.to_string())) else {
                continue;
            };
            let mut state = ProviderState::VISIBLE;
            if Some(plmn) == self.home() {
                state = state | ProviderState::HOME;
            }
            if Some(plmn) == own {
                state = state | ProviderState::REGISTERED;
            } else if self.radio.reject().is_some() && self.radio.cell().is_some_and(|c| c.plmn == Some(plmn)) {
                state = state | ProviderState::FORBIDDEN;
            }
            let rssi = SignalState::coded_rssi(cell.rssi);
            found.push(Provider { rssi, ..self.provider(plmn, &cell.operator, state) });
        }
        found
    }
}

fn tracking_area(cell: &Cell) -> basic::Tai {
    let number = |text: String| text.parse().unwrap_or(0);
    let (mcc, mnc) = cell.plmn.map_or((0, 0), |plmn| (number(plmn.mcc()), number(plmn.mnc())));
    basic::Tai { plmn_mcc: mcc, plmn_mnc: mnc, tac: cell.tac.into() }
}

/// Peak rates, up and down, bits a second: GPRS class 12; HSPA; Cat 4; Cat M1; Cat NB2 (TS 36.306 clause 4.1); NR.
const fn speeds(rat: Rat) -> (u64, u64) {
    match rat {
        Rat::Gsm | Rat::EcGsm => (85_600, 85_600),
        Rat::Umts => (5_760_000, 21_000_000),
        Rat::Lte => (50_000_000, 150_000_000),
        Rat::LteM => (1_000_000, 1_000_000),
        Rat::NbIot => (158_500, 127_000),
        Rat::Nr => (900_000_000, 2_500_000_000),
    }
}

pub(super) fn home(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    if ask.set {
        return Err(Status::WriteFailure);
    }
    modem.mbim_card()?;
    let provider = modem.home_provider().ok_or(Status::ReadFailure)?;
    ask.answer(&basic::HomeProvider { provider })
}

/// The preferred networks: the card has its home only.
pub(super) fn preferred(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    if ask.set {
        return Err(Status::WriteFailure);
    }
    modem.mbim_card()?;
    let providers = modem.home_provider().into_iter().collect();
    ask.answer(&basic::Providers { providers, ..basic::Providers::default() })
}

pub(super) fn visible(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    modem.on_the_air()?;
    let providers = modem.providers().into();
    let answer = ask.answer(&basic::Providers { providers, ..basic::Providers::default() })?;
    Ok(answer.taking(modem.profile.scan))
}

pub(super) fn register(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    if !ask.set {
        return ask.answer(&modem.mbim_register_state(ask.version));
    }
    let asked: basic::SetRegisterState = ask.read()?;
    modem.on_the_air()?;
    let selection = match asked.register_action {
        RegisterAction::Automatic => Selection::Automatic,
        _ => {
            let plmn = asked.provider_id.parse().map_err(|_| Status::InvalidParameters)?;
            let heard = modem.network.cells.iter().any(|cell| modem.network.coverage && cell.plmn == Some(plmn));
            if !heard {
                return Err(Status::ProviderNotVisible);
            }
            Selection::Manual(plmn)
        }
    };
    if modem.kept.selection != selection {
        modem.kept.selection = selection;
        modem.restart_radio();
    }
    modem.radio_follows();
    Ok(ask.answer(&modem.mbim_register_state(ask.version))?.taking(modem.profile.activate))
}

pub(super) fn packet_service(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    if !ask.set {
        return ask.answer(&modem.mbim_packet_service(ask.version));
    }
    let asked: basic::SetPacketService = ask.read()?;
    modem.on_the_air()?;
    match asked.packet_service_action {
        PacketServiceAction::Attach => modem.radio_follows(),
        _ => modem.detach(),
    }
    Ok(ask.answer(&modem.mbim_packet_service(ask.version))?.taking(modem.profile.activate))
}

pub(super) fn signal(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    if ask.set {
        modem.mbim.signal = ask.read()?;
    }
    ask.answer(&modem.mbim_signal(ask.version))
}

/// The network's clock, UTC, once the network has told it.
pub(super) fn clock(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let rat = modem.serving().map(|cell| cell.rat).ok_or(Status::NotRegistered)?;
    let (seconds, (year, month, day)) = modem.network_date();
    let part = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    ask.answer(&microsoft::Nitz {
        year: part(year),
        month: part(month),
        day: part(day),
        hour: part(seconds / 3600),
        minute: part(seconds / 60 % 60),
        second: part(seconds % 60),
        // Two's complement for west of Greenwich.
        time_zone_offset_minutes: (i32::from(modem.network.zone) * 15) as u32,
        daylight_saving_time_offset_minutes: 0,
        data_class: data_class(rat, ask.version),
    })
}
