//! The lines by which a modem can be woken, and which of them its model looks at.

use std::sync::Arc;
use std::time::Duration;

use super::definition::Definition;
use crate::port::line::Line;
use crate::state::Wakes;

/// How long a power key is held where neither the configuration nor the model file says.
const PULSE: Duration = Duration::from_millis(500);

/// The lines of one modem, as the configuration names them.
#[derive(Clone, Default)]
pub struct WakeLines {
    /// DTR of its serial port.
    pub dtr: Option<Arc<dyn Line>>,
    /// Its power key, and how long it is held; `None`: as the model file says.
    pub pwrkey: Option<(Arc<dyn Line>, Option<Duration>)>,
}

/// Whether a sleeping modem can be woken from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waking {
    /// A command does it.
    Command,
    /// A line does it.
    Line,
    /// The model looks at this line, and the configuration does not name it.
    Missing(Wakes),
}

impl Waking {
    /// What is missing, and what to do about it; `None` where nothing is.
    pub fn missing(self) -> Option<String> {
        let (line, key) = match self {
            Self::Missing(Wakes::Pwrkey) => ("its power key", r#"pwrkey = { gpio = "gpiochip0:17" }"#),
            Self::Missing(Wakes::Dtr) => ("DTR", "dtr = true"),
            _ => return None,
        };
        Some(format!(
            "only {line} wakes this model, and no line is configured; with {key} in its [[modem]] it can be woken"
        ))
    }
}

impl WakeLines {
    /// How a modem of this model can be woken.
    pub fn waking(&self, definition: &Definition) -> Waking {
        match definition.sleep.wake {
            Wakes::Itself | Wakes::FirstByte => Waking::Command,
            _ if self.of(definition).is_some() => Waking::Line,
            wakes => Waking::Missing(wakes),
        }
    }

    /// The line that wakes a modem of this model, and for how long it is pulsed.
    pub fn of(&self, definition: &Definition) -> Option<(Arc<dyn Line>, Duration)> {
        match definition.sleep.wake {
            Wakes::Itself | Wakes::FirstByte => None,
            Wakes::Dtr => self.dtr.clone().map(|line| (line, PULSE)),
            Wakes::Pwrkey => {
                let (line, held) = self.pwrkey.clone()?;
                Some((line, held.or(definition.sleep.pulse).unwrap_or(PULSE)))
            }
        }
    }
}
