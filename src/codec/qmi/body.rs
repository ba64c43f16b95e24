//! What the messages of a service are made of, written down once: [`service`](crate::codec::qmi) declares messages and
//! their TLVs, and gives reading, writing and names for each of them in both directions.

use std::ops::Range;

use super::message::Kind;
use super::service::Service;
use super::shown::Shown;
use super::tlv::{Malformed, Reader, Tlv};

/// The TLVs of a message, one field each.
pub trait Body: Default {
    /// The service of the message.
    const SERVICE: Service;
    /// The message.
    const ID: u16;
    /// Which of its three kinds.
    const KIND: Kind;

    /// Reads a TLV into its field; false: it has none, or cannot be read, or its field is taken.
    fn take(&mut self, id: u8, value: &mut Reader<'_>) -> bool;

    /// Writes the fields that are there; false: a value did not fit its layout.
    fn put(&self, tlvs: &mut Vec<Tlv>) -> bool;

    /// Name and value of a TLV; `None`: the message has none of this type.
    fn explain(id: u8, value: &mut Reader<'_>) -> Option<(&'static str, Result<Shown, Malformed>)>;

    /// TLVs that have no field, or cannot be read.
    fn others(&self) -> &[Tlv];

    /// Keeps one of those.
    fn keep(&mut self, tlv: Tlv);
}

/// The TLVs of a request.
pub trait Request: Body {
    /// The TLVs of its response.
    type Response: Body;
}

/// [`Body::explain`] of some message.
pub(super) type Explain = fn(u8, &mut Reader<'_>) -> Option<(&'static str, Result<Shown, Malformed>)>;

/// One message of a service, with what explains its kinds.
pub(super) struct Entry {
    pub(super) id: u16,
    pub(super) name: &'static str,
    pub(super) request: Option<Explain>,
    pub(super) response: Option<Explain>,
    pub(super) indication: Option<Explain>,
}

/// Where secrets stand in the value of a TLV.
pub(super) fn secrets(explain: Explain, id: u8, value: &[u8]) -> Vec<Range<usize>> {
    let mut reader = Reader::new(value);
    match explain(id, &mut reader) {
        // What cannot be read may hold anything.
        Some((_, Err(_))) => std::iter::once(0..value.len()).collect(),
        Some((_, Ok(_))) => reader.into_secrets(),
        None => Vec::new(),
    }
}

/// The form on the wire: the one that is named, or the only one.
macro_rules! coding {
    () => {
        $crate::codec::qmi::coding::Plain
    };
    ($coding:ty) => {
        $coding
    };
}

/// A function for an optional kind of message.
macro_rules! explains {
    () => {
        None
    };
    ($body:ty) => {
        Some(<$body as $crate::codec::qmi::body::Body>::explain)
    };
}

/// A body: a field for each TLV.
macro_rules! body {
    ($service:ident, $id:literal, $kind:ident, $title:literal, $name:ident {
        $($(#[$doc:meta])* $tlv:literal $field:ident: $ty:ty $(as $coding:ty)?),* $(,)?
    }) => {
        #[doc = concat!(stringify!($kind), " of ", stringify!($service), " ", stringify!($id), ", ", $title, ".")]
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $(
                #[doc = concat!("TLV ", stringify!($tlv), ".")]
                #[doc = ""]
                $(#[$doc])*
                pub $field: Option<$ty>,
            )*
            /// TLVs that have no field here, or cannot be read.
            pub others: Vec<$crate::codec::qmi::Tlv>,
        }

        impl $crate::codec::qmi::body::Body for $name {
            const SERVICE: $crate::codec::qmi::Service = $crate::codec::qmi::Service::$service;
            const ID: u16 = $id;
            const KIND: $crate::codec::qmi::Kind = $crate::codec::qmi::Kind::$kind;

            fn take(&mut self, id: u8, _value: &mut $crate::codec::qmi::Reader<'_>) -> bool {
                match id {
                    $($tlv if self.$field.is_none() => {
                        self.$field =
                            <coding!($($coding)?) as $crate::codec::qmi::coding::Coding<$ty>>::read(_value).ok();
                        self.$field.is_some()
                    })*
                    _ => false,
                }
            }

            fn put(&self, _tlvs: &mut Vec<$crate::codec::qmi::Tlv>) -> bool {
                true $(& $crate::codec::qmi::coding::put::<$ty, coding!($($coding)?)>($tlv, self.$field.as_ref(), _tlvs))*
            }

            fn explain(
                id: u8,
                _value: &mut $crate::codec::qmi::Reader<'_>,
            ) -> Option<(&'static str, Result<$crate::codec::qmi::Shown, $crate::codec::qmi::Malformed>)> {
                match id {
                    $($tlv => Some((
                        stringify!($field),
                        $crate::codec::qmi::coding::shown::<$ty, coding!($($coding)?)>(_value),
                    )),)*
                    _ => None,
                }
            }

            fn others(&self) -> &[$crate::codec::qmi::Tlv] {
                &self.others
            }

            fn keep(&mut self, tlv: $crate::codec::qmi::Tlv) {
                self.others.push(tlv);
            }
        }
    };
}

/// The messages of a service.
macro_rules! service {
    ($service:ident; $($id:literal $title:literal {
        $(request $request:ident { $($req:tt)* } response $response:ident { $($resp:tt)* })?
        $(indication $indication:ident { $($ind:tt)* })?
    })*) => {
        $(
            $(
                body!($service, $id, Request, $title, $request { $($req)* });
                body!($service, $id, Response, $title, $response { $($resp)* });
                impl $crate::codec::qmi::body::Request for $request {
                    type Response = $response;
                }
            )?
            $(body!($service, $id, Indication, $title, $indication { $($ind)* });)?
        )*

        pub(super) const MESSAGES: &[$crate::codec::qmi::body::Entry] = &[$(
            $crate::codec::qmi::body::Entry {
                id: $id,
                name: $title,
                request: explains!($($request)?),
                response: explains!($($response)?),
                indication: explains!($($indication)?),
            },
        )*];
    };
}

/// Structures inside values.
macro_rules! records {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty $(as $coding:ty)?),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $(
                #[doc = concat!("On the wire `", stringify!($ty), "`.")]
                #[doc = ""]
                $(#[$field_doc])*
                pub $field: $ty,
            )*
        }

        impl $crate::codec::qmi::coding::Wire for $name {
            fn read(from: &mut $crate::codec::qmi::Reader<'_>) -> Result<Self, $crate::codec::qmi::Malformed> {
                Ok(Self {
                    $($field: <coding!($($coding)?) as $crate::codec::qmi::coding::Coding<$ty>>::read(from)?,)*
                })
            }

            fn write(&self, to: &mut $crate::codec::qmi::Writer) {
                $(<coding!($($coding)?) as $crate::codec::qmi::coding::Coding<$ty>>::write(&self.$field, to);)*
            }
        }

        impl $crate::codec::qmi::shown::Show for $name {
            fn show(&self) -> $crate::codec::qmi::Shown {
                $crate::codec::qmi::Shown::Fields(vec![
                    $((stringify!($field), $crate::codec::qmi::shown::Show::show(&self.$field))),*
                ])
            }
        }
    )*};
}

/// Enumerations; a value without a name is kept.
macro_rules! values {
    ($($(#[$doc:meta])* $name:ident: $repr:ty { $($(#[$value_doc:meta])* $variant:ident = $value:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = concat!("Value ", stringify!($value), ".")] $(#[$value_doc])* $variant,)*
            /// A value without a name.
            Other($repr),
        }

        impl $name {
            /// The value on the wire.
            pub const fn value(self) -> $repr {
                match self {
                    $(Self::$variant => $value,)*
                    Self::Other(value) => value,
                }
            }
        }

        impl From<$repr> for $name {
            fn from(value: $repr) -> Self {
                match value {
                    $($value => Self::$variant,)*
                    other => Self::Other(other),
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::from(0)
            }
        }

        impl $crate::codec::qmi::coding::Wire for $name {
            fn read(from: &mut $crate::codec::qmi::Reader<'_>) -> Result<Self, $crate::codec::qmi::Malformed> {
                <$repr as $crate::codec::qmi::coding::Wire>::read(from).map(Self::from)
            }

            fn write(&self, to: &mut $crate::codec::qmi::Writer) {
                $crate::codec::qmi::coding::Wire::write(&self.value(), to);
            }
        }

        impl $crate::codec::qmi::shown::Show for $name {
            fn show(&self) -> $crate::codec::qmi::Shown {
                let name = match self {
                    $(Self::$variant => $crate::codec::qmi::shown::kebab(stringify!($variant)),)*
                    Self::Other(_) => String::new(),
                };
                // Negative values exist in enumerations of calls' ends; they are shown as their bits.
                #[allow(clippy::cast_sign_loss, clippy::cast_lossless)]
                let value = self.value() as u64;
                $crate::codec::qmi::Shown::Name { name, value }
            }
        }
    )*};
}

/// Sets of bits; those without a name are kept.
macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident: $repr:ty { $($(#[$flag_doc:meta])* $flag:ident = $bit:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub $repr);

        impl $name {
            $(#[doc = concat!("Bit ", stringify!($bit), ".")] $(#[$flag_doc])* pub const $flag: Self = Self(1 << $bit);)*

            /// Whether all bits of `other` are set.
            pub const fn has(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }
        }

        impl std::ops::BitOr for $name {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl $crate::codec::qmi::coding::Wire for $name {
            fn read(from: &mut $crate::codec::qmi::Reader<'_>) -> Result<Self, $crate::codec::qmi::Malformed> {
                <$repr as $crate::codec::qmi::coding::Wire>::read(from).map(Self)
            }

            fn write(&self, to: &mut $crate::codec::qmi::Writer) {
                $crate::codec::qmi::coding::Wire::write(&self.0, to);
            }
        }

        impl $crate::codec::qmi::shown::Show for $name {
            fn show(&self) -> $crate::codec::qmi::Shown {
                let named = [$((Self::$flag, stringify!($flag))),*];
                let set = named.iter().filter(|(flag, _)| self.has(*flag));
                let names = set.map(|(_, name)| $crate::codec::qmi::shown::kebab(name)).collect();
                $crate::codec::qmi::Shown::Flags { names, value: u64::from(self.0) }
            }
        }
    )*};
}

pub(super) use {body, coding, explains, flags, records, service, values};
