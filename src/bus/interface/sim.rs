//! `org.lpwa.Sim1`.

use zbus::Connection;
use zbus::message::Header;

use crate::bus::error::Error;
use crate::bus::subject::Subject;
use crate::bus::value::{name, number, text};
use crate::modem::handle::Request;
use crate::private::Private;
use crate::state::{Known, SimPolicy, SimState};

/// The card.
pub struct Sim1(pub Subject);

// ICCID and IMSI go to those who may see them and who ask; signals, which everybody receives, never carry them.
#[zbus::interface(name = "org.lpwa.Sim1", introspection_docs = false)]
impl Sim1 {
    #[zbus(property)]
    fn state(&self) -> String {
        name(&self.0.state().sim.state, |value: &SimState| value.name())
    }

    #[zbus(property(emits_changed_signal = "invalidates"))]
    async fn iccid(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Option<Header<'_>>,
    ) -> String {
        let authorised = self.0.is_authorised(connection, header.as_ref()).await;
        personal(authorised, &self.0.state().sim.iccid)
    }

    #[zbus(property(emits_changed_signal = "invalidates"))]
    async fn imsi(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Option<Header<'_>>,
    ) -> String {
        let authorised = self.0.is_authorised(connection, header.as_ref()).await;
        personal(authorised, &self.0.state().sim.imsi)
    }

    #[zbus(property)]
    fn pin_retries(&self) -> i16 {
        number(&self.0.state().sim.pin_retries, -1)
    }

    #[zbus(property)]
    fn puk_retries(&self) -> i16 {
        number(&self.0.state().sim.puk_retries, -1)
    }

    #[zbus(property)]
    fn home_network(&self) -> String {
        text(&self.0.state().sim.home)
    }

    #[zbus(property)]
    fn provider_name(&self) -> String {
        text(&self.0.state().sim.spn)
    }

    #[zbus(property)]
    fn gid1(&self) -> String {
        text(&self.0.state().sim.gid1)
    }

    #[zbus(property)]
    fn policy(&self) -> String {
        self.chosen().name.unwrap_or_default()
    }

    #[zbus(property)]
    fn policy_reason(&self) -> String {
        self.chosen().why
    }

    #[zbus(property)]
    fn apns(&self) -> Vec<String> {
        self.chosen().apns
    }

    #[zbus(property)]
    fn apn_source(&self) -> String {
        self.chosen().source
    }

    #[zbus(property)]
    fn roaming(&self) -> String {
        self.chosen().roaming
    }

    #[zbus(property)]
    fn slot(&self) -> u8 {
        self.0.state().sim.slot().unwrap_or_default()
    }

    #[zbus(property)]
    fn slots(&self) -> Vec<(u8, bool, String)> {
        let card = |card| match card {
            Some(true) => "present",
            Some(false) => "absent",
            None => "",
        };
        let state = self.0.state();
        let slots = state.sim.slots.iter().flat_map(|slots| &slots.value);
        slots.map(|slot| (slot.number, slot.active, card(slot.card).to_owned())).collect()
    }

    async fn switch_slot(
        &self,
        slot: u8,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        if slot == 0 {
            return Err(Error::InvalidArgument("slots are counted from 1".into()));
        }
        self.0.order(connection, &header, Request::SwitchSlot(slot)).await
    }

    async fn enter_pin(
        &self,
        pin: String,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        let pin = code("a PIN has four to eight digits", 4, pin)?;
        self.0.order(connection, &header, Request::EnterPin(pin)).await
    }

    async fn enter_puk(
        &self,
        puk: String,
        new_pin: String,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        let puk = code("a PUK has eight digits", 8, puk)?;
        let new_pin = code("the new PIN must have four to eight digits", 4, new_pin)?;
        self.0.order(connection, &header, Request::EnterPuk(puk, new_pin)).await
    }
}

impl Sim1 {
    fn chosen(&self) -> SimPolicy {
        self.0.state().sim.policy.clone().unwrap_or_default()
    }
}

fn personal<T: ToString>(authorised: bool, known: &Known<Private<T>>) -> String {
    match known {
        Some(reading) if authorised => reading.value.reveal().to_string(),
        _ => String::new(),
    }
}

/// A malformed code would cost an attempt on some cards, so it never reaches one (TS 31.101 clause 9.5.1).
fn code(wanted: &str, least: usize, text: String) -> Result<Private<String>, Error> {
    if (least..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(text.into());
    }
    Err(Error::InvalidArgument(format!("{wanted}; nothing was sent to the SIM")))
}
