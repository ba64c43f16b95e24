//! The lines that TS 27.007 defines: one row each, data as far as it goes.

use super::value::{self, Say, Words};
use super::{Body, Message, Models, error, network, power, registration};

/// What a command and its answer are about, and how their fields are said.
pub struct Row {
    /// Sign and name: `+CEREG`.
    pub name: &'static str,
    /// What it is about, as a noun.
    pub what: &'static str,
    /// Where it is defined.
    pub clause: &'static str,
    /// The fields of an answer or a notice.
    pub answer: Form,
    /// The fields of a command.
    pub set: Form,
}

/// How the fields of a line are said.
pub enum Form {
    /// One after the other.
    Fields(&'static [Param]),
    /// The fields depend on each other.
    Whole(fn(&Message<'_>, &Models<'_>) -> Body),
}

/// A field: its name, and how it is said.
pub struct Param(pub &'static str, pub Say);

const fn row(name: &'static str, what: &'static str, clause: &'static str, answer: Form, set: Form) -> Row {
    Row { name, what, clause, answer, set }
}

const NONE: Form = Form::Fields(&[]);

const REPORT: &[Param] = &[Param("notices", Say::Words(value::REPORTS))];
const CONTEXT: Param = Param("context", Say::Raw);
const APN: &[Param] = &[Param("APN", Say::Raw)];
const PDP_TYPE: Param = Param("type", Say::Words(PDP_TYPES));

/// Every row, by name.
pub const ROWS: &[Row] = &[
    row(
        "+C5GREG",
        "5GS registration",
        "TS 27.007 10.1.47",
        Form::Whole(registration::registration),
        Form::Fields(REPORT),
    ),
    row("+CABTRDP", "back-off timers of APNs", "TS 27.007 10.1.42", Form::Whole(network::back_off), Form::Fields(APN)),
    row("+CCLK", "clock", "TS 27.007 8.15", Form::Fields(&[Param("time", Say::Raw)]), NONE),
    row("+CEDRXP", "eDRX as the network gives it", "TS 27.007 7.40", Form::Whole(power::edrx_granted), NONE),
    row("+CEDRXRDP", "eDRX in use", "TS 27.007 7.41", Form::Whole(power::edrx_granted), NONE),
    row("+CEDRXS", "eDRX", "TS 27.007 7.40", Form::Whole(power::edrx_wanted), Form::Whole(power::edrx_set)),
    row("+CEER", "last error in the modem's words", "TS 27.007 6.10", Form::Fields(&[Param("report", Say::Raw)]), NONE),
    row(
        "+CEREG",
        "EPS registration",
        "TS 27.007 10.1.22",
        Form::Whole(registration::registration),
        Form::Fields(REPORT),
    ),
    row("+CESQ", "signal", "TS 27.007 8.69", Form::Fields(CESQ), NONE),
    row("+CFUN", "functionality", "TS 27.007 8.2", Form::Fields(CFUN), Form::Fields(CFUN)),
    row("+CGACT", "activation of contexts", "TS 27.007 10.1.10", Form::Fields(CGACT), Form::Fields(CGACT_SET)),
    row("+CGATT", "attachment", "TS 27.007 10.1.9", Form::Fields(CGATT), Form::Fields(CGATT)),
    row("+CGAUTH", "credentials of a context", "TS 27.007 10.1.31", Form::Fields(CGAUTH), Form::Fields(CGAUTH)),
    row("+CGCONTRDP", "context as it is", "TS 27.007 10.1.23", Form::Whole(network::context), Form::Fields(&[CONTEXT])),
    row("+CGDCONT", "definition of a context", "TS 27.007 10.1.1", Form::Fields(CGDCONT), Form::Fields(CGDCONT)),
    row("+CGEREP", "notices of packet events", "TS 27.007 10.1.19", Form::Fields(CGEREP), Form::Fields(CGEREP)),
    row("+CGEV", "packet event", "TS 27.007 10.1.19", Form::Whole(network::packet_event), NONE),
    row("+CGMI", "maker", "TS 27.007 5.1", Form::Fields(&[Param("maker", Say::Raw)]), NONE),
    row("+CGMM", "model", "TS 27.007 5.2", Form::Fields(&[Param("model", Say::Raw)]), NONE),
    row("+CGMR", "firmware", "TS 27.007 5.3", Form::Fields(&[Param("firmware", Say::Raw)]), NONE),
    row(
        "+CGPADDR",
        "addresses of a context",
        "TS 27.007 10.1.14",
        Form::Whole(network::addresses),
        Form::Fields(&[CONTEXT]),
    ),
    row(
        "+CGREG",
        "GPRS registration",
        "TS 27.007 10.1.20",
        Form::Whole(registration::registration),
        Form::Fields(REPORT),
    ),
    row(
        "+CGSN",
        "IMEI",
        "TS 27.007 5.4",
        Form::Fields(&[Param("IMEI", Say::Raw)]),
        Form::Fields(&[Param("kind", Say::Raw)]),
    ),
    row("+CIMI", "IMSI", "TS 27.007 5.6", Form::Fields(&[Param("IMSI", Say::Raw)]), NONE),
    row("+CME ERROR", "error of the modem", "TS 27.007 9.2", Form::Whole(error::cme_error), NONE),
    row("+CMEE", "form of errors", "TS 27.007 9.1", Form::Fields(CMEE), Form::Fields(CMEE)),
    row("+CMS ERROR", "error of the message service", "TS 27.005 3.2.5", Form::Whole(error::cms_error), NONE),
    row("+CNEC", "notices of network errors", "TS 27.007", Form::Fields(CNEC), Form::Fields(CNEC)),
    row("+CNEC_EMM", "network error", "TS 27.007", Form::Whole(registration::emm_cause), NONE),
    row("+CNEC_ESM", "network error", "TS 27.007", Form::Whole(registration::esm_cause), NONE),
    row("+COPS", "network", "TS 27.007 7.3", Form::Whole(network::operator), Form::Fields(COPS_SET)),
    row(
        "+CPIN",
        "SIM and its code",
        "TS 27.007 8.3",
        Form::Fields(&[Param("state", Say::Words(CPIN))]),
        Form::Fields(CPIN_SET),
    ),
    row("+CPINR", "attempts left for SIM codes", "TS 27.007 8.65", Form::Fields(CPINR), NONE),
    row(
        "+CPSMS",
        "power saving mode (PSM)",
        "TS 27.007 7.38",
        Form::Whole(power::psm_wanted),
        Form::Whole(power::psm_set),
    ),
    row(
        "+CREG",
        "circuit switched registration",
        "TS 27.007 7.2",
        Form::Whole(registration::registration),
        Form::Fields(REPORT),
    ),
    row("+CSCON", "RRC connection", "TS 27.007 10.1.30", Form::Whole(network::connection), Form::Fields(CSCON_SET)),
    row("+CSQ", "signal strength", "TS 27.007 8.5", Form::Fields(CSQ), NONE),
];

const CESQ: &[Param] = &[
    Param("GSM level", Say::With(value::rxlev)),
    Param("GSM errors", Say::With(value::error_rate)),
    Param("UMTS RSCP", Say::With(value::rscp)),
    Param("UMTS Ec/No", Say::With(value::ecno)),
    Param("LTE RSRQ", Say::With(value::rsrq)),
    Param("LTE RSRP", Say::With(value::rsrp)),
    Param("NR RSRQ", Say::With(value::ss_rsrq)),
    Param("NR RSRP", Say::With(value::ss_rsrp)),
    Param("NR SINR", Say::With(value::ss_sinr)),
];

const CSQ: &[Param] = &[Param("RSSI", Say::With(value::csq_rssi)), Param("bit errors", Say::With(value::error_rate))];

const CFUN: &[Param] = &[
    Param(
        "level",
        Say::Words(&[
            ("0", "minimum: radio off, SIM off on many modems"),
            ("1", "full"),
            ("4", "radio off, SIM on"),
            ("5", "maker's own, often a low power level"),
            ("7", "maker's own"),
            ("15", "restart, on u-blox"),
            ("16", "restart with the SIM, on u-blox"),
            ("19", "radio and SIM off, on u-blox"),
        ]),
    ),
    Param("restart", Say::Words(&[("0", "no"), ("1", "first")])),
];

const ACTIVE: Param = Param("state", Say::Words(&[("0", "down"), ("1", "up")]));
const CGACT: &[Param] = &[CONTEXT, ACTIVE];
const CGACT_SET: &[Param] = &[ACTIVE, CONTEXT];
const CGATT: &[Param] = &[Param("state", Say::Words(&[("0", "detached"), ("1", "attached")]))];

const CGAUTH: &[Param] = &[
    CONTEXT,
    Param("method", Say::Words(&[("0", "none"), ("1", "PAP"), ("2", "CHAP")])),
    Param("user", Say::Raw),
    Param("password", Say::Secret),
];

const PDP_TYPES: Words = &[
    ("IP", "IPv4"),
    ("IPV6", "IPv6"),
    ("IPV4V6", "IPv4 and IPv6"),
    ("PPP", "PPP"),
    ("Non-IP", "data without IP"),
    ("NONIP", "data without IP"),
    ("Ethernet", "Ethernet"),
];

const CGDCONT: &[Param] = &[
    CONTEXT,
    PDP_TYPE,
    Param("APN", Say::Raw),
    Param("address", Say::Raw),
    Param("data compression", Say::Words(&[("0", "off"), ("1", "on"), ("2", "V.42bis"), ("3", "V.44")])),
    Param(
        "head compression",
        Say::Words(&[("0", "off"), ("1", "on"), ("2", "RFC 1144"), ("3", "RFC 2507"), ("4", "RFC 3095")]),
    ),
];

const CGEREP: &[Param] = &[
    Param(
        "mode",
        Say::Words(&[
            ("0", "keep them in the modem"),
            ("1", "send them, drop them while data flows"),
            ("2", "send them, keep them while data flows"),
        ]),
    ),
    Param("kept ones", Say::Words(&[("0", "drop"), ("1", "send now")])),
];

const CMEE: &[Param] =
    &[Param("form", Say::Words(&[("0", "ERROR without a reason"), ("1", "numbers"), ("2", "words")]))];
const CNEC: &[Param] = &[Param("told", Say::With(value::error_reports))];
const CSCON_SET: &[Param] = &[Param(
    "notices",
    Say::Words(&[("0", "off"), ("1", "connected or idle"), ("2", "and the state"), ("3", "and the access")]),
)];

const COPS_SET: &[Param] = &[
    Param("mode", Say::Words(network::COPS_MODES)),
    Param("form", Say::Words(network::COPS_FORMS)),
    Param("network", Say::Raw),
    Param("technology", Say::Raw),
];

/// TS 27.007 8.3; the forms after SIM PUK2 lock the modem to a card, a network or a provider.
const CPIN: Words = &[
    ("READY", "no code is asked for"),
    ("SIM PIN", "it asks for the PIN: `lpwa sim unlock`"),
    ("SIM PUK", "it asks for the PUK, as the PIN was wrong too often: `lpwa sim puk`"),
    ("SIM PIN2", "it asks for PIN2, which data does not need"),
    ("SIM PUK2", "it asks for PUK2, which data does not need"),
    ("PH-SIM PIN", "the modem is locked to another SIM card"),
    ("PH-FSIM PIN", "the modem is locked to its first SIM card"),
    ("PH-FSIM PUK", "the modem is locked to its first SIM card, and asks for the PUK of that lock"),
    ("PH-NET PIN", "the modem is locked to a network"),
    ("PH-NET PUK", "the modem is locked to a network, and asks for the PUK of that lock"),
    ("PH-NETSUB PIN", "the modem is locked to a part of a network"),
    ("PH-SP PIN", "the modem is locked to a provider"),
    ("PH-CORP PIN", "the modem is locked to a company"),
    ("NOT INSERTED", "there is no SIM card"),
    ("NOT READY", "the SIM is not ready yet, or not there"),
];

const CPIN_SET: &[Param] = &[Param("code", Say::Secret), Param("new PIN", Say::Secret)];
const CPINR: &[Param] = &[Param("code", Say::Raw), Param("attempts left", Say::Raw), Param("of", Say::Raw)];
