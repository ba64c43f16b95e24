//! System info as registrations of TS 27.007: one of circuits, one of packets, one each of EPS and 5GS.

use super::{Domain, NetworkId, RoamingStatus, ServiceInfo, ServiceStatus, SystemIdentity, SystemInfo};
use crate::spec::registration::Registration;

/// Where a modem is registered in a domain; `None`: it has no technology of that domain.
pub type DomainRegistration = Option<Registration>;

/// Where a modem is registered, and by which cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Registrations {
    /// Circuits, on GSM and UMTS.
    pub cs: DomainRegistration,
    /// Packets, on GSM and UMTS.
    pub ps: DomainRegistration,
    /// LTE, LTE-M, NB-IoT.
    pub eps: DomainRegistration,
    /// NR.
    pub five_gs: DomainRegistration,
    /// The serving network.
    pub network: Option<NetworkId>,
    /// Location area code, on GSM and UMTS.
    pub lac: Option<u16>,
    /// Tracking area code.
    pub tac: Option<u32>,
    /// Cell identity.
    pub cell: Option<u32>,
    /// Cause of the last refusal.
    pub reject: Option<u8>,
    /// Which technology serves.
    pub technology: Option<Technology>,
}

/// A technology as NAS tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Technology {
    /// GSM.
    Gsm,
    /// UMTS.
    Umts,
    /// LTE, LTE-M, NB-IoT.
    Lte,
    /// NR.
    Nr5g,
}

impl SystemInfo {
    /// Where the modem is registered.
    pub fn registrations(&self) -> Registrations {
        let lte = self.lte_system_info.as_ref();
        let nr = self.nr5g_system_info.as_ref();
        let gsm = (self.gsm_service_status.as_ref(), self.gsm_system_info.as_ref().map(|gsm| &gsm.system));
        let umts = (self.wcdma_service_status.as_ref(), self.wcdma_system_info.as_ref().map(|umts| &umts.system));
        let eps = (self.lte_service_status.as_ref(), lte.map(|lte| &lte.system));
        let five_gs = (self.nr5g_service_status.as_ref(), nr.map(|nr| &nr.system));
        let two = |domain| best([gsm, umts].map(|(status, system)| in_domain(status, system, domain)));
        let mut all = Registrations {
            cs: two(Domain::Cs),
            ps: two(Domain::Ps),
            eps: in_domain(eps.0, eps.1, Domain::Ps),
            five_gs: in_domain(five_gs.0, five_gs.1, Domain::Ps),
            ..Registrations::default()
        };
        let serving = [
            (Technology::Nr5g, five_gs, nr.and_then(|nr| nr.tac)),
            (Technology::Lte, eps, lte.and_then(|lte| lte.tac)),
            (Technology::Umts, umts, None),
            (Technology::Gsm, gsm, None),
        ];
        for (technology, (status, system), tac) in serving {
            all.reject = all.reject.or(system.and_then(|s| s.registration_reject.as_ref()).map(|reject| reject.cause));
            if all.technology.is_none() && status.is_some_and(|s| s.status == ServiceStatus::Available) {
                let Some(system) = system else { continue };
                all.technology = Some(technology);
                all.network.clone_from(&system.network_id);
                (all.cell, all.tac) = (system.cid, tac.map(u32::from));
                all.lac = system.lac.filter(|lac| *lac != 0xFFFF);
            }
        }
        if all.technology == Some(Technology::Nr5g) {
            let wide = self.nr5g_tac.map(|[a, b, c]| u32::from_be_bytes([0, a, b, c]));
            all.tac = wide.or(all.tac);
        }
        all
    }
}

/// Registration on one technology, as far as `domain` goes.
fn in_domain(status: Option<&ServiceInfo>, system: Option<&SystemIdentity>, domain: Domain) -> DomainRegistration {
    Some(match status?.status {
        ServiceStatus::None => Registration::Searching,
        ServiceStatus::Limited | ServiceStatus::LimitedRegional => Registration::Denied,
        ServiceStatus::Available => {
            let system = system?;
            let registered = match system.domain {
                Some(Domain::CsPs) => true,
                Some(own) => own == domain,
                None => false,
            };
            match system.roaming_status {
                _ if !registered => Registration::NotRegistered,
                None | Some(RoamingStatus::Off) => Registration::Home,
                Some(_) => Registration::Roaming,
            }
        }
        _ => Registration::NotRegistered,
    })
}

/// The registration that says most.
fn best(found: [DomainRegistration; 2]) -> DomainRegistration {
    let rank = |registration: &Registration| match registration {
        Registration::Home | Registration::Roaming => 3,
        Registration::Denied => 2,
        Registration::Searching => 1,
        _ => 0,
    };
    found.into_iter().flatten().max_by_key(rank)
}
