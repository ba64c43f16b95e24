//! WDA: the format of data, and what tells several contexts on one interface apart (QMAP).

use std::path::Path;

use tracing::warn;

use super::{Client, Driver, unless_so};
use crate::codec::qmi::QmiError;
use crate::codec::qmi::wda::{Aggregation, DataFormatSet, Endpoint, EndpointType, LinkLayer, SetDataFormat};
use crate::codec::qmi::wds;
use crate::modem::channel::{CommandError, Refusal};
use crate::modem::procedure::optional;
use crate::port::wdm;

/// Packets of one transfer at most, as hosts ask for.
const DATAGRAMS: u32 = 32;
/// Octets of one transfer at most: the kernel takes no larger one than the MTU of the interface, which is set to this or
/// to what it may be.
const TRANSFER: u16 = 16_384;

/// How packets cross between host and modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// As they are.
    RawIp,
    /// Behind QMAP headers, which name the context.
    Qmap {
        /// The longest transfer that the modem sends, octets.
        transfer: u16,
    },
}

/// The kernel's interface carries bare packets (`qmi_wwan`, raw-IP), with QMAP headers where it carries several contexts;
/// the modem is told once after it started.
pub(super) async fn agree(d: &Driver, several: bool) -> Result<Format, CommandError> {
    let qmi = d.ports.qmi()?;
    if let Some(format) = qmi.calls.lock().await.format {
        return Ok(format);
    }
    let qmap = if several { qmap(d).await? } else { None };
    let format = match qmap {
        Some(format) => format,
        None => raw_ip(d).await?,
    };
    qmi.calls.lock().await.format = Some(format);
    Ok(format)
}

async fn raw_ip(d: &Driver) -> Result<Format, CommandError> {
    let format = SetDataFormat {
        link_layer: Some(LinkLayer::RawIp),
        uplink_aggregation: Some(Aggregation::Disabled),
        downlink_aggregation: Some(Aggregation::Disabled),
        ..Default::default()
    };
    // A modem without WDA has no other format.
    optional(unless_so(d.qmi(Client::Wda, &format).await))?;
    Ok(Format::RawIp)
}

/// `None`: the modem has no QMAP.
async fn qmap(d: &Driver) -> Result<Option<Format>, CommandError> {
    let endpoint = |interface: u8| Endpoint { kind: EndpointType::Hsusb, interface: interface.into() };
    let longest = |interface| wdm::longest_transfer(Path::new("/"), interface, TRANSFER);
    let transfer = d.ports.interface().map_or(TRANSFER, longest);
    let format = SetDataFormat {
        link_layer: Some(LinkLayer::RawIp),
        uplink_aggregation: Some(Aggregation::Qmap),
        downlink_aggregation: Some(Aggregation::Qmap),
        downlink_max_datagrams: Some(DATAGRAMS),
        downlink_max_size: Some(transfer.into()),
        endpoint: d.ports.usb_interface().map(endpoint),
        ..Default::default()
    };
    let told = match d.qmi(Client::Wda, &format).await {
        Ok(told) => told,
        Err(CommandError::Refused { refusal: Refusal::Qmi(refusal), .. }) if refusal.error == QmiError::NO_EFFECT => {
            // So it is already.
            DataFormatSet { downlink_aggregation: format.downlink_aggregation, ..Default::default() }
        }
        Err(CommandError::Refused { refusal, .. }) => {
            warn!("{}: the modem refuses QMAP: {refusal}", d.snapshot().id);
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if told.downlink_aggregation != Some(Aggregation::Qmap) {
        warn!("{}: the modem keeps another data format than QMAP", d.snapshot().id);
        return Ok(None);
    }
    let size = told.downlink_max_size.filter(|size| *size > 0).unwrap_or(transfer.into());
    Ok(Some(Format::Qmap { transfer: u16::try_from(size).unwrap_or(u16::MAX) }))
}

/// The client's next call is one of several on the interface, and its packets carry `mux_id`.
pub(super) async fn bind(d: &Driver, client: Client, mux_id: u8) -> Result<(), CommandError> {
    let qmi = d.ports.qmi()?;
    if qmi.calls.lock().await.bound.contains(&client) {
        return Ok(());
    }
    let endpoint = |interface: u8| wds::Endpoint { kind: wds::EndpointType::Hsusb, interface: interface.into() };
    let bind = wds::BindMuxDataPort {
        endpoint: d.ports.usb_interface().map(endpoint),
        mux_id: Some(mux_id),
        client_type: Some(wds::ClientType::Tethered),
        ..Default::default()
    };
    match unless_so(d.qmi(client, &bind).await) {
        Ok(()) => drop(qmi.calls.lock().await.bound.insert(client)),
        Err(CommandError::Refused { refusal, .. }) => {
            let message = format!("context {mux_id}: the modem takes no mux id ({refusal}); {ADVICE}");
            return Err(CommandError::Unsupported(message));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

const ADVICE: &str = "its interface carries one context; leave [[modem.bearer]] out";

/// Why a further context cannot be.
pub(super) fn one_context(cid: u8) -> CommandError {
    CommandError::Unsupported(format!("context {cid}: this modem has no QMAP, so that {ADVICE}"))
}
