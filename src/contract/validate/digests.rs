//! The digests in `repo_contract.json` against the documents they are of.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Finding;
use crate::contract::documents::{REPO_CONTRACT, digest_of};
use crate::contract::resolutions::document::RESOLUTIONS;

/// Tells documents that are missing, changed, or of no run.
pub fn check(document: &Value, files: &[(String, Vec<u8>)]) -> Vec<Finding> {
    let Some(digests) = document.get("digests").and_then(Value::as_object) else { return Vec::new() };
    let by_path: BTreeMap<&str, &[u8]> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let mut findings = Vec::new();
    for (path, digest) in digests {
        let pointer = format!("/digests/{}", path.replace('~', "~0").replace('/', "~1"));
        match by_path.get(path.as_str()) {
            None => findings.push(Finding::new(REPO_CONTRACT, pointer, "document-missing", format!("`{path}` is not there"))),
            Some(bytes) if Some(digest_of(bytes).as_str()) != digest.as_str() => {
                let message = format!("`{path}` is not what was written: it was edited, or a run was interrupted");
                findings.push(Finding::new(REPO_CONTRACT, pointer, "digest-mismatch", message));
            }
            Some(_) => {}
        }
    }
    // Answers are not derived: people write them, and a run follows them.
    let is_ours = |path: &str| super::DocumentKind::of_path(path).is_some() && path != REPO_CONTRACT && path != RESOLUTIONS;
    for (path, _) in files.iter().filter(|(path, _)| is_ours(path) && !digests.contains_key(path.as_str())) {
        findings.push(Finding::new(path, "", "document-unlisted", "`repo_contract.json` does not list it"));
    }
    findings
}
