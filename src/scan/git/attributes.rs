//! Whether git changes a file's bytes between repository and work tree, so that a blob id does not name the bytes on disk.
//!
//! Errs on the side of "yes": then the bytes are hashed instead.

use super::Config;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::path::{Path, PathBuf};

/// The name of git's attribute files.
pub(in crate::scan) const ATTRIBUTES: &str = ".gitattributes";

/// Which files a filter, an encoding or a line-end conversion may touch.
pub(in crate::scan) struct Filtered {
    all: bool,
    sets: Vec<Gitignore>,
}

impl Filtered {
    /// From the settings and the attribute files that hold for the repository whose work tree begins at `top`.
    /// `tracked` are the `.gitattributes` below it.
    pub fn new(top: &Path, git_dir: &Path, config: &Config, tracked: &[PathBuf]) -> Self {
        let mut filtered = Self { all: config.converts_line_ends, sets: Vec::new() };
        if filtered.all {
            return filtered;
        }
        let common = std::fs::read_to_string(git_dir.join("commondir"))
            .map_or_else(|_| git_dir.to_owned(), |common| git_dir.join(common.trim_end_matches(['\n', '\r'])));
        let home =
            || std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| std::env::home_dir().map(|home| home.join(".config")));
        let personal = config.attributes_file.clone().or_else(|| home().map(|config| config.join("git/attributes")));
        let everywhere = personal.into_iter().chain([common.join("info/attributes"), PathBuf::from("/etc/gitattributes")]);
        for (folder, file) in everywhere.map(|file| (top, file)).collect::<Vec<_>>() {
            filtered.add(folder, &file);
        }
        for file in tracked {
            filtered.add(file.parent().unwrap_or(top), file);
        }
        filtered
    }

    fn add(&mut self, folder: &Path, file: &Path) {
        let bytes = match std::fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(_) => return self.all = true,
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut builder = GitignoreBuilder::new(folder);
        for line in text.lines().map(str::trim).filter(|line| changes_bytes(line)) {
            // A macro, and a quoted pattern, may mean any file.
            let (pattern, _) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            self.all |= pattern.starts_with('[') || pattern.starts_with('"') || builder.add_line(None, pattern).is_err();
        }
        match builder.build() {
            Ok(set) if set.is_empty() => {}
            Ok(set) => self.sets.push(set),
            Err(_) => self.all = true,
        }
    }

    /// Whether the bytes of the file at this absolute path may differ from its blob's.
    pub fn has(&self, path: &Path) -> bool {
        // A pattern without a slash is matched at any depth, and only below its own attribute file.
        self.all || self.sets.iter().any(|set| path.starts_with(set.path()) && set.matched(path, false).is_ignore())
    }
}

/// Whether an attribute line says anything that may change bytes.
fn changes_bytes(line: &str) -> bool {
    if line.is_empty() || line.starts_with('#') {
        return false;
    }
    line.split_ascii_whitespace().skip(1).any(|attribute| {
        let name = attribute.split('=').next().unwrap_or(attribute);
        matches!(name, "text" | "eol" | "crlf" | "filter" | "ident" | "working-tree-encoding")
    })
}
