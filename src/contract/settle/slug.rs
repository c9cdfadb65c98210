//! Folder names of features: lower-case ASCII, unique, and legal on every file system.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::Contract;

const LONGEST: usize = 60;
/// Names Windows keeps for devices.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// A folder name for a feature: `User Profiles` gives `user-profiles`.
#[must_use]
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= LONGEST {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        return "feature".into();
    }
    if is_device(slug) { format!("{slug}-feature") } else { slug.into() }
}

fn is_device(slug: &str) -> bool {
    let numbered = |prefix| slug.strip_prefix(prefix).is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()));
    DEVICES.contains(&slug) || numbered("com") || numbered("lpt")
}

/// Makes every slug safe and unique, and lets everything that names a feature follow. Sorts the features by slug.
pub fn settle(contract: &mut Contract) {
    let features = &mut contract.features;
    features.sort_by(|a, b| (&a.slug, &a.name, &a.files).cmp(&(&b.slug, &b.name, &b.files)));
    let mut taken = BTreeSet::new();
    let mut renamed = BTreeMap::new();
    for feature in features.iter_mut() {
        let wanted = slug_of(if feature.slug.is_empty() { &feature.name } else { &feature.slug });
        let slug = free(&wanted, &taken);
        taken.insert(slug.clone());
        let before = std::mem::replace(&mut feature.slug, slug.clone());
        renamed.entry(before).or_insert(slug);
        if feature.name.is_empty() {
            feature.name.clone_from(&feature.slug);
        }
    }
    features.sort_by(|a, b| a.slug.cmp(&b.slug));
    rename(contract, &renamed);
}

fn free(wanted: &str, taken: &BTreeSet<String>) -> String {
    if !taken.contains(wanted) {
        return wanted.into();
    }
    (2_usize..).map(|n| format!("{wanted}-{n}")).find(|slug| !taken.contains(slug)).expect("fewer features than numbers")
}

fn rename(contract: &mut Contract, renamed: &BTreeMap<String, String>) {
    let follow = |slug: &mut String| {
        if let Some(new) = renamed.get(slug) {
            slug.clone_from(new);
        }
    };
    contract.features.iter_mut().flat_map(|feature| &mut feature.dependencies).for_each(|dependency| follow(&mut dependency.on));
    for edge in &mut contract.relationships.edges {
        follow(&mut edge.from);
        follow(&mut edge.to);
    }
    let relationships = &mut contract.relationships;
    relationships.cycles.iter_mut().chain(&mut relationships.layers).flatten().for_each(follow);
    contract.repo.conflicts.iter_mut().flat_map(|conflict| &mut conflict.sides).for_each(|side| follow(&mut side.feature));
}
