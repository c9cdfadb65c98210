//! Files of environment variables: `.env.example` and its like.

use crate::base::Name;

/// The names that a file gives values to. The values are never kept: they may be secrets. Comments are passed over.
#[must_use]
pub fn read(text: &str) -> Vec<Name> {
    text.lines().filter_map(name_of).collect()
}

fn name_of(line: &str) -> Option<Name> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let name = line.split_once('=')?.0.trim_end();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    is_name.then(|| name.into())
}
