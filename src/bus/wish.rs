//! The wish of `Manager1.PlanPower`: `a{sv}` to types.

use std::str::FromStr;
use std::time::Duration;

use zbus::Variant;

use super::error::Error;
use super::value::{Options, take_text};
use crate::modem::plan::Wish;
use crate::policy::energy::Battery;
use crate::policy::plan::{Demand, Minimums, Saving};
use crate::state::{Edrx, PsmTimers};

/// The longest time that is taken, s: 400 years.
const LONGEST_S: f64 = 400.0 * 366.0 * 86_400.0;

/// Reads a wish; the error names the key.
pub fn read(mut options: Options) -> Result<Wish, Error> {
    let options = &mut options;
    let least = Minimums::default();
    let demand = Demand {
        report_every: take_span(options, "report_every_s")?,
        bytes: take_bytes(options)?.unwrap_or(Demand::default().bytes),
        downlink_within: take_span(options, "downlink_within_s")?,
        battery: take_number(options, "battery_ah")?.map(|ampere_hours| Battery { ampere_hours }),
        life_years: take_number(options, "life_years")?,
        coverage: take_parsed(options, "coverage")?.unwrap_or_default(),
        host: take_parsed(options, "host")?.unwrap_or_default(),
        sim_pin: take_bool(options, "sim_pin")?,
        network: Minimums {
            periodic_tau: take_span(options, "min_periodic_tau_s")?.unwrap_or(least.periodic_tau),
            active_time: take_span(options, "min_active_time_s")?.unwrap_or(least.active_time),
        },
    };
    let saving = take_saving(options)?;
    let model = take_text(options, "model")?.ok_or_else(|| invalid("model is missing; name one, such as bg95"))?;
    let wish = Wish { model, rat: take_parsed(options, "rat")?, demand, saving };
    match options.keys().next() {
        None => Ok(wish),
        Some(key) => Err(invalid(format!("unknown option {key:?}; docs/power-planner.md has those that are known"))),
    }
}

/// Settings to examine, where any are named.
fn take_saving(options: &mut Options) -> Result<Option<Saving>, Error> {
    let periodic_tau = take_span(options, "periodic_tau_s")?;
    let active_time = take_span(options, "active_time_s")?;
    let cycle = take_span(options, "edrx_cycle_s")?;
    if periodic_tau.is_some() && active_time.is_none() {
        return Err(invalid("periodic_tau_s needs active_time_s"));
    }
    let saving = Saving {
        psm: active_time.map(|active_time| PsmTimers { periodic_tau, active_time }),
        edrx: cycle.map(|cycle| Edrx { cycle, ptw: None }),
    };
    Ok((saving != Saving::default()).then_some(saving))
}

fn invalid(message: impl Into<String>) -> Error {
    Error::InvalidArgument(message.into())
}

/// A number of any type.
fn take_number(options: &mut Options, key: &str) -> Result<Option<f64>, Error> {
    let Some(value) = options.remove(key) else { return Ok(None) };
    match &*value {
        Variant::F64(number) => Ok(Some(*number)),
        Variant::U8(number) => Ok(Some((*number).into())),
        Variant::I16(number) => Ok(Some((*number).into())),
        Variant::U16(number) => Ok(Some((*number).into())),
        Variant::I32(number) => Ok(Some((*number).into())),
        Variant::U32(number) => Ok(Some((*number).into())),
        Variant::I64(number) => Ok(Some(*number as f64)),
        Variant::U64(number) => Ok(Some(*number as f64)),
        _ => Err(invalid(format!("{key} must be a number"))),
    }
}

fn take_span(options: &mut Options, key: &str) -> Result<Option<Duration>, Error> {
    let Some(seconds) = take_number(options, key)? else { return Ok(None) };
    if !(0.0..=LONGEST_S).contains(&seconds) {
        return Err(invalid(format!("{key} is {seconds}; 0 to {LONGEST_S:.0} is wanted")));
    }
    // Milliseconds keep 81.92 exact.
    Ok(Some(Duration::from_millis((seconds * 1000.0).round() as u64)))
}

fn take_bytes(options: &mut Options) -> Result<Option<u32>, Error> {
    let Some(bytes) = take_number(options, "bytes")? else { return Ok(None) };
    if !(0.0..=f64::from(u32::MAX)).contains(&bytes) {
        return Err(invalid(format!("bytes is {bytes}; 0 to {} is wanted", u32::MAX)));
    }
    Ok(Some(bytes as u32))
}

fn take_bool(options: &mut Options, key: &str) -> Result<bool, Error> {
    let value = options.remove(key).map(bool::try_from).transpose();
    value.map(Option::unwrap_or_default).map_err(|_| invalid(format!("{key} must be a boolean")))
}

fn take_parsed<T: FromStr<Err: ToString>>(options: &mut Options, key: &str) -> Result<Option<T>, Error> {
    let text = take_text(options, key)?;
    text.map(|text| text.parse()).transpose().map_err(|error: T::Err| invalid(error.to_string()))
}
