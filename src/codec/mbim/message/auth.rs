//! Authentication by the card (MBIM 1.0 clause 10.5.41).

use super::super::bytes::Fixed;
use super::Cid;
use crate::private::Private;

/// The commands of the service.
pub const CIDS: &[Cid] = &[
    Cid::new(1, "aka").query::<Aka>().response::<AkaAnswer>(),
    Cid::new(2, "akap").query::<Akap>().response::<AkaAnswer>(),
    Cid::new(3, "sim").query::<Sim>().response::<SimAnswer>(),
];

record! {
    /// A challenge (RFC 4187).
    Aka {
        rand: Fixed<16>,
        autn: Fixed<16>,
    }

    /// A challenge (RFC 5448).
    Akap {
        rand: Fixed<16>,
        autn: Fixed<16>,
        network_name: String,
    }

    /// The answer, with its keys.
    AkaAnswer {
        res: Private<Fixed<16>>,
        res_len: u32,
        integrating_key: Private<Fixed<16>>,
        ciphering_key: Private<Fixed<16>>,
        auts: Fixed<14>,
    }

    /// Challenges (RFC 4186).
    Sim {
        rand1: Fixed<16>,
        rand2: Fixed<16>,
        rand3: Fixed<16>,
        n: u32,
    }

    /// The answers, with their keys.
    SimAnswer {
        sres1: u32,
        kc1: Private<u64>,
        sres2: u32,
        kc2: Private<u64>,
        sres3: u32,
        kc3: Private<u64>,
        n: u32,
    }
}
