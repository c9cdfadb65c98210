//! What a file of SQL is by its folder and name: a migration of some tool and its place in the order, a schema, or neither.
//!
//! The rules are the tools' own (sqlx, Diesel, refinery, Flyway, dbmate, goose, golang-migrate, Prisma, Drizzle, Supabase, …); what
//! changes a schema and follows none of them is a schema file.

use crate::base::Name;

/// What a file of SQL is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// A migration.
    Migration(Placing),
    /// A schema, in this folder.
    Schema(Name),
    /// No part of the schema: seeds, tests, the way down.
    Aside,
}

/// A migration's place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placing {
    /// The folder that holds the sequence.
    pub sequence: Name,
    /// Its name in the tool.
    pub id: Name,
    /// Sorts first; repeatable migrations come last.
    pub number: Option<u128>,
    /// Sorts next.
    pub position: Name,
    /// `U1__x.sql`: Flyway's way back of `V1__`, refinery's way on where there is no `V1__`.
    pub may_undo: bool,
}

/// Folders that hold no schema.
const ASIDE_FOLDERS: &[&str] = &[
    "test",
    "tests",
    "__tests__",
    "testdata",
    "test_data",
    "test-data",
    "fixtures",
    "fixture",
    "seeds",
    "seed",
    "seeders",
    "seeding",
    "e2e",
    "mocks",
    "benchmarks",
    "bench",
    "down",
    "rollback",
    "rollbacks",
    "undo",
    "node_modules",
    "vendor",
    "examples",
    "samples",
    "snapshots",
    "sample_data",
    "demo_data",
    "backup",
    "backups",
];

/// Words in a file's name that say the same.
const ASIDE_WORDS: &[&str] =
    &["seed", "seeds", "seeder", "fixture", "fixtures", "rollback", "undo", "revert", "teardown", "cleanup", "testdata"];

/// Tells what the file at a path is.
#[must_use]
pub fn role_of(path: &str) -> Role {
    let lower = path.to_ascii_lowercase();
    let mut folders: Vec<&str> = path.split('/').collect();
    let file = folders.pop().unwrap_or_default();
    let lower_file = lower.rsplit('/').next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let is_aside_folder = lower.split('/').rev().skip(1).any(|folder| ASIDE_FOLDERS.contains(&folder));
    if is_aside_folder || is_aside_name(lower_file) {
        return Role::Aside;
    }
    let folder = folders.join("/");
    let parent = folders.last().copied().unwrap_or_default();
    let is_single = matches!(lower_file, "up.sql" | "migration.sql" | "upgrade.sql");
    if is_single && parent.starts_with(|c: char| c.is_ascii_digit()) {
        // Diesel and Prisma: a folder for each migration.
        let sequence = folders[..folders.len() - 1].join("/");
        return Role::Migration(placed(sequence, parent));
    }
    if let Some(placing) = versioned(&folder, stem) {
        return Role::Migration(placing);
    }
    let stem = stem.strip_suffix(".up").or_else(|| stem.strip_suffix("_up")).unwrap_or(stem);
    if is_numbered(stem) {
        return Role::Migration(placed(sequence_of(&folders), stem));
    }
    if folders.iter().any(|folder| is_migrations(folder)) && !is_schema_name(&lower) {
        return Role::Migration(placed(sequence_of(&folders), stem));
    }
    Role::Schema(folder.into())
}

fn is_aside_name(file: &str) -> bool {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let is_down = stem == "down" || stem == "downgrade" || stem.ends_with(".down") || stem.ends_with("_down") || stem.ends_with("-down");
    let words: Vec<&str> = stem.split(['.', '_', '-']).collect();
    let is_test = words.first() == Some(&"test") || words.last().is_some_and(|word| matches!(*word, "test" | "tests" | "spec"));
    let is_numbered = stem.starts_with(|c: char| c.is_ascii_digit()) || stem.starts_with('v');
    // A numbered migration may put rows in and change the schema too.
    is_down || is_test || (!is_numbered && words.iter().any(|word| ASIDE_WORDS.contains(word)))
}

fn is_schema_name(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    matches!(file, "schema.sql" | "structure.sql" | "dump.sql" | "db.sql" | "database.sql")
}

fn is_migrations(folder: &str) -> bool {
    let lower = folder.to_ascii_lowercase();
    lower.contains("migration") || matches!(lower.as_str(), "migrate" | "migrates" | "drizzle" | "changelog" | "changesets")
}

/// `001_x`, `2024-01-02_x`, `20240102030405`.
fn is_numbered(stem: &str) -> bool {
    let digits = stem.chars().take_while(char::is_ascii_digit).count();
    let rest = &stem[digits..];
    digits > 0 && (rest.is_empty() || rest.starts_with(['_', '-', '.', ' ']) || digits >= 3)
}

/// The folder of a sequence: folders below it that only number or date (`2024`, `v1`) belong to it.
fn sequence_of(folders: &[&str]) -> String {
    let mut end = folders.len();
    while end > 1 && is_counting(folders[end - 1]) {
        end -= 1;
    }
    folders[..end].join("/")
}

fn is_counting(folder: &str) -> bool {
    let rest = folder.strip_prefix(['v', 'V']).unwrap_or(folder);
    !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '_'))
}

/// A migration whose order its name begins with.
fn placed(sequence: String, name: &str) -> Placing {
    let head: String = name.chars().take_while(|c| c.is_ascii_digit() || *c == '-').collect();
    let is_date = head.split('-').next().is_some_and(|year| year.len() == 4) && head.matches('-').count() >= 2;
    // Dashes of a date say nothing: `2017-09-23-182408` comes after `20170309122510`.
    let digits: String = if is_date { head.chars().filter(char::is_ascii_digit).collect() } else { leading_digits(&head) };
    let number = digits.parse().ok();
    Placing { sequence: sequence.into(), id: name.into(), number, position: name.into(), may_undo: false }
}

fn leading_digits(text: &str) -> String {
    text.chars().take_while(char::is_ascii_digit).take(30).collect()
}

/// `V1_2__name`, `R__name`, `B1__name`, `U1__name`.
fn versioned(folder: &str, stem: &str) -> Option<Placing> {
    let (head, _) = stem.split_once("__")?;
    let mut chars = head.chars();
    let kind = chars.next()?;
    let version = chars.as_str();
    let placing =
        |number, may_undo| Placing { sequence: folder.into(), id: stem.into(), number: Some(number), position: stem.into(), may_undo };
    match kind {
        'R' | 'r' if version.is_empty() => Some(placing(u128::MAX, false)),
        'V' | 'v' | 'B' | 'b' | 'U' | 'u' => Some(placing(packed(version)?, matches!(kind, 'U' | 'u'))),
        _ => None,
    }
}

/// A version with points as one number.
fn packed(version: &str) -> Option<u128> {
    let mut number = 0u128;
    let mut parts = version.split(['.', '_']);
    for bits in [64u32, 24, 20, 20] {
        let part: u128 = match parts.next() {
            Some(part) => part.parse().ok()?,
            None => 0,
        };
        number = (number << bits) | part.min((1u128 << bits) - 1);
    }
    Some(number)
}
