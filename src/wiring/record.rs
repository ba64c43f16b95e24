//! What `lpwa record` gives: the recorder's ring under a header with which it can be replayed.

use std::sync::Arc;

use tokio::sync::watch;

use crate::bus::TranscriptSource;
use crate::daemon::config::ModemConfig;
use crate::daemon::ports::{Recording, Rings};
use crate::daemon::supervisor::Handles;
use crate::spec::drx::DrxCycle;
use crate::spec::span::Span;
use crate::state::{Edrx, PsmTimers};
use crate::transcript::redact::redact;
use crate::transcript::{Header, Transcript};

/// Transcripts of what is recorded in `rings`.
pub fn source(rings: Rings, modems: watch::Receiver<Handles>) -> TranscriptSource {
    Arc::new(move |id, span, redacted| {
        let Recording { ring, config } = rings.get(id)?;
        let model = modems.borrow().get(id).map(|modem| modem.state.borrow().definition.clone());
        let header = header(&config, &model.unwrap_or_default());
        let transcript = Transcript { header, ..ring.unredacted(Some(span)) };
        Some(if redacted { redact(&transcript).to_string() } else { transcript.to_string() })
    })
}

/// What the driver of `model` wanted of the modem; replay reads it again. The PIN is left out.
fn header(config: &ModemConfig, model: &str) -> Header {
    let mut header = Header::default();
    header.set("model", model);
    header.set("source", concat!("lpwa ", env!("CARGO_PKG_VERSION")));
    // People ask for things beside, and the ring may have lost its beginning.
    header.set("mode", "lenient");
    if let Some(apn) = &config.apn {
        header.set("apn", apn.as_str());
    }
    if let Some(kind) = config.pdp_type {
        header.set("pdp-type", kind.name());
    }
    let rats: Vec<_> = config.rats.iter().flatten().map(|rat| rat.name()).collect();
    header.set("rats", &rats.join(", "));
    header.set("psm", &config.power.psm.map_or_else(String::new, psm));
    header.set("edrx", &config.power.edrx.map_or_else(String::new, edrx));
    header.set("mico", config.power.mico.map_or("", |mico| if mico { "on" } else { "off" }));
    let cycle = |cycle: Option<DrxCycle>| cycle.map_or_else(|| "off".into(), |cycle| cycle.to_string());
    header.set("drx-cycle", &config.power.drx_cycle.map_or_else(String::new, cycle));
    if !config.autoconnect {
        header.set("connect", "no");
    }
    header
}

fn psm(timers: Option<PsmTimers>) -> String {
    match timers {
        None => "off".into(),
        Some(PsmTimers { periodic_tau, active_time }) => {
            let periodic_tau = periodic_tau.map(|tau| Span(tau).to_string()).unwrap_or_default();
            format!("{periodic_tau}/{}", Span(active_time))
        }
    }
}

fn edrx(wish: Option<Edrx>) -> String {
    wish.map_or_else(|| "off".into(), |edrx| Span(edrx.cycle).to_string())
}
