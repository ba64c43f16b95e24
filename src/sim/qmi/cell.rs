//! The serving cell and its neighbours, as NAS tells of them.

use crate::codec::qmi::nas::{self, LteCell, LteIntraFrequency, NrCell, RadioInterface};
use crate::codec::qmi::{Body, Message, QmiError};
use crate::sim::modem::SimModem;
use crate::sim::network::Cell;
use crate::spec::plmn::Plmn;

use super::registration::{interface, level};
use super::{Reply, answer, needed};

pub(super) fn run(modem: &mut SimModem, request: &Message) -> Option<Reply> {
    let serving = modem.serving();
    Some(match request.id {
        nas::GetCellLocationInfo::ID => answer(request, |_: nas::GetCellLocationInfo| {
            location(modem, serving.ok_or(QmiError::INFORMATION_UNAVAILABLE)?)
        }),
        nas::GetRfBandInfo::ID => answer(request, |_: nas::GetRfBandInfo| {
            let cell = serving.ok_or(QmiError::INFORMATION_UNAVAILABLE)?;
            let radio_interface = interface(cell.rat);
            let band_class = nas::band_class(radio_interface, cell.band).ok_or(QmiError::INFORMATION_UNAVAILABLE)?;
            let channel = u16::try_from(cell.earfcn).unwrap_or(u16::MAX);
            let band = nas::RfBand { radio_interface, band_class, channel };
            let extended = nas::ExtendedRfBand { radio_interface, band_class, channel: cell.earfcn };
            Ok(nas::RfBandInfo { bands: Some(vec![band]), extended_bands: Some(vec![extended]), ..Default::default() })
        }),
        nas::GetTxRxInfo::ID => answer(request, |body: nas::GetTxRxInfo| {
            let asked = needed(body.radio_interface)?;
            let cell = serving.filter(|cell| interface(cell.rat) == asked).ok_or(QmiError::INFORMATION_UNAVAILABLE)?;
            let rsrp = level(cell.rsrp, 10.0);
            let rx0 = nas::Receiver { tuned: true, power: level(cell.rssi, 10.0), rsrp, ..Default::default() };
            let tx = nas::Transmitter { in_traffic: modem.radio.rrc(), power: 0 };
            Ok(nas::TxRxInfo { rx0: Some(rx0), tx: Some(tx), ..Default::default() })
        }),
        _ => return None,
    })
}

/// MCC and MNC in three octets (TS 24.008 §10.5.1.13).
fn packed(plmn: Plmn) -> [u8; 3] {
    let digit = |text: &str, at: usize| text.as_bytes().get(at).map_or(0xF, |digit| digit.wrapping_sub(b'0') & 0xF);
    let (mcc, mnc) = (plmn.mcc(), plmn.mnc());
    let (mcc, mnc) = (|at| digit(&mcc, at), |at| digit(&mnc, at));
    [mcc(1) << 4 | mcc(0), mnc(2) << 4 | mcc(2), mnc(1) << 4 | mnc(0)]
}

fn location(modem: &SimModem, cell: &Cell) -> Result<nas::CellLocationInfo, QmiError> {
    let plmn = packed(cell.plmn.ok_or(QmiError::INFORMATION_UNAVAILABLE)?);
    let mut info = nas::CellLocationInfo::default();
    match interface(cell.rat) {
        RadioInterface::Nr5g => {
            let [_, tac @ ..] = u32::from(cell.tac).to_be_bytes();
            info.nr5g_arfcn = Some(cell.earfcn);
            info.nr5g_cell = Some(NrCell {
                plmn,
                tac,
                global_cell_id: cell.cell_id.into(),
                pci: cell.pci,
                rsrq: level(cell.rsrq, 10.0),
                rsrp: level(cell.rsrp, 10.0),
                snr: level(cell.sinr, 10.0),
            });
        }
        RadioInterface::Lte => {
            let beside = |other: &&Cell| other.earfcn == cell.earfcn && interface(other.rat) == RadioInterface::Lte;
            info.intrafrequency_lte_info = Some(LteIntraFrequency {
                idle: !modem.radio.rrc(),
                plmn,
                tac: cell.tac,
                global_cell_id: cell.cell_id,
                earfcn: u16::try_from(cell.earfcn).unwrap_or(u16::MAX),
                serving_pci: cell.pci,
                cells: modem.network.cells.iter().filter(beside).map(heard).collect(),
                ..Default::default()
            });
            info.lte_earfcn = Some(cell.earfcn);
            info.lte_timing_advance = Some(u32::MAX);
        }
        _ => return Err(QmiError::INFORMATION_UNAVAILABLE),
    }
    Ok(info)
}

fn heard(cell: &Cell) -> LteCell {
    LteCell {
        pci: cell.pci,
        rsrq: level(cell.rsrq, 10.0),
        rsrp: level(cell.rsrp, 10.0),
        rssi: level(cell.rssi, 10.0),
        srxlev: 0,
    }
}
