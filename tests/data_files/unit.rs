//! A systemd unit, line by line.

/// Section and key of every option that units of this project use; each stands in systemd.directives(7).
pub const KNOWN: [(&str, &str); 31] = [
    ("Unit", "Description"),
    ("Unit", "Documentation"),
    ("Unit", "After"),
    ("Unit", "Conflicts"),
    ("Service", "Type"),
    ("Service", "ExecStart"),
    ("Service", "ExecReload"),
    ("Service", "Restart"),
    ("Service", "RestartSec"),
    ("Service", "RuntimeDirectory"),
    ("Service", "StateDirectory"),
    ("Service", "CapabilityBoundingSet"),
    ("Service", "NoNewPrivileges"),
    ("Service", "PrivateTmp"),
    ("Service", "ProtectHome"),
    ("Service", "ProtectSystem"),
    ("Service", "ReadWritePaths"),
    ("Service", "ProtectKernelModules"),
    ("Service", "ProtectKernelTunables"),
    ("Service", "ProtectControlGroups"),
    ("Service", "ProtectClock"),
    ("Service", "ProtectHostname"),
    ("Service", "RestrictAddressFamilies"),
    ("Service", "RestrictNamespaces"),
    ("Service", "RestrictRealtime"),
    ("Service", "RestrictSUIDSGID"),
    ("Service", "LockPersonality"),
    ("Service", "MemoryDenyWriteExecute"),
    ("Service", "SystemCallArchitectures"),
    ("Service", "SystemCallFilter"),
    ("Install", "WantedBy"),
];

/// Section, key and value of every option.
pub fn parse(text: &str) -> Vec<(String, String, String)> {
    let (mut options, mut section) = (Vec::new(), "");
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.strip_suffix(']').unwrap_or_else(|| panic!("{line}: no section"));
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{line}: no option"));
        assert!(!value.is_empty() && value.trim() == value, "{line}: no value");
        options.push((section.to_owned(), key.to_owned(), value.to_owned()));
    }
    options
}
