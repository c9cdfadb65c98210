//! Files into features: those named by hand first, then by zones, units, layers and names.
//!
//! Says which files belong together and what sort of part they are; nothing of what they promise.

use std::collections::{BTreeMap, BTreeSet};

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::NamedFeature;
use super::layout::{Layout, Seen, Spot, last, parent};
use super::words::{Word, is_bare_role, is_role, key_of, stem_of, subject_of, title, word_of};
use crate::base::case::words_of;
use crate::contract::model::FeatureKind;

/// A feature as a set of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// The name people see.
    pub name: String,
    /// What sort of part it is.
    pub kind: FeatureKind,
    /// What somebody said it is for.
    pub purpose: Option<String>,
    /// What is left of a zone, or all of it.
    pub is_rest: bool,
    /// Indices of its files.
    pub files: Vec<usize>,
}

/// What the files of a group have in common. The order decides nothing but the order of groups.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// Named by hand, by position.
    Given(usize),
    /// A subject of a zone.
    Subject(String, String),
    /// Used by many in a zone, keeps it running, or is what people see of it.
    Shared(String),
    Infrastructure(String),
    Interface(String),
    /// What is left of a zone, or all of it.
    Rest(String),
    /// Small zones that serve nothing, where there are too many of them in one folder.
    Many(String),
}

/// More small zones than this in one folder that serve nothing are one feature.
const MANY: usize = 12;
/// So many files of one layer about one subject are a feature; a zone with fewer is small.
const LARGE: usize = 8;

/// What grouping looks at.
pub(super) struct Grouped<'a> {
    /// Files, in order of their paths.
    pub files: &'a [Seen<'a>],
    /// Which file imports which, by index.
    pub links: &'a [(usize, usize)],
    /// Folders of packages.
    pub packages: &'a [String],
    /// The repository's name.
    pub name: &'a str,
    /// Features named by hand.
    pub named: &'a [NamedFeature],
}

/// Groups files.
pub(super) fn group(grouped: &Grouped) -> Vec<Group> {
    let Grouped { files, packages, name, named, .. } = *grouped;
    let layout = Layout::new(files, packages, name);
    let globs: Vec<Option<GlobSet>> = named.iter().map(|feature| globs_of(&feature.paths)).collect();
    let mut zones: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut keys: BTreeMap<usize, Key> = BTreeMap::new();
    for (index, file) in files.iter().enumerate() {
        match globs.iter().position(|globs| globs.as_ref().is_some_and(|globs| globs.is_match(file.path))) {
            Some(given) => drop(keys.insert(index, Key::Given(given))),
            None => zones.entry(layout.zone_of(file.path)).or_default().push(index),
        }
    }
    let mut names = Names::default();
    for (zone, members) in &zones {
        if layout.is_split(zone) {
            split(&layout, zone, members, files, &mut keys, &mut names);
        } else {
            keys.extend(members.iter().map(|index| (*index, Key::Rest((*zone).to_owned()))));
        }
    }
    for key in keys.values_mut() {
        // What is about the zone itself is what is left of it.
        if let Key::Subject(zone, subject) = key
            && *subject == key_of(if zone.is_empty() { name } else { last(zone) })
        {
            *key = Key::Rest(std::mem::take(zone));
        }
    }
    join_zones(&layout, grouped, &mut keys);
    fold_many(&layout, &mut keys);
    let mut groups: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (index, key) in keys {
        groups.entry(key).or_default().push(index);
    }
    let is_alone = groups.len() == 1;
    let made = groups.into_iter().map(|(key, members)| {
        let serves = members.iter().filter_map(|index| files.get(*index)).any(|file| file.serves);
        (key.zone().to_owned(), made(&key, members, serves || is_alone, name, named, &names))
    });
    apart(made.collect())
}

fn globs_of(paths: &[String]) -> Option<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for path in paths {
        set.add(Glob::new(path).ok()?);
        // A folder stands for what is in it.
        set.add(Glob::new(&format!("{}/**", path.trim_end_matches('/'))).ok()?);
    }
    set.build().ok()
}

/// How subjects are spelled: of the spellings of one subject, the one that stands for most counts.
#[derive(Default)]
struct Names(BTreeMap<(String, String), (u8, String)>);

impl Names {
    fn hear(&mut self, zone: &str, rank: u8, name: &str) -> Key {
        let key = key_of(name);
        let said = (rank, name.to_owned());
        let slot = self.0.entry((zone.to_owned(), key.clone())).or_insert_with(|| said.clone());
        if said < *slot {
            *slot = said;
        }
        Key::Subject(zone.to_owned(), key)
    }

    fn knows(&self, zone: &str, key: &str) -> bool {
        self.0.contains_key(&(zone.to_owned(), key.to_owned()))
    }
}

/// A file behind the front: what it is about, and in which layer.
struct Follower {
    file: usize,
    subject: String,
    layer: Option<String>,
}

/// Tells the files of a zone apart: first those that name subjects, then those that follow them.
fn split(layout: &Layout, zone: &str, members: &[usize], files: &[Seen], keys: &mut BTreeMap<usize, Key>, names: &mut Names) {
    let mut followers: Vec<Follower> = Vec::new();
    let is_interface = layout.is_interface(zone);
    let role = |word: Word| match word {
        _ if is_interface => Key::Rest(zone.to_owned()),
        Word::Shared => Key::Shared(zone.to_owned()),
        Word::Interface => Key::Interface(zone.to_owned()),
        _ => Key::Infrastructure(zone.to_owned()),
    };
    for index in members {
        let file = files[*index];
        let stem = stem_of(file.path);
        let key = match layout.spot_of(file, zone) {
            Spot::Unit(name) => names.hear(zone, 0, &name),
            Spot::Layer(Word::Front, _, subject) => names.hear(zone, 1, &subject),
            Spot::Named(name) => names.hear(zone, 2, &name),
            Spot::Role(_) if file.serves && !is_role(stem) => names.hear(zone, 3, &subject_of(stem).0),
            Spot::Role(word) => role(word),
            Spot::Layer(_, layer, subject) => {
                followers.push(Follower { file: *index, subject, layer: Some(layer) });
                continue;
            }
            Spot::Loose(stem) => match loose(&stem, file.serves) {
                Loose::Names(subject) => names.hear(zone, 1, &subject),
                Loose::Role(word) => role(word),
                Loose::Follows(subject, layer) => {
                    followers.push(Follower { file: *index, subject, layer });
                    continue;
                }
            },
        };
        keys.insert(*index, key);
    }
    follow(zone, &followers, keys, names);
}

enum Loose {
    Names(String),
    Role(Word),
    Follows(String, Option<String>),
}

/// What a file that lies in no telling folder says by its name.
fn loose(stem: &str, serves: bool) -> Loose {
    let (subject, layer) = subject_of(stem);
    if (serves || layer == Some(Word::Front)) && !is_role(stem) && !is_role(&subject) {
        return Loose::Names(subject);
    }
    if stem.contains(".config") || stem.starts_with('.') || matches!(stem, "setup" | "noxfile" | "gulpfile" | "build") {
        return Loose::Role(Word::Infrastructure);
    }
    match word_of(stem) {
        word @ (Word::Shared | Word::Infrastructure) if !serves => Loose::Role(word),
        _ if is_bare_role(&subject) => Loose::Follows(stem.to_owned(), None),
        _ => Loose::Follows(subject, layer.and_then(|_| words_of(stem).pop())),
    }
}

/// Files behind the front go to the subject they name. Those that no front knows are a subject of their own when several
/// layers know it, or when there are many of them; else they are shared.
fn follow(zone: &str, followers: &[Follower], keys: &mut BTreeMap<usize, Key>, names: &mut Names) {
    let mut layers: BTreeMap<String, (BTreeSet<String>, usize)> = BTreeMap::new();
    for follower in followers {
        if let Some(layer) = &follower.layer {
            let slot = layers.entry(key_of(&follower.subject)).or_default();
            slot.0.insert(key_of(layer));
            slot.1 += 1;
        }
    }
    layers.retain(|_, (layers, files)| layers.len() > 1 || *files >= LARGE);
    let has_subjects = names.0.keys().any(|(of, _)| of == zone);
    let mut heard = Vec::new();
    for follower in followers {
        let key = match known(zone, &follower.subject, names, follower.layer.is_some()) {
            Some(key) => Key::Subject(zone.to_owned(), key),
            None if layers.contains_key(&key_of(&follower.subject)) => {
                heard.push(&follower.subject);
                Key::Subject(zone.to_owned(), key_of(&follower.subject))
            }
            None if follower.layer.is_some() && has_subjects => Key::Shared(zone.to_owned()),
            None => Key::Rest(zone.to_owned()),
        };
        keys.insert(follower.file, key);
    }
    for subject in heard {
        names.hear(zone, 4, subject);
    }
}

/// The known subject that a name is about: itself, or its longest beginning.
fn known(zone: &str, subject: &str, names: &Names, is_layered: bool) -> Option<String> {
    let parts: Vec<&str> = subject.split('-').collect();
    let least = if is_layered { 1 } else { parts.len() };
    (least..=parts.len()).rev().map(|count| key_of(&parts.get(..count).unwrap_or_default().join("-"))).find(|key| names.knows(zone, key))
}

/// A subject that one package fronts and another one holds is one: the other belongs to it when it is the only one of those
/// with that subject that imports it.
fn join_zones(layout: &Layout, grouped: &Grouped, keys: &mut BTreeMap<usize, Key>) {
    let zones: Vec<&str> = grouped.files.iter().map(|file| layout.zone_of(file.path)).collect();
    let between = grouped.links.iter().filter_map(|(from, to)| Some((*zones.get(*from)?, *zones.get(*to)?)));
    let links: BTreeSet<(&str, &str)> = between.filter(|(from, to)| from != to).collect();
    let mut holders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for key in keys.values() {
        if let Key::Subject(zone, subject) = key {
            holders.entry(subject.clone()).or_default().insert(zone.clone());
        }
    }
    let front = |subject: &str, zone: &str| -> Option<String> {
        let others = holders.get(subject)?;
        let is_front = |other: &&String| !other.is_empty() && !zone.is_empty() && !layout.is_interface(other);
        let mut users = others.iter().filter(is_front).filter(|other| links.contains(&(other.as_str(), zone)));
        users.next().filter(|_| users.next().is_none()).cloned()
    };
    for key in keys.values_mut() {
        if let Key::Subject(zone, subject) = key {
            let mut seen = BTreeSet::from([zone.clone()]);
            while let Some(up) = front(subject, zone).filter(|up| seen.insert(up.clone())) {
                *zone = up;
            }
        }
    }
}

/// Small zones that serve nothing become one feature, where there are too many of them in one folder.
fn fold_many(layout: &Layout, keys: &mut BTreeMap<usize, Key>) {
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    for key in keys.values() {
        if let Key::Rest(zone) = key
            && !zone.is_empty()
            && !layout.is_split(zone)
        {
            *sizes.entry(zone.clone()).or_default() += 1;
        }
    }
    sizes.retain(|_, files| *files < LARGE);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for zone in sizes.keys() {
        *counts.entry(parent(zone)).or_default() += 1;
    }
    for key in keys.values_mut() {
        if let Key::Rest(zone) = key
            && sizes.contains_key(zone)
            && counts.get(parent(zone)).is_some_and(|count| *count > MANY)
        {
            *key = Key::Many(parent(zone).to_owned());
        }
    }
}

impl Key {
    fn zone(&self) -> &str {
        match self {
            Self::Given(_) => "",
            Self::Subject(zone, _)
            | Self::Shared(zone)
            | Self::Infrastructure(zone)
            | Self::Interface(zone)
            | Self::Rest(zone)
            | Self::Many(zone) => zone,
        }
    }
}

fn made(key: &Key, files: Vec<usize>, stands_alone: bool, repo: &str, named: &[NamedFeature], names: &Names) -> Group {
    let own = |zone: &str| if zone.is_empty() { repo.to_owned() } else { last(zone).to_owned() };
    let of_zone = |zone: &str, word: &str| if zone.is_empty() { title(word) } else { title(&format!("{} {word}", last(zone))) };
    let or_feature = |kind: FeatureKind| if stands_alone { FeatureKind::Feature } else { kind };
    let (name, kind, purpose) = match key {
        Key::Given(index) => match named.get(*index) {
            Some(feature) => (feature.name.clone(), FeatureKind::Feature, feature.purpose.clone()),
            None => (String::new(), FeatureKind::Feature, None),
        },
        Key::Subject(zone, key) => {
            let spelled = names.0.get(&(zone.clone(), key.clone())).map_or(key, |(_, name)| name);
            (title(spelled), FeatureKind::Feature, None)
        }
        Key::Shared(zone) => (of_zone(zone, "shared"), or_feature(FeatureKind::Shared), None),
        Key::Infrastructure(zone) => (of_zone(zone, "infrastructure"), or_feature(FeatureKind::Infrastructure), None),
        Key::Interface(zone) => (of_zone(zone, "interface"), FeatureKind::Feature, None),
        Key::Rest(zone) if zone.is_empty() => (own(zone), or_feature(FeatureKind::Infrastructure), None),
        Key::Rest(zone) | Key::Many(zone) => {
            let kind = match (word_of(last(zone)), word_of(zone.rsplit('/').nth(1).unwrap_or_default())) {
                (Word::Shared, _) => or_feature(FeatureKind::Shared),
                (Word::Infrastructure, _) | (_, Word::Infrastructure) => or_feature(FeatureKind::Infrastructure),
                _ => FeatureKind::Feature,
            };
            (title(&own(zone)), kind, None)
        }
    };
    Group { name, kind, purpose, is_rest: matches!(key, Key::Rest(_)), files }
}

/// Groups of one name in several zones get their zone's name in front.
fn apart(groups: Vec<(String, Group)>) -> Vec<Group> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (_, group) in &groups {
        *counts.entry(group.name.to_lowercase()).or_default() += 1;
    }
    let renamed = groups.into_iter().map(|(zone, mut group)| {
        let is_own = title(last(&zone)) == group.name;
        if counts.get(&group.name.to_lowercase()).is_some_and(|count| *count > 1) && !zone.is_empty() {
            let above = if is_own { zone.rsplit('/').nth(1).unwrap_or_default() } else { last(&zone) };
            group.name = title(&format!("{above} {}", group.name));
        }
        group
    });
    renamed.collect()
}
