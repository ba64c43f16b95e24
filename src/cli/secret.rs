//! Codes from the person at the keyboard: never from the command line, never echoed.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::path::Path;

use anyhow::Context;
use rustix::termios::{self, LocalModes, OptionalActions, Termios};

use crate::private::Private;

use super::exit::{Exit, Failure};

/// No code or password is longer.
const LONGEST: u64 = 256;

/// Reads one secret per name in `names`: from `file`, else without echo from the terminal, else from standard input.
pub fn read(file: Option<&Path>, names: &[&str]) -> anyhow::Result<Vec<Private<String>>> {
    if let Some(path) = file {
        let opened = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let origin = path.display().to_string();
        return lines(&mut BufReader::new(opened), names, &origin);
    }
    if io::stdin().is_terminal() {
        return names.iter().map(|name| ask(name)).collect();
    }
    lines(&mut io::stdin().lock(), names, "standard input")
}

fn lines(source: &mut impl BufRead, names: &[&str], origin: &str) -> anyhow::Result<Vec<Private<String>>> {
    names
        .iter()
        .map(|name| {
            let mut line = String::new();
            source.take(LONGEST).read_line(&mut line).with_context(|| format!("{origin} cannot be read"))?;
            if line.len() as u64 == LONGEST && !line.ends_with('\n') {
                return Err(Failure::new(Exit::Usage, format!("the {name} in {origin} is too long to be one")).into());
            }
            let secret = line.trim_end_matches(['\r', '\n']);
            if secret.is_empty() {
                let message = format!("{origin} has no line with the {name}; write one secret per line");
                return Err(Failure::new(Exit::Usage, message).into());
            }
            Ok(Private::new(secret.to_owned()))
        })
        .collect()
}

/// Puts the terminal back as it was, however the reading ends.
struct Quiet(Termios);

impl Quiet {
    fn new() -> io::Result<Self> {
        let before = termios::tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        // Without ISIG an interrupt cannot end the process while the echo is off.
        quiet.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
        termios::tcsetattr(io::stdin(), OptionalActions::Flush, &quiet)?;
        Ok(Self(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = termios::tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}

fn ask(name: &str) -> anyhow::Result<Private<String>> {
    let mut stderr = io::stderr();
    write!(stderr, "{name}: ").and_then(|()| stderr.flush())?;
    let typed = {
        let _quiet = Quiet::new().context("the terminal cannot be switched to read without echo")?;
        typed(&mut io::stdin().lock())?
    };
    writeln!(stderr)?;
    typed.map(Private::new).ok_or_else(|| Failure::new(Exit::Failure, format!("no {name} was given")).into())
}

/// Key by key to the end of the line; `None` where the person gives up (Ctrl-C, Ctrl-D).
fn typed(keys: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut secret = String::new();
    for key in keys.bytes() {
        match key? {
            b'\r' | b'\n' => return Ok((!secret.is_empty()).then_some(secret)),
            0x03 | 0x04 => return Ok(None),
            0x08 | 0x7f => drop(secret.pop()),
            key if (secret.len() as u64) < LONGEST && key.is_ascii_graphic() => secret.push(char::from(key)),
            _ => {}
        }
    }
    Ok(None)
}

/// A PIN has four to eight digits, a PUK eight (TS 31.101): a slip of the finger must not cost an attempt.
pub fn check_code(name: &str, code: &Private<String>, digits: std::ops::RangeInclusive<usize>) -> Result<(), Failure> {
    let text = code.reveal();
    if digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    let wanted = if digits.start() == digits.end() {
        format!("{} digits", digits.start())
    } else {
        format!("{} to {} digits", digits.start(), digits.end())
    };
    Err(Failure::new(Exit::Usage, format!("a {name} has {wanted}; nothing was sent, no attempt was used")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_make_a_secret() {
        assert_eq!(typed(&mut b"124\x7f34\r".as_slice()).unwrap().as_deref(), Some("1234"));
        assert_eq!(typed(&mut b"12\x03".as_slice()).unwrap(), None);
        assert_eq!(typed(&mut b"\n".as_slice()).unwrap(), None);
    }

    #[test]
    fn one_secret_per_line() {
        let secrets = lines(&mut b"12345678\r\n0000\n".as_slice(), &["PUK", "new PIN"], "codes").unwrap();
        assert_eq!(secrets.iter().map(|s| s.reveal().as_str()).collect::<Vec<_>>(), ["12345678", "0000"]);
        let missing = lines(&mut b"12345678\n".as_slice(), &["PUK", "new PIN"], "codes").unwrap_err();
        assert!(missing.to_string().contains("new PIN"), "{missing}");
        let long = [b'1'; 300];
        assert!(lines(&mut long.as_slice(), &["password"], "file").unwrap_err().to_string().contains("too long"));
    }

    #[test]
    fn a_code_of_the_wrong_length_is_not_sent() {
        let code = |text: &str| Private::new(text.to_owned());
        assert!(check_code("PIN", &code("0000"), 4..=8).is_ok());
        assert!(check_code("PIN", &code("123"), 4..=8).is_err());
        assert!(check_code("PIN", &code("12a4"), 4..=8).is_err());
        assert!(check_code("PUK", &code("1234567"), 8..=8).unwrap_err().message.contains("8 digits"));
    }
}
