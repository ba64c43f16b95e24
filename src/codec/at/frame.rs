//! What a line is: an answer to the pending command, or a notice.

/// Notices of the standard (TS 27.007, TS 27.005) and the two that every maker prints while starting.
const STANDARD_URCS: [&str; 25] = [
    "+CREG:",
    "+CGREG:",
    "+CEREG:",
    "+C5GREG:",
    "+CSCON:",
    "+CGEV:",
    "+CEDRXP:",
    "+CNEC_EMM:",
    "+CNEC_ESM:",
    "+CTZV:",
    "+CTZE:",
    "+CTZEU:",
    "+CMTI:",
    "+CMT:",
    "+CDS:",
    "+CDSI:",
    "+CBM:",
    "+CUSD:",
    "+CIEV:",
    "+CRING:",
    "RING",
    "+CLIP:",
    "+CCWA:",
    "+CPIN:",
    "+CFUN:",
];

/// Commands whose read answer starts with `<n>`, and whose notice has the same name but no `<n>`.
const TOLD_APART_BY_FORM: [&str; 5] = ["+CREG:", "+CGREG:", "+CEREG:", "+C5GREG:", "+CSCON:"];

/// Set commands that never answer with a line of their name: such a line is a notice.
const SILENT_SETS: [&str; 12] =
    ["+CREG", "+CGREG", "+CEREG", "+C5GREG", "+CSCON", "+CFUN", "+CPIN", "+CUSD", "+CIND", "+CMER", "+CGEREP", "+COPS"];

/// Commands without `=` or `?` whose data lines always start with their name; the others may answer bare text, as
/// `+CGMM` does (TS 27.007 clause 5.2).
const FIXED_PREFIX: [&str; 9] =
    ["+CSQ", "+CESQ", "+CEDRXRDP", "+CGPADDR", "+CGCONTRDP", "+CNUM", "+CEER", "+CPAS", "+CPINR"];

/// What the caller knows of the answer to the command it is about to write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pending {
    /// The line as written, without CR; a modem may echo it.
    pub echo: String,
    /// How data lines of the answer start, such as `+CEREG:`.
    pub prefixes: Vec<String>,
    /// Data lines without a prefix are the answer.
    pub unprefixed: bool,
    /// `> ` or `@` asks for data.
    pub prompt: bool,
    /// `CONNECT` is a final result.
    pub data: bool,
    /// Final results to expect, 0 being taken as 1: SARA-N2 gives one `OK` for each command of a chain.
    pub finals: u8,
}

impl Pending {
    /// What the text of a command tells of its answer.
    pub fn for_line(line: &str) -> Self {
        let mut pending = Self { echo: line.trim().to_owned(), finals: 1, ..Self::default() };
        let upper = line.trim().to_ascii_uppercase();
        let body = upper.strip_prefix("AT").unwrap_or(&upper);
        for command in split_chain(body) {
            pending.add(command.trim());
        }
        pending
    }

    fn add(&mut self, command: &str) {
        if !is_marked(command) || command.starts_with(['&', '\\']) {
            return self.add_basic(command);
        }
        let end = command.find(['=', '?']).unwrap_or(command.len());
        let (name, form) = command.split_at_checked(end).unwrap_or((command, ""));
        if matches!(name, "+CGDATA") {
            self.data = true;
        }
        if form.starts_with('=') && form != "=?" && SILENT_SETS.contains(&name) {
            return;
        }
        self.prefixes.push(format!("{name}:"));
        self.unprefixed |= form == "=?" || (form.is_empty() && !FIXED_PREFIX.contains(&name));
        // Text mode: the message itself is a line of its own.
        self.unprefixed |= matches!(name, "+CMGR" | "+CMGL");
        self.prompt |= matches!(name, "+CMGS" | "+CMGW" | "+CMGC") && form.starts_with('=');
    }

    fn add_basic(&mut self, command: &str) {
        match command.bytes().next() {
            Some(b'D' | b'O' | b'A') => self.data = true,
            Some(b'I') => self.unprefixed = true,
            Some(b'S') if command.ends_with('?') => self.unprefixed = true,
            Some(b'&') if command.starts_with("&V") => self.unprefixed = true,
            _ => {}
        }
    }

    /// Whether `line` is a data line of this answer by its prefix.
    pub fn answers(&self, line: &str) -> bool {
        let Some(prefix) = self.prefixes.iter().find(|prefix| line.starts_with(prefix.as_str())) else {
            return false;
        };
        !TOLD_APART_BY_FORM.contains(&prefix.as_str()) || self.fits_form(line.get(prefix.len()..).unwrap_or_default())
    }

    fn fits_form(&self, fields: &str) -> bool {
        if self.echo.ends_with("=?") { fields.trim_start().starts_with('(') } else { is_read_form(fields) }
    }

    /// Whether `line` is a prefix with nothing behind it: some modems put the fields on the next line.
    pub(super) fn is_header(&self, line: &str) -> bool {
        self.prefixes.iter().any(|prefix| prefix == line)
    }

    /// Whether this is a command that sets something; a known notice of the same name is then a notice.
    pub(super) fn sets(&self) -> bool {
        self.echo.contains('=') && !self.echo.ends_with("=?")
    }

    /// Whether data lines are expected at all.
    pub(super) fn wants_lines(&self) -> bool {
        self.unprefixed || !self.prefixes.is_empty()
    }
}

/// Whether the fields after `+CEREG:` are those of a read answer, `<n>,<stat>...`: the second is one or two digits
/// without quotes, while a notice has a quoted code or nothing there (TS 27.007 clause 10.1.22).
fn is_read_form(fields: &str) -> bool {
    let mut fields = fields.split(',').map(str::trim);
    let digits = |field: Option<&str>| {
        field.is_some_and(|f| (1..=2).contains(&f.len()) && f.bytes().all(|b| b.is_ascii_digit()))
    };
    digits(fields.next()) && digits(fields.next())
}

/// Whether `line` reads `+NAME: n,stat` of a command that is told apart from its notice by form only.
pub(super) fn is_registration_answer(line: &str) -> bool {
    TOLD_APART_BY_FORM.iter().filter_map(|prefix| line.strip_prefix(prefix)).any(is_read_form)
}

/// Whether `line` starts like a notice of the standard.
pub(super) fn is_standard_urc(line: &str) -> bool {
    STANDARD_URCS.iter().any(|prefix| line.starts_with(prefix))
}

/// Whether `line` starts with one of the signs that makers put before a name, such as `+CEREG` or `%XSIM`.
pub(super) fn is_marked(line: &str) -> bool {
    let mut chars = line.chars();
    chars.next().is_some_and(|c| "+%#^*$!&_\\".contains(c)) && chars.next().is_some_and(|c| c.is_ascii_alphabetic())
}

/// Whether `line` starts like the value of a field: no notice does, so it belongs to the pending answer.
pub(super) fn is_bare_value(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_digit() || "\"(,-".contains(c))
}

/// What stands from the first CR LF on: before it there is echo or noise. For a whole answer at hand, where the
/// command is not known; without CR LF everything is kept.
pub fn skip_echo(answer: &[u8]) -> &[u8] {
    let at = answer.windows(2).position(|pair| pair == b"\r\n").unwrap_or(0);
    answer.get(at..).unwrap_or_default()
}

/// The commands of a chain, `+CFUN=1;+COPS=0` (V.250 clause 5.2.1); `;` between quotes is text.
fn split_chain(body: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    body.split(move |c| {
        quoted ^= c == '"';
        c == ';' && !quoted
    })
}

/// Where a line ends that has another glued to it, as in `+CEREG: 2,0OK` or `OK+CFUN: 1`; `None` if nothing is.
pub(super) fn glue(line: &str) -> Option<usize> {
    if line.strip_prefix("OK").is_some_and(|rest| rest.starts_with("OK") || is_marked(rest)) {
        return Some("OK".len());
    }
    if !(is_marked(line) || is_bare_value(line)) {
        return None;
    }
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        quoted ^= c == '"';
        if !quoted && c == 'O' && line.split_at_checked(at).is_some_and(|(a, b)| ends_field(a) && starts_final(b)) {
            return Some(at);
        }
    }
    None
}

fn ends_field(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit() || "\")".contains(c)) || text.ends_with(": READY")
}

fn starts_final(text: &str) -> bool {
    text.strip_prefix("OK").is_some_and(|rest| rest.is_empty() || rest.starts_with("OK") || is_marked(rest))
}
