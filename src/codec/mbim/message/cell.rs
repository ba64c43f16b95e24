//! Cells in reach (Microsoft, "MB base stations information query support").

use super::super::conditional::Since;
use super::super::list::{Array, Linked};
use super::flags::{DataClass, DataSubclass};

record! {
    /// How many cells to tell of.
    BaseStationsQuery {
        max_gsm_count: u32,
        max_umts_count: u32,
        max_tdscdma_count: u32,
        max_lte_count: u32,
        max_cdma_count: u32,
        max_nr_count: Since<3, u32>,
    }

    /// Cells in reach. What is not known is all ones.
    BaseStations {
        system_type: DataClass,
        system_sub_type: Since<3, DataSubclass>,
        gsm_serving_cell: Linked<ServingGsm>,
        umts_serving_cell: Linked<ServingUmts>,
        tdscdma_serving_cell: Linked<ServingTdscdma>,
        lte_serving_cell: Linked<ServingLte>,
        gsm_neighboring_cells: Array<NeighboringGsm>,
        umts_neighboring_cells: Array<NeighboringUmts>,
        tdscdma_neighboring_cells: Array<ServingTdscdma>,
        lte_neighboring_cells: Array<NeighboringLte>,
        cdma_cells: Array<CdmaCell>,
        nr_serving_cells: Since<3, Array<ServingNr>>,
        nr_neighbor_cells: Since<3, Array<NeighboringNr>>,
    }

    /// The GSM cell.
    ServingGsm {
        provider_id: String,
        location_area_code: u32,
        cell_id: u32,
        timing_advance: u32,
        arfcn: u32,
        base_station_id: u32,
        rx_level: u32,
    }

    /// The UMTS cell.
    ServingUmts {
        provider_id: String,
        location_area_code: u32,
        cell_id: u32,
        frequency_info_ul: u32,
        frequency_info_dl: u32,
        frequency_info_nt: u32,
        uarfcn: u32,
        primary_scrambling_code: u32,
        /// dBm.
        rscp: i32,
        /// dB.
        ecno: i32,
        path_loss: u32,
    }

    /// A TD-SCDMA cell.
    ServingTdscdma {
        provider_id: String,
        location_area_code: u32,
        cell_id: u32,
        uarfcn: u32,
        cell_parameter_id: u32,
        timing_advance: u32,
        /// dBm.
        rscp: i32,
        path_loss: u32,
    }

    /// The LTE cell.
    ServingLte {
        provider_id: String,
        cell_id: u32,
        earfcn: u32,
        physical_cell_id: u32,
        tac: u32,
        /// dBm.
        rsrp: i32,
        /// dB.
        rsrq: i32,
        timing_advance: u32,
    }

    /// A GSM cell nearby.
    NeighboringGsm {
        provider_id: String,
        location_area_code: u32,
        cell_id: u32,
        arfcn: u32,
        base_station_id: u32,
        rx_level: u32,
    }

    /// A UMTS cell nearby.
    NeighboringUmts {
        provider_id: String,
        location_area_code: u32,
        cell_id: u32,
        uarfcn: u32,
        primary_scrambling_code: u32,
        /// dBm.
        rscp: i32,
        /// dB.
        ecno: i32,
        path_loss: u32,
    }

    /// An LTE cell nearby.
    NeighboringLte {
        provider_id: String,
        cell_id: u32,
        earfcn: u32,
        physical_cell_id: u32,
        tac: u32,
        /// dBm.
        rsrp: i32,
        /// dB.
        rsrq: i32,
    }

    /// A CDMA cell.
    CdmaCell {
        serving_cell_flag: u32,
        nid: u32,
        sid: u32,
        base_station_id: u32,
        base_latitude: u32,
        base_longitude: u32,
        ref_pn: u32,
        gps_seconds: u32,
        pilot_strength: u32,
    }

    /// A 5G cell in use.
    ServingNr {
        provider_id: String,
        nci: u64,
        physical_cell_id: u32,
        nrarfcn: u32,
        tac: u32,
        rsrp: u32,
        rsrq: u32,
        sinr: u32,
        timing_advance: u64,
    }

    /// A 5G cell nearby.
    NeighboringNr {
        system_sub_type: DataSubclass,
        provider_id: String,
        cell_id: String,
        physical_cell_id: u32,
        tac: u32,
        rsrp: u32,
        rsrq: u32,
        sinr: u32,
    }
}
