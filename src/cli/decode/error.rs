//! Errors, and what to do about them.

use crate::codec::at::{CmeError, CmsError};
use crate::spec::cause::Cause;

use super::{Body, Message, Models};

/// What to do about the errors that people meet (TS 27.007 9.2).
const ADVICE: &[(u16, &str)] = &[
    (
        3,
        "The modem is in no state for this command, often because the radio is off (AT+CFUN?) or it is not registered.",
    ),
    (4, "This firmware does not know the command or one of its parameters; AT+<name>=? tells what it takes."),
    (10, "Insert a SIM card, or check the slot, the contacts and the polarity of the card detect pin."),
    (11, "`lpwa sim unlock` asks for the PIN."),
    (12, "`lpwa sim puk` asks for the PUK; do not try further PINs."),
    (13, "The SIM does not answer: check the contacts; with the radio off (AT+CFUN=0) it may also just be off."),
    (14, "The SIM is still starting; ask again in some seconds."),
    (15, "The modem does not take this SIM."),
    (16, "The code was wrong, an attempt is lost. See what is left with `lpwa sim show` before another try."),
    (17, "The command needs PIN2, which data does not."),
    (30, "There is no network: check antenna, RATs and bands, and wait, as a first attach may take minutes."),
    (31, "The network did not answer in time; try again later."),
    (32, "The network takes emergency calls only: the SIM is not accepted here."),
    (50, "The command line is wrong; AT+<name>=? tells what the modem takes."),
    (100, "The modem gives no better reason; AT+CEER may tell more."),
    (132, "The network does not offer this service."),
    (133, "The subscription does not cover this: check APN and connection type with the operator."),
    (134, "The service is out of order for a while; try again later."),
    (148, "The modem gives no better reason; AT+CEER may tell more."),
    (149, "User name or password of the APN are wrong."),
];

/// `+CME ERROR`.
pub fn cme_error(message: &Message<'_>, _: &Models<'_>) -> Body {
    let error = CmeError::parse(message.body);
    let mut body = Body::default();
    body.add("error", message.body, error.to_string());
    let advice = error.code.and_then(|code| ADVICE.iter().find(|(of, _)| *of == code)).map(|(_, advice)| *advice);
    // 103 to 113 are the causes 3 to 13 of TS 24.008 with 100 added.
    let cause = error.code.and_then(|code| u8::try_from(code).ok()).filter(|code| (103..=113).contains(code));
    let cause = cause.map(|code| Cause::emm(code - 100).advice());
    body.notes.extend(advice.or(cause).map(str::to_owned));
    body
}

/// `+CMS ERROR`.
pub fn cms_error(message: &Message<'_>, _: &Models<'_>) -> Body {
    let mut body = Body::default();
    body.add("error", message.body, CmsError::parse(message.body).to_string());
    body
}
