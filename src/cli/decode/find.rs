//! AT lines inside other text: a pasted terminal, a log with times, a ModemManager debug log, a transcript.

/// Line ends as logs write them, and as they are.
const ENDS: [&str; 6] = ["\\r", "\\n", "<CR>", "<LF>", "\r", "\n"];

/// Signs that open an extended command or answer (V.250 clause 5.4.1 has `+`; makers use the others).
const SIGNS: [char; 9] = ['+', '%', '^', '#', '$', '*', '!', '@', '_'];

/// The AT commands and answers in one line of text, in order.
pub fn messages(line: &str) -> Vec<&str> {
    let mut pieces = vec![line];
    for end in ENDS {
        pieces = pieces.into_iter().flat_map(|piece| piece.split(end)).collect();
    }
    pieces.into_iter().filter_map(message).flat_map(chained).collect()
}

/// The message in a piece without line ends: the whole piece, or what starts at the first sign of one.
fn message(piece: &str) -> Option<&str> {
    let piece = piece.trim();
    let start = piece.char_indices().map(|(at, _)| at).find(|at| starts(piece, *at)).unwrap_or(0);
    let message = piece.get(start..)?.trim();
    // A logger's closing quote is not part of the line.
    let message = message.strip_suffix('\'').unwrap_or(message);
    let unmatched = message.matches('"').count() % 2 == 1;
    Some(if unmatched { message.strip_suffix('"').unwrap_or(message) } else { message }).filter(|m| !m.is_empty())
}

fn starts(piece: &str, at: usize) -> bool {
    let (Some(before), Some(rest)) = (piece.get(..at), piece.get(at..)) else { return false };
    !before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '+') && (is_command(rest) || is_answer(rest))
}

/// `AT`, then the end, a sign, or a letter of the basic commands.
fn is_command(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("AT").or_else(|| text.strip_prefix("at")) else { return false };
    rest.chars().next().is_none_or(|c| SIGNS.contains(&c) || "&\\DEHIOZdehioz".contains(c))
}

/// A sign, a name in capitals, a colon.
fn is_answer(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(SIGNS) else { return false };
    let name = rest.find(':').and_then(|colon| rest.get(..colon)).unwrap_or_default();
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"_ ".contains(&b))
}

/// `AT+CREG=2;+CEREG=5` is two commands (V.250 clause 5.4.4); the second keeps its sign.
fn chained(message: &str) -> Vec<&str> {
    if is_command(message) {
        return outside_quotes(message, ';').into_iter().map(str::trim).filter(|part| !part.is_empty()).collect();
    }
    vec![message]
}

/// Splits at `separator` where it does not stand in quotes.
fn outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let (mut pieces, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        if c == '"' {
            quoted = !quoted;
        } else if c == separator && !quoted {
            pieces.extend(text.get(start..at));
            start = at + c.len_utf8();
        }
    }
    pieces.extend(text.get(start..));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_lines_in_logs() {
        for (line, found) in [
            ("AT+CEREG?", vec!["AT+CEREG?"]),
            ("8.250 ttyUSB2 < +CEREG: 1,\"1A2D\"", vec!["+CEREG: 1,\"1A2D\""]),
            ("[11:17:18.350]Recieve<-AT+CPIN?", vec!["AT+CPIN?"]),
            (" 0.201233 < +CEREG: 5,4\\r\\nOK\\r\\n", vec!["+CEREG: 5,4", "OK"]),
            ("<debug> [ttyUSB2/at] --> 'AT+CSQ<CR>'", vec!["AT+CSQ"]),
            ("<debug> [ttyUSB2/at] <-- '<CR><LF>+CSQ: 30,99<CR><LF>'", vec!["+CSQ: 30,99"]),
            ("+CME ERROR: 10", vec!["+CME ERROR: 10"]),
            ("AT+CREG=2;+CEREG=5", vec!["AT+CREG=2", "+CEREG=5"]),
            ("2026-11-22T12:00:00+01:00 nothing here", vec!["2026-11-22T12:00:00+01:00 nothing here"]),
            ("", vec![]),
        ] {
            // What is no message is handed on whole; nobody will explain it.
            let messages: Vec<&str> = messages(line).into_iter().filter(|m| !m.starts_with('<')).collect();
            assert_eq!(messages, found, "{line}");
        }
    }
}
