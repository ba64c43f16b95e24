//! WDA: the format of data.

use crate::codec::qmi::wda::{self, Aggregation, LinkLayer};
use crate::codec::qmi::{Body, Message};
use crate::sim::modem::SimModem;

use super::{Reply, answer};

/// The format as it was agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Format {
    link_layer: LinkLayer,
    uplink: Aggregation,
    downlink: Aggregation,
    max_datagrams: u32,
    max_size: u32,
}

impl Default for Format {
    fn default() -> Self {
        let none = Aggregation::Disabled;
        Self { link_layer: LinkLayer::Ieee8023, uplink: none, downlink: none, max_datagrams: 0, max_size: 0 }
    }
}

impl Format {
    /// Whether packets carry the mux id of their context.
    pub(super) fn is_qmap(&self) -> bool {
        self.downlink == Aggregation::Qmap
    }
}

pub(super) fn run(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    let format = &mut modem.qmi.format;
    Some(match request.id {
        wda::GetDataFormat::ID => answer(request, |_: wda::GetDataFormat| {
            Ok(wda::DataFormat {
                qos_format: Some(false),
                link_layer: Some(format.link_layer),
                uplink_aggregation: Some(format.uplink),
                downlink_aggregation: Some(format.downlink),
                downlink_max_datagrams: Some(format.max_datagrams),
                downlink_max_size: Some(format.max_size),
                ..Default::default()
            })
        }),
        wda::SetDataFormat::ID => answer(request, |body: wda::SetDataFormat| {
            format.link_layer = body.link_layer.unwrap_or(format.link_layer);
            format.uplink = body.uplink_aggregation.unwrap_or(format.uplink);
            format.downlink = body.downlink_aggregation.unwrap_or(format.downlink);
            format.max_datagrams = body.downlink_max_datagrams.unwrap_or(format.max_datagrams);
            format.max_size = body.downlink_max_size.unwrap_or(format.max_size);
            Ok(wda::DataFormatSet {
                qos_format: Some(false),
                link_layer: Some(format.link_layer),
                uplink_aggregation: Some(format.uplink),
                downlink_aggregation: Some(format.downlink),
                downlink_max_datagrams: Some(format.max_datagrams),
                downlink_max_size: Some(format.max_size),
                ..Default::default()
            })
        }),
        _ => return None,
    })
}
