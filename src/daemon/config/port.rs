//! Where a modem is: `at`, `qmi`, `mbim`, `usb`.

use super::section::Section;
use super::{ControlPorts, PortChoice, QmiChoice};
use crate::port::PortSpec;
use crate::port::spec::InvalidPort;

/// The word for QMI that has no port of its own.
const OVER_MBIM: &str = "over-mbim";

/// Reads where the modem is; `None` where that is not said, or not understood.
pub fn read(section: &mut Section<'_, '_>) -> Option<PortChoice> {
    let (at_place, usb_place) = (section.find("at"), section.find("usb"));
    let at = section.string("at").and_then(|at| section.sound("at", at_place?, check_address(at)));
    let usb = section.string("usb").and_then(|usb| section.sound("usb", usb_place?, check_usb(usb)));
    let (qmi_place, mbim_place) = (section.find("qmi"), section.find("mbim"));
    let qmi = control(section, "qmi");
    let mbim = control(section, "mbim");
    let named = [("at", at_place), ("qmi", qmi_place), ("mbim", mbim_place)];
    let other = named.into_iter().find_map(|(key, place)| place.map(|_| key));
    match (other, usb_place) {
        (Some(key), Some(place)) => {
            let message = format!("usb: this modem has {key} as well; keep one of the two");
            section.report.error(place.problem(message));
            None
        }
        (None, Some(_)) => usb.map(PortChoice::Usb),
        (None, None) => {
            let message =
                r#"this modem has no port; write at = "/dev/ttyS1", qmi or mbim = "/dev/cdc-wdm0", or usb = "1-1.2""#;
            section.report.error(section.place.problem(message));
            None
        }
        (Some("at"), None) if qmi_place.is_none() && mbim_place.is_none() => at.map(PortChoice::At),
        (Some(_), None) => {
            let over = qmi.as_deref() == Some(OVER_MBIM);
            if let (true, None, Some(place)) = (over, mbim_place, qmi_place) {
                let message = r#"qmi: "over-mbim" needs the MBIM port; write mbim = "/dev/cdc-wdm0" as well"#;
                section.report.error(place.problem(message));
                return None;
            }
            let qmi = qmi.map(|qmi| if over { QmiChoice::OverMbim } else { QmiChoice::Port(qmi) });
            let known = at.is_some() || qmi.is_some() || mbim.is_some();
            known.then_some(PortChoice::Control(ControlPorts { at, qmi, mbim }))
        }
    }
}

/// A port of a protocol that has messages.
fn control(section: &mut Section<'_, '_>, key: &'static str) -> Option<String> {
    let place = section.find(key)?;
    let text = section.string(key)?;
    section.sound(key, place, check_control(key, text))
}

fn check_control(key: &str, text: String) -> Result<String, String> {
    if key == "qmi" && text == OVER_MBIM {
        return Ok(text);
    }
    let qrtr = if key == "qmi" { r#""qrtr:0" for one of the SoC, "# } else { "" };
    let advice = || {
        format!(
            r#"write a device such as /dev/cdc-wdm0, "{key}-proxy:/dev/cdc-wdm0" for one that others use too, {qrtr}or unix:/path"#
        )
    };
    match text.parse::<PortSpec>() {
        Ok(PortSpec::Wdm(_) | PortSpec::Unix(_) | PortSpec::UnixAbstract(_) | PortSpec::Tcp { .. }) => Ok(text),
        Ok(PortSpec::Qrtr(_)) if key == "qmi" => Ok(text),
        Ok(PortSpec::Qrtr(_)) => Err(format!("{text:?} carries QMI; write it as qmi")),
        Ok(PortSpec::Proxy { kind, .. }) if kind.name().starts_with(key) => Ok(text),
        Ok(PortSpec::Proxy { kind, .. }) => Err(format!("{} does not speak {key}; {}", kind.name(), advice())),
        Err(wrong @ InvalidPort::Node(_)) => Err(wrong.to_string()),
        Ok(PortSpec::Tty { .. }) | Err(_) => Err(format!("{text:?} is no control device; {}", advice())),
    }
}

fn check_address(text: String) -> Result<String, String> {
    if let Ok(PortSpec::Wdm(_)) = text.parse::<PortSpec>() {
        return Err(format!("{text:?} takes no commands but messages; write it as qmi or mbim"));
    }
    let good = match text.split_once(':') {
        Some(("unix", path)) => path.starts_with('/'),
        Some(("tcp", host_and_port)) => host_and_port
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)),
        _ => text.starts_with('/'),
    };
    let advice = "write a device such as /dev/ttyS1, unix:/path or tcp:host:port";
    if good { Ok(text) } else { Err(format!("{text:?} is no port; {advice}")) }
}

/// A physical path as the kernel names it: bus, then ports.
fn check_usb(text: String) -> Result<String, String> {
    let number = |part: &str| !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit());
    let good = text.split_once('-').is_some_and(|(bus, ports)| number(bus) && ports.split('.').all(number));
    let advice = "write it as in /sys/bus/usb/devices, such as 1-1.2";
    if good { Ok(text) } else { Err(format!("{text:?} is no USB path; {advice}")) }
}
