//! CTL: versions, clients, sync; and the opening of the proxy.

use crate::codec::qmi::ctl::{
    AllocateClient, AllocatedClient, Client, DataFormat, GetVersionInfo, LinkLayer, OpenProxy, ProxyOpened,
    ReleaseClient, ReleasedClient, ServiceId, ServiceVersion, SetDataFormat, Sync, Synced, VersionInfo,
};
use crate::codec::qmi::{Body, Message, QmiError, Service};
use crate::sim::modem::SimModem;

use super::{QmiLink, QmiPort, Reply, answer, needed, tell::Wants};

/// Services that the modem has, with their versions.
const SERVICES: [(Service, u16, u16); 7] = [
    (Service::CTL, 1, 5),
    (Service::WDS, 1, 67),
    (Service::DMS, 1, 14),
    (Service::NAS, 1, 25),
    (Service::WMS, 1, 10),
    (Service::UIM, 1, 46),
    (Service::WDA, 1, 16),
];

/// Clients of one service; a modem has few.
const CLIENTS: u8 = 32;

pub(super) fn run(modem: &mut SimModem, link: QmiLink, request: &Message) -> Reply {
    match request.id {
        GetVersionInfo::ID => answer(request, |_: GetVersionInfo| Ok(versions())),
        AllocateClient::ID => answer(request, |body| allocate(modem, link, &body)),
        ReleaseClient::ID => answer(request, |body: ReleaseClient| {
            let client = needed(body.client)?;
            if !modem.release((client.service.into(), client.client)) {
                return Err(QmiError::INVALID_CLIENT_ID);
            }
            Ok(ReleasedClient { client: Some(client), ..ReleasedClient::default() })
        }),
        SetDataFormat::ID => answer(request, |_: SetDataFormat| {
            Ok(DataFormat { link_layer: Some(LinkLayer::RawIp), ..DataFormat::default() })
        }),
        Sync::ID => answer(request, |_: Sync| {
            modem.release_all();
            Ok(Synced::default())
        }),
        OpenProxy::ID if modem.qmi.links.get(&link).is_some_and(|link| link.port == QmiPort::Proxy) => {
            answer(request, |_: OpenProxy| Ok(ProxyOpened::default()))
        }
        _ => request.result(Some(QmiError::INVALID_QMI_COMMAND)).into(),
    }
}

/// The services but CTL, each with its major version.
pub(in crate::sim) fn services() -> impl Iterator<Item = (Service, u16)> {
    SERVICES.into_iter().filter(|(service, ..)| *service != Service::CTL).map(|(service, major, _)| (service, major))
}

fn id(service: Service) -> ServiceId {
    ServiceId(u8::try_from(service.0).unwrap_or(u8::MAX))
}

fn versions() -> VersionInfo {
    let version = |(service, major, minor)| ServiceVersion { service: id(service), major, minor };
    VersionInfo { services: Some(SERVICES.map(version).to_vec()), ..VersionInfo::default() }
}

fn allocate(modem: &mut SimModem, link: QmiLink, body: &AllocateClient) -> Result<AllocatedClient, QmiError> {
    let service = Service::from(needed(body.service)?);
    let client = modem.add_client(link, service)?;
    Ok(AllocatedClient { client: Some(Client { service: id(service), client }), ..AllocatedClient::default() })
}

impl SimModem {
    /// A client comes, of the device where `link` is one of it.
    pub(super) fn add_client(&mut self, link: QmiLink, service: Service) -> Result<u8, QmiError> {
        if service == Service::CTL || !SERVICES.iter().any(|(known, ..)| *known == service) {
            return Err(QmiError::INVALID_SERVICE_TYPE);
        }
        let free = (1..=CLIENTS).find(|client| !self.qmi.clients.contains_key(&(service, *client)));
        let client = free.ok_or(QmiError::CLIENT_IDS_EXHAUSTED)?;
        let device = self.qmi.links.get(&link).is_none_or(|link| link.port == QmiPort::Device);
        let owner = (!device).then_some(link);
        let new = super::Client { owner, wants: Wants::default(), family: None, mux_id: None, call: None };
        self.qmi.clients.insert((service, client), new);
        Ok(client)
    }

    /// A client goes, and its call with it; false: there is no such client.
    pub(super) fn release(&mut self, id: (Service, u8)) -> bool {
        self.end_call(id);
        self.qmi.clients.remove(&id).is_some()
    }

    fn release_all(&mut self) {
        let all: Vec<_> = self.qmi.clients.keys().copied().collect();
        for id in all {
            self.release(id);
        }
    }
}
