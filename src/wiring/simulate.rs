//! `simulate`: a modem for the daemon, or for ModemManager, without a modem.

use std::path::Path;
use std::{env, fs, process};

use anyhow::Context;
use futures_util::future::try_join_all;
use tokio::runtime::Builder;

use crate::cli::args::{Global, Machine, SimulateArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::out::Out;
use crate::cli::{models, words};
use crate::policy::energy::{Case, Cause, Evidence};
use crate::port::PortSpec;
use crate::sim::{Carrier, MbimPort, Meter, Place, QmiPort, Scenario, SimModem, Simulated, Speech};
use crate::spec::rat::Rat;

use super::{interrupted, log::Log, machine};

/// The model that is simulated where nobody says which.
const MODEL: &str = "quectel-bg95";

/// Be a modem until interrupted, then tell what the host cost it.
pub fn run(global: &Global, args: &SimulateArgs) -> anyhow::Result<()> {
    if global.verbose > 0 {
        Log::start(global.verbose)?;
    }
    let mut quiet = Scenario::default();
    quiet.modem.model = MODEL.into();
    let mut scenario = scenario(args.scenario.as_deref(), args.model.as_deref(), quiet)?;
    let library = models::library(&machine::models_dir(&args.machine)?)?;
    let definition = models::named(&library, scenario.model())?;
    if args.scenario.is_none() {
        let rat = home(&definition.capabilities.rats);
        scenario.network.cells.iter_mut().for_each(|cell| cell.rat = rat);
    }
    let modem = scenario.build(definition);
    let mut doors = vec![(Speech::At, place("--on", &args.on)?)];
    if let Some(on) = &args.qmi {
        doors.push(door("--qmi", on, Speech::Qmi(QmiPort::Device), Speech::Qmi(QmiPort::Proxy))?);
    }
    if let Some(on) = &args.mbim {
        doors.push(door("--mbim", on, Speech::Mbim(MbimPort::Device), Speech::Mbim(MbimPort::Proxy))?);
    }
    let mut out = Out::stdout(global.json);
    let places: Vec<_> = doors.iter().map(|(speech, place)| said(*speech, place)).collect();
    out.line(&format!("{} at {}; Ctrl-C ends it", scenario.model(), places.join(", ")))?;
    out.flush()?;
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let modem = Simulated::new(modem);
        let _carrier = carrier(&scenario, &modem)?;
        let serve = |(speech, place): &(Speech, Place)| {
            let (modem, speech, place) = (modem.clone(), *speech, place.clone());
            async move {
                let served = modem.serve_speech(speech, &place).await;
                served.with_context(|| format!("cannot be a modem at {}", said(speech, &place)))
            }
        };
        tokio::select! {
            served = try_join_all(doors.iter().map(serve)) => drop(served?),
            ended = interrupted() => ended?,
        }
        for line in account(&modem.meter(), &modem) {
            out.line(&line)?;
        }
        Ok(out.flush()?)
    })
}

/// The scenario of `file`, or else `usual`; `model` goes before the model that it names.
pub fn scenario(file: Option<&Path>, model: Option<&str>, usual: Scenario) -> anyhow::Result<Scenario> {
    let mut scenario = match file {
        None => usual,
        Some(path) => {
            let usage = |error: String| Failure::new(Exit::Usage, format!("{}: {error}", path.display()));
            let text = fs::read_to_string(path).map_err(|error| usage(error.to_string()))?;
            text.parse::<Scenario>().map_err(|error| usage(error.to_string()))?
        }
    };
    if let Some(model) = model {
        scenario.modem.model = model.to_owned();
    }
    Ok(scenario)
}

/// On a good day there is a cell for every model; `rats` are those that it has.
fn home(rats: &[Rat]) -> Rat {
    let usual = [Rat::LteM, Rat::Lte, Rat::Nr].into_iter().find(|rat| rats.contains(rat));
    usual.or(rats.first().copied()).unwrap_or(Rat::LteM)
}

/// The carrier of a scenario that names interfaces.
fn carrier(scenario: &Scenario, modem: &Simulated) -> anyhow::Result<Option<Carrier>> {
    let settings = &scenario.carrier;
    let started = (!settings.interfaces.is_empty()).then(|| Carrier::start(settings, modem.clone()));
    started.transpose().context("the carrier cannot be started")
}

/// The modem of a scenario, by the model files of this machine.
pub fn modem(scenario: &Scenario, machine: &Machine) -> anyhow::Result<SimModem> {
    let library = models::library(&machine::models_dir(machine)?)?;
    Ok(scenario.build(models::named(&library, scenario.model())?))
}

/// Where it speaks QMI or MBIM: at a socket as if that were the control device, in place of the proxy, or by QRTR.
fn door(option: &str, on: &str, device: Speech, proxy: Speech) -> Result<(Speech, Place), Failure> {
    if on == "proxy" {
        return Ok((proxy, Place::Abstract(proxy_of(proxy).into())));
    }
    if let ("--qmi", "qrtr") = (option, on) {
        return Ok((Speech::Qmi(QmiPort::Qrtr), Place::Qrtr));
    }
    match place(option, on)? {
        place @ (Place::Unix(_) | Place::Abstract(_)) => Ok((device, place)),
        _ => Err(Failure::new(Exit::Usage, format!("{option}: {on} is no unix socket; write unix:PATH, or proxy"))),
    }
}

/// The abstract socket of a proxy.
const fn proxy_of(speech: Speech) -> &'static str {
    match speech {
        Speech::Mbim(_) => "mbim-proxy",
        _ => "qmi-proxy",
    }
}

/// A port and where it is.
fn said(speech: Speech, place: &Place) -> String {
    match (speech, place) {
        (Speech::At, place) => address(place),
        (Speech::Qmi(QmiPort::Proxy) | Speech::Mbim(MbimPort::Proxy), _) => {
            format!("the place of {}", proxy_of(speech))
        }
        (Speech::Qmi(QmiPort::Qrtr), _) => "the QRTR node of this machine".into(),
        (Speech::Qmi(QmiPort::Device), place) => format!("{} (QMI)", address(place)),
        (Speech::Mbim(MbimPort::Device), place) => format!("{} (MBIM)", address(place)),
    }
}

/// Where a daemon finds it that is given the same text as `at`.
fn place(option: &str, on: &str) -> Result<Place, Failure> {
    if on == "pty" {
        return Ok(Place::Pty(env::temp_dir().join(format!("lpwa-modem-{}", process::id()))));
    }
    let usage = |message: String| Failure::new(Exit::Usage, format!("{option}: {message}"));
    match on.parse::<PortSpec>().map_err(|error| usage(error.to_string()))? {
        PortSpec::Tty { path, .. } => Ok(Place::Pty(path)),
        PortSpec::Unix(path) => Ok(Place::Unix(path)),
        PortSpec::UnixAbstract(name) => Ok(Place::Abstract(name)),
        PortSpec::Tcp { host, port } => {
            // A literal IPv6 address stands in brackets before a port (RFC 3986 §3.2.2).
            let host = if host.contains(':') { format!("[{host}]") } else { host };
            let address = format!("{host}:{port}").parse();
            address.map(Place::Tcp).map_err(|_| usage(format!("{on}: write an address such as tcp:127.0.0.1:2000")))
        }
        PortSpec::Qrtr(_) => Err(usage(format!("{on}: the node is this machine's own; write --qmi qrtr"))),
        PortSpec::Wdm(_) | PortSpec::Proxy { .. } => Err(usage(format!(
            "{on}: only the kernel makes such a device; write pty, unix:/path or tcp:127.0.0.1:2000"
        ))),
    }
}

/// As `at` of the configuration takes it.
fn address(place: &Place) -> String {
    match place {
        Place::Pty(link) => link.display().to_string(),
        Place::Unix(path) => format!("unix:{}", path.display()),
        Place::Abstract(name) => format!("unix-abstract:{name}"),
        Place::Qrtr => "qrtr".into(),
        Place::Tcp(address) => format!("tcp:{address}"),
    }
}

/// What the host cost the modem.
fn account(meter: &Meter, modem: &Simulated) -> [String; 4] {
    let now = modem.now();
    let Meter { commands, bytes_in, bytes_out, deaf_commands, boots, sleeps, .. } = meter;
    [
        format!("commands  {commands}, {deaf_commands} of them lost on a sleeping modem"),
        format!("bytes     {bytes_in} to the modem, {bytes_out} from it"),
        format!(
            "time      awake {}, asleep {}; slept {sleeps} times, restarted {boots} times",
            words::span(meter.awake(now)),
            words::span(meter.asleep(now)),
        ),
        format!("charge    {}", charge(meter)),
    ]
}

/// The whole, what it may be instead, and the causes that have a part in it.
fn charge(meter: &Meter) -> String {
    let [low, typical, high] = [Case::Best, Case::Typical, Case::Worst].map(|case| meter.charge(case));
    let causes = Cause::ALL.into_iter().filter(|cause| typical.of(*cause) > 0.0);
    let causes: Vec<_> = causes.map(|cause| format!("{} {:.1}", cause.title(), typical.of(cause))).collect();
    let known = match meter.evidence() {
        Some(Evidence::Verified) => "published currents",
        Some(Evidence::Derived) => "derived currents",
        _ => "unconfirmed currents",
    };
    let (low, all, high) = (low.total(), typical.total(), high.total());
    format!("{all:.1} mC ({low:.0} to {high:.0}; {known}): {}", causes.join(", "))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_charge_is_told_with_its_range_and_evidence() {
        let mut scenario = Scenario::default();
        scenario.modem.model = "quectel-bg96".into();
        // T3412 of 320 h, T3324 of 0 s (TS 24.008 §10.5.7.4a, §10.5.7.4).
        scenario.modem.setup = vec!["AT+CPSMS=1,,,\"11000001\",\"00000000\"".into()];
        let (mut modem, second) = (modem(&scenario, &Machine::default()).unwrap(), Duration::from_secs(1));
        let mut now = second;
        while modem.meter().asleep(now) < 1000 * second {
            now += second;
            modem.advance(now);
        }
        // 10 µA by the maker's word for 1000 s; other currents of the model are derived from those of its chip.
        let text = charge(modem.meter());
        assert!(text.contains("derived currents): PSM floor 10.0, boot and attach"), "{text}");
    }

    #[test]
    fn every_model_finds_a_cell_on_a_good_day() {
        for (rats, rat) in [
            (&[Rat::Gsm, Rat::LteM][..], Rat::LteM),
            (&[Rat::Gsm, Rat::Umts, Rat::Lte], Rat::Lte),
            (&[Rat::NbIot], Rat::NbIot),
        ] {
            assert_eq!(home(rats), rat);
        }
    }

    #[test]
    fn the_simulator_is_where_the_configuration_says() {
        for on in ["/tmp/ttyM0", "unix:/tmp/m0", "unix-abstract:m0", "tcp:127.0.0.1:2000", "tcp:[::1]:2000"] {
            assert_eq!(place("--on", on).as_ref().map(address), Ok(on.to_owned()));
        }
        assert!(matches!(place("--on", "pty"), Ok(Place::Pty(_))));
        for on in ["m0", "tcp:example.org:2000", "serial:/dev/ttyS0"] {
            assert_eq!(place("--on", on).map_err(|failure| failure.exit), Err(Exit::Usage), "{on}");
        }
    }
}
