//! What features send and wait for.

use std::collections::BTreeSet;

use super::{shared, told};
use crate::contract::documents::feature::FeatureDocument;
use crate::contract::model::Action;
use crate::diff::Promises;
use crate::diff::change::Change;

/// A channel: how messages travel, and its address.
type Channel<'c> = (&'c str, &'c str);

fn channels(feature: &FeatureDocument, action: Action) -> BTreeSet<Channel<'_>> {
    let ends = feature.events.iter().filter(|event| event.action == action);
    ends.map(|event| (event.protocol.as_str(), event.channel.as_str())).collect()
}

fn all(promises: &Promises, action: Action) -> BTreeSet<Channel<'_>> {
    promises.features.values().flat_map(|feature| channels(feature, action)).collect()
}

/// The changes of what is sent and heard.
pub fn compare(before: &Promises, after: &Promises) -> Vec<Change> {
    let mut changes = Vec::new();
    let part = |channel: &Channel<'_>| format!("channel {}", channel.1);
    for (slug, was, now) in shared(before, after) {
        for (action, rule) in [(Action::Send, "feature-event-produced-added"), (Action::Receive, "feature-event-consumed-added")] {
            let known = channels(was, action);
            let added = channels(now, action).into_iter().filter(|channel| !known.contains(channel));
            changes.extend(added.map(|channel| told(rule, slug, part(&channel), None, Some(channel.1))));
        }
    }
    let (sent_before, sent_after) = (all(before, Action::Send), all(after, Action::Send));
    for (slug, feature) in &after.features {
        // What nobody here ever sent comes from elsewhere.
        let lost =
            channels(feature, Action::Receive).into_iter().filter(|channel| sent_before.contains(channel) && !sent_after.contains(channel));
        changes.extend(lost.map(|channel| told("feature-event-dependency-broken", slug, part(&channel), Some(channel.1), None)));
    }
    changes
}
