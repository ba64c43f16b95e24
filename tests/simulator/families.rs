//! The vendors' own commands, as the model files and real logs have them.

use lpwa::modem::definition::{Definition, Effect, Library, ProcedureName};

use crate::host::Host;

const FAMILIES: [&str; 5] = ["generic", "quectel-bg95", "simcom-sim7080", "nordic-nrf91", "ublox-sara-r5"];

fn on(model: &str) -> Host {
    // A cell for those that know LTE-M, one for those that do not.
    let cells = "[[network.cell]]\nrat = \"lte-m\"\n[[network.cell]]\nrat = \"lte\"\ncell-id = 7";
    let head = format!("[modem]\nmodel = \"{model}\"\nboot = \"2s\"\n[network]\nrrc-release = \"1s\"\n{cells}");
    let mut host = Host::on(&head);
    host.ask("ATE0");
    host
}

/// Every shipped model, with its name.
fn models() -> Vec<String> {
    Library::builtin().list().into_iter().map(|row| row.name).collect()
}

fn definition(host: &Host) -> Definition {
    host.modem.definition().clone()
}

#[test]
fn quectel() {
    let mut host = Host::bg95("[network]\nrrc-release = \"1s\"");
    // T-41: SEARCH while there is no cell.
    assert_eq!(host.get("AT+QENG=\"servingcell\""), ["+QENG: \"servingcell\",\"SEARCH\""]);
    assert_eq!(host.get("AT+QCSQ"), ["+QCSQ: \"NOSERVICE\""]);
    host.register();
    host.wait(3);
    // T-41: state, technology, duplex, MCC, MNC, cell (hex), PCI, EARFCN, band, .., TAC (hex), RSRP, RSRQ, RSSI, SINR.
    let cell = host.get("AT+QENG=\"servingcell\"")[0].clone();
    let fields: Vec<&str> = cell.split(',').collect();
    assert_eq!(
        fields[..10],
        ["+QENG: \"servingcell\"", "\"NOCONN\"", "\"eMTC\"", "\"FDD\"", "999", "70", "D4F3C", "101", "6300", "20"]
    );
    assert_eq!(fields[12..17], ["1A2D", "-97", "-11", "-69", "9"]);
    // Standards facts 5: sinr raw is (dB + 20) * 5.
    assert_eq!(host.get("AT+QCSQ"), ["+QCSQ: \"eMTC\",-69,-97,145,-11"]);
    assert_eq!(host.get("AT+QCCID")[0].replace('"', ""), "+QCCID: 8999970000000000001");
    assert_eq!(host.get("ATI"), ["Quectel", "BG95", "Revision: SIM01A00"]);
    assert_eq!(host.get("AT+CSQ;+CESQ"), ["+CSQ: 22,99", "+CESQ: 99,99,255,255,18,44"]);
    assert!(host.ok("AT+QICSGP=1,1,\"iot.test\",\"user\",\"secret\",1"));
    // Dialects 3 f: the connection's state by its own notice.
    host.ok("AT+QCSCON=1");
    host.modem.happen(host.now, lpwa::sim::Event::Traffic);
    assert_eq!(host.wait(5), ["+QCSCON: 1", "+QCSCON: 0"]);
    host.modem.happen(host.now, lpwa::sim::Event::ContextLost(1));
    assert_eq!(host.wait(1), ["+QIURC: \"pdpdeact\",1"]);
}

#[test]
fn simcom() {
    let mut host = on("simcom-sim7080");
    assert_eq!(host.get("AT+CPSI?")[0].split(',').next(), Some("+CPSI: NO SERVICE"));
    host.register();
    let cell = host.get("AT+CPSI?")[0].clone();
    // Dialects 10 g: the cell identity is decimal, TAC hexadecimal, order RSRQ, RSRP, RSSI, RSSNR.
    assert!(cell.starts_with("+CPSI: LTE CAT-M1,Online,999-70,0x1A2D,872252,101,EUTRAN-BAND20,6300,"), "{cell}");
    assert!(cell.ends_with(",-11,-97,-69,9"), "{cell}");
    host.ok("AT+CPSMSTATUS=1");
    host.ok("AT+CPSMS=1,,,\"00100010\",\"00000001\"");
    let seen = host.wait(20);
    assert!(seen.contains(&"+CPSMSTATUS: \"ENTER PSM\"".to_owned()), "{seen:?}");
}

#[test]
fn nordic() {
    let mut host = on("nordic-nrf91");
    host.ok("AT+CPSMS=1,,,\"00101101\",\"00001000\"");
    host.register();
    let monitor = host.get("AT%XMONITOR")[0].clone();
    // Dialects 7 g: TAC, AcT, band, cell, PCI, EARFCN, RSRP index, SNR index; then eDRX, active time, TAU.
    assert!(monitor.contains(",\"99970\",\"1A2D\",7,20,\"") && monitor.contains(",101,6300,44,33,"), "{monitor}");
    assert!(monitor.contains("\"00001000\",\"00101101\""), "{monitor}");
    assert_eq!(host.get("AT%XICCID"), ["%XICCID: 8999970000000000001"]);
    // Dialects 7 h: context 0 comes up with the registration, the address fields stay empty.
    assert_eq!(host.get("AT+CGACT?"), ["+CGACT: 0,1"]);
    assert!(host.get("AT+CGCONTRDP=0")[0].starts_with("+CGCONTRDP: 0,5,\"iot.test\",\"\",\"\",\"192.0.2.53\""));
    assert!(host.get("AT+CGPADDR=0")[0].starts_with("+CGPADDR: 0,\"10."));
    assert_eq!(host.ask("AT#XRESET"), ["OK"]);
    assert_eq!(host.wait(5)[0], "Ready");
}

#[test]
fn u_blox() {
    let mut host = on("ublox-sara-r5");
    host.register();
    assert_eq!(host.get("AT+UPINCNT")[0].split(',').next(), Some("+UPINCNT: 3"));
    // Dialects 5: technologies are chosen in +CFUN=0 only.
    assert!(!host.ok("AT+URAT=8"));
    assert!(host.ok("AT+CFUN=0") && host.ok("AT+URAT=8"));
    assert_eq!(host.get("AT+URAT?"), ["+URAT: 8"]);
    assert_eq!(host.ask("AT+CFUN=16"), ["OK"]);
    host.wait(5);
    assert_eq!(host.ask("AT+URAT?"), ["AT+URAT?", "+URAT: 8", "OK"], "kept over the restart");
    assert_eq!(host.ask("AT+CPWROFF"), ["AT+CPWROFF", "OK"]);
    host.wait(60);
    host.send(b"AT\r");
    assert_eq!(host.wait(60), [""; 0], "off is off");
    host.modem.wake(host.now);
    host.wait(5);
    assert!(host.ok("AT"));
}

#[test]
fn every_question_and_subscription_of_every_model_is_answered() {
    for model in models() {
        let mut host = on(&model);
        let definition = definition(&host);
        for registered in [false, true] {
            for (name, query) in &definition.queries {
                let answer = host.get(&query.send);
                let names = definition.rat_names();
                assert!(answer.iter().any(|line| query.parse(line, &names).is_some()), "{model} {name:?}: {answer:?}");
            }
            for line in definition.subscribe.iter().filter(|line| !line.contains("+CEREG")) {
                assert!(host.ok(line.trim_start_matches('?')), "{model}: {line}");
            }
            if !registered {
                host.register();
            }
        }
    }
}

#[test]
fn every_choice_of_technologies_is_taken_and_read_back() {
    for model in models() {
        let mut host = on(&model);
        let definition = definition(&host);
        let Some(select) = &definition.select_rats else { continue };
        for choice in &select.choices {
            let radio_off = if select.effect == Effect::RadioOff { "AT+CFUN=0" } else { "AT+CFUN=4" };
            assert!(host.ok(radio_off));
            for line in &choice.set {
                assert!(host.ok(line.trim_start_matches('?')), "{model}: {line}");
            }
            let answers: Vec<String> = select.read.iter().flat_map(|read| host.get(read)).collect();
            assert!(choice.is_held(&answers, &definition.rat_names()), "{model} {:?}: {answers:?}", choice.rats);
        }
    }
}

#[test]
fn technologies_decide_where_a_modem_registers() {
    let cells = "[[network.cell]]\nrat = \"nb-iot\"\ncell-id = 2\n[[network.cell]]\nrat = \"lte-m\"\ncell-id = 1";
    let mut host = Host::bg95(cells);
    host.register();
    host.ok("AT+CEREG=2");
    assert!(host.get("AT+CEREG?")[0].ends_with(",\"00000001\",8"));
    for line in ["AT+QCFG=\"nwscanmode\",3,1", "AT+QCFG=\"nwscanseq\",03,1", "AT+QCFG=\"iotopmode\",1,1"] {
        assert!(host.ok(line), "{line}");
    }
    host.wait(30);
    assert!(host.get("AT+CEREG?")[0].ends_with(",\"00000002\",9"));
}

#[test]
fn recipes_of_the_families_work() {
    for model in FAMILIES {
        let mut host = on(model);
        let definition = definition(&host);
        host.register();
        for (name, procedure) in &definition.procedures {
            if matches!(name, ProcedureName::Reset | ProcedureName::PowerOff) {
                continue;
            }
            for step in &procedure.steps {
                let mut line = step.trim_start_matches('?').to_owned();
                let cid = definition.capabilities.default_context.to_string();
                for (name, value) in [("cid", cid.as_str()), ("auth", "1"), ("ip", "1"), ("apn", "iot.test")] {
                    line = line.replace(&format!("{{{name}}}"), value);
                }
                let line = line.replace("{user}", "u").replace("{password}", "p").replace("{bands}", "20");
                assert!(host.ok(&line), "{model} {name:?}: {line}");
            }
        }
        let reset = definition.procedures[&ProcedureName::Reset].steps.last().expect("a step");
        assert!(host.ok(reset), "{model}: {reset}");
        host.wait(10);
        assert_eq!(host.modem.meter().boots, 1, "{model}");
    }
}
