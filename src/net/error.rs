//! Why the data plane is not as wanted.

use std::io;

/// A sentence part for the person at the keyboard; who shows it names the modem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// No interface of that name.
    #[error(
        "there is no network interface {0}; `ip link` lists those that there are, and interface = \"...\" names the modem's"
    )]
    NoInterface(String),
    /// The kernel said no for lack of rights.
    #[error("{0}: not permitted; run the daemon as root or give it CAP_NET_ADMIN")]
    NotPermitted(String),
    /// The kernel said no.
    #[error("{doing}: {reason}")]
    Refused {
        /// What was being done, such as `adding the address 198.51.100.7/32 to wwan0`.
        doing: String,
        /// What the kernel said.
        reason: String,
    },
    /// The kernel has no links of that kind.
    #[error("{doing}: this kernel has no links of the kind {kind}; {advice}")]
    NoLinks {
        /// What was being done.
        doing: String,
        /// What the kernel calls them.
        kind: &'static str,
        /// What helps.
        advice: &'static str,
    },
    /// The link has no address of use.
    #[error("the bearer has no usable address for {0}; try another pdp_type or APN")]
    NoAddress(String),
}

impl NetError {
    /// What the kernel, or a program, said while something was done.
    pub fn refused(doing: impl Into<String>, error: &io::Error) -> Self {
        let doing = doing.into();
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::NotPermitted(doing),
            _ => Self::Refused { doing, reason: error.to_string() },
        }
    }
}
