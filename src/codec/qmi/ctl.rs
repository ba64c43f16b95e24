//! CTL: which services there are, and the clients of them.

use super::body::{body, coding, explains, records, service, values};
use super::coding::{Counted, Octets};
use super::service::Service;
use super::shown::{Show, Shown};
use super::{Malformed, Reader, Wire, Writer};

records! {
    /// A service and its version.
    ServiceVersion {
        service: ServiceId,
        major: u16,
        minor: u16,
    }

    /// A client of a service.
    Client {
        service: ServiceId,
        client: u8,
    }
}

values! {
    /// What a frame of data starts with.
    LinkLayer: u16 {
        Unknown = 0,
        Ieee8023 = 1,
        RawIp = 2,
    }
}

/// A service as CTL writes it, in one octet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ServiceId(pub u8);

impl From<ServiceId> for Service {
    fn from(id: ServiceId) -> Self {
        Self(id.0.into())
    }
}

impl Wire for ServiceId {
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        u8::read(from).map(Self)
    }

    fn write(&self, to: &mut Writer) {
        self.0.write(to);
    }
}

impl Show for ServiceId {
    fn show(&self) -> Shown {
        let name = Service::from(*self).name().unwrap_or_default().to_ascii_lowercase();
        Shown::Name { name, value: self.0.into() }
    }
}

service! {
    CTL;
    0x0020 "Set Instance ID" {
        request SetInstanceId { 0x01 instance: u8 }
        response InstanceId { 0x01 link: u16 }
    }
    0x0021 "Get Version Info" {
        request GetVersionInfo {}
        response VersionInfo { 0x01 services: Vec<ServiceVersion> as Counted }
    }
    0x0022 "Allocate CID" {
        request AllocateClient { 0x01 service: ServiceId }
        response AllocatedClient { 0x01 client: Client }
    }
    0x0023 "Release CID" {
        request ReleaseClient { 0x01 client: Client }
        response ReleasedClient { 0x01 client: Client }
    }
    0x0024 "Revoke CID" {
        indication RevokedClient { 0x01 client: Client }
    }
    0x0026 "Set Data Format" {
        request SetDataFormat { 0x01 qos_header: bool, 0x10 link_layer: LinkLayer }
        response DataFormat { 0x10 link_layer: LinkLayer }
    }
    // Drops every client of the modem: never through a proxy that others use. The modem sends it after a reset.
    0x0027 "Sync" {
        request Sync {}
        response Synced {}
        indication SyncIndication {}
    }
    // Of qmi-proxy alone: the first message to it.
    0xFF00 "Internal Proxy Open" {
        request OpenProxy {
            /// The path of the device, such as `/dev/cdc-wdm0`.
            0x01 path: Octets,
        }
        response ProxyOpened {}
    }
}
