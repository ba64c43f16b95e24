//! What goes out: command lines that were checked, so that no input can become a second command.

use std::fmt;

use super::frame::Pending;
use crate::private::REDACTED;

pub mod standard;

/// The longest command line, octets without the CR.
pub const COMMAND_MAX: usize = 512;

/// Commands whose parameters are a code, a password or a user name.
const SECRET: [&str; 14] = [
    "+CPIN=",
    "+CPIN2=",
    "+CPWD=",
    "+CLCK=",
    "+CGAUTH=",
    "*CPIN=",
    "#PDPAUTH=",
    "^SGAUTH=",
    "+QICSGP=",
    "+UAUTHREQ=",
    "+CNCFG=",
    "+WPPP=",
    "$QCPDPP=",
    "+CSIM=",
];

/// Placeholders of model files that stand for a secret.
const SECRET_PLACEHOLDERS: [&str; 4] = ["password", "user", "pin", "puk"];

/// A command line: printable ASCII that starts with `AT`, without line end.
///
/// `Debug` and `Display` leave out the parameters where they are secret, as in `AT+CPIN=<redacted>`.
#[derive(Clone, PartialEq, Eq)]
pub struct CommandLine {
    text: String,
    secret: bool,
}

/// The text cannot be sent as a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCommand {
    /// It does not start with `AT`.
    #[error("an AT command starts with AT, as in AT+CSQ")]
    NoAt,
    /// A character that would end the line, or that AT has no code for.
    #[error("the command has the character {character:?} at position {position}; only printable ASCII can be sent")]
    Character {
        /// The first such character.
        character: char,
        /// Where it stands, from 1.
        position: usize,
    },
    /// Longer than [`COMMAND_MAX`].
    #[error("the command has {0} characters; 512 are the most")]
    Long(usize),
    /// A value between quotes.
    #[error(transparent)]
    Text(#[from] InvalidText),
    /// A PIN or PUK.
    #[error("a PIN has 4 to 8 digits and a PUK has 8; check the code that was given")]
    Code,
    /// A timer or cycle that is not the given number of binary digits.
    #[error("{0:?} is no timer value: {1} binary digits are wanted")]
    Bits(String, usize),
    /// A placeholder without a value.
    #[error("the model file's line {template:?} needs a value for {{{name}}}, and there is none")]
    Missing {
        /// The line.
        template: String,
        /// The placeholder.
        name: String,
    },
    /// A placeholder that does not end.
    #[error("the model file's line {0:?} has a '{{' without '}}'")]
    Unclosed(String),
    /// A value outside quotes with a character that would end it.
    #[error("the value of {{{name}}} has the character {character:?}, which would end the parameter")]
    Bare {
        /// The placeholder.
        name: String,
        /// The first such character.
        character: char,
    },
}

/// The text cannot stand between quotes in a command. The text itself, perhaps a password, is not told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the text has the character {character:?} at position {position}, which cannot stand between quotes in an AT command"
)]
pub struct InvalidText {
    /// The first such character.
    pub character: char,
    /// Where it stands, from 1.
    pub position: usize,
}

/// Text that can stand between quotes.
#[derive(Clone, PartialEq, Eq)]
pub struct Quoted(String);

impl Quoted {
    /// The text without the quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Checks `text`: printable ASCII without the quote (V.250 clause 5.4.2.2).
pub fn quoted(text: &str) -> Result<Quoted, InvalidText> {
    match position(text, |c| c == '"' || !is_printable(c)) {
        Some((position, character)) => Err(InvalidText { character, position }),
        None => Ok(Quoted(text.to_owned())),
    }
}

/// Fills the `{name}` placeholders of a model file's line. Values that nothing asks for are left out.
pub fn fill(template: &str, values: &[(&str, &str)]) -> Result<CommandLine, InvalidCommand> {
    let mut line = String::with_capacity(template.len());
    let mut secret = false;
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        line.push_str(before);
        let (name, after) = after.split_once('}').ok_or_else(|| InvalidCommand::Unclosed(template.to_owned()))?;
        let missing = || InvalidCommand::Missing { template: template.to_owned(), name: name.to_owned() };
        let (_, value) = values.iter().find(|(known, _)| *known == name).ok_or_else(missing)?;
        check_value(name, value, line.matches('"').count() % 2 == 1)?;
        secret |= SECRET_PLACEHOLDERS.contains(&name);
        line.push_str(value);
        rest = after;
    }
    line.push_str(rest);
    let line = CommandLine::raw(&line)?;
    Ok(if secret { line.secret() } else { line })
}

fn check_value(name: &str, value: &str, inside_quotes: bool) -> Result<(), InvalidCommand> {
    if inside_quotes {
        return Ok(quoted(value).map(drop)?);
    }
    match value.chars().find(|c| !(c.is_ascii_alphanumeric() || ",.:+-*#_".contains(*c))) {
        Some(character) => Err(InvalidCommand::Bare { name: name.to_owned(), character }),
        None => Ok(()),
    }
}

fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~')
}

/// The first character that `unwanted` names, and where it stands, from 1.
fn position(text: &str, unwanted: impl Fn(char) -> bool) -> Option<(usize, char)> {
    text.chars().zip(1_usize..).find(|(c, _)| unwanted(*c)).map(|(c, at)| (at, c))
}

impl CommandLine {
    /// Checks a line from a model file or a person. Blanks at both ends are dropped.
    pub fn raw(line: &str) -> Result<Self, InvalidCommand> {
        let line = line.trim();
        if line.len() > COMMAND_MAX {
            return Err(InvalidCommand::Long(line.len()));
        }
        if let Some((position, character)) = position(line, |c| !is_printable(c)) {
            return Err(InvalidCommand::Character { character, position });
        }
        if !line.get(..2).is_some_and(|at| at.eq_ignore_ascii_case("AT")) {
            return Err(InvalidCommand::NoAt);
        }
        Ok(Self { text: line.to_owned(), secret: secret_from(line).is_some() })
    }

    /// Marks the parameters as secret.
    #[must_use]
    pub fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// Whether the parameters must not be shown.
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// The line, secrets and all.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What goes over the wire: the line and CR alone, as V.250 clause 5.2.1 wants it.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.text.clone().into_bytes();
        bytes.push(b'\r');
        bytes
    }

    /// What to expect as its answer.
    pub fn pending(&self) -> Pending {
        Pending::for_line(&self.text)
    }
}

/// Where the parameters of the first command with secret parameters start.
fn secret_from(line: &str) -> Option<usize> {
    // Every name ends with the sign after which the parameters start.
    let mut ends = line.match_indices('=').map(|(at, sign)| at.saturating_add(sign.len()));
    ends.find(|end| line.get(..*end).is_some_and(|before| SECRET.iter().any(|name| ends_with(before, name))))
}

fn ends_with(text: &str, name: &str) -> bool {
    let end = text.len().checked_sub(name.len()).and_then(|at| text.get(at..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(name))
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.secret {
            return f.write_str(&self.text);
        }
        let after_sign = self.text.find('=').map(|at| at.saturating_add(1));
        let shown = secret_from(&self.text).or(after_sign).and_then(|end| self.text.get(..end)).unwrap_or("AT");
        write!(f, "{shown}{REDACTED}")
    }
}

impl fmt::Debug for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommandLine({self})")
    }
}

impl fmt::Debug for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quoted({} characters)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_can_become_a_second_line() {
        assert_eq!(CommandLine::raw("AT+CSQ").map(|line| line.bytes()), Ok(b"AT+CSQ\r".to_vec()));
        assert_eq!(
            CommandLine::raw("AT+CSQ\rAT+CFUN=0"),
            Err(InvalidCommand::Character { character: '\r', position: 7 })
        );
        assert_eq!(CommandLine::raw("+CSQ"), Err(InvalidCommand::NoAt));
        assert_eq!(CommandLine::raw(&format!("AT{}", "x".repeat(511))), Err(InvalidCommand::Long(513)));
        assert_eq!(quoted("ip\"\rAT+CFUN=0"), Err(InvalidText { character: '"', position: 3 }));
    }

    #[test]
    fn secrets_do_not_show() {
        let line = CommandLine::raw("AT+CPIN=\"1234\"").unwrap();
        assert_eq!(format!("{line} {line:?}"), "AT+CPIN=<redacted> CommandLine(AT+CPIN=<redacted>)");
        let line = CommandLine::raw("AT+CMEE=1;+CPIN=1234").unwrap();
        assert_eq!(line.to_string(), "AT+CMEE=1;+CPIN=<redacted>");
        assert_eq!(CommandLine::raw("AT+CPIN?").unwrap().to_string(), "AT+CPIN?");
        let line = fill("AT#AUTH={cid},\"{password}\"", &[("cid", "1"), ("password", "x")]).unwrap();
        assert_eq!((line.as_str(), line.to_string().as_str()), ("AT#AUTH=1,\"x\"", "AT#AUTH=<redacted>"));
    }

    #[test]
    fn placeholders_are_filled_and_checked() {
        let fill = |values: &[(&str, &str)]| fill("AT+X={cid},\"{apn}\"", values);
        assert_eq!(fill(&[("cid", "1"), ("apn", "a;b")]).unwrap().as_str(), "AT+X=1,\"a;b\"");
        assert_eq!(
            fill(&[("cid", "1")]).unwrap_err().to_string(),
            "the model file's line \"AT+X={cid},\\\"{apn}\\\"\" needs a value for {apn}, and there is none"
        );
        assert!(matches!(fill(&[("cid", "1;+CFUN=0"), ("apn", "")]), Err(InvalidCommand::Bare { character: ';', .. })));
        assert!(matches!(fill(&[("cid", "1"), ("apn", "a\"")]), Err(InvalidCommand::Text(_))));
        assert_eq!(super::fill("AT{", &[]), Err(InvalidCommand::Unclosed("AT{".into())));
    }
}
