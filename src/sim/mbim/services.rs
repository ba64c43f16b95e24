//! Which commands the modem has, and who answers them.

use crate::codec::mbim::list::Count;
use crate::codec::mbim::message::basic_connect::{self as basic, DeviceService, DeviceServices, SubscribeList};
use crate::codec::mbim::message::{Cid, atds, extensions, microsoft, phonebook, sms, tunnel, uicc, vendor};
use crate::codec::mbim::{Kind, Service, Status};
use crate::sim::modem::SimModem;

use super::ask::{Answer, Ask};
use super::{cards, cells, contexts, device, extensions as own, ip, network, phonebook as book, pin, sms as messages};

type Run = fn(&mut SimModem, &Ask) -> Result<Answer, Status>;

/// A command of a service, and who answers it.
struct Entry(Service, &'static Cid, Run);

/// All that the modem has.
const ENTRIES: &[Entry] = &[
    Entry(Service::BasicConnect, &basic::DEVICE_CAPS, device::caps),
    Entry(Service::BasicConnect, &basic::SUBSCRIBER_READY_STATUS, device::subscriber),
    Entry(Service::BasicConnect, &basic::RADIO_STATE, device::radio),
    Entry(Service::BasicConnect, &basic::PIN, pin::pin),
    Entry(Service::BasicConnect, &basic::PIN_LIST, pin::list),
    Entry(Service::BasicConnect, &basic::HOME_PROVIDER, network::home),
    Entry(Service::BasicConnect, &basic::PREFERRED_PROVIDERS, network::preferred),
    Entry(Service::BasicConnect, &basic::VISIBLE_PROVIDERS, network::visible),
    Entry(Service::BasicConnect, &basic::REGISTER_STATE, network::register),
    Entry(Service::BasicConnect, &basic::PACKET_SERVICE, network::packet_service),
    Entry(Service::BasicConnect, &basic::SIGNAL_STATE, network::signal),
    Entry(Service::BasicConnect, &basic::CONNECT, contexts::connect),
    Entry(Service::BasicConnect, &basic::PROVISIONED_CONTEXTS, contexts::provisioned),
    Entry(Service::BasicConnect, &basic::IP_CONFIGURATION, ip::configuration),
    Entry(Service::BasicConnect, &basic::DEVICE_SERVICES, services),
    Entry(Service::BasicConnect, &basic::DEVICE_SERVICE_SUBSCRIBE_LIST, subscribe),
    Entry(Service::BasicConnect, &basic::PACKET_STATISTICS, contexts::statistics),
    Entry(Service::BasicConnect, &basic::NETWORK_IDLE_HINT, device::idle),
    Entry(Service::BasicConnect, &basic::EMERGENCY_MODE, device::emergency),
    Entry(Service::BasicConnect, &basic::IP_PACKET_FILTERS, ip::filters),
    Entry(Service::Sms, &sms::CONFIGURATION, messages::configuration),
    Entry(Service::Sms, &sms::READ, messages::read),
    Entry(Service::Sms, &sms::SEND, messages::send),
    Entry(Service::Sms, &sms::DELETE, messages::delete),
    Entry(Service::Sms, &sms::MESSAGE_STORE_STATUS, messages::store),
    Entry(Service::Phonebook, &phonebook::CONFIGURATION, book::configuration),
    Entry(Service::Phonebook, &phonebook::READ, book::read),
    Entry(Service::Phonebook, &phonebook::DELETE, book::delete),
    Entry(Service::Phonebook, &phonebook::WRITE, book::write),
    Entry(Service::MsFirmwareId, &microsoft::GET_FIRMWARE_ID, device::firmware),
    Entry(Service::MsHostShutdown, &microsoft::NOTIFY_HOST_SHUTDOWN, device::host_shutdown),
    Entry(Service::MsBasicConnectExtensions, &extensions::PROVISIONED_CONTEXTS, own::provisioned),
    Entry(Service::MsBasicConnectExtensions, &extensions::LTE_ATTACH_CONFIGURATION, own::attach_configuration),
    Entry(Service::MsBasicConnectExtensions, &extensions::LTE_ATTACH_INFO, own::attach_info),
    Entry(Service::MsBasicConnectExtensions, &extensions::SYS_CAPS, own::sys_caps),
    Entry(Service::MsBasicConnectExtensions, &extensions::DEVICE_CAPS, own::device_caps),
    Entry(Service::MsBasicConnectExtensions, &extensions::DEVICE_SLOT_MAPPINGS, own::slot_mappings),
    Entry(Service::MsBasicConnectExtensions, &extensions::SLOT_INFO_STATUS, own::slot_info),
    Entry(Service::MsBasicConnectExtensions, &extensions::DEVICE_RESET, own::reset),
    Entry(Service::MsBasicConnectExtensions, &extensions::BASE_STATIONS_INFO, cells::base_stations),
    Entry(Service::MsBasicConnectExtensions, &extensions::LOCATION_INFO_STATUS, cells::location),
    Entry(Service::MsBasicConnectExtensions, &extensions::VERSION, own::version),
    Entry(Service::MsBasicConnectExtensions, &extensions::MODEM_CONFIGURATION, own::modem_configuration),
    Entry(Service::MsBasicConnectExtensions, &extensions::REGISTRATION_PARAMETERS, own::registration_parameters),
    Entry(Service::MsUiccLowLevelAccess, &uicc::ATR, cards::atr),
    Entry(Service::MsUiccLowLevelAccess, &uicc::OPEN_CHANNEL, cards::open_channel),
    Entry(Service::MsUiccLowLevelAccess, &uicc::CLOSE_CHANNEL, cards::close_channel),
    Entry(Service::MsUiccLowLevelAccess, &uicc::APDU, cards::apdu),
    Entry(Service::MsUiccLowLevelAccess, &uicc::RESET, cards::reset),
    Entry(Service::MsUiccLowLevelAccess, &uicc::APPLICATION_LIST, cards::applications),
    Entry(Service::MsUiccLowLevelAccess, &uicc::FILE_STATUS, cards::file_status),
    Entry(Service::MsUiccLowLevelAccess, &uicc::READ_BINARY, cards::read_binary),
    Entry(Service::MsVoiceExtensions, &microsoft::NITZ, network::clock),
    Entry(Service::Atds, &atds::SIGNAL, cells::atds_signal),
    Entry(Service::Atds, &atds::LOCATION, cells::atds_location),
    // Answered before: QMI takes its own time.
    Entry(Service::Qmi, &tunnel::QMI_MSG, |_, _| Err(Status::Failure)),
    Entry(Service::Quectel, &vendor::QUECTEL_RADIO_STATE, device::quectel_radio),
];

impl SimModem {
    /// Runs a command; an error is its status.
    pub(super) fn mbim_execute(&mut self, ask: &Ask) -> Result<Answer, Status> {
        let of = |entry: &&Entry| entry.0.uuid() == ask.service && entry.1.number == ask.cid;
        let Entry(_, cid, run) = ENTRIES.iter().find(of).ok_or(Status::NoDeviceSupport)?;
        if !cid.supports(if ask.set { Kind::Set } else { Kind::Query }) {
            return Err(Status::InvalidDeviceServiceOperation);
        }
        run(self, ask)
    }
}

fn services(_: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let mut found: Vec<DeviceService> = Vec::new();
    for Entry(service, cid, _) in ENTRIES {
        match found.last_mut().filter(|last| last.device_service_id == service.uuid()) {
            Some(last) => last.cids.0.push(cid.number),
            None => found.push(DeviceService {
                device_service_id: service.uuid(),
                cids: vec![cid.number].into(),
                ..DeviceService::default()
            }),
        }
    }
    ask.answer(&DeviceServices { device_services: found.into(), ..DeviceServices::default() })
}

fn subscribe(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let wanted: SubscribeList = ask.read()?;
    let entries = wanted.events.0.iter().flat_map(|event| {
        let service = event.device_service_id;
        event.cids.0.iter().map(move |cid| (service, *cid))
    });
    if let Some(link) = modem.mbim.links.get_mut(&ask.link) {
        link.wanted = Some(entries.collect());
    }
    ask.answer(&SubscribeList { events_count: Count::default(), ..wanted })
}
