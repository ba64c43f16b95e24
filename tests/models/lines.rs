//! Lines that real modems printed, by their number in `facts/transcripts.md` or the section of `facts/dialects.md`:
//! re-typed with invented cells, networks and identities; shapes, levels and channels are as they were.

use lpwa::modem::definition::QueryName::{self, ServingCell};
use lpwa::modem::definition::UrcKind::{
    self, Boot, ContextLost, Ignore, PoweredDown, PsmEntered, PsmExited, Ready, Rrc, SimReady, SimRemoved,
};
use lpwa::private::Private;
use lpwa::spec::rat::Rat::{self, Gsm, LteM, NbIot};
use lpwa::state::fact::Fact::{
    self, Band, CeLevel, CellId, Context, Earfcn, GrantedActive, GrantedTau, Operator, Pci, Plmn, PukRetries,
    RrcConnected, Rsrp, Rsrq, Rssi, Sinr, SleepFor, Tac,
};

#[path = "nr.rs"]
mod nr;

/// An answer to a question, or a notice.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    Q(QueryName),
    U(UrcKind),
}
use Of::{Q, U};

/// File, what it answers, the line, what it tells.
pub type Line = (&'static str, Of, &'static str, Vec<Fact>);

fn plmn(digits: &str) -> Fact {
    Plmn(digits.parse().unwrap())
}

/// RSRP, RSRQ, RSSI, SINR.
fn levels(rsrp: f32, rsrq: f32, rssi: f32, sinr: f32) -> Vec<Fact> {
    vec![Rsrp(rsrp), Rsrq(rsrq), Rssi(rssi), Sinr(sinr)]
}

/// A cell as `+QENG` has it: identity, PCI, EARFCN, band, TAC.
fn qeng(up: bool, rat: Rat, net: &str, cell: (u64, u16, u32, u16, u32), levels: Vec<Fact>) -> Vec<Fact> {
    let (id, pci, earfcn, band, tac) = cell;
    let mut facts = vec![RrcConnected(up), Fact::Rat(rat), plmn(net)];
    facts.extend([CellId(id), Pci(pci), Earfcn(earfcn), Band(band), Tac(tac)]);
    facts.extend(levels);
    facts
}

/// A cell as `+CPSI` has it: TAC, identity, PCI, band, EARFCN.
fn cpsi(rat: Rat, net: &str, cell: (u32, u64, u16, u16, u32), levels: [f32; 4]) -> Vec<Fact> {
    let ((tac, id, pci, band, earfcn), [rsrq, rsrp, rssi, sinr]) = (cell, levels);
    let mut facts = vec![Fact::Rat(rat), plmn(net), Tac(tac), CellId(id), Pci(pci), Band(band), Earfcn(earfcn)];
    facts.extend([Rsrq(rsrq), Rsrp(rsrp), Rssi(rssi), Sinr(sinr)]);
    facts
}

fn iccid(digits: &str) -> Vec<Fact> {
    vec![Fact::Iccid(Private::new(digits.parse().unwrap()))]
}

fn imei() -> Vec<Fact> {
    vec![Fact::Imei("350000000000006".parse().unwrap())]
}

fn identities() -> Vec<Line> {
    let text = |fact: fn(String) -> Fact, text: &str| vec![fact(text.to_owned())];
    let imsi = vec![Fact::Imsi(Private::new("001010000000001".parse().unwrap()))];
    vec![
        // T-04, section 3b.
        ("quectel-bg95", Q(QueryName::Model), "BG95-M4", text(Fact::Model, "BG95-M4")),
        ("quectel-bg95", Q(QueryName::Imei), "350000000000006", imei()),
        (
            "quectel-bg95",
            Q(QueryName::Revision),
            "BG95M3LAR02A03_01.204.01.204",
            text(Fact::Revision, "BG95M3LAR02A03_01.204.01.204"),
        ),
        ("quectel-bg95", Q(QueryName::Iccid), "+QCCID: 89881000000000000007", iccid("89881000000000000007")),
        // T-06, T-10, T-14.
        ("simcom-sim7080", Q(QueryName::Model), "SIMCOM_SIM7070", text(Fact::Model, "SIMCOM_SIM7070")),
        ("simcom-sim7080", Q(QueryName::Revision), "Revision:1951B16SIM7080", text(Fact::Revision, "1951B16SIM7080")),
        ("simcom-sim7080", Q(QueryName::Iccid), "89881000000000000007", iccid("89881000000000000007")),
        ("simcom-sim7000", Q(QueryName::Manufacturer), "SIMCOM_Ltd", text(Fact::Manufacturer, "SIMCOM_Ltd")),
        // T-11.
        ("nordic-nrf91", Q(QueryName::Model), "nRF9160-SICA", text(Fact::Model, "nRF9160-SICA")),
        ("nordic-nrf91", Q(QueryName::Revision), "mfw_nrf9160_1.3.2", text(Fact::Revision, "mfw_nrf9160_1.3.2")),
        ("nordic-nrf91", Q(QueryName::Imei), r#"+CGSN: "350000000000006""#, imei()),
        ("nordic-nrf91", Q(QueryName::Imsi), "001010000000001", imsi),
        ("nordic-nrf91", Q(QueryName::Iccid), "%XICCID: 8988100000000000000F", iccid("8988100000000000000")),
        ("nordic-nrf91", Q(QueryName::PinRetries), r#"+CPINR: "SIM PIN",3"#, vec![Fact::PinRetries(3)]),
        // Section 5b.
        (
            "ublox-sara-r4",
            Q(QueryName::Revision),
            "L0.0.00.00.05.08,A.02.04",
            text(Fact::Revision, "L0.0.00.00.05.08,A.02.04"),
        ),
        ("ublox-sara-r5", Q(QueryName::Revision), "02.06,A00.01", text(Fact::Revision, "02.06,A00.01")),
        ("ublox-sara-r5", Q(QueryName::Iccid), "+CCID: 89881000000000000007", iccid("89881000000000000007")),
        ("ublox-sara-r5", Q(QueryName::PinRetries), "+UPINCNT: 3,3,10,10", vec![Fact::PinRetries(3), PukRetries(10)]),
    ]
}

fn quectel() -> Vec<Line> {
    let idle = false;
    vec![
        // T-41.
        (
            "quectel-bg95",
            Q(ServingCell),
            r#"+QENG: "servingcell","NOCONN","eMTC","FDD",001,010,A0DD811,152,5110,12,3,3,5A03,-88,-11,-62,11,41"#,
            qeng(idle, LteM, "001010", (0xA0D_D811, 152, 5110, 12, 0x5A03), levels(-88.0, -11.0, -62.0, 11.0)),
        ),
        (
            "quectel-bg95",
            Q(ServingCell),
            r#"+QENG: "servingcell","LIMSRV","eMTC","FDD",001,01,C5A1706,6,9435,28,2,2,8,-82,-5,-63,16,57"#,
            qeng(idle, LteM, "00101", (0xC5A_1706, 6, 9435, 28, 8), levels(-82.0, -5.0, -63.0, 16.0)),
        ),
        (
            "quectel-bg95",
            Q(ServingCell),
            r#"+QENG: "servingcell","NOCONN","eMTC","FDD",999,70,44A5C,267,3600,8,3,3,8,-80,-12,-53,11,47"#,
            qeng(idle, LteM, "99970", (0x4_4A5C, 267, 3600, 8, 8), levels(-80.0, -12.0, -53.0, 11.0)),
        ),
        (
            "quectel-bg96",
            Q(ServingCell),
            r#"+QENG: "servingcell","CONNECT","CAT-M","FDD",001,03,2AAA03,187,6200,20,3,3,2AAB,-105,-11,-76,10,-"#,
            qeng(true, LteM, "00103", (0x2A_AA03, 187, 6200, 20, 0x2AAB), levels(-105.0, -11.0, -76.0, 10.0)),
        ),
        (
            "quectel-bg96",
            Q(ServingCell),
            r#"+QENG: "servingcell","NOCONN","CAT-NB","FDD",001,11,DAA1451,280,2506,5,0,0,6AC9,-84,-17,-67,8,44"#,
            qeng(idle, NbIot, "00111", (0xDAA_1451, 280, 2506, 5, 0x6AC9), levels(-84.0, -17.0, -67.0, 8.0)),
        ),
        // The area of GSM is no tracking area.
        (
            "quectel-bg96",
            Q(ServingCell),
            r#"+QENG: "servingcell","NOCONN","GSM",001,99,DA51,BA19,26,50,-,-73,255,255,0,38,38,1,-,-,-,-,-,-,-,-,-,"-""#,
            vec![RrcConnected(idle), Fact::Rat(Gsm), plmn("00199"), CellId(0xBA19), Rssi(-73.0)],
        ),
        // The SINR of 102 is on another scale.
        (
            "quectel-bg95",
            Q(ServingCell),
            r#"+QENG: "servingcell","NOCONN","NTN NBIoT","FDD",901,98,2A480D,29,7689,23,0,0,7ED,-117,-13,-103,102,23"#,
            qeng(idle, NbIot, "90198", (0x2A_480D, 29, 7689, 23, 0x7ED), vec![Rsrp(-117.0), Rsrq(-13.0), Rssi(-103.0)]),
        ),
        ("quectel-bg95", Q(ServingCell), "+QENG: \"servingcell\",\"SEARCH\" ", vec![]),
        // Section 3g, T-46.
        (
            "quectel-bg95",
            Q(QueryName::Signal),
            r#"+QCSQ: "eMTC",-62,-87,111,-12"#,
            vec![Fact::Rat(LteM), Rssi(-62.0), Rsrp(-87.0), Sinr(2.2), Rsrq(-12.0)],
        ),
        (
            "quectel-bg95",
            Q(QueryName::Signal),
            r#"+QCSQ: "NBIoT",-103,-114,152,-10"#,
            vec![Fact::Rat(NbIot), Rssi(-103.0), Rsrp(-114.0), Sinr(10.4), Rsrq(-10.0)],
        ),
        ("quectel-bg96", Q(QueryName::Signal), r#"+QCSQ: "GSM",-73"#, vec![Fact::Rat(Gsm), Rssi(-73.0)]),
        ("quectel-bg96", Q(QueryName::Signal), r#"+QCSQ: "NOSERVICE""#, vec![]),
        (
            "quectel-bg96",
            Q(QueryName::Signal),
            r#"+QCSQ: "CAT-NB1",75,-81,96,-9"#,
            vec![Fact::Rat(NbIot), Rsrp(-81.0), Sinr(-0.8), Rsrq(-9.0)],
        ),
        // Section 3f, T-31.
        (
            "quectel-bg95",
            Q(QueryName::PsmGranted),
            r#"+QPSMS: 1,,,"46800","2880""#,
            vec![GrantedTau(Some(46_800)), GrantedActive(Some(2880))],
        ),
        (
            "quectel-bg95",
            U(UrcKind::PsmGranted),
            "+QPSMTIMER: 1320,30",
            vec![GrantedTau(Some(1320)), GrantedActive(Some(30))],
        ),
        // T-02, section 1.3, T-08, T-26, T-32.
        ("quectel-bg95", U(Boot), "RDY", vec![]),
        ("quectel-bg95", U(Ready), "APP RDY", vec![]),
        ("quectel-bg95", U(SimReady), "+CPIN: READY", vec![]),
        ("quectel-bg95", U(SimRemoved), "+CPIN: NOT READY", vec![]),
        ("quectel-bg95", U(SimRemoved), "+QSIMSTAT: 1,0", vec![]),
        ("quectel-bg95", U(Ignore), "+QSIMSTAT: 1,1", vec![]),
        ("quectel-bg96", U(Ignore), "+QIND: SMS DONE", vec![]),
        ("quectel-bg96", U(Ignore), "+CFUN: 1", vec![]),
        ("quectel-bg95", U(Rrc), "+QCSCON: 1", vec![RrcConnected(true)]),
        ("quectel-bg95", U(PsmEntered), "PSM POWER DOWN", vec![]),
        ("quectel-bg95", U(PoweredDown), "NORMAL POWER DOWN", vec![]),
        ("quectel-bg95", U(PoweredDown), "POWERED DOWN", vec![]),
        ("quectel-bg95", U(ContextLost), r#"+QIURC: "pdpdeact",1"#, vec![Context(1)]),
    ]
}

fn simcom() -> Vec<Line> {
    vec![
        // T-16, T-10, T-14, section 10g.
        (
            "simcom-sim7080",
            Q(ServingCell),
            "+CPSI: LTE CAT-M1,Online,001-01,0x07A0,12020000,465,EUTRAN-BAND20,6350,5,5,-16,-83,-53,10",
            cpsi(LteM, "00101", (0x07A0, 12_020_000, 465, 20, 6350), [-16.0, -83.0, -53.0, 10.0]),
        ),
        (
            "simcom-sim7080",
            Q(QueryName::Signal),
            "+CPSI: LTE NB-IOT,Online,001-01,0x2AFA,51710000,177,EUTRAN-BAND20,6254,0,0,-10,-63,-54,15",
            cpsi(NbIot, "00101", (0x2AFA, 51_710_000, 177, 20, 6254), [-10.0, -63.0, -54.0, 15.0]),
        ),
        (
            "simcom-sim7080",
            Q(ServingCell),
            "+CPSI: LTE CAT-M1,Online,001-010,0x4A04,74770000,343,EUTRAN-BAND2,875,4,4,-13,-112,-82,14",
            cpsi(LteM, "001010", (0x4A04, 74_770_000, 343, 2, 875), [-13.0, -112.0, -82.0, 14.0]),
        ),
        (
            "simcom-sim7000",
            Q(ServingCell),
            "+CPSI: LTE NB-IOT,Online,001-12,0x74AE,28180000,12,EUTRAN-BAND8,3702,0,0,-10,-82,-72,15",
            cpsi(NbIot, "00112", (0x74AE, 28_180_000, 12, 8, 3702), [-10.0, -82.0, -72.0, 15.0]),
        ),
        (
            "simcom-sim7000",
            Q(ServingCell),
            "+CPSI: GSM,Online,001-12,0x10A4,62100,512 DCS 1800,-71,0,32-32",
            vec![Fact::Rat(Gsm), plmn("00112"), CellId(62_100), Rssi(-71.0)],
        ),
        ("simcom-sim7000", Q(ServingCell), "+CPSI: NO SERVICE,Online", vec![]),
        // T-16; standards.md 1.3: 0 says that the network has no PSM.
        (
            "simcom-sim7080",
            Q(QueryName::PsmGranted),
            "+CPSMRDP: 0,20,14400,0,0,3600",
            vec![GrantedActive(None), GrantedTau(None)],
        ),
        // T-28, and the form without quotes of section 10f.
        ("simcom-sim7080", U(PsmEntered), r#"+CPSMSTATUS: "ENTER PSM""#, vec![]),
        ("simcom-sim7080", U(PsmExited), r#"+CPSMSTATUS: "EXIT PSM""#, vec![]),
        ("simcom-sim7080", U(PsmEntered), "+CPSMSTATUS: ENTER PSM", vec![]),
        // T-34, T-40, section 1.3.
        ("simcom-sim7000", U(Boot), "RDY", vec![]),
        ("simcom-sim7000", U(Ready), "SMS Ready", vec![]),
        ("simcom-sim7000", U(ContextLost), "+APP PDP: DEACTIVE", vec![]),
        ("simcom-sim7080", U(ContextLost), "+APP PDP: 0,DEACTIVE", vec![]),
        ("simcom-sim7000", U(Ignore), "+APP PDP: ACTIVE", vec![]),
        ("simcom-sim7000", U(Ignore), r#"*PSUTTZ: 19/06/26,06:04:03","+32",0"#, vec![]),
        ("simcom-sim7000", U(Ignore), "DST: 0", vec![]),
        ("simcom-sim7080", U(PoweredDown), "NORMAL POWER DOWN", vec![]),
    ]
}

fn nordic() -> Vec<Line> {
    let cell = |rat, net, (tac, band, id, pci, earfcn): (u32, u16, u64, u16, u32)| {
        vec![plmn(net), Tac(tac), Fact::Rat(rat), Band(band), CellId(id), Pci(pci), Earfcn(earfcn)]
    };
    let with = |mut facts: Vec<Fact>, more: &[Fact]| {
        facts.extend_from_slice(more);
        facts
    };
    let refused = [GrantedActive(None), GrantedTau(None)];
    vec![
        // T-11.
        (
            "nordic-nrf91",
            Q(ServingCell),
            r#"%XMONITOR: 5,"Test N@","Test N@","00102","0A01",7,20,"02024A20",428,6300,53,22,"","11100000","11100000","01001001""#,
            with(
                with(vec![Operator("Test N@".into())], &cell(LteM, "00102", (0x0A01, 20, 0x0202_4A20, 428, 6300))),
                &with(vec![Rsrp(-88.0), Sinr(-2.0)], &refused),
            ),
        ),
        // Section 7g: NB-IoT with PSM granted; early firmware without the last field; idle; not registered.
        (
            "nordic-nrf91",
            Q(ServingCell),
            r#"%XMONITOR: 1,"","","00101","1A29",9,8,"0A1E2D42",11,3684,45,38,"","00000100","11100000","00111110""#,
            with(
                cell(NbIot, "00101", (0x1A29, 8, 0x0A1E_2D42, 11, 3684)),
                &[Rsrp(-96.0), Sinr(14.0), GrantedActive(Some(8)), GrantedTau(None)],
            ),
        ),
        (
            "nordic-nrf91",
            Q(ServingCell),
            r#"%XMONITOR: 1,"","","00101","1A29",7,20,"0A1E2D42",,,,,"","11100000","11100000""#,
            with(vec![plmn("00101"), Tac(0x1A29), Fact::Rat(LteM), Band(20), CellId(0x0A1E_2D42)], &refused),
        ),
        ("nordic-nrf91", Q(ServingCell), "%XMONITOR: 2", vec![]),
        // T-27.
        (
            "nordic-nrf91",
            Q(QueryName::Signal),
            r#"%CONEVAL: 0,1,7,95,30,49,"000AE5A0","00103",135,6447,20,0,0,-8,2,1,73"#,
            vec![
                RrcConnected(true),
                Rsrp(-46.0),
                Rsrq(-5.0),
                Sinr(25.0),
                CellId(0x000A_E5A0),
                plmn("00103"),
                Pci(135),
                Earfcn(6447),
                Band(20),
                CeLevel(0),
            ],
        ),
        ("nordic-nrf91", U(UrcKind::Signal), "%CESQ: 56,2,17,2", vec![Rsrp(-85.0), Rsrq(-11.5)]),
        ("nordic-nrf91", U(UrcKind::Sleep), "%XMODEMSLEEP: 1,89999999", vec![SleepFor(89_999_999)]),
        ("nordic-nrf91", U(UrcKind::Sleep), "%XMODEMSLEEP: 1,0", vec![SleepFor(0)]),
        ("nordic-nrf91", U(Ignore), "%XMODEMSLEEP: 4", vec![]),
        ("nordic-nrf91", U(Ignore), "%XMODEMSLEEP: 4,0", vec![]),
        ("nordic-nrf91", U(Rrc), "+CSCON: 0", vec![RrcConnected(false)]),
        ("nordic-nrf91", U(SimReady), "%XSIM: 1", vec![]),
        ("nordic-nrf91", U(SimRemoved), "%XSIM: 0", vec![]),
        ("nordic-nrf91", U(ContextLost), "+CGEV: ME PDN DEACT 0", vec![Context(0)]),
        ("nordic-nrf91", U(ContextLost), "+CGEV: ME DETACH", vec![]),
        ("nordic-nrf91", U(Ignore), "+CGEV: ME PDN ACT 0,0", vec![]),
        ("nordic-nrf91", U(Ignore), "%MDMEV: SEARCH STATUS 2", vec![]),
        ("nordic-nrf91", U(Ignore), "+CNEC_ESM: 50,0", vec![]),
        ("nordic-nrf91", U(Ignore), r#"%XTIME: "80","22016021225580","01""#, vec![]),
        ("nordic-nrf91", U(Ignore), "%USATEV: BIP Connecting", vec![]),
        // T-40.
        ("nordic-nrf91", U(Boot), "Ready", vec![]),
        ("nordic-nrf91", U(Boot), "#XMODEM: INIT,0", vec![]),
        ("nordic-nrf91", U(PoweredDown), "#XMODEM: FAULT,0x5,0x1A2B", vec![]),
    ]
}

fn ublox() -> Vec<Line> {
    vec![
        // Section 5g.
        ("ublox-sara-r4", Q(ServingCell), r#"+RSRP: 162,5110,"-086.00","#, vec![Pci(162), Earfcn(5110), Rsrp(-86.0)]),
        ("ublox-sara-r4", Q(ServingCell), r#"+RSRQ: 162,5110,"-14.20","#, vec![Rsrq(-14.2)]),
        ("ublox-sara-r5", Q(ServingCell), "+UCGED: 2", vec![]),
        ("ublox-sara-r5", Q(ServingCell), "6,4,001,01", vec![plmn("00101")]),
        (
            "ublox-sara-r5",
            Q(ServingCell),
            "2525,5,50,50,e8fe,1a2d001,1,d60814d1,8001,01,28,31,13.75,3,1,10,28,-50,-6,0,255,255,0",
            vec![Earfcn(2525), Band(5), Tac(0xE8FE), CellId(0x1A2_D001), Pci(1), Rsrp(-113.0), Rsrq(-4.5), Sinr(13.75)],
        ),
        // T-39: searching, then registered.
        ("ublox-sara-r5", Q(ServingCell), "6,4,fff,fff", vec![]),
        (
            "ublox-sara-r5",
            Q(ServingCell),
            "5110,13,50,50,ffff,0000000,254,d0fafd59,ff49,b1,27,15,0.50,1,255,255,28,255,255,0,255,255,0",
            vec![Earfcn(5110), Band(13), Pci(254), Rsrp(-114.0), Rsrq(-12.5), Sinr(0.5)],
        ),
        (
            "ublox-sara-r5",
            Q(ServingCell),
            "65535,255,255,255,ffff,0000000,65535,00000000,ffff,ff,255,255,255,1,255,255,255,255,255,0,255,255,0",
            vec![],
        ),
        ("ublox-sara-r422", Q(ServingCell), "6,001,010", vec![plmn("001010")]),
        (
            "ublox-sara-r422",
            Q(ServingCell),
            r#"5110,12,10,10,8a0e,162,-86,-14,131,-1,3,255,128,"FB306E02""#,
            vec![Earfcn(5110), Band(12), Tac(0x8A0E), Pci(162), Rsrp(-86.0), Rsrq(-14.0), Sinr(6.2)],
        ),
        // Section 5f: the flag 0 says that the period is coded as the T3412 of old, 3 times 6 minutes.
        (
            "ublox-sara-r5",
            Q(QueryName::PsmGranted),
            r#"+UCPSMS: 1,,,"01000011","01000011",0"#,
            vec![GrantedTau(Some(1080)), GrantedActive(Some(1080))],
        ),
        ("ublox-sara-r5", U(PsmEntered), "+UUPSMR: 1", vec![]),
        ("ublox-sara-r5", U(PsmExited), "+UUPSMR: 0", vec![]),
        ("ublox-sara-r5", U(Ignore), "+UUPSMR: 2,1", vec![]),
        ("ublox-sara-r5", U(Rrc), "+CSCON: 1", vec![RrcConnected(true)]),
    ]
}

fn generic() -> Vec<Line> {
    vec![
        // TS 27.007 §8.69; T-11.
        ("generic", Q(QueryName::Signal), "+CESQ: 99,99,255,255,20,80", vec![Rsrq(-10.0), Rsrp(-61.0)]),
        ("generic", Q(QueryName::Signal), "+CESQ: 99,99,255,255,11,54", vec![Rsrq(-14.5), Rsrp(-87.0)]),
        ("generic", Q(QueryName::Signal), "+CESQ: 99,99,255,255,255,255", vec![]),
        // T-26.
        ("generic", U(ContextLost), "+CGEV: NW PDN DEACT 1", vec![Context(1)]),
        ("generic", U(SimRemoved), "+CPIN: SIM REMOVED 0", vec![]),
    ]
}

/// Every line.
pub fn all() -> Vec<Line> {
    [identities(), quectel(), nr::quectel(), simcom(), nordic(), ublox(), generic()].concat()
}
