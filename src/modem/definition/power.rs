//! What a model file says of power saving: how it is asked for beside TS 27.007, how the model sleeps and wakes.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::spec::rat::Rat;
use crate::state::Wakes;

/// What the power saving of a model has beside TS 27.007.
#[derive(Debug, Clone, Default)]
pub struct PowerSaving {
    /// Whether `+CPSMS=1` is no news to the modem while PSM is on, so that PSM is switched off before other timers.
    pub psm_toggle: bool,
    /// How a paging time window is asked for; `+CEDRXS` of the standard has no field for one.
    pub window: Option<Window>,
}

/// How a paging time window is asked for. Lines have the placeholders of [`Window::PLACEHOLDERS`].
#[derive(Debug, Clone, Default)]
pub struct Window {
    /// Lines to send after `+CEDRXS`, in order, once for each technology.
    pub set: Vec<String>,
    /// The line that reads which window is asked for; without it the modem is always told.
    pub read: Option<String>,
    /// The line of its answer if the wanted one is asked for already. Blanks and quotes do not count.
    pub holds: String,
    /// Whether it is in force only after a restart.
    pub reboot: bool,
    /// Numbers of technologies in these lines, where they are not the AcT-types of TS 27.007 §7.40.
    pub act: BTreeMap<Rat, u8>,
}

impl Window {
    /// Names that may stand in braces: the technology, and cycle and window (TS 24.008 §10.5.5.32) as four binary
    /// digits or as the number that these are.
    pub const PLACEHOLDERS: &[&str] = &["act", "cycle", "ptw", "cycle:int", "ptw:int"];
}

/// How a model sleeps and wakes.
#[derive(Debug, Clone, Default)]
pub struct Sleep {
    /// What wakes it.
    pub wake: Wakes,
    /// Whether it starts anew after PSM, settings lost.
    pub reboots: bool,
    /// After this much silence the first characters sent are lost.
    pub deaf_after: Option<Duration>,
    /// How long its power key is held to wake it: long enough to be seen, and too short to switch it off.
    pub pulse: Option<Duration>,
}
