//! Requests and their answers as D-Bus values, both ways: a name and dictionaries.

use std::time::Duration;

use zbus::OwnedVariant;

use super::error::Error;
use super::value::{Dict, Options, dict, take_text};
use crate::modem::handle::{ConnectRequest, PowerRequest, Reply, Request, ScannedNetwork, When};
use crate::spec::drx::DrxCycle;
use crate::state::{Edrx, PsmTimers};

/// No modem takes a longer line.
const MAX_LINE: usize = 2048;

/// No 3GPP timer is longer: 9920 h of T3412 extended (TS 24.008 clause 10.5.7.4a).
const LONGEST_S: u64 = 9920 * 3600;

/// What there is to ask for by name. Codes of the SIM have methods of their own.
const NAMES: &str = "read-signal, scan, at, set-power, connect, disconnect, enable, disable, reset";

fn invalid(message: impl ToString) -> Error {
    Error::InvalidArgument(message.to_string())
}

/// Takes a value out of `options`; `wanted` says what it is, such as `of type b`.
fn take<T: TryFrom<OwnedVariant>>(options: &mut Options, key: &str, wanted: &str) -> Result<Option<T>, Error> {
    let Some(value) = options.remove(key) else { return Ok(None) };
    T::try_from(value).map(Some).map_err(|_| invalid(format!("{key} must be {wanted}")))
}

/// Refuses what nobody asked for.
pub fn finish(options: &Options, known: &str) -> Result<(), Error> {
    match options.keys().next() {
        Some(key) => Err(invalid(format!("unknown option {key:?}; {known} are known"))),
        None => Ok(()),
    }
}

/// The request `name` with its parameters.
pub fn decode(name: &str, mut parameters: Options) -> Result<Request, Error> {
    let (request, known) = match name {
        "read-signal" => (Request::ReadSignal, "none"),
        "scan" => (Request::Scan, "none"),
        "disconnect" => (Request::Disconnect, "none"),
        "enable" => (Request::Enable, "none"),
        "disable" => (Request::Disable, "none"),
        "reset" => (Request::Reset, "none"),
        "at" => (at_of(&mut parameters)?, "line and timeout_ms"),
        "connect" => return connect(parameters).map(Request::Connect),
        "set-power" => (
            power_of(&mut parameters)?,
            "psm, periodic_tau_s, active_time_s, edrx, cycle_s, ptw_s, mico and drx_cycle_s",
        ),
        _ => return Err(invalid(format!("there is no request {name:?}; {NAMES} are known"))),
    };
    finish(&parameters, known)?;
    Ok(request)
}

fn at_of(parameters: &mut Options) -> Result<Request, Error> {
    let line = take_text(parameters, "line")?.ok_or_else(|| invalid("at needs a line, such as AT+CESQ"))?;
    let timeout_ms = take(parameters, "timeout_ms", "a number of type u")?;
    at(line, timeout_ms.unwrap_or_default())
}

/// A line as it is; a time-out of 0 is the model file's.
pub fn at(line: String, timeout_ms: u32) -> Result<Request, Error> {
    // A second line within would be a second command that nobody waits for.
    if line.len() > MAX_LINE || line.chars().any(char::is_control) {
        let message = format!("one line of at most {MAX_LINE} characters, without control characters, is wanted");
        return Err(invalid(message));
    }
    Ok(Request::At(line.into(), (timeout_ms > 0).then(|| Duration::from_millis(timeout_ms.into()))))
}

/// A data context.
pub fn connect(mut options: Options) -> Result<ConnectRequest, Error> {
    let mut text = |key| take_text(&mut options, key);
    let (apn, pdp_type, user, password) = (text("apn")?, text("pdp_type")?, text("user")?, text("password")?);
    finish(&options, "apn, pdp_type, user and password")?;
    Ok(ConnectRequest {
        apn: apn.map(|text| text.parse()).transpose().map_err(invalid)?,
        pdp_type: pdp_type.map(|text| text.parse()).transpose().map_err(invalid)?,
        user,
        password: password.map(Into::into),
    })
}

fn power_of(parameters: &mut Options) -> Result<Request, Error> {
    let mut seconds = |key| take::<u64>(parameters, key, "a number of seconds, of type t");
    let (tau, active) = (seconds("periodic_tau_s")?.unwrap_or_default(), seconds("active_time_s")?);
    let mut fraction = |key| take::<f64>(parameters, key, "a number of seconds, of type d");
    let (cycle, ptw) = (fraction("cycle_s")?, fraction("ptw_s")?.unwrap_or_default());
    let drx = fraction("drx_cycle_s")?.map(drx_cycle).transpose()?;
    let mut flag = |key| take::<bool>(parameters, key, "of type b");
    let (psm_wanted, edrx_wanted, mico) = (flag("psm")?, flag("edrx")?, flag("mico")?);
    if psm_wanted.is_none() && edrx_wanted.is_none() && mico.is_none() && drx.is_none() {
        return Err(invalid("set-power needs psm, edrx or mico, whether it is wanted, or drx_cycle_s"));
    }
    let timers = |wanted| match (wanted, active) {
        (true, Some(active)) => psm(tau, active).map(Some),
        (true, None) => Err(invalid("psm needs active_time_s")),
        (false, _) => Ok(None),
    };
    let cycle = |wanted| if wanted { edrx(cycle.unwrap_or_default(), ptw).map(Some) } else { Ok(None) };
    Ok(Request::SetPower(PowerRequest {
        psm: psm_wanted.map(timers).transpose()?,
        edrx: edrx_wanted.map(cycle).transpose()?,
        mico,
        drx_cycle: drx,
    }))
}

/// DRX cycle in 5G; 0 is the network's.
pub fn drx_cycle(cycle_s: f64) -> Result<Option<DrxCycle>, Error> {
    match Duration::try_from_secs_f64(cycle_s)
        .map(|length| Duration::from_millis((length.as_secs_f64() * 1000.0).round() as u64))
    {
        Ok(Duration::ZERO) => Ok(None),
        Ok(length) => DrxCycle::of_length(length).map(Some).map_err(invalid),
        Err(_) => Err(invalid(format!("{cycle_s} is no DRX cycle"))),
    }
}

/// PSM timers; a period of 0 is the network's default.
pub fn psm(periodic_tau_s: u64, active_time_s: u64) -> Result<PsmTimers, Error> {
    let span = |name, seconds| match seconds {
        0..=LONGEST_S => Ok(Duration::from_secs(seconds)),
        _ => Err(invalid(format!("{name} is {seconds}; {LONGEST_S} s, 9920 h, are the most"))),
    };
    let periodic_tau = span("periodic_tau_s", periodic_tau_s)?;
    Ok(PsmTimers {
        periodic_tau: (!periodic_tau.is_zero()).then_some(periodic_tau),
        active_time: span("active_time_s", active_time_s)?,
    })
}

/// eDRX parameters; a window of 0 is the network's choice.
pub fn edrx(cycle_s: f64, ptw_s: f64) -> Result<Edrx, Error> {
    if !(cycle_s > 0.0 && cycle_s <= LONGEST_S as f64) {
        return Err(invalid(format!("cycle_s is {cycle_s}; a cycle such as 81.92 is wanted")));
    }
    if !(ptw_s >= 0.0 && ptw_s < cycle_s) {
        return Err(invalid(format!("ptw_s is {ptw_s}; a part of the cycle such as 5.12 is wanted, or 0")));
    }
    // Milliseconds are enough for every cycle and window there is.
    let span = |seconds: f64| Duration::from_millis((seconds * 1000.0).round() as u64);
    Ok(Edrx { cycle: span(cycle_s), ptw: (ptw_s > 0.0).then(|| span(ptw_s)) })
}

/// What is to become of `request` while the modem sleeps, and whether it is to be kept.
pub fn terms(request: &Request, options: &mut Options) -> Result<(When, bool), Error> {
    let when = take_text(options, "when")?;
    let within: Option<f64> = take(options, "within_s", "a number of seconds, of type d")?;
    let keep = take(options, "keep", "of type b")?.unwrap_or_default();
    let when = match (when.as_deref(), within) {
        (None, None) => request.usual(),
        (Some("wake"), None) => When::Wake,
        (Some("wait"), None) => When::Wait,
        (Some("cached"), None) => When::Cached,
        (None | Some("wait"), Some(seconds)) if seconds > 0.0 && seconds <= LONGEST_S as f64 => {
            When::Within(Duration::from_secs_f64(seconds))
        }
        (None | Some("wait"), Some(seconds)) => {
            return Err(invalid(format!("within_s is {seconds}; more than 0 and at most {LONGEST_S} s are possible")));
        }
        (Some("wake" | "cached"), Some(_)) => return Err(invalid("within_s goes with wait; leave one of the two out")),
        (Some(other), _) => return Err(invalid(format!("when is {other:?}; wake, wait or cached is possible"))),
    };
    Ok((when, keep))
}

/// The name and the parameters of `request`; `None` for what has a method of its own, or none.
pub fn encode(request: &Request) -> Option<(&'static str, Dict)> {
    let parameters = match request {
        Request::At(line, limit) => {
            let limit = limit.map(|limit| u32::try_from(limit.as_millis()).unwrap_or(u32::MAX).max(1).into());
            dict([("line", Some(line.reveal().clone().into())), ("timeout_ms", limit)])
        }
        Request::Connect(wanted) => connect_options(wanted),
        Request::SetPower(wanted) => power_parameters(wanted),
        Request::EnterPin(_) | Request::EnterPuk(..) | Request::SwitchSlot(_) | Request::Adopt(_) => return None,
        _ => Dict::new(),
    };
    Some((request.task().name(), parameters))
}

/// The options of a data context.
pub fn connect_options(wanted: &ConnectRequest) -> Dict {
    dict([
        ("apn", wanted.apn.as_ref().map(|apn| apn.to_string().into())),
        ("pdp_type", wanted.pdp_type.map(|pdp_type| pdp_type.name().into())),
        ("user", wanted.user.clone().map(Into::into)),
        ("password", wanted.password.as_ref().map(|password| password.reveal().clone().into())),
    ])
}

fn power_parameters(wanted: &PowerRequest) -> Dict {
    let (psm, edrx) = (wanted.psm.flatten(), wanted.edrx.flatten());
    let seconds = |span: Duration| span.as_secs_f64().into();
    dict([
        ("psm", wanted.psm.map(|psm| psm.is_some().into())),
        ("periodic_tau_s", psm.and_then(|psm| psm.periodic_tau).map(|tau| tau.as_secs().into())),
        ("active_time_s", psm.map(|psm| psm.active_time.as_secs().into())),
        ("edrx", wanted.edrx.map(|edrx| edrx.is_some().into())),
        ("cycle_s", edrx.map(|edrx| seconds(edrx.cycle))),
        ("ptw_s", edrx.and_then(|edrx| edrx.ptw).map(seconds)),
        ("mico", wanted.mico.map(Into::into)),
        ("drx_cycle_s", wanted.drx_cycle.map(|cycle| seconds(cycle.map(DrxCycle::length).unwrap_or_default()))),
    ])
}

/// The options that say `when`, and whether to keep.
pub fn term_options(when: Option<When>, keep: bool) -> Dict {
    let (name, within) = match when {
        None => (None, None),
        Some(When::Wake) => (Some("wake"), None),
        Some(When::Wait) => (Some("wait"), None),
        Some(When::Cached) => (Some("cached"), None),
        Some(When::Within(span)) => (None, Some(span.as_secs_f64())),
    };
    dict([("when", name.map(Into::into)), ("within_s", within.map(Into::into)), ("keep", keep.then(|| keep.into()))])
}

/// An answer: empty where there is nothing but that it is done.
pub fn reply(reply: Reply) -> Dict {
    let networks = |networks: Vec<ScannedNetwork>| networks.into_iter().map(network).collect::<Vec<_>>();
    match reply {
        Reply::Done => Dict::new(),
        Reply::Cached(at) => dict([("read_at", Some(at.0.into()))]),
        Reply::Lines(lines) => dict([("lines", Some(lines.into()))]),
        Reply::Networks(found) => dict([("networks", Some(networks(found).into()))]),
    }
}

/// One network of a scan.
pub fn network(network: ScannedNetwork) -> Dict {
    dict([
        ("status", Some(network.status.into())),
        ("name", Some(network.name.into())),
        ("plmn", Some(network.plmn.to_string().into())),
        ("rat", network.rat.map(|rat| rat.name().into())),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private::Private;
    use crate::spec::apn::PdpType;

    fn owned(values: Dict) -> Options {
        values.into_iter().map(|(key, value)| (key.to_owned(), OwnedVariant::try_from(value).unwrap())).collect()
    }

    #[test]
    fn requests_cross_the_wire_unharmed() {
        let psm = PsmTimers { periodic_tau: Some(Duration::from_secs(3600)), active_time: Duration::from_secs(10) };
        let edrx = Edrx { cycle: Duration::from_millis(81_920), ptw: Some(Duration::from_millis(5120)) };
        let power = |psm, edrx| Request::SetPower(PowerRequest { psm, edrx, ..PowerRequest::default() });
        let registration =
            |mico, drx_cycle| Request::SetPower(PowerRequest { mico, drx_cycle, ..PowerRequest::default() });
        for request in [
            Request::ReadSignal,
            Request::Scan,
            Request::At(Private::new("AT+CESQ".into()), None),
            Request::At(Private::new("AT+COPS=?".into()), Some(Duration::from_secs(180))),
            power(Some(Some(psm)), Some(Some(edrx))),
            power(Some(Some(PsmTimers { periodic_tau: None, ..psm })), None),
            power(None, Some(Some(Edrx { ptw: None, ..edrx }))),
            power(Some(None), Some(None)),
            registration(Some(true), Some(Some(DrxCycle::Frames128))),
            registration(None, Some(None)),
            Request::Connect(ConnectRequest::default()),
            Request::Connect(ConnectRequest {
                apn: Some("iot.test".parse().unwrap()),
                pdp_type: Some(PdpType::Ipv6),
                user: Some("u".into()),
                password: Some(Private::new("p".into())),
            }),
            Request::Disconnect,
            Request::Enable,
            Request::Disable,
            Request::Reset,
        ] {
            let (name, parameters) = encode(&request).unwrap();
            assert_eq!(decode(name, owned(parameters)).unwrap(), request);
        }
        assert!(encode(&Request::EnterPin(Private::new("1234".into()))).is_none());
    }

    #[test]
    fn terms_cross_the_wire_unharmed() {
        for when in [When::Wake, When::Wait, When::Cached, When::Within(Duration::from_millis(1500))] {
            for keep in [false, true] {
                let mut options = owned(term_options(Some(when), keep));
                assert_eq!(terms(&Request::ReadSignal, &mut options).unwrap(), (when, keep));
                assert!(options.is_empty());
            }
        }
        assert_eq!(terms(&Request::ReadSignal, &mut Options::new()).unwrap(), (When::Cached, false));
        assert_eq!(terms(&Request::Scan, &mut Options::new()).unwrap(), (When::Wait, false));
    }

    #[test]
    fn what_is_no_request_is_named() {
        let refused = |name: &str, parameters: Dict| match decode(name, owned(parameters)) {
            Err(Error::InvalidArgument(message)) => message,
            other => panic!("{other:?}"),
        };
        assert!(refused("enter-pin", Dict::new()).contains("set-power"));
        assert!(refused("scan", dict([("fast", Some(true.into()))])).contains("\"fast\""));
        assert!(refused("at", Dict::new()).contains("line"));
        assert!(refused("at", dict([("line", Some("AT\rAT".into()))])).contains("control"));
        assert!(refused("set-power", Dict::new()).contains("psm, edrx or mico"));
        for cycle in [5.12, -1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert!(refused("set-power", dict([("drx_cycle_s", Some(cycle.into()))])).contains("DRX cycle"));
        }
        assert!(refused("set-power", dict([("psm", Some(true.into()))])).contains("active_time_s"));
        assert!(refused("set-power", dict([("edrx", Some(true.into()))])).contains("81.92"));
        assert!(refused("set-power", dict([("psm", Some(1_u32.into()))])).contains("type b"));
        let within = |seconds: f64| {
            let mut options = owned(dict([("within_s", Some(seconds.into()))]));
            terms(&Request::Scan, &mut options).is_err()
        };
        assert!(within(0.0) && within(-1.0) && within(f64::NAN) && within(f64::INFINITY) && !within(0.5));
    }
}
