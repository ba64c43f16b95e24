//! What every SIM used, for those who ask.

use std::sync::Arc;

use crate::bus::UsageSource;
use crate::private::REDACTED;
use crate::state::json::uplink::Account;
use crate::uplink::meter::Meter;

/// The accounts of `meter`; whose card it is shows to those who may see personal data.
pub fn source(meter: Meter) -> UsageSource {
    Arc::new(move |reveal| {
        let accounts = meter.accounts().into_iter();
        accounts.map(|(name, usage)| Account { account: shown(name, reveal), usage: (&usage).into() }).collect()
    })
}

/// The number of a card stands before the APN; a name without one is that of an interface.
fn shown(name: String, reveal: bool) -> String {
    match name.split_once('/') {
        Some((card, apn)) if !reveal && !card.starts_with("modem:") => format!("{REDACTED}/{apn}"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_hidden_from_strangers() {
        assert_eq!(shown("89001012345678901234/iot.test".into(), false), "<redacted>/iot.test");
        assert_eq!(shown("89001012345678901234/iot.test".into(), true), "89001012345678901234/iot.test");
        assert_eq!(shown("modem:m0/iot.test".into(), false), "modem:m0/iot.test");
        assert_eq!(shown("eth0".into(), false), "eth0");
    }
}
