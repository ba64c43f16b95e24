//! What ModemManager 1.20 says to a generic modem on its way to `connected`, as recorded from the real one.

use crate::host::Host;

/// In its order. A `?` in front: it takes an error, and goes on.
const SCRIPT: &str = r#"
ATE0|ATV1|AT+CMEE=1|ATX4|AT&C1|AT+GCAP|AT+WS46=?|AT+CSCS=?|AT+CSCS="UCS2"|AT+CSCS?|AT+CGMI|AT+CGMM|AT+CGMR|AT+CGSN
ATI|?AT*CNTI=2|AT+CGDCONT=?|AT+CFUN?|AT+CPIN?|AT+CSIM=10,"0020000100"|AT+CSIM=10,"002C000100"
AT+CSIM=10,"0020008100"|AT+CSIM=10,"002C008100"|AT+CRSM=176,12258,0,0,10|AT+CIMI|AT+CRSM=176,28589,0,0,4
AT+CRSM=176,28486,0,0,17|AT+CRSM=176,28599,0,0,15|AT+CPLS=0|AT+CPOL=,2|AT+CPOL?|AT+CRSM=176,28478,0,0,0
AT+CRSM=176,28479,0,0,0|AT+CNUM|AT+CLCK=?|AT+CLCK="SC",2|AT+CLCK="FD",2|AT+CLCK="PN",2|AT+CLCK="PU",2
AT+CLCK="PP",2|AT+CLCK="PC",2|AT+CEMODE?|?AT+CUSD=?|AT+CNMI=?|AT+CPMS=?|AT+CPMS?|AT+CTZU=1|AT+CCLK?|AT+CESQ=?
ATH|AT+CLCC=?|ATE0|ATV1|AT+CMEE=1|ATX4|AT&C1|AT+CFUN?|AT+CFUN=1|AT+IFC=?|AT+IFC=2,2|AT+CIND=?|AT+CMER=?
AT+CGEREP=?|AT+CMER=3,0,0,1|AT+CGEREP=2|AT+CREG=2|AT+CGREG=2|AT+CEREG=2|AT+CMGF=?|AT+CMGF=0
AT+CPMS="ME","ME","ME"|AT+CPMS="ME"|AT+CMGL=4|AT+CPMS="SM"|AT+CMGL=4|AT+CNMI=2,1,2,1,0|AT+CLIP=1|AT+CRC=1
AT+CCWA=1|AT+COPS=3,2|AT+COPS?|AT+COPS=3,0|AT+COPS?|AT+CREG?|AT+CGREG?|AT+CEREG?|AT+CIND?|AT+CSQ|AT+CGDCONT?
AT+CGACT?|AT+CGDCONT=2,"IP","iot.test"|AT+CGDCONT?
"#;

#[test]
fn the_generic_plugin_gets_its_answers_and_its_call() {
    for model in ["generic", "quectel-bg95", "simcom-sim7080", "ublox-sara-r5"] {
        let mut host = Host::on(&format!("[modem]\nmodel = \"{model}\""));
        host.wait(20);
        for line in SCRIPT.split(['\n', '|']).filter(|line| !line.is_empty()) {
            // It ends its lines with CR LF.
            let tolerated = line.starts_with('?');
            host.send(format!("{}\r\n", line.trim_start_matches('?')).as_bytes());
            let answer = host.answer();
            let ok = answer.iter().any(|l| l == "OK");
            assert!(ok || tolerated, "{model}: {line}: {answer:?}");
        }
        // The forms that it parses for its state.
        assert!(host.get("AT+CREG?")[0].starts_with("+CREG: 2,1,\"1A2D\",\"000D4F3C\","), "{model}");
        assert_eq!(host.get("AT+CIND?"), ["+CIND: 5,3,1,0"]);
        assert_eq!(host.get("AT+CRSM=176,28589,0,0,4"), ["+CRSM: 144,0,\"00000002\""]);
        assert_eq!(host.ask("ATD*99***2#").last().map(String::as_str), Some("CONNECT 150000000"), "{model}");
    }
}
