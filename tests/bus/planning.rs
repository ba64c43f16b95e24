//! The planner over D-Bus: everybody may ask, no modem is touched.

use std::collections::HashMap;

use lpwa::bus::client::Failure;
use lpwa::modem::handle::ErrorKind;
use zbus::Variant;

use crate::house::peer;

type Wish<'w> = HashMap<&'static str, Variant<'w>>;

fn hourly() -> Wish<'static> {
    HashMap::from([
        ("model", "bg95".into()),
        ("report_every_s", 3600_u32.into()),
        ("bytes", 120_i64.into()),
        ("downlink_within_s", 600.0.into()),
        ("battery_ah", 19_u8.into()),
    ])
}

#[tokio::test]
async fn a_plan_is_that_of_the_command() {
    let (_house, m0, client) = peer(false).await;
    let document = client.plan_power(&hourly()).await.unwrap();
    let told: serde_json::Value = serde_json::from_str(&document).unwrap();
    let read_over = include_str!("../../fixtures/plans/bg95-hourly.json");
    assert_eq!(told, serde_json::from_str::<serde_json::Value>(read_over).unwrap());
    assert_eq!(m0.asked(), [] as [&str; 0]);
}

#[tokio::test]
async fn what_cannot_be_is_an_answer() {
    let (_house, _m0, client) = peer(true).await;
    let wish = hourly().into_iter().chain([("downlink_within_s", 1.into()), ("coverage", "ce1".into())]).collect();
    let told: serde_json::Value = serde_json::from_str(&client.plan_power(&wish).await.unwrap()).unwrap();
    assert_eq!((&told["possible"], &told["demand"]["coverage"]), (&false.into(), &"ce1".into()));
    assert_eq!(told["obstacles"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn settings_can_be_examined() {
    let (_house, _m0, client) = peer(true).await;
    let settings = [("periodic_tau_s", 7200.into()), ("active_time_s", 10.into()), ("edrx_cycle_s", 81.92.into())];
    let wish = hourly().into_iter().chain(settings).collect();
    let told: serde_json::Value = serde_json::from_str(&client.plan_power(&wish).await.unwrap()).unwrap();
    assert_eq!((&told["psm"]["active_time_bits"], &told["edrx"]["cycle_bits"]), (&"00000101".into(), &"0101".into()));
}

#[tokio::test]
async fn mistakes_are_told_by_their_key() {
    let (_house, _m0, client) = peer(true).await;
    for (key, value, kind, part) in [
        ("model", "zx81".into(), ErrorKind::InvalidArgument, "zx81"),
        ("model", 95.into(), ErrorKind::InvalidArgument, "model must be a string"),
        ("bites", 100.into(), ErrorKind::InvalidArgument, "unknown option \"bites\""),
        ("bytes", f64::NAN.into(), ErrorKind::InvalidArgument, "bytes is NaN"),
        ("bytes", "many".into(), ErrorKind::InvalidArgument, "bytes must be a number"),
        ("report_every_s", (-1.0).into(), ErrorKind::InvalidArgument, "report_every_s is -1"),
        ("report_every_s", u64::MAX.into(), ErrorKind::InvalidArgument, "report_every_s is"),
        ("report_every_s", 0.into(), ErrorKind::InvalidArgument, "a report every"),
        ("battery_ah", f64::INFINITY.into(), ErrorKind::InvalidArgument, "battery"),
        ("coverage", "ce9".into(), ErrorKind::InvalidArgument, "ce9"),
        ("host", "spi".into(), ErrorKind::InvalidArgument, "spi"),
        ("sim_pin", "yes".into(), ErrorKind::InvalidArgument, "sim_pin must be a boolean"),
        ("periodic_tau_s", 3600.into(), ErrorKind::InvalidArgument, "needs active_time_s"),
        ("rat", "wifi".into(), ErrorKind::InvalidArgument, "wifi"),
        ("rat", "gsm".into(), ErrorKind::Unsupported, "LTE-M"),
    ] {
        let wish: Wish<'_> = hourly().into_iter().chain([(key, value)]).collect();
        let error = client.plan_power(&wish).await.unwrap_err();
        assert_eq!(error.failure, Failure::Request(kind), "{key}: {error}");
        assert!(error.to_string().contains(part), "{key}: {error}");
    }
    let nameless = hourly().into_iter().filter(|(key, _)| *key != "model").collect();
    assert!(client.plan_power(&nameless).await.unwrap_err().to_string().contains("model is missing"));
}
