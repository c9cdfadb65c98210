//! Prisma schemas: the tables that Prisma makes of them.
//!
//! A schema may be spread over the files of a folder; models of one file may refer to those of another.

mod syntax;
mod tables;
mod types;

use std::collections::BTreeMap;

use crate::facts::database::Dialect;
use crate::facts::document::SchemaDocument;
use syntax::{Block, attribute};

/// One file of a schema.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// Path from the repository's root.
    path: String,
    blocks: Vec<Block>,
}

/// Reads one file.
#[must_use]
pub fn read(path: &str, bytes: &[u8]) -> Source {
    let text = String::from_utf8_lossy(bytes);
    Source { path: path.to_owned(), blocks: syntax::blocks(text.trim_start_matches('\u{feff}')) }
}

/// The schemas of all files: files belong together that lie in or below the folder of a `datasource`, else in one folder.
#[must_use]
pub fn join(sources: Vec<Source>) -> Vec<SchemaDocument> {
    let folder_of = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let has_datasource = |source: &&Source| source.blocks.iter().any(|block| block.keyword == "datasource");
    let homes: Vec<String> = sources.iter().filter(has_datasource).map(|source| folder_of(&source.path)).collect();
    let mut schemas: BTreeMap<(String, String), Vec<Source>> = BTreeMap::new();
    for source in sources {
        let folder = folder_of(&source.path);
        let is_around = |home: &&String| home.is_empty() || folder == **home || folder.starts_with(&format!("{home}/"));
        let has_own = source.blocks.iter().any(|block| block.keyword == "datasource");
        let home = homes.iter().filter(is_around).max_by_key(|home| home.len()).cloned().unwrap_or(folder);
        // Two whole schemas may lie side by side: `schema.prisma`, `schema.sqlite.prisma`.
        let several = homes.iter().filter(|other| **other == home).count() > 1;
        let apart = if several && has_own { source.path.clone() } else { String::new() };
        schemas.entry((home, apart)).or_default().push(source);
    }
    schemas.into_values().filter_map(|files| schema_of(&files)).collect()
}

fn schema_of(files: &[Source]) -> Option<SchemaDocument> {
    let blocks: Vec<(&str, &Block)> = files.iter().flat_map(|file| file.blocks.iter().map(|block| (file.path.as_str(), block))).collect();
    let datasource = blocks.iter().find(|(_, block)| block.keyword == "datasource");
    let setting = |name: &str| {
        let member = datasource.and_then(|(_, block)| block.members.iter().find(|member| member.name == name));
        member.and_then(|member| member.value.as_ref()).and_then(syntax::Value::text)
    };
    let dialect = setting("provider").and_then(dialect_of);
    let has_keys = setting("relationMode") != Some("prisma") && setting("referentialIntegrity") != Some("prisma");
    let file = datasource.or(blocks.first()).map(|(path, _)| (*path).to_owned())?;
    let made = tables::of(&blocks, dialect.unwrap_or_default(), has_keys);
    let schema = SchemaDocument { file, format: "document/prisma", dialect, tables: made.tables, enums: made.enums };
    (!schema.tables.is_empty()).then_some(schema)
}

fn dialect_of(provider: &str) -> Option<Dialect> {
    Some(match provider {
        "postgresql" | "postgres" | "cockroachdb" => Dialect::Postgres,
        "mysql" => Dialect::MySql,
        "sqlite" => Dialect::Sqlite,
        "sqlserver" => Dialect::SqlServer,
        "mongodb" => Dialect::Mongo,
        _ => return None,
    })
}

/// The name in the database: `@map`, `@@map`.
fn mapped<'a>(attributes: &'a [syntax::Attribute], name: &'a str) -> &'a str {
    attribute(attributes, "map").and_then(|map| map.argument("name", true)).and_then(syntax::Value::text).unwrap_or(name)
}
