//! How values stand in a TLV: [`Wire`] for those that have one form, [`Coding`] where the same type has several.

use std::marker::PhantomData;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::shown::{Show, Shown};
use super::tlv::{Malformed, Reader, Writer};
use crate::private::Private;

/// A value with one form on the wire. Numbers are little endian.
pub trait Wire: Sized {
    /// Reads one.
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed>;
    /// Writes it.
    fn write(&self, to: &mut Writer);
}

/// A form on the wire for values of type `T`.
pub trait Coding<T> {
    /// Reads one.
    fn read(from: &mut Reader<'_>) -> Result<T, Malformed>;
    /// Writes it.
    fn write(value: &T, to: &mut Writer);
}

/// The only form of a [`Wire`] value; of texts, octets and lists, all that is left.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

/// A number of octets in front, a `P`, then so many octets of form `C`.
#[derive(Debug, Clone, Copy)]
pub struct Prefixed<P = u8, C = Plain>(PhantomData<(P, C)>);

/// A number of elements in front, a `P`, then the elements.
#[derive(Debug, Clone, Copy)]
pub struct Counted<P = u8>(PhantomData<P>);

/// Text of exactly `N` octets: it ends at the first octet that is no UTF-8, and is filled with 0xFF.
#[derive(Debug, Clone, Copy)]
pub struct Fixed<const N: usize>;

/// A flag in front that tells whether the value which always follows means anything.
#[derive(Debug, Clone, Copy)]
pub struct Valid<C = Plain>(PhantomData<C>);

/// A secret of form `C`.
#[derive(Debug, Clone, Copy)]
pub struct Secret<C = Plain>(PhantomData<C>);

/// A value at the end that older firmware leaves out.
#[derive(Debug, Clone, Copy)]
pub struct Trailing;

/// Octets that no layout is known for, or that have none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Octets(pub Vec<u8>);

impl<T: Wire> Coding<T> for Plain {
    fn read(from: &mut Reader<'_>) -> Result<T, Malformed> {
        T::read(from)
    }

    fn write(value: &T, to: &mut Writer) {
        value.write(to);
    }
}

/// A length field.
pub trait Prefix: Wire + TryFrom<usize> + Into<u32> {}
impl Prefix for u8 {}
impl Prefix for u16 {}
impl Prefix for u32 {}

fn length<P: Prefix>(from: &mut Reader<'_>) -> Result<usize, Malformed> {
    let length: u32 = P::read(from)?.into();
    usize::try_from(length).map_err(|_| Malformed(usize::MAX))
}

fn put_length<P: Prefix>(length: usize, to: &mut Writer) {
    match P::try_from(length) {
        Ok(length) => length.write(to),
        Err(_) => to.overflow(),
    }
}

impl<T, P: Prefix, C: Coding<T>> Coding<T> for Prefixed<P, C> {
    fn read(from: &mut Reader<'_>) -> Result<T, Malformed> {
        let length = length::<P>(from)?;
        from.within(length, C::read)
    }

    fn write(value: &T, to: &mut Writer) {
        let mut inner = Writer::default();
        C::write(value, &mut inner);
        match inner.finish() {
            Some(octets) => {
                put_length::<P>(octets.len(), to);
                to.put(&octets);
            }
            None => to.overflow(),
        }
    }
}

impl<T: Wire, P: Prefix> Coding<Vec<T>> for Counted<P> {
    fn read(from: &mut Reader<'_>) -> Result<Vec<T>, Malformed> {
        // Grown as elements are read: a length alone allocates nothing.
        let mut elements = Vec::new();
        for _ in 0..length::<P>(from)? {
            elements.push(T::read(from)?);
        }
        Ok(elements)
    }

    fn write(value: &Vec<T>, to: &mut Writer) {
        put_length::<P>(value.len(), to);
        value.iter().for_each(|element| element.write(to));
    }
}

impl<const N: usize> Coding<String> for Fixed<N> {
    fn read(from: &mut Reader<'_>) -> Result<String, Malformed> {
        let octets = from.take(N)?;
        let text = octets.utf8_chunks().next().map(|chunk| chunk.valid()).unwrap_or_default();
        Ok(text.trim_end_matches('\0').to_owned())
    }

    fn write(value: &String, to: &mut Writer) {
        if value.len() > N {
            return to.overflow();
        }
        to.put(value.as_bytes());
        (value.len()..N).for_each(|_| to.put(&[0xFF]));
    }
}

impl<T: Default, C: Coding<T>> Coding<Option<T>> for Valid<C> {
    fn read(from: &mut Reader<'_>) -> Result<Option<T>, Malformed> {
        let valid = bool::read(from)?;
        let value = C::read(from)?;
        Ok(valid.then_some(value))
    }

    fn write(value: &Option<T>, to: &mut Writer) {
        value.is_some().write(to);
        match value {
            Some(value) => C::write(value, to),
            None => C::write(&T::default(), to),
        }
    }
}

impl<T, C: Coding<T>> Coding<Private<T>> for Secret<C> {
    fn read(from: &mut Reader<'_>) -> Result<Private<T>, Malformed> {
        from.secret(C::read).map(Private::new)
    }

    fn write(value: &Private<T>, to: &mut Writer) {
        C::write(value.reveal(), to);
    }
}

impl<T: Wire> Coding<Option<T>> for Trailing {
    fn read(from: &mut Reader<'_>) -> Result<Option<T>, Malformed> {
        if from.is_empty() { Ok(None) } else { T::read(from).map(Some) }
    }

    fn write(value: &Option<T>, to: &mut Writer) {
        if let Some(value) = value {
            value.write(to);
        }
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Wire for $number {
            fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
                from.array().map(Self::from_le_bytes)
            }

            fn write(&self, to: &mut Writer) {
                to.put(&self.to_le_bytes());
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, i8, i16, i32, f32, f64);

impl Wire for bool {
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        u8::read(from).map(|octet| octet != 0)
    }

    fn write(&self, to: &mut Writer) {
        u8::from(*self).write(to);
    }
}

impl Wire for String {
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        // Some firmware ends its texts with NUL.
        let text = String::from_utf8_lossy(from.remaining()).into_owned();
        Ok(if text.ends_with('\0') { text.trim_end_matches('\0').to_owned() } else { text })
    }

    fn write(&self, to: &mut Writer) {
        to.put(self.as_bytes());
    }
}

impl Wire for Octets {
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self(from.remaining().to_vec()))
    }

    fn write(&self, to: &mut Writer) {
        to.put(&self.0);
    }
}

impl<const N: usize> Wire for [u8; N] {
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        from.array()
    }

    fn write(&self, to: &mut Writer) {
        to.put(self);
    }
}

/// The addresses of WDS are numbers: 10.0.0.1 is 0x0A000001, so its last octet comes first.
impl Wire for Ipv4Addr {
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        u32::read(from).map(Self::from_bits)
    }

    fn write(&self, to: &mut Writer) {
        self.to_bits().write(to);
    }
}

/// In network order.
impl Wire for Ipv6Addr {
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        from.array::<16>().map(Self::from)
    }

    fn write(&self, to: &mut Writer) {
        to.put(&self.octets());
    }
}

impl Show for Octets {
    fn show(&self) -> Shown {
        Shown::Octets(self.0.clone())
    }
}

/// `value` as `C` reads it, shown.
pub(super) fn shown<T: Show, C: Coding<T>>(from: &mut Reader<'_>) -> Result<Shown, Malformed> {
    C::read(from).map(|value| value.show())
}

/// Puts a TLV with `value` in form `C` at the end of `tlvs`; false where it is too long.
pub(super) fn put<T, C: Coding<T>>(id: u8, value: Option<&T>, tlvs: &mut Vec<super::Tlv>) -> bool {
    let Some(value) = value else { return true };
    let mut writer = Writer::default();
    C::write(value, &mut writer);
    writer.finish().map(|value| tlvs.push(super::Tlv { id, value })).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T, C: Coding<T>>(octets: &[u8]) -> Result<T, Malformed> {
        C::read(&mut Reader::new(octets))
    }

    fn written<T, C: Coding<T>>(value: &T) -> Option<Vec<u8>> {
        let mut writer = Writer::default();
        C::write(value, &mut writer);
        writer.finish()
    }

    #[test]
    fn texts_come_with_and_without_a_length() {
        assert_eq!(read::<String, Plain>(b"iot\0").unwrap(), "iot");
        assert_eq!(read::<String, Prefixed>(b"\x03iot.test").unwrap(), "iot");
        assert_eq!(read::<String, Prefixed<u16>>(b"\x03\0iot").unwrap(), "iot");
        assert_eq!(read::<String, Prefixed>(b"\x04iot"), Err(Malformed(1)));
        assert_eq!(written::<String, Prefixed>(&"x".repeat(255)).map(|o| o.len()), Some(256));
        assert_eq!(written::<String, Prefixed>(&"x".repeat(256)), None, "it does not fit, so nothing is written");
    }

    #[test]
    fn a_text_of_fixed_size_ends_at_what_is_no_text() {
        // A two-digit MNC, and the garbage of the vector nas_get_operator_name_garbage.
        assert_eq!(read::<String, Fixed<3>>(b"24\xff").unwrap(), "24");
        assert_eq!(read::<String, Fixed<3>>(b"53\xff").unwrap(), "53");
        assert_eq!(written::<String, Fixed<3>>(&"24".to_owned()).unwrap(), b"24\xff");
        assert_eq!(written::<String, Fixed<3>>(&"2401".to_owned()), None);
    }

    #[test]
    fn a_list_longer_than_its_value_is_refused() {
        assert_eq!(read::<Vec<u16>, Counted>(&[2, 1, 0, 2, 0]).unwrap(), [1, 2]);
        assert_eq!(read::<Vec<u16>, Counted<u32>>(&[0xFF, 0xFF, 0xFF, 0xFF, 1, 0]), Err(Malformed(2)));
    }

    #[test]
    fn addresses_and_validity() {
        assert_eq!(read::<Ipv4Addr, Plain>(&[1, 0, 0, 10]).unwrap(), Ipv4Addr::new(10, 0, 0, 1));
        assert_eq!(read::<Option<u16>, Valid>(&[0, 0xFF, 0xFF]).unwrap(), None);
        assert_eq!(written::<Option<u16>, Valid>(&Some(7)).unwrap(), [1, 7, 0]);
        assert_eq!(read::<Option<u8>, Trailing>(&[]).unwrap(), None);
    }
}
