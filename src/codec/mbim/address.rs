//! Addresses, in network order (MBIM 1.0 clause 10.5.20).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::reader::{Problem, Reader};
use super::value::Value;
use super::version::Version;
use super::wire::{Unsuitable, Wire, text};
use super::writer::Writer;

macro_rules! addresses {
    ($($(#[$meta:meta])* $name:ident($address:ty);)*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(pub $address);

        impl Default for $name {
            fn default() -> Self {
                Self(<$address>::UNSPECIFIED)
            }
        }

        impl From<$address> for $name {
            fn from(address: $address) -> Self {
                Self(address)
            }
        }

        impl Wire for $name {
            fn read(&mut self, from: &mut Reader<'_>) -> Result<(), Problem> {
                self.0 = from.array().map(<$address>::from)?;
                Ok(())
            }

            fn write(&self, to: &mut Writer) {
                to.put(&self.0.octets());
            }

            fn show(&self, _: Version) -> Value {
                Value::Text(self.0.to_string())
            }

            fn set(&mut self, value: &Value) -> Result<(), Unsuitable> {
                self.0 = text(value)?.parse().map_err(|_| Unsuitable::expected("an address"))?;
                Ok(())
            }

            #[cfg(test)]
            fn fill(&mut self, random: &mut dyn FnMut() -> u32, _: Version) {
                let mut octets = self.0.octets();
                octets.fill_with(|| random() as u8);
                self.0 = octets.into();
            }
        }
    )*};
}

addresses! {
    /// An IPv4 address.
    Ipv4(Ipv4Addr);
    /// An IPv6 address.
    Ipv6(Ipv6Addr);
}
