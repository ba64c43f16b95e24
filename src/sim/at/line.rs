//! The command line as ITU-T V.250 clause 5.2 defines it: what stands behind `AT`.

/// One command of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim) enum Command {
    /// `E0`, `&F`, `I`: the name in capitals and its number, 0 when it is left out (V.250 clause 5.3.1).
    Basic { name: String, number: u32 },
    /// `S3=13` or `S3?` (V.250 clause 5.3.2).
    Register { number: u32, value: Option<u32> },
    /// `D` and all that follows it.
    Dial(String),
    /// `+NAME` and its vendor cousins, the name in capitals with its first character (V.250 clause 5.4).
    Extended { name: String, op: Op },
}

/// What is wanted of an extended command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim) enum Op {
    /// `+X`
    Run,
    /// `+X?`
    Read,
    /// `+X=?`
    Test,
    /// `+X=value`
    Set(String),
}

/// The line is no command line: the answer is `ERROR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct BadLine;

impl Command {
    /// The command as a model file writes it, without `AT`.
    pub(in crate::sim) fn text(&self) -> String {
        match self {
            Self::Basic { name, number: 0 } => name.clone(),
            Self::Basic { name, number } => format!("{name}{number}"),
            Self::Register { number, value: None } => format!("S{number}?"),
            Self::Register { number, value: Some(value) } => format!("S{number}={value}"),
            Self::Dial(digits) => format!("D{digits}"),
            Self::Extended { name, op: Op::Run } => name.clone(),
            Self::Extended { name, op: Op::Read } => format!("{name}?"),
            Self::Extended { name, op: Op::Test } => format!("{name}=?"),
            Self::Extended { name, op: Op::Set(value) } => format!("{name}={value}"),
        }
    }
}

/// Parses what stands behind `AT`.
pub(in crate::sim) fn parse(body: &str) -> Result<Vec<Command>, BadLine> {
    let text = without_spaces(body);
    let mut rest = Rest(&text);
    let mut commands = Vec::new();
    while let Some(first) = rest.peek() {
        match first {
            ';' => rest.bump(),
            'D' | 'd' => {
                rest.bump();
                commands.push(Command::Dial(rest.all().to_owned()));
            }
            'S' | 's' => commands.push(register(&mut rest)?),
            '+' | '%' | '#' | '^' | '$' | '*' | '!' | '_' | '@' => commands.push(extended(&mut rest)?),
            _ => commands.push(basic(&mut rest)?),
        }
    }
    Ok(commands)
}

/// Spaces mean nothing outside quotes (V.250 clause 5.2.1).
fn without_spaces(body: &str) -> String {
    let mut quoted = false;
    body.chars()
        .filter(|c| {
            quoted ^= *c == '"';
            quoted || *c == '"' || !(c.is_whitespace() || c.is_control())
        })
        .collect()
}

fn basic(rest: &mut Rest<'_>) -> Result<Command, BadLine> {
    let mut name = String::new();
    if matches!(rest.peek(), Some('&' | '\\')) {
        name.extend(rest.peek());
        rest.bump();
    }
    let letter = rest.peek().filter(char::is_ascii_alphabetic).ok_or(BadLine)?;
    name.push(letter.to_ascii_uppercase());
    rest.bump();
    Ok(Command::Basic { name, number: rest.number()?.unwrap_or(0) })
}

fn register(rest: &mut Rest<'_>) -> Result<Command, BadLine> {
    rest.bump();
    let number = rest.number()?.unwrap_or(0);
    let value = match rest.peek() {
        Some('?') => None,
        Some('=') => {
            rest.bump();
            return Ok(Command::Register { number, value: Some(rest.number()?.unwrap_or(0)) });
        }
        _ => return Err(BadLine),
    };
    rest.bump();
    Ok(Command::Register { number, value })
}

fn extended(rest: &mut Rest<'_>) -> Result<Command, BadLine> {
    let mut name = String::new();
    name.extend(rest.peek());
    rest.bump();
    // V.250 clause 5.4.1 lists the characters of a name.
    name.push_str(rest.while_(|c| c.is_ascii_alphanumeric() || "!%-./:_".contains(c)));
    if name.len() < 2 {
        return Err(BadLine);
    }
    name.make_ascii_uppercase();
    let op = match rest.peek() {
        Some('?') => {
            rest.bump();
            Op::Read
        }
        Some('=') => {
            rest.bump();
            match rest.value() {
                "?" => Op::Test,
                value => Op::Set(value.to_owned()),
            }
        }
        _ => Op::Run,
    };
    match rest.peek() {
        None | Some(';') => Ok(Command::Extended { name, op }),
        Some(_) => Err(BadLine),
    }
}

/// What is left of the line.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn peek(&self) -> Option<char> {
        self.0.chars().next()
    }

    fn bump(&mut self) {
        let mut chars = self.0.chars();
        chars.next();
        self.0 = chars.as_str();
    }

    fn split(&mut self, at: usize) -> &'a str {
        let (head, tail) = self.0.split_at_checked(at).unwrap_or((self.0, ""));
        self.0 = tail;
        head
    }

    fn while_(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        self.split(self.0.find(|c| !wanted(c)).unwrap_or(self.0.len()))
    }

    fn all(&mut self) -> &'a str {
        self.split(self.0.len())
    }

    fn number(&mut self) -> Result<Option<u32>, BadLine> {
        match self.while_(|c| c.is_ascii_digit()) {
            "" => Ok(None),
            digits => digits.parse().map(Some).map_err(|_| BadLine),
        }
    }

    /// Up to the next `;` outside quotes, or the end.
    fn value(&mut self) -> &'a str {
        let mut quoted = false;
        let end = self.0.find(|c| {
            quoted ^= c == '"';
            c == ';' && !quoted
        });
        self.split(end.unwrap_or(self.0.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extended(name: &str, op: Op) -> Command {
        Command::Extended { name: name.into(), op }
    }

    fn basic(name: &str, number: u32) -> Command {
        Command::Basic { name: name.into(), number }
    }

    #[test]
    fn chains_of_basic_and_extended_commands() {
        // V.250 clause 5.2.1: basic commands follow each other, an extended one ends at ';' or the end.
        assert_eq!(
            parse("E0V1+CMEE=1;&C1+COPS=3,2;+COPS?").unwrap(),
            [
                basic("E", 0),
                basic("V", 1),
                extended("+CMEE", Op::Set("1".into())),
                basic("&C", 1),
                extended("+COPS", Op::Set("3,2".into())),
                extended("+COPS", Op::Read),
            ]
        );
        assert_eq!(parse("").unwrap(), []);
        assert_eq!(parse(r"\Q3").unwrap(), [basic(r"\Q", 3)]);
    }

    #[test]
    fn case_and_spaces_do_not_matter_outside_quotes() {
        assert_eq!(
            parse(" +cgdcont = 1, \"IP\", \"Iot Test;x\" ; +cpin ?").unwrap(),
            [extended("+CGDCONT", Op::Set("1,\"IP\",\"Iot Test;x\"".into())), extended("+CPIN", Op::Read)]
        );
        assert_eq!(parse("e").unwrap(), [basic("E", 0)]);
    }

    #[test]
    fn vendor_prefixes_registers_and_dialling() {
        assert_eq!(parse("%XSYSTEMMODE=?").unwrap(), [extended("%XSYSTEMMODE", Op::Test)]);
        assert_eq!(parse("#XMODEMRESET").unwrap(), [extended("#XMODEMRESET", Op::Run)]);
        assert_eq!(
            parse("S3=13S0?").unwrap(),
            [Command::Register { number: 3, value: Some(13) }, Command::Register { number: 0, value: None },]
        );
        assert_eq!(parse("D*99***1#").unwrap(), [Command::Dial("*99***1#".into())]);
    }

    #[test]
    fn what_is_no_command_is_refused() {
        for line in ["+", "+COPS?x", "&", "9", "S3", "E99999999999", "{"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn prints_as_a_model_file_writes_it() {
        for text in ["+QENG=\"servingcell\"", "%XMONITOR", "+QPSMS?", "+COPS=?", "I", "I9", "S3=13", "D*99#"] {
            assert_eq!(parse(text).unwrap()[0].text(), text);
        }
    }
}
