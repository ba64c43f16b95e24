//! Lines of 5G.

use lpwa::modem::definition::QueryName::{ServingCell, Signal};
use lpwa::spec::rat::Rat;
use lpwa::state::fact::Fact::{self, Band, CellId, Earfcn, Pci, RrcConnected, Rsrp, Rsrq, Sinr, Tac};

use super::{Line, Of::Q, levels, plmn, qeng};

/// Quectel's.
pub fn quectel() -> Vec<Line> {
    vec![
        // dialects.md 4g: NR alone, and beside LTE.
        (
            "quectel-rm520n",
            Q(ServingCell),
            r#"+QENG: "servingcell","NOCONN","NR5G-SA","TDD", 001,01,12BB54086,262,15EC00,634080,78,7,-92,-11,18,1,-"#,
            vec![
                RrcConnected(false),
                Fact::Rat(Rat::Nr),
                plmn("00101"),
                CellId(0x1_2BB5_4086),
                Pci(262),
                Tac(0x15_EC00),
                Earfcn(634_080),
                Band(78),
                Rsrp(-92.0),
                Rsrq(-11.0),
                Sinr(18.0),
            ],
        ),
        ("quectel-rm520n", Q(ServingCell), r#"+QENG: "servingcell","CONNECT""#, vec![RrcConnected(true)]),
        (
            "quectel-rm520n",
            Q(ServingCell),
            r#"+QENG: "LTE","FDD",001,01,1A29500,321,1300,3,5,5,34BA,-75,-8,-50,24,12,120,-"#,
            qeng(false, Rat::Lte, "00101", (0x1A2_9500, 321, 1300, 3, 0x34BA), levels(-75.0, -8.0, -50.0, 24.0))
                .split_off(1),
        ),
        ("quectel-rm520n", Q(ServingCell), r#"+QENG:"NR5G-NSA",001,01,774,-82,30,-11,431070,1,3,0"#, vec![]),
        (
            "quectel-rm520n",
            Q(Signal),
            r#"+QCSQ: "NR5G",-75,4,-11"#,
            vec![Fact::Rat(Rat::Nr), Rsrp(-75.0), Sinr(4.0), Rsrq(-11.0)],
        ),
    ]
}
