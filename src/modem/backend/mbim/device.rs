//! Who the modem is, its radio, and which technologies it may use.

use crate::codec::mbim::message::Nothing;
use crate::codec::mbim::message::basic_connect::{
    DEVICE_CAPS, DeviceCaps, RADIO_STATE, REGISTER_STATE, RadioState, RegisterStateInfo, SetRadioState,
    SetRegisterState,
};
use crate::codec::mbim::message::choices::{DataClass, RadioSwitchState, RegisterAction};
use crate::codec::mbim::message::extensions::DEVICE_RESET;
use crate::codec::mbim::{Body, Service};
use crate::modem::backend::RadioLevel;
use crate::modem::channel::CommandError;
use crate::modem::definition::{Effect, QueryName};
use crate::modem::driver::Driver;
use crate::spec::rat::Rat;
use crate::state::fact::Fact;

/// Model, firmware, IMEI: one answer has them all.
pub(super) async fn identity(d: &Driver, name: QueryName) -> Result<Vec<Fact>, CommandError> {
    let mut known = d.ports.mbim()?.caps.lock().await;
    if known.is_none() {
        *known = Some(d.mbim::<_, DeviceCaps>(&DEVICE_CAPS, &Nothing {}).await?);
    }
    let Some(caps) = known.as_ref() else { return Ok(Vec::new()) };
    let fact = match name {
        QueryName::Model => Some(Fact::Model(caps.hardware_info.clone())).filter(|_| !caps.hardware_info.is_empty()),
        QueryName::Revision => Some(Fact::Revision(caps.firmware_info.clone())),
        _ => caps.device_id.parse().ok().map(Fact::Imei),
    };
    Ok(fact.into_iter().collect())
}

/// The software's switch of the radio.
pub async fn radio(d: &Driver) -> Result<RadioLevel, CommandError> {
    let told: RadioState = d.mbim(&RADIO_STATE, &Nothing {}).await?;
    Ok(if told.sw_radio_state == RadioSwitchState::On { RadioLevel::On } else { RadioLevel::Off })
}

/// Sets the software's switch; the card stays on.
pub async fn set_radio(d: &Driver, level: RadioLevel) -> Result<(), CommandError> {
    let radio_state = if level == RadioLevel::On { RadioSwitchState::On } else { RadioSwitchState::Off };
    d.mbim_set(&RADIO_STATE, &SetRadioState { radio_state }, d.definition().timing.cfun).await.map(drop)
}

/// Device Reset of the extensions.
pub async fn restart(d: &Driver) -> Result<(), CommandError> {
    let mbim = d.ports.mbim()?;
    let reset = Body::set(Service::MsBasicConnectExtensions, &DEVICE_RESET, Vec::new());
    let name = reset.title();
    match mbim.answer(reset, d.definition().timing.command).await {
        // It may go before it answers.
        Err(CommandError::TimedOut { .. }) => Err(CommandError::Rebooted { command: name }),
        other => other.map(drop),
    }
}

/// Compares the preferred data classes, which are told since MBIMEx 2.0.
pub async fn rats_hold(d: &Driver, rats: &[Rat]) -> Result<bool, CommandError> {
    let wanted = data_classes(d, rats)?;
    let told: RegisterStateInfo = d.mbim(&REGISTER_STATE, &Nothing {}).await?;
    Ok(told.preferred_data_classes.0 == Some(wanted))
}

/// Registers anew, in these data classes; an order of them has no words in MBIM.
pub async fn choose_rats(d: &Driver, rats: &[Rat]) -> Result<Effect, CommandError> {
    let register = SetRegisterState {
        register_action: RegisterAction::Automatic,
        data_class: data_classes(d, rats)?,
        ..SetRegisterState::default()
    };
    d.mbim_set(&REGISTER_STATE, &register, d.definition().timing.command).await.map(|_| Effect::Now)
}

fn data_classes(d: &Driver, rats: &[Rat]) -> Result<DataClass, CommandError> {
    let definition = d.definition();
    let kinds = |rats: &[Rat]| rats.iter().filter(|rat| matches!(rat, Rat::Lte | Rat::LteM | Rat::NbIot)).count();
    if kinds(rats) > 0 && kinds(&definition.capabilities.rats) > kinds(rats) {
        return Err(CommandError::Unsupported(format!(
            "MBIM cannot tell LTE-M, NB-IoT and LTE apart on {}; name its AT port with `at`, or remove `rats`",
            definition.name
        )));
    }
    let class = |rat: &Rat| match rat {
        Rat::Gsm | Rat::EcGsm => DataClass::GPRS | DataClass::EDGE,
        Rat::Umts => DataClass::UMTS | DataClass::HSDPA | DataClass::HSUPA,
        Rat::Lte | Rat::LteM | Rat::NbIot => DataClass::LTE,
        Rat::Nr => DataClass::NR_NSA | DataClass::NR_SA,
    };
    Ok(rats.iter().map(class).fold(DataClass::default(), |all, class| all | class))
}

/// MBIM knows no bands.
pub async fn choose_bands(d: &Driver, _: &[u16]) -> Result<(), CommandError> {
    let name = &d.definition().name;
    Err(CommandError::Unsupported(format!(
        "MBIM cannot choose bands on {name}; name its AT port with `at`, or remove `bands`"
    )))
}
