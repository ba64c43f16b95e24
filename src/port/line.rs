//! Lines beside the data: the power key on a GPIO, DTR of a serial port. They wake a modem that hears nothing.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::BoxFuture;
use gpiocdev::line::Value;
use gpiocdev::request::Request;
use tokio::time::sleep;
use tokio_serial::{SerialPort, SerialStream};

/// How long DTR is let go before it is raised again; modems want 50 ms or less.
const DTR_GAP: Duration = Duration::from_millis(100);

/// A line that a modem looks at while it sleeps.
pub trait Line: Send + Sync {
    /// Makes the line active for `length`; where its edge counts and not its length, as with DTR, for as long as that
    /// takes. The error is a part of a sentence.
    fn pulse(&self, length: Duration) -> BoxFuture<'static, Result<(), String>>;
}

/// A line of a GPIO chip, by the chip and its number, or by the name that the board gives it. Prints as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gpio {
    /// `gpiochip0:17`.
    Number {
        /// Device file of the chip.
        chip: PathBuf,
        /// Number of the line on the chip.
        offset: u32,
    },
    /// `MODEM_PWRKEY`: as `gpioinfo` lists it.
    Name(String),
}

/// A text that names no line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no GPIO line; write gpiochip0:17, or the name that `gpioinfo` lists")]
pub struct InvalidGpio(String);

impl FromStr for Gpio {
    type Err = InvalidGpio;

    fn from_str(text: &str) -> Result<Self, InvalidGpio> {
        let invalid = || InvalidGpio(text.to_owned());
        if text.is_empty() || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(invalid());
        }
        let Some((chip, offset)) = text.rsplit_once(':') else {
            // A path without a number is a chip, not a line.
            return if text.starts_with('/') { Err(invalid()) } else { Ok(Self::Name(text.to_owned())) };
        };
        let chip = Path::new("/dev").join(chip);
        match offset.parse() {
            Ok(offset) if chip.file_name().is_some() && chip != Path::new("/dev") => Ok(Self::Number { chip, offset }),
            _ => Err(invalid()),
        }
    }
}

impl fmt::Display for Gpio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { chip, offset } => {
                let short = chip.strip_prefix("/dev").unwrap_or(chip);
                write!(f, "{}:{offset}", short.display())
            }
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// An output of a GPIO chip, such as a power key. It is taken for the time of a pulse only, and let go inactive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Which line.
    pub gpio: Gpio,
    /// The level that counts is the low one.
    pub active_low: bool,
}

impl Line for Output {
    fn pulse(&self, length: Duration) -> BoxFuture<'static, Result<(), String>> {
        let output = self.clone();
        Box::pin(async move {
            let request = output.take()?;
            sleep(length).await;
            request.set_lone_value(Value::Inactive).map_err(|error| output.failed(&error.to_string()))
        })
    }
}

impl Output {
    fn take(&self) -> Result<Request, String> {
        let mut builder = Request::builder();
        builder.with_consumer("lpwa");
        match &self.gpio {
            Gpio::Number { chip, offset } => builder.on_chip(chip).with_line(*offset),
            Gpio::Name(name) => {
                let line = gpiocdev::find_named_line(name);
                builder.with_found_line(&line.ok_or_else(|| self.failed("no chip has a line of that name"))?)
            }
        };
        if self.active_low {
            builder.as_active_low();
        }
        builder.as_output(Value::Active).request().map_err(|error| self.failed(&error.to_string()))
    }

    fn failed(&self, why: &str) -> String {
        let why = why.trim_end_matches('.');
        format!("GPIO {} cannot be used: {why}; `gpioinfo` lists the lines and who has them", self.gpio)
    }
}

/// DTR of the serial port that is open at present. Clones share it.
#[derive(Clone, Default)]
pub struct Dtr(Arc<Mutex<Weak<Mutex<SerialStream>>>>);

impl fmt::Debug for Dtr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dtr")
    }
}

impl Dtr {
    /// The port that it belongs to, as long as that is open.
    pub(super) fn set(&self, port: Weak<Mutex<SerialStream>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = port;
    }

    fn put(&self, on: bool) -> Result<(), String> {
        let port = self.0.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
        let Some(port) = port else { return Err("DTR cannot be moved: no serial port is open".into()) };
        let mut port = port.lock().unwrap_or_else(PoisonError::into_inner);
        port.write_data_terminal_ready(on).map_err(|error| {
            format!("DTR cannot be moved ({error}); a pseudo-terminal and some adapters have no modem lines")
        })
    }
}

impl Line for Dtr {
    /// DTR falls and rises again, and stays: a modem that is wired for it sleeps only while DTR is away.
    fn pulse(&self, _: Duration) -> BoxFuture<'static, Result<(), String>> {
        let dtr = self.clone();
        Box::pin(async move {
            dtr.put(false)?;
            sleep(DTR_GAP).await;
            dtr.put(true)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_named_by_chip_and_number_or_by_name() {
        let number = |chip: &str, offset| Gpio::Number { chip: chip.into(), offset };
        for (text, gpio, printed) in [
            ("gpiochip0:17", number("/dev/gpiochip0", 17), "gpiochip0:17"),
            ("/dev/gpiochip1:3", number("/dev/gpiochip1", 3), "gpiochip1:3"),
            ("/run/chip:0", number("/run/chip", 0), "/run/chip:0"),
            ("MODEM_PWRKEY", Gpio::Name("MODEM_PWRKEY".into()), "MODEM_PWRKEY"),
        ] {
            let parsed: Gpio = text.parse().unwrap();
            assert_eq!((parsed.to_string().as_str(), parsed), (printed, gpio));
        }
        for text in ["", ":17", "gpiochip0:", "gpiochip0:x", "gpiochip0:-1", "/dev/gpiochip0", "a b", "x\n:1"] {
            assert!(text.parse::<Gpio>().is_err(), "{text:?}");
        }
    }

    #[tokio::test]
    async fn a_line_that_is_not_there_is_named() {
        let output = |gpio: &str| Output { gpio: gpio.parse().unwrap(), active_low: true };
        let error = output("no-such-chip:17").pulse(Duration::ZERO).await.unwrap_err();
        assert!(error.starts_with("GPIO no-such-chip:17 cannot be used: "), "{error}");
        assert!(error.ends_with("; `gpioinfo` lists the lines and who has them"), "{error}");
        let error = output("NO_SUCH_LINE_HERE").pulse(Duration::ZERO).await.unwrap_err();
        assert_eq!(
            error,
            "GPIO NO_SUCH_LINE_HERE cannot be used: no chip has a line of that name; `gpioinfo` lists the lines and who has them"
        );
    }

    #[tokio::test]
    async fn dtr_needs_an_open_port() {
        let error = Dtr::default().pulse(Duration::ZERO).await.unwrap_err();
        assert_eq!(error, "DTR cannot be moved: no serial port is open");
    }
}
