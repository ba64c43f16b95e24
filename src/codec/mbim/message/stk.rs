//! The SIM application toolkit (MBIM 1.0 clause 10.5.37).

use super::super::bytes::{Bytes, Fixed, InlineBytes, Rest};
use super::{Cid, Nothing};

/// Proactive commands of the card.
pub const PAC: Cid = Cid::new(1, "pac").set::<SetPac>().query::<Nothing>().response::<Pac>().notification::<PacEvent>();
/// The answer to a proactive command.
pub const TERMINAL_RESPONSE: Cid =
    Cid::new(2, "terminal-response").set::<TerminalResponse>().response::<TerminalResponseResult>();
/// A command to the card.
pub const ENVELOPE: Cid = Cid::new(3, "envelope").set::<Envelope>().query::<Nothing>().response::<EnvelopeSupport>();

/// The commands of the service.
pub const CIDS: &[Cid] = &[PAC, TERMINAL_RESPONSE, ENVELOPE];

record! {
    /// Which proactive commands the host handles, a bit each.
    SetPac {
        pac_host_control: Fixed<32>,
    }

    /// Who handles which proactive command, a byte each.
    Pac {
        pac_support: Fixed<256>,
    }

    /// A proactive command.
    PacEvent {
        pac_type: StkPacType,
        data_buffer: Rest,
    }

    /// The answer to a proactive command.
    TerminalResponse {
        response: InlineBytes,
    }

    /// What the card made of the answer.
    TerminalResponseResult {
        result_data: Bytes,
        status_words: u32,
    }

    /// A command to the card.
    Envelope {
        data: Rest,
    }

    /// Which commands the card takes, a bit each.
    EnvelopeSupport {
        envelope_support: Fixed<32>,
    }
}

choice! {
    /// What the card wants.
    StkPacType {
        ProactiveCommand = 0 "proactive-command",
        Notification = 1 "notification",
    }
}
