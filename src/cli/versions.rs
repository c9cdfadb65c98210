//! Versions of features when contracts are written: raised once for all that changed since the last commit, by its worst.

use std::collections::BTreeMap;
use std::path::Path;

use super::base;
use crate::contract::model::Contract;
use crate::contract::version::Bump;
use crate::diff;
use crate::diff::change::Level;
use crate::diff::promises::Promises;
use crate::guard::Finding;
use crate::guard::contracts::Contracts;
use crate::guard::places::Index;
use crate::scan::{History, Source};

/// Gives the features of a settled contract their versions. `files` are those that will be overwritten, `below` is where they lie
/// in the folder, when they do.
pub(super) fn carry(contract: &mut Contract, folder: &Path, files: Vec<(String, Vec<u8>)>, below: Option<&str>) {
    let written = Contracts::read(files).unwrap_or_default();
    let is_known = |contract: &Contract| {
        let repo = written.repo.as_ref();
        let same = |slug: &str, fingerprint: &str| {
            repo.is_some_and(|repo| repo.features.iter().any(|entry| entry.slug == slug && entry.fingerprint == fingerprint))
        };
        contract.features.iter().all(|feature| same(&feature.slug, &feature.fingerprint))
    };
    if is_known(contract) {
        contract.carry_versions(written.repo.as_ref(), None, |_| Bump::Patch);
        return;
    }
    let committed = below.and_then(|below| committed(folder, below));
    let base = committed.as_ref().unwrap_or(&written);
    let bumps = bumps_since(base, contract);
    let bump_of = |slug: &str| bumps.get(slug).copied().unwrap_or(Bump::Patch);
    contract.carry_versions(written.repo.as_ref(), committed.as_ref().and_then(|base| base.repo.as_ref()), bump_of);
}

/// The contracts of the commit that work stands on: what it has in common with the branch that is followed, else the one
/// checked out.
fn committed(folder: &Path, below: &str) -> Option<Contracts> {
    let history = History::open(folder).ok()??;
    let head = history.head()?.to_owned();
    let commit = base::of_upstream(&history, &head).map_or(head, |base| base.commit);
    let files = history.files(&Source::Revision(commit), below).ok()?;
    Contracts::read(files).ok().filter(|contracts| contracts.repo.is_some())
}

/// How far each feature's version goes up, by its worst change. What changes nothing that is compared is a patch.
fn bumps_since(base: &Contracts, contract: &Contract) -> BTreeMap<String, Bump> {
    let mut bumps = BTreeMap::new();
    let (Ok(before), Ok(after)) = (Promises::of_files(&base.files()), Promises::of_contract(contract)) else { return bumps };
    let (was, is) = (Index::new(&before), Index::new(&after));
    for change in diff::compare(&before, &after) {
        let finding = Finding::of(change);
        let bump = if finding.level == Level::Breaking { Bump::Major } else { Bump::Minor };
        for slug in was.told(&finding).features.into_iter().chain(is.told(&finding).features) {
            let known = bumps.entry(slug).or_insert(bump);
            *known = bump.max(*known);
        }
    }
    bumps
}
