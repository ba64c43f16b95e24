//! Other protocols inside MBIM.

use super::super::bytes::Rest;
use super::Cid;

/// A QMUX frame each way.
pub const QMI_MSG: Cid = Cid::new(1, "msg").set::<Qmi>().response::<Qmi>().notification::<Qmi>();

/// QMI.
pub const QMI: &[Cid] = &[QMI_MSG];

/// Intel's AT tunnel.
pub const INTEL_AT: &[Cid] = &[Cid::new(1, "at-command").set::<AtCommand>().response::<AtAnswer>()];
/// Fibocom's AT tunnel.
pub const FIBOCOM_AT: &[Cid] = INTEL_AT;
/// Compal's AT tunnel.
pub const COMPAL_AT: &[Cid] = INTEL_AT;

record! {
    /// A QMUX frame, without padding.
    Qmi {
        msg: Rest,
    }

    /// An AT command line.
    AtCommand {
        command_req: Rest,
    }

    /// The answer to an AT command line.
    AtAnswer {
        command_resp: Rest,
    }
}
