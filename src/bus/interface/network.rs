//! `org.lpwa.Network1`.

use zbus::message::Header;
use zbus::{Connection, Variant};

use crate::bus::error::Error;
use crate::bus::request;
use crate::bus::subject::Subject;
use crate::bus::value::{Dict, dict, name, number, text};
use crate::modem::handle::{Reply, Request};
use crate::spec::rat::Rat;
use crate::spec::registration::Registration;
use crate::state::Known;
use crate::state::json::decibels;

/// Registration, serving cell and signal.
pub struct Network1(pub Subject);

#[zbus::interface(name = "org.lpwa.Network1", introspection_docs = false)]
impl Network1 {
    #[zbus(property)]
    fn registration(&self) -> String {
        name(&self.0.state().network.registration, |value: &Registration| value.name())
    }

    #[zbus(property)]
    fn rat(&self) -> String {
        name(&self.0.state().network.rat, |value: &Rat| value.name())
    }

    #[zbus(property)]
    fn plmn(&self) -> String {
        text(&self.0.state().network.plmn)
    }

    #[zbus(property)]
    fn operator(&self) -> String {
        text(&self.0.state().network.operator)
    }

    // TAC 0 is reserved (TS 23.003 clause 19.4.2.3), and bands are counted from 1.
    #[zbus(property)]
    fn tac(&self) -> u32 {
        number(&self.0.state().network.tac, 0)
    }

    #[zbus(property)]
    fn cell_id(&self) -> u64 {
        number(&self.0.state().network.cell_id, 0)
    }

    #[zbus(property)]
    fn band(&self) -> u16 {
        number(&self.0.state().network.band, 0)
    }

    #[zbus(property)]
    fn cell(&self) -> Dict {
        let state = self.0.state();
        let cell = &state.network;
        dict([
            ("pci", variant(&cell.pci)),
            ("earfcn", variant(&cell.earfcn)),
            ("ce_level", variant(&cell.ce_level)),
            ("rrc_connected", variant(&cell.rrc_connected)),
        ])
    }

    #[zbus(property)]
    fn reject(&self) -> Dict {
        let Some(reading) = self.0.state().network.reject else { return Dict::new() };
        let cause = reading.value;
        dict([
            ("cause", Some(cause.number.into())),
            ("domain", Some(cause.domain.name().to_ascii_lowercase().into())),
            ("name", Some(cause.name().into())),
            ("class", Some(cause.class().name().into())),
            ("advice", Some(cause.advice().into())),
        ])
    }

    #[zbus(property)]
    fn signal(&self) -> Dict {
        let Some(signal) = self.0.state().signal else { return Dict::new() };
        let scale = |value: Option<f32>| value.map(|value| decibels(value).into());
        dict([
            ("rsrp_dbm", scale(signal.rsrp_dbm)),
            ("rsrq_db", scale(signal.rsrq_db)),
            ("rssi_dbm", scale(signal.rssi_dbm)),
            ("sinr_db", scale(signal.sinr_db)),
            ("read_at", Some(signal.read_at.0.into())),
        ])
    }

    async fn read_signal(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<(), Error> {
        self.0.order(connection, &header, Request::ReadSignal).await
    }

    #[zbus(out_args("networks"))]
    async fn scan(
        &self,
        #[zbus(connection)] connection: &Connection,
        #[zbus(header)] header: Header<'_>,
    ) -> Result<Vec<Dict>, Error> {
        match self.0.ask(connection, &header, Request::Scan).await? {
            Reply::Networks(networks) => Ok(networks.into_iter().map(request::network).collect()),
            _ => Ok(vec![]),
        }
    }
}

fn variant<T: Copy + Into<Variant<'static>>>(known: &Known<T>) -> Option<Variant<'static>> {
    known.as_ref().map(|reading| reading.value.into())
}
