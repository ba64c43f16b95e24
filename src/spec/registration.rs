//! Registration states.

/// `<stat>` of `+CREG`, `+CGREG`, `+CEREG`, `+C5GREG` (TS 27.007 clauses 7.2, 10.1.20, 10.1.22, 10.1.47).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Registration {
    /// 0: not registered and not searching.
    NotRegistered,
    /// 1: home network.
    Home,
    /// 2: not registered, searching.
    Searching,
    /// 3: refused.
    Denied,
    /// 4: unknown, such as out of coverage; some modems report it while they sleep.
    Unknown,
    /// 5: roaming.
    Roaming,
    /// 6: home network, SMS only.
    HomeSmsOnly,
    /// 7: roaming, SMS only.
    RoamingSmsOnly,
    /// 8: emergency services only.
    EmergencyOnly,
    /// 9: home network, CSFB not preferred.
    HomeCsfbNotPreferred,
    /// 10: roaming, CSFB not preferred.
    RoamingCsfbNotPreferred,
    /// 11: attached for access to restricted local operator services.
    Rlos,
    /// 80: connection lost for the moment (Sequans).
    TemporarilyLost,
    /// 90: the UICC failed (Nordic).
    UiccFailure,
}

impl Registration {
    /// From the number; an unassigned one is [`Registration::Unknown`].
    pub const fn from_stat(stat: u8) -> Self {
        match stat {
            0 => Self::NotRegistered,
            1 => Self::Home,
            2 => Self::Searching,
            3 => Self::Denied,
            5 => Self::Roaming,
            6 => Self::HomeSmsOnly,
            7 => Self::RoamingSmsOnly,
            8 => Self::EmergencyOnly,
            9 => Self::HomeCsfbNotPreferred,
            10 => Self::RoamingCsfbNotPreferred,
            11 => Self::Rlos,
            80 => Self::TemporarilyLost,
            90 => Self::UiccFailure,
            _ => Self::Unknown,
        }
    }

    /// Registered for packet data.
    pub const fn is_registered(self) -> bool {
        matches!(self, Self::Home | Self::Roaming | Self::HomeCsfbNotPreferred | Self::RoamingCsfbNotPreferred)
    }

    /// Away from the home network.
    pub const fn is_roaming(self) -> bool {
        matches!(self, Self::Roaming | Self::RoamingSmsOnly | Self::RoamingCsfbNotPreferred)
    }

    /// The stable name, such as `home`, `roaming`, `searching`, `denied`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotRegistered => "not-registered",
            Self::Home => "home",
            Self::Searching => "searching",
            Self::Denied => "denied",
            Self::Unknown => "unknown",
            Self::Roaming => "roaming",
            Self::HomeSmsOnly => "home-sms-only",
            Self::RoamingSmsOnly => "roaming-sms-only",
            Self::EmergencyOnly => "emergency-only",
            Self::HomeCsfbNotPreferred => "home-csfb-not-preferred",
            Self::RoamingCsfbNotPreferred => "roaming-csfb-not-preferred",
            Self::Rlos => "restricted-local-services",
            Self::TemporarilyLost => "temporarily-lost",
            Self::UiccFailure => "uicc-failure",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_mean_what_27_007_says() {
        for (stat, name, registered, roaming) in [
            (0, "not-registered", false, false),
            (1, "home", true, false),
            (2, "searching", false, false),
            (3, "denied", false, false),
            (4, "unknown", false, false),
            (5, "roaming", true, true),
            (6, "home-sms-only", false, false),
            (7, "roaming-sms-only", false, true),
            (8, "emergency-only", false, false),
            (9, "home-csfb-not-preferred", true, false),
            (10, "roaming-csfb-not-preferred", true, true),
            (11, "restricted-local-services", false, false),
            (80, "temporarily-lost", false, false),
            (90, "uicc-failure", false, false),
        ] {
            let state = Registration::from_stat(stat);
            assert_eq!(
                (state.name(), state.is_registered(), state.is_roaming()),
                (name, registered, roaming),
                "{stat}"
            );
        }
    }

    #[test]
    fn unassigned_numbers_are_unknown() {
        for stat in [12, 79, 101, 255] {
            assert_eq!(Registration::from_stat(stat), Registration::Unknown);
        }
    }
}
