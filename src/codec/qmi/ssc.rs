//! SSC: what the sensor core of a chip sends; on QRTR alone, as its number has two octets.

use super::body::{body, coding, explains, service};
use super::coding::{Octets, Prefixed};

service! {
    SSC;
    0x0020 "Control" {
        request Control { 0x01 data: Octets as Prefixed<u16> }
        response Controlled { 0x10 client_id: u64, 0x11 response: u32 }
    }
    0x0021 "Report Small" {
        indication ReportSmall { 0x01 client_id: u64, 0x02 data: Octets as Prefixed<u16> }
    }
    0x0022 "Report Large" {
        indication ReportLarge { 0x01 client_id: u64, 0x02 data: Octets as Prefixed<u16> }
    }
}
