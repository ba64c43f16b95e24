//! The default route goes through the link that was chosen.

use super::Runner;
use crate::uplink::kernel;
use crate::uplink::member::Member;

impl Runner {
    /// The link that was chosen has the default route, and no other link of ours.
    pub(super) async fn route(&self) -> Result<(), String> {
        let active = self.choice.current();
        let metric = self.metric(active);
        let ours =
            self.members.iter().enumerate().filter_map(|(at, member)| Some((at, member.place.as_ref()?.id.clone()?)));
        let (chosen, others): (Vec<_>, Vec<_>) = ours.partition(|(at, _)| Some(*at) == active);
        // The new one first: there is no moment without a route.
        for (_, id) in chosen {
            self.parts.links.set_metric(&id, Some(metric)).await.map_err(|error| format!("{id}: {error}"))?;
        }
        for (_, id) in others {
            self.parts.links.set_metric(&id, None).await.map_err(|error| format!("{id}: {error}"))?;
        }
        self.obstacle(active).map_or(Ok(()), Err)
    }

    /// Below the metric of every interface that has a default route of somebody else's making, and is not chosen.
    fn metric(&self, active: Option<usize>) -> u32 {
        let least = self.others(active).filter_map(|member| member.metric).min();
        let wanted = self.parts.settings.metric;
        least.filter(|theirs| *theirs <= wanted).map_or(wanted, |theirs| theirs.saturating_sub(1))
    }

    fn others(&self, active: Option<usize>) -> impl Iterator<Item = &Member> {
        self.members.iter().enumerate().filter(move |(at, _)| Some(*at) != active).map(|(_, member)| member)
    }

    /// What of the machine's own settings stands in the way while a link of ours is chosen.
    fn obstacle(&self, active: Option<usize>) -> Option<String> {
        let chosen = active.and_then(|active| self.members.get(active))?;
        chosen.modem()?;
        self.others(active).find_map(|member| {
            let name = &member.settings.name;
            let zero = (member.metric == Some(0)).then(|| {
                format!(
                    "{name} has a default route with metric 0, before which none can be; give it a metric such as 100 \
                     where it is configured"
                )
            });
            let strict = member.metric.filter(|_| kernel::is_strict(name)).map(|_| {
                format!(
                    "the kernel drops what comes back by {name} while another link has the default route, so that nobody \
                     can tell when it works again; set net.ipv4.conf.{name}.rp_filter to 2"
                )
            });
            zero.or(strict)
        })
    }
}
