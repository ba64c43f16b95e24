//! Which bytes of a line are personal.

use std::ops::Range;

use super::Direction;
use super::invent::Inventor;

/// What a line can mean depends on what went before it on the same port.
#[derive(Default)]
pub(super) struct Context {
    /// The last command, in upper case.
    command: Vec<u8>,
    /// What the lines from the modem are now.
    message: Message,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Message {
    /// No message text.
    #[default]
    None,
    /// Text of a message that came by itself: it ends with an empty line.
    Pushed,
    /// Texts of messages that were asked for: they end with the final result.
    Listed,
}

/// What becomes of a parameter.
#[derive(Clone, Copy)]
enum Mask {
    /// `*`.
    Stars,
    /// `0`, so that hexadecimal stays hexadecimal.
    Zeros,
}

/// Parameters that are secrets: start of the line, first and last of them counted from 0, what becomes of them.
const SECRETS: &[(&str, usize, usize, Mask)] = &[
    // TS 27.007 clauses 8.3 (+CPIN), 7.5 (+CPWD), 7.4 (+CLCK), 10.1.31 (+CGAUTH)
    ("AT+CPIN=", 0, 1, Mask::Stars),
    ("AT+CPWD=", 1, 2, Mask::Stars),
    ("AT+CLCK=", 2, 2, Mask::Stars),
    ("AT+CGAUTH=", 2, 9, Mask::Stars),
    ("+CGAUTH:", 2, 9, Mask::Stars),
    // user names and passwords of contexts and of servers, in the words of the vendors
    ("AT+QICSGP=", 3, 4, Mask::Stars),
    ("+QICSGP:", 2, 3, Mask::Stars),
    ("AT+QMTCONN=", 2, 9, Mask::Stars),
    ("AT+CNCFG=", 3, 4, Mask::Stars),
    ("+CNCFG:", 3, 4, Mask::Stars),
    ("AT+CSTT=", 1, 9, Mask::Stars),
    ("+CSTT:", 1, 9, Mask::Stars),
    ("AT+SMCONF=", 1, 9, Mask::Stars),
    ("AT+UAUTHREQ=", 2, 9, Mask::Stars),
    ("AT+UPSD=", 2, 9, Mask::Stars),
    ("+UPSD:", 2, 9, Mask::Stars),
    ("AT+KCNXCFG=", 3, 4, Mask::Stars),
    ("+KCNXCFG:", 3, 4, Mask::Stars),
    ("AT$QCPDPP=", 2, 9, Mask::Stars),
    ("AT^SGAUTH=", 2, 9, Mask::Stars),
    ("AT#PDPAUTH=", 2, 9, Mask::Stars),
    ("AT%CMNG=", 3, 9, Mask::Stars),
    // names in the telephone book, network dialogues, exchanges with the card
    ("AT+CPBW=", 3, 9, Mask::Stars),
    ("+CPBR:", 3, 9, Mask::Stars),
    ("+CPBF:", 3, 9, Mask::Stars),
    ("+CNUM:", 0, 0, Mask::Stars),
    ("AT+CUSD=", 1, 1, Mask::Stars),
    ("+CUSD:", 1, 1, Mask::Stars),
    ("AT+CSIM=", 1, 9, Mask::Zeros),
    ("+CSIM:", 1, 9, Mask::Zeros),
    ("AT+CRSM=", 5, 9, Mask::Zeros),
];

/// Lines with telephone numbers.
const PHONES: &[&str] = &[
    "+CNUM:", "+CLIP:", "+COLP:", "+CCWA:", "+CSCA:", "+CMT:", "+CMGR:", "+CMGL:", "+CDS:", "+CPBR:", "+CPBF:", "ATD",
    "AT+CMGS=", "AT+CMGW=", "AT+CSCA=", "AT+CPBW=",
];

/// Lines with a position.
const POSITIONS: &[&str] =
    &["+QGPSLOC:", "+CGNSINF:", "+CGPSINFO:", "#XGNSSPOS:", "+UULOC:", "+UGRMC:", "$GPSACP:", "$G", "$$GPS"];

/// Files of the card that name the person (TS 31.102): EF_ICCID 2FE2, EF_IMSI 6F07, EF_ADN 6F3A, EF_SMS 6F3C,
/// EF_MSISDN 6F40.
const PERSONAL_FILES: [&[u8]; 5] = [b"12258", b"28423", b"28474", b"28476", b"28480"];

/// Fewer digits in a row are no identity: an IMSI has 15, rarely 14 (TS 23.003 clause 2.2).
const IDENTITY: usize = 14;
/// More digits in a row, all of them 0 or 1, are a bit mask.
const LONGEST_IDENTITY: usize = 24;
/// Fewer digits in a row are no telephone number.
const PHONE: usize = 5;

/// Redacts one line in place and keeps the context up to date.
pub(super) fn apply(line: &mut [u8], direction: Direction, context: &mut Context, inventor: &mut Inventor) {
    let is_command = starts(line, "AT");
    if context.is_text(line, direction, is_command) {
        return mask_text(line);
    }
    for segment in segments(line) {
        let Some(part) = line.get_mut(segment) else { continue };
        parameters(part, is_command);
        if context.reads_personal_file() && starts(part, "+CRSM:") {
            mask(part, 2, 9, Mask::Zeros);
        }
    }
    // A dial string with a star is a service code: ATD*99***1#.
    if PHONES.iter().any(|prefix| starts(line, prefix)) && !starts(line, "ATD*") {
        runs(line, u8::is_ascii_digit).into_iter().filter(|run| run.len() >= PHONE).for_each(|run| {
            if let Some(number) = line.get_mut(run) {
                inventor.phone(number);
            }
        });
    } else {
        if POSITIONS.iter().any(|prefix| starts(line, prefix)) {
            blur(line);
        }
        identities(line, inventor);
    }
    context.follow(line, is_command);
}

impl Context {
    /// Whether the line is the text of a message, as far as the lines before it tell.
    fn is_text(&mut self, line: &[u8], direction: Direction, is_command: bool) -> bool {
        let line = line.trim_ascii();
        if direction == Direction::ToModem {
            return !is_command && (starts(&self.command, "AT+CMGS") || starts(&self.command, "AT+CMGW"));
        }
        let header = ["+CMGL:", "+CMGR:", "+CMT:", "+CDS:"].iter().any(|prefix| starts(line, prefix));
        let ends = match self.message {
            Message::None => true,
            Message::Pushed => line.is_empty(),
            Message::Listed => header || line == b"OK" || starts(line, "ERROR") || starts(line, "+CMS ERROR"),
        };
        if ends {
            self.message = Message::None;
        }
        !ends && !line.is_empty()
    }

    fn follow(&mut self, line: &[u8], is_command: bool) {
        if is_command {
            self.command = line.trim_ascii().to_ascii_uppercase();
        } else if starts(line, "+CMGL:") || starts(line, "+CMGR:") {
            self.message = Message::Listed;
        } else if starts(line, "+CMT:") || starts(line, "+CDS:") {
            self.message = Message::Pushed;
        }
    }

    fn reads_personal_file(&self) -> bool {
        starts(&self.command, "AT+CRSM=") && self.command.split(|b| *b == b',').any(|p| PERSONAL_FILES.contains(&p))
    }
}

/// Replaces every run of digits that is long enough to be an identity, and every ICCID with hexadecimal digits in it.
pub(super) fn identities(line: &mut [u8], inventor: &mut Inventor) {
    for run in runs(line, u8::is_ascii_hexdigit) {
        let Some(number) = line.get_mut(run) else { continue };
        let digits = number.iter().filter(|b| b.is_ascii_digit()).count();
        if number.starts_with(b"89") && (18..=22).contains(&number.len()) && digits >= IDENTITY {
            inventor.identity(number);
            continue;
        }
        for run in runs(number, u8::is_ascii_digit).into_iter().filter(|run| run.len() >= IDENTITY) {
            let Some(number) = number.get_mut(run) else { continue };
            let is_mask = number.len() > LONGEST_IDENTITY && number.iter().all(|b| matches!(b, b'0' | b'1'));
            if !is_mask {
                inventor.identity(number);
            }
        }
    }
}

fn starts(line: &[u8], prefix: &str) -> bool {
    line.trim_ascii_start().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// The commands of a chain (`AT+CMEE=2;+CPIN=1234`), cut at the semicolons outside quotes.
fn segments(line: &[u8]) -> Vec<Range<usize>> {
    cut(line, b';')
}

/// The ranges between separators that stand outside quotes.
fn cut(line: &[u8], separator: u8) -> Vec<Range<usize>> {
    let (mut ranges, mut start, mut quoted) = (Vec::new(), 0, false);
    for (i, &byte) in line.iter().enumerate() {
        quoted ^= byte == b'"';
        if byte == separator && !quoted {
            ranges.push(start..i);
            start = i.saturating_add(1);
        }
    }
    ranges.push(start..line.len());
    ranges
}

fn parameters(part: &mut [u8], is_command: bool) {
    for (prefix, first, last, with) in SECRETS {
        // Behind a semicolon a command goes without its AT.
        let bare = prefix.strip_prefix("AT").filter(|_| is_command);
        if starts(part, prefix) || bare.is_some_and(|bare| starts(part, bare)) {
            mask(part, *first, *last, *with);
        }
    }
}

/// Covers the parameters `first..=last`; quotes and blanks stay.
fn mask(part: &mut [u8], first: usize, last: usize, with: Mask) {
    let Some(start) = part.iter().position(|b| matches!(b, b'=' | b':')) else { return };
    let Some(list) = part.get_mut(start.saturating_add(1)..) else { return };
    for (index, range) in cut(list, b',').into_iter().enumerate() {
        let Some(parameter) = list.get_mut(range).filter(|_| (first..=last).contains(&index)) else { continue };
        for byte in parameter.iter_mut().filter(|b| !matches!(b, b'"' | b' ' | b'\r' | b'\n' | 0x1a)) {
            *byte = match with {
                Mask::Stars => b'*',
                Mask::Zeros => b'0',
            };
        }
    }
}

fn mask_text(line: &mut [u8]) {
    let hex = line.trim_ascii().iter().all(|b| b.is_ascii_hexdigit() || *b == 0x1a);
    for byte in line.iter_mut().filter(|b| !b.is_ascii_whitespace() && !matches!(b, 0x1a | 0x1b)) {
        *byte = if hex { b'0' } else { b'x' };
    }
}

/// Leaves the first two digits of every number with a decimal point, about a degree of a coordinate.
fn blur(line: &mut [u8]) {
    for run in runs(line, |b| b.is_ascii_digit() || *b == b'.') {
        let Some(number) = line.get_mut(run).filter(|number| number.contains(&b'.')) else { continue };
        number.iter_mut().filter(|b| b.is_ascii_digit()).skip(2).for_each(|digit| *digit = b'0');
    }
}

/// The longest ranges of bytes that are all of a kind.
fn runs(line: &[u8], kind: impl Fn(&u8) -> bool) -> Vec<Range<usize>> {
    let (mut runs, mut start) = (Vec::new(), None);
    for (i, byte) in line.iter().enumerate() {
        match (kind(byte), start) {
            (true, None) => start = Some(i),
            (false, Some(from)) => {
                runs.push(from..i);
                start = None;
            }
            _ => {}
        }
    }
    runs.extend(start.map(|from| from..line.len()));
    runs
}
