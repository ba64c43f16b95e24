//! Cells: the one that serves, and those beside it.

use crate::codec::mbim::Status;
use crate::codec::mbim::list::{Array, Linked};
use crate::codec::mbim::message::cell::{BaseStations, BaseStationsQuery, NeighboringLte, ServingGsm, ServingLte};
use crate::codec::mbim::message::extensions::LocationInfo;
use crate::codec::mbim::message::{atds, choices::DataSubclass};
use crate::sim::modem::SimModem;
use crate::sim::network::Cell;
use crate::spec::rat::Rat;

use super::ask::{Answer, Ask};
use super::device::data_class;

/// What is said of a value that is not known.
const NOT_KNOWN: u32 = u32::MAX;
/// The same in the units of `+CESQ`.
const NO_INDEX: u32 = 255;

fn plmn(cell: &Cell) -> String {
    cell.plmn.map(|plmn| plmn.to_string()).unwrap_or_default()
}

const fn is_lte(cell: &Cell) -> bool {
    matches!(cell.rat, Rat::Lte | Rat::LteM | Rat::NbIot)
}

fn serving_lte(cell: &Cell) -> ServingLte {
    ServingLte {
        provider_id: plmn(cell),
        cell_id: cell.cell_id,
        earfcn: cell.earfcn,
        physical_cell_id: cell.pci.into(),
        tac: cell.tac.into(),
        rsrp: cell.rsrp as i32,
        rsrq: cell.rsrq as i32,
        timing_advance: NOT_KNOWN,
    }
}

fn neighbour_lte(cell: &Cell) -> NeighboringLte {
    NeighboringLte {
        provider_id: plmn(cell),
        cell_id: cell.cell_id,
        earfcn: cell.earfcn,
        physical_cell_id: cell.pci.into(),
        tac: cell.tac.into(),
        rsrp: cell.rsrp as i32,
        rsrq: cell.rsrq as i32,
    }
}

fn serving_gsm(cell: &Cell) -> ServingGsm {
    ServingGsm {
        provider_id: plmn(cell),
        location_area_code: cell.tac.into(),
        cell_id: cell.cell_id,
        timing_advance: NOT_KNOWN,
        arfcn: cell.earfcn,
        base_station_id: NOT_KNOWN,
        // 0 is -111 dBm, 1 dB a step.
        rx_level: (cell.rssi + 111.0).clamp(0.0, 63.0) as u32,
    }
}

pub(super) fn base_stations(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let asked: BaseStationsQuery = if ask.buffer.is_empty() { BaseStationsQuery::default() } else { ask.read()? };
    let most = if asked.max_lte_count == 0 { usize::MAX } else { asked.max_lte_count as usize };
    let serving = modem.serving();
    let own = serving.map(|cell| (cell.plmn, cell.cell_id));
    let others = modem.network.cells.iter().filter(|cell| is_lte(cell) && Some((cell.plmn, cell.cell_id)) != own);
    let others: Array<NeighboringLte> = others.filter(|_| serving.is_some()).take(most).map(neighbour_lte).collect();
    ask.answer(&BaseStations {
        system_type: serving.map(|cell| data_class(cell.rat, ask.version)).unwrap_or_default(),
        system_sub_type: DataSubclass::default().into(),
        lte_serving_cell: Linked(serving.filter(|cell| is_lte(cell)).map(serving_lte)),
        gsm_serving_cell: Linked(serving.filter(|cell| cell.rat == Rat::Gsm).map(serving_gsm)),
        lte_neighboring_cells: others,
        ..BaseStations::default()
    })
}

pub(super) fn location(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let cell = modem.serving().ok_or(Status::NotRegistered)?;
    let area = |lte| if is_lte(cell) == lte { u32::from(cell.tac) } else { NOT_KNOWN };
    ask.answer(&LocationInfo { location_area_code: area(false), tracking_area_code: area(true), cell_id: cell.cell_id })
}

/// The signal, in the units of `+CESQ` (TS 27.007 clause 8.69), as AT&T wants it.
pub(super) fn atds_signal(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let mut signal = atds::Signal {
        rssi: 99,
        error_rate: 99,
        rscp: NO_INDEX,
        ecno: NO_INDEX,
        rsrq: NO_INDEX,
        rsrp: NO_INDEX,
        rssnr: NO_INDEX,
    };
    if let Some(cell) = modem.serving() {
        signal.rssi = ((cell.rssi + 113.0) / 2.0).clamp(0.0, 31.0) as u32;
        signal.rsrp = (cell.rsrp + 140.0).clamp(0.0, 97.0) as u32;
        signal.rsrq = ((cell.rsrq + 19.5) * 2.0).clamp(0.0, 34.0) as u32;
        signal.rssnr = (cell.sinr + 5.0).clamp(0.0, 35.0) as u32;
    }
    ask.answer(&signal)
}

pub(super) fn atds_location(modem: &mut SimModem, ask: &Ask) -> Result<Answer, Status> {
    let cell = modem.serving().ok_or(Status::NotRegistered)?;
    ask.answer(&atds::Location { lac: cell.tac.into(), tac: cell.tac.into(), cell_id: cell.cell_id })
}
