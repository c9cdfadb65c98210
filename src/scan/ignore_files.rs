//! Our own ignore files (`.contract-agentignore`, `.ignore`) for paths that no walk has met: tracked files that git's rules
//! ignore, and the files of the index or a revision.

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::BTreeMap;

/// Names of our ignore files, the stronger first.
pub(super) const NAMES: [&str; 2] = [".contract-agentignore", ".ignore"];

/// The rules of all ignore files, by the folder they lie in (from the repository's top, empty at the top).
#[derive(Default)]
pub(super) struct IgnoreFiles {
    by_name: [BTreeMap<String, Gitignore>; 2],
}

impl IgnoreFiles {
    /// Adds the file at `path`, when its name is one of ours.
    pub fn add(&mut self, path: &str, bytes: &[u8]) {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Some(strength) = NAMES.iter().position(|ours| *ours == name) else { return };
        let mut builder = GitignoreBuilder::new("");
        for line in String::from_utf8_lossy(bytes).lines() {
            // A line that is no glob names nothing.
            let _ = builder.add_line(None, line);
        }
        if let Ok(rules) = builder.build() {
            self.by_name[strength].insert(folder.to_owned(), rules);
        }
    }

    /// Whether the file at `path`, or a folder above it, is ignored.
    pub fn has(&self, path: &str) -> bool {
        if self.by_name.iter().all(BTreeMap::is_empty) {
            return false;
        }
        let folders = memchr::memchr_iter(b'/', path.as_bytes()).map(|at| (&path[..at], true));
        folders.chain([(path, false)]).any(|(path, is_folder)| self.ignores(path, is_folder))
    }

    fn ignores(&self, path: &str, is_folder: bool) -> bool {
        for by_folder in &self.by_name {
            let mut below = path;
            while let Some((above, _)) = below.rsplit_once('/').or(if below.is_empty() { None } else { Some(("", "")) }) {
                let relative = path.strip_prefix(above).unwrap_or(path).trim_start_matches('/');
                let matched = by_folder.get(above).map(|rules| rules.matched(relative, is_folder));
                match matched {
                    Some(matched) if matched.is_ignore() => return true,
                    Some(matched) if matched.is_whitelist() => return false,
                    _ => below = above,
                }
            }
        }
        false
    }
}

/// Whether a file of this name is one of ours.
pub(super) fn is_ours(name: &str) -> bool {
    NAMES.contains(&name)
}
