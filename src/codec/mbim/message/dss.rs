//! Device service streams (MBIM 1.0 clause 10.5.44).

use super::super::uuid::Uuid;
use super::{Cid, Nothing};

/// Opens or closes a stream.
pub const CONNECT: Cid = Cid::new(1, "connect").set::<Connect>().response::<Nothing>();

/// The commands of the service.
pub const CIDS: &[Cid] = &[CONNECT];

record! {
    /// Which stream to open or close.
    Connect {
        device_service_id: Uuid,
        dss_session_id: u32,
        dss_link_state: DssLinkState,
    }
}

choice! {
    /// Up or down.
    DssLinkState {
        Deactivate = 0 "deactivate",
        Activate = 1 "activate",
    }
}
