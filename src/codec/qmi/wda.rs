//! WDA: the format of data between host and modem.

use super::body::{body, coding, explains, records, service, values};

values! {
    /// What a packet starts with.
    LinkLayer: u32 {
        Unknown = 0,
        Ieee8023 = 1,
        RawIp = 2,
    }

    /// How packets share a transfer.
    Aggregation: u32 {
        Disabled = 0,
        Tlp = 1,
        QcNcm = 2,
        Mbim = 3,
        Rndis = 4,
        Qmap = 5,
        QmapV2 = 6,
        QmapV3 = 7,
        QmapV4 = 8,
        QmapV5 = 9,
    }

    /// What the data pass over.
    EndpointType: u32 {
        Undefined = 0,
        Hsic = 1,
        Hsusb = 2,
        Pcie = 3,
        Embedded = 4,
        BamDmux = 5,
    }
}

records! {
    /// What the data pass over.
    Endpoint {
        kind: EndpointType,
        interface: u32,
    }
}

service! {
    WDA;
    0x0020 "Set Data Format" {
        request SetDataFormat {
            0x10 qos_format: bool,
            0x11 link_layer: LinkLayer,
            0x12 uplink_aggregation: Aggregation,
            0x13 downlink_aggregation: Aggregation,
            0x14 ndp_signature: u32,
            0x15 downlink_max_datagrams: u32,
            /// Octets.
            0x16 downlink_max_size: u32,
            0x17 endpoint: Endpoint,
            /// Octets.
            0x19 downlink_minimum_padding: u32,
            0x1B uplink_max_datagrams: u32,
            /// Octets.
            0x1C uplink_max_size: u32,
        }
        response DataFormatSet {
            0x10 qos_format: bool,
            0x11 link_layer: LinkLayer,
            0x12 uplink_aggregation: Aggregation,
            0x13 downlink_aggregation: Aggregation,
            0x14 ndp_signature: u32,
            0x15 downlink_max_datagrams: u32,
            /// Octets.
            0x16 downlink_max_size: u32,
            0x17 uplink_max_datagrams: u32,
            /// Octets.
            0x18 uplink_max_size: u32,
            /// Octets.
            0x19 downlink_minimum_padding: u32,
        }
    }
    0x0021 "Get Data Format" {
        request GetDataFormat { 0x10 endpoint: Endpoint }
        response DataFormat {
            0x10 qos_format: bool,
            0x11 link_layer: LinkLayer,
            0x12 uplink_aggregation: Aggregation,
            0x13 downlink_aggregation: Aggregation,
            0x14 ndp_signature: u32,
            0x15 downlink_max_datagrams: u32,
            /// Octets.
            0x16 downlink_max_size: u32,
            0x17 uplink_max_datagrams: u32,
            /// Octets.
            0x18 uplink_max_size: u32,
            /// Octets.
            0x19 downlink_minimum_padding: u32,
        }
    }
}
