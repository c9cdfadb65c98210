//! Which files are ours: listed by the last run with the digest they still have, or marked as written by this program.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::contract::documents::asyncapi::EVENTS_MARK;
use crate::contract::documents::graphql::{GRAPHQL_CONTRACT, GRAPHQL_MARK};
use crate::contract::documents::head::SCHEMA_PREFIX;
use crate::contract::documents::proto::{PROTO_CONTRACT, PROTO_MARK};
use crate::contract::documents::sql::SQL_MARK;
use crate::contract::documents::{
    API_CONTRACT, EVENTS_CONTRACT, FEATURE_CONTRACT, FEATURES, INFRASTRUCTURE_CONTRACT, MARKDOWN_MARK, README, RELATIONSHIPS,
    REPO_CONTRACT, SCHEMA_CONTRACT, YAML_MARK, digest_of,
};
use crate::contract::resolutions::document::RESOLUTIONS;

/// How far into a file its mark is searched: a merge conflict may stand above it.
const MARK_WITHIN: usize = 2048;

/// What a feature's documents are called.
const OF_A_FEATURE: [&str; 8] =
    [API_CONTRACT, EVENTS_CONTRACT, FEATURE_CONTRACT, GRAPHQL_CONTRACT, INFRASTRUCTURE_CONTRACT, PROTO_CONTRACT, README, SCHEMA_CONTRACT];

/// Whether documents at this path, under the output folder, are derived and never written by people.
#[must_use]
pub fn is_derived(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        [name] => matches!(name, README | RELATIONSHIPS | REPO_CONTRACT),
        // A second database of a feature, a second package of protocol buffers.
        [FEATURES, _, name] => {
            OF_A_FEATURE.contains(&name)
                || name.starts_with("schema_contract.") && name.ends_with(".sql")
                || name.starts_with("api_contract.") && name.ends_with(".proto")
        }
        _ => false,
    }
}

/// The documents of the last run and their digests; empty when there is none that can be read.
pub fn listed(folder: &Path) -> BTreeMap<String, String> {
    fs::read(folder.join(REPO_CONTRACT)).map(|bytes| listed_in(&bytes)).unwrap_or_default()
}

/// The documents that the bytes of `repo_contract.json` list, and their digests.
pub fn listed_in(bytes: &[u8]) -> BTreeMap<String, String> {
    let Ok(document) = serde_json::from_slice::<Value>(bytes) else { return BTreeMap::new() };
    let digests = document.get("digests").and_then(Value::as_object).into_iter().flatten();
    digests.filter_map(|(path, digest)| Some((path.clone(), digest.as_str()?.to_string()))).collect()
}

/// Whether bytes at a path are ours. An empty file is: nobody loses anything. Answers are, whoever wrote them: they are never written
/// without what was read from them.
pub fn is_ours(path: &str, bytes: &[u8], listed: &BTreeMap<String, String>) -> bool {
    bytes.is_empty() || path == RESOLUTIONS || listed.get(path).is_some_and(|digest| *digest == digest_of(bytes)) || is_marked(path, bytes)
}

fn is_marked(path: &str, bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(bytes.get(..MARK_WITHIN).unwrap_or(bytes)).into_owned();
    let mark = |text: &str| text.split(" from the source code").next().is_some_and(|mark| head.contains(mark));
    match path.rsplit('.').next() {
        Some("json") => head.contains(&format!("\"$schema\": \"{SCHEMA_PREFIX}")) || head.contains(EVENTS_MARK),
        Some("sql") => mark(SQL_MARK),
        Some("yaml") => mark(YAML_MARK),
        Some("md") => mark(MARKDOWN_MARK),
        Some("proto") => mark(PROTO_MARK),
        Some("graphql") => mark(GRAPHQL_MARK),
        _ => false,
    }
}

/// Files of ours that the contract no longer has, sorted.
pub fn stale(folder: &Path, listed: &BTreeMap<String, String>, current: &BTreeSet<&str>) -> Vec<String> {
    let mut candidates: BTreeSet<String> = listed.keys().filter(|path| is_inside(path)).cloned().collect();
    candidates.extend([README, RELATIONSHIPS].map(String::from));
    for slug in fs::read_dir(folder.join(FEATURES)).into_iter().flatten().flatten() {
        let Ok(slug) = slug.file_name().into_string() else { continue };
        candidates.extend(OF_A_FEATURE.map(|name| format!("{FEATURES}/{slug}/{name}")));
    }
    candidates.retain(|path| !current.contains(path.as_str()) && path != REPO_CONTRACT && is_present(folder, path, listed));
    candidates.into_iter().collect()
}

/// Whether a file of ours is there, and no link leads to it.
fn is_present(folder: &Path, path: &str, listed: &BTreeMap<String, String>) -> bool {
    let mut place = folder.to_path_buf();
    let is_direct = path.split('/').all(|part| {
        place.push(part);
        fs::symlink_metadata(&place).is_ok_and(|found| !found.is_symlink())
    });
    is_direct && fs::read(&place).is_ok_and(|bytes| !bytes.is_empty() && is_ours(path, &bytes, listed))
}

/// The list comes from a file anybody may edit: it must not lead out of the folder.
pub fn is_inside(path: &str) -> bool {
    !path.contains(['\\', ':', '\0']) && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}
