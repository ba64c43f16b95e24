//! TLVs: fields that MBIMEx 3.0 hangs behind the others ("MBIM_TLV_IE").

use super::bytes::bytes_of;
use super::reader::{Problem, Reader, Shared};
use super::uuid::Uuid;
use super::value::Value;
use super::version::Version;
use super::wire::{Unsuitable, Wire, from_utf16, number, text, to_utf16};
use super::writer::Writer;

/// Type and data of a TLV.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tlv {
    /// What the data is.
    pub kind: u16,
    /// The data, without its padding.
    pub data: Vec<u8>,
}

/// Names of the types, by number from 1.
const NAMES: [&str; 17] = [
    "ue-policites",
    "single-nssai",
    "allowed-nssai",
    "cfg-nssai",
    "dflt-cfg-nssai",
    "precfg-dflt-cfg-nssai",
    "rej-nssai",
    "ladn",
    "tai",
    "wchar-str",
    "uint16-tbl",
    "eap-packet",
    "pco",
    "route-selection-descriptors",
    "traffic-parameters",
    "wake-command",
    "wake-packet",
];

impl Tlv {
    /// Text, UTF-16.
    pub const TEXT: u16 = 10;
    /// Numbers of 16 bits.
    pub const NUMBERS: u16 = 11;
    /// A command or indication that woke the host.
    pub const WAKE_COMMAND: u16 = 16;
    /// A packet that woke the host.
    pub const WAKE_PACKET: u16 = 17;

    /// The type's name, if it is known.
    pub fn name(&self) -> Option<&'static str> {
        NAMES.get(usize::from(self.kind).checked_sub(1)?).copied()
    }

    /// A TLV of text.
    pub fn of_text(text: &str) -> Self {
        Self { kind: Self::TEXT, data: to_utf16(text) }
    }

    /// The data as text, if it is some.
    pub fn text(&self) -> Option<String> {
        (self.kind == Self::TEXT).then(|| from_utf16(&self.data))
    }

    /// What the data says, where it is a structure.
    fn structure(&self, version: Version) -> Option<Value> {
        let shared = Shared::new(version, self.data.len());
        let mut reader = Reader::new(&shared, &self.data);
        match self.kind {
            Self::WAKE_COMMAND => read_shown::<WakeCommand>(&mut reader, version),
            Self::WAKE_PACKET => read_shown::<WakePacket>(&mut reader, version),
            _ => None,
        }
    }
}

fn read_shown<T: Wire + Default>(reader: &mut Reader<'_>, version: Version) -> Option<Value> {
    let mut structure = T::default();
    structure.read(reader).ok()?;
    Some(structure.show(version))
}

use super::bytes::Bytes;

record! {
    /// The command or indication that woke the host.
    WakeCommand {
        service: Uuid,
        cid: u32,
        payload: Bytes,
    }

    /// The packet that woke the host.
    WakePacket {
        filter_id: u32,
        original_packet_size: u32,
        packet: Bytes,
    }
}

impl Wire for Tlv {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        let (kind, [_reserved, padding]) = from.plainly(|from| Ok((from.u16()?, from.array()?)))?;
        self.kind = kind;
        let size = from.pointer()? as usize;
        self.data = from.take(size)?.to_vec();
        // The last one may lack its padding.
        from.plainly(|from| from.take(usize::from(padding).min(from.left())))?;
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        let padding = self.data.len().next_multiple_of(4).saturating_sub(self.data.len());
        to.put(&self.kind.to_le_bytes());
        to.put(&[0, u8::try_from(padding).unwrap_or(0)]);
        to.u32(u32::try_from(self.data.len()).unwrap_or(u32::MAX));
        to.put(&self.data);
        to.pad();
    }

    fn show(&self, version: Version) -> Value {
        let kind = self.name().map_or_else(|| Value::Number(i128::from(self.kind)), Value::Name);
        let mut fields = vec![("type".into(), kind)];
        match (self.text(), self.structure(version)) {
            (Some(text), _) => fields.push(("string".into(), Value::Text(text))),
            (_, Some(Value::Record(more))) => fields.extend(more),
            _ => fields.push(("data".into(), Value::Bytes(self.data.clone()))),
        }
        Value::Record(fields)
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        let kind = value.get("type").ok_or(Unsuitable::expected("a record with a type"))?;
        let named = text(kind).ok().and_then(|name| NAMES.iter().position(|known| *known == name));
        self.kind = match named.and_then(|at| u16::try_from(at.saturating_add(1)).ok()) {
            Some(kind) => kind,
            None => number(kind)?,
        };
        self.data = match self.kind {
            Self::TEXT => to_utf16(text(value.get("string").unwrap_or(&Value::Absent))?),
            Self::WAKE_COMMAND if value.get("data").is_none() => written::<WakeCommand>(value)?,
            Self::WAKE_PACKET if value.get("data").is_none() => written::<WakePacket>(value)?,
            // What is no such structure is shown as data.
            _ => bytes_of(value.get("data").unwrap_or(&Value::Absent))?,
        };
        Ok(())
    }

    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, _: Version) {
        *self = Self { kind: 12, data: (0..random() % 9).map(|_| random() as u8).collect() };
    }
}

/// The fields beside the type, as the structure that they are of.
fn written<T: Wire + Default>(value: &Value) -> Result<Vec<u8>, Unsuitable> {
    let Value::Record(fields) = value.reveal() else { return Err(Unsuitable::expected("a record")) };
    let fields = fields.iter().filter(|(name, _)| name != "type").cloned().collect();
    let mut structure = T::default();
    structure.set(&Value::Record(fields))?;
    let mut writer = Writer::new(Version::V3);
    structure.write(&mut writer);
    Ok(writer.finish())
}

/// All TLVs to the end of the message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tlvs(pub Vec<Tlv>);

impl Wire for Tlvs {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        self.0.clear();
        while from.left() > 0 {
            let mut tlv = Tlv::default();
            tlv.read(from)?;
            self.0.push(tlv);
        }
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        self.0.iter().for_each(|tlv| tlv.write(to));
    }

    fn show(&self, version: Version) -> Value {
        Value::List(self.0.iter().map(|tlv| tlv.show(version)).collect())
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        self.0.clear();
        if let Value::List(values) = value.reveal() {
            for value in values {
                let mut tlv = Tlv::default();
                tlv.set(value)?;
                self.0.push(tlv);
            }
        }
        Ok(())
    }

    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, version: Version) {
        for _ in 0..random() % 3 {
            let mut tlv = Tlv::default();
            tlv.fill(random, version);
            self.0.push(tlv);
        }
    }
}

/// Text in a TLV of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlvText(pub String);

impl From<&str> for TlvText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Wire for TlvText {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        let mut tlv = Tlv::default();
        tlv.read(from)?;
        self.0 = from_utf16(&tlv.data);
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        Tlv::of_text(&self.0).write(to);
    }

    fn show(&self, version: Version) -> Value {
        self.0.show(version)
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        self.0.set(value)
    }

    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, version: Version) {
        self.0.fill(random, version);
    }
}

/// Numbers of 16 bits in a TLV of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlvNumbers(pub Vec<u16>);

impl Wire for TlvNumbers {
    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
        let mut tlv = Tlv::default();
        tlv.read(from)?;
        let unit = |pair: &[u8]| pair.iter().rev().fold(0, |unit, byte| unit << 8 | u16::from(*byte));
        self.0 = tlv.data.chunks_exact(2).map(unit).collect();
        Ok(())
    }

    fn write(&self, to: &mut Writer) {
        let data = self.0.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        Tlv { kind: Tlv::NUMBERS, data }.write(to);
    }

    fn show(&self, _: Version) -> Value {
        Value::List(self.0.iter().map(|unit| Value::Number(i128::from(*unit))).collect())
    }

    fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
        let Value::List(values) = value.reveal() else { return Err(Unsuitable::expected("a list of numbers")) };
        self.0 = values.iter().map(number).collect::<Result<_, _>>()?;
        Ok(())
    }

    #[cfg(test)]
    fn fill(&mut self, random: &mut dyn FnMut() -> u32, _: Version) {
        self.0 = (0..random() % 5).map(|_| random() as u16).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_set_again() {
        let command = [&[7; 16][..], &[1, 0, 0, 0], &[0xAB, 0xCD]].concat();
        for (kind, data) in [
            (Tlv::WAKE_COMMAND, command),
            (Tlv::WAKE_PACKET, [1, 0, 0, 0, 60, 0, 0, 0, 0x45].to_vec()),
            (Tlv::WAKE_COMMAND, Vec::new()),
            (Tlv::WAKE_PACKET, vec![1]),
            (Tlv::TEXT, to_utf16("lpwa")),
            (13, vec![1, 2, 3]),
            (99, vec![4]),
        ] {
            let tlv = Tlv { kind, data };
            let mut again = Tlv::default();
            again.set(&tlv.show(Version::V3)).unwrap_or_else(|error| panic!("{tlv:?}: {error}"));
            assert_eq!(again.kind, tlv.kind);
        }
    }
}
