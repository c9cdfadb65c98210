//! Hosts that requests come in under, and what they lead to.

use super::told::{Sides, Told};
use crate::contract::model::infrastructure::Needed;

/// Compares them.
pub fn compare(told: &mut Told, before: &[Needed], after: &[Needed]) {
    let mut sides = Sides::of(before, after, |host| (host.name.clone(), host.service.clone()));
    let subject = |host: &Needed| format!("ingress {}", host.name);
    for (old, new) in sides.pair_by(|host| Some(host.name.clone())) {
        told.differs("infra-ingress-route-changed", (&subject(new), "service"), old.service.as_deref(), new.service.as_deref());
    }
    let renamed = sides.pair_by(|host| Some((host.service.clone(), host.evidence.clone())));
    for (old, new) in renamed {
        if !new.aliases.contains(&old.name) {
            told.differs("infra-hostname-changed", (&subject(old), ""), Some(&old.name), Some(&new.name));
        }
    }
    for host in &sides.gone {
        told.differs("infra-ingress-route-removed", (&subject(host), ""), host.service.as_deref(), None);
    }
    for host in &sides.new {
        told.differs("infra-ingress-route-added", (&subject(host), ""), None, host.service.as_deref());
    }
}
