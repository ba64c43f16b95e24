//! What a modem can do and reports: `+CGEREP`, `+CMER`, `+CIND`, `+CSCS`, `+CPMS`.

use super::super::cursor::{Field, Form, Malformed, Reader};

/// Reads the `<mode>`s of `+CGEREP: (<modes>),(<bfrs>)` (TS 27.007 clause 10.1.19).
pub fn cgerep_test(line: &str) -> Result<Vec<i64>, Malformed> {
    Ok(Reader::of(line, "+CGEREP")?.field().numbers())
}

/// What `+CMER` can be set to (TS 27.007 clause 8.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventReporting {
    /// `<mode>`s.
    pub modes: Vec<i64>,
    /// `<ind>`s.
    pub indicators: Vec<i64>,
}

/// Reads `+CMER: (<mode>s),(<keyp>s),(<disp>s),(<ind>s)[,(<bfr>s)]`.
pub fn cmer_test(line: &str) -> Result<EventReporting, Malformed> {
    let mut fields = Reader::of(line, "+CMER")?;
    let [modes, _keypad, _display, indicators] = std::array::from_fn(|_| fields.field().numbers());
    Ok(EventReporting { modes, indicators })
}

/// One indicator of `+CIND` and `+CIEV` (TS 27.007 clauses 8.9 and 8.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Its number in `+CIEV`, from 1.
    pub index: usize,
    /// Name in lower case without blanks, such as `signal`.
    pub name: String,
    /// Lowest value.
    pub min: i64,
    /// Highest value.
    pub max: i64,
}

/// Reads `+CIND: (<name>,(<values>)),...`.
pub fn cind_test(line: &str) -> Result<Vec<Indicator>, Malformed> {
    let indicators = Reader::of(line, "+CIND")?.rest().zip(1..);
    Ok(indicators.filter_map(|(field, index)| indicator(field, index)).collect())
}

fn indicator(field: Field<'_>, index: usize) -> Option<Indicator> {
    if field.form != Form::List {
        return None;
    }
    let mut parts = field.list();
    let name: String = parts.next()?.string()?.split_whitespace().collect::<String>().to_ascii_lowercase();
    let values = parts.next()?.ranges();
    let min = values.iter().map(|range| *range.start()).min()?;
    let max = values.iter().map(|range| *range.end()).max()?;
    Some(Indicator { index, name, min, max })
}

/// Reads the character sets of `+CSCS: (<chset>,...)` (TS 27.007 clause 5.5) by their names in the standard.
pub fn cscs_test(line: &str) -> Result<Vec<String>, Malformed> {
    // A list of one may come without parentheses, and so do longer ones.
    let names = Reader::of(line, "+CSCS")?.rest().flat_map(|field| field.strings());
    Ok(names.map(standard_charset).collect())
}

/// Some makers call IRA by its usual name, and write UTF-8 without the hyphen.
fn standard_charset(name: String) -> String {
    match name.to_ascii_uppercase().as_str() {
        "ASCII" => "IRA".to_owned(),
        "UTF8" => "UTF-8".to_owned(),
        upper => upper.to_owned(),
    }
}

/// A message storage (TS 27.005 clause 3.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Storage {
    /// `SM`: the SIM.
    Sim,
    /// `ME`: the modem.
    Modem,
    /// `MT`: both.
    Both,
    /// `SR`: status reports.
    StatusReports,
    /// `BM`: broadcasts.
    Broadcast,
    /// `TA`: the terminal adaptor.
    Adaptor,
}

impl Storage {
    const ALL: [Self; 6] = [Self::Sim, Self::Modem, Self::Both, Self::StatusReports, Self::Broadcast, Self::Adaptor];

    /// The standard's two letters.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sim => "SM",
            Self::Modem => "ME",
            Self::Both => "MT",
            Self::StatusReports => "SR",
            Self::Broadcast => "BM",
            Self::Adaptor => "TA",
        }
    }

    fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|storage| storage.code() == code)
    }
}

/// Reads the storages that each of `<mem1>`, `<mem2>`, `<mem3>` can be, of `+CPMS: (...),(...),(...)`.
pub fn cpms_test(line: &str) -> Result<[Vec<Storage>; 3], Malformed> {
    let mut fields = Reader::of(line, "+CPMS")?;
    Ok(std::array::from_fn(|_| fields.field().strings().iter().filter_map(|code| Storage::of(code)).collect()))
}

/// One of the storages in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageUse {
    /// Which; `None` for a maker's own.
    pub storage: Option<Storage>,
    /// Messages in it.
    pub used: Option<u16>,
    /// Messages that it can hold.
    pub total: Option<u16>,
}

/// Reads `+CPMS: <mem1>,<used1>,<total1>,<mem2>,...`.
pub fn cpms(line: &str) -> Result<[StorageUse; 3], Malformed> {
    let mut fields = Reader::of(line, "+CPMS")?;
    Ok(std::array::from_fn(|_| StorageUse {
        storage: Storage::of(fields.field().text),
        used: fields.maybe_number(),
        total: fields.maybe_number(),
    }))
}
