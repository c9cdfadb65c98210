//! Column types as PostgreSQL prints them; those of other dialects as written.

use super::cursor::Cursor;
use super::tokens::Kind;
use crate::base::Name;
use crate::facts::database::Dialect;

/// Words that end a column's type or default: what can stand behind them in a definition.
pub const AFTER_TYPE: &[&str] = &[
    "not",
    "null",
    "default",
    "primary",
    "unique",
    "references",
    "check",
    "constraint",
    "collate",
    "generated",
    "auto_increment",
    "autoincrement",
    "identity",
    "comment",
    "on",
    "as",
    "key",
    "deferrable",
    "initially",
    "storage",
    "compression",
    "invisible",
    "visible",
    "first",
    "after",
    "using",
    "sparse",
    "rowguidcol",
    "stored",
    "virtual",
    "persisted",
    "clustered",
    "nonclustered",
    "column_format",
    "charset",
    "encode",
    "reference_system",
    "cascade",
    "restrict",
];

/// Reads a type; empty when none is said (SQLite allows that).
pub fn read_type(cursor: &mut Cursor<'_>) -> Name {
    let start = cursor.at;
    while !cursor.is_end() && !cursor.is_symbol(b',') && !cursor.is_symbol(b')') && !cursor.is_symbol(b'=') {
        let is_character_set = cursor.at > start && (cursor.is("character") && cursor.is_at(1, "set"));
        if is_character_set || (cursor.kind() == Some(Kind::Word) && cursor.is_any(AFTER_TYPE)) {
            break;
        }
        if cursor.is_symbol(b'(') {
            if cursor.group().is_none() {
                break;
            }
        } else {
            cursor.at += 1;
        }
    }
    let text = cursor.text(start..cursor.at);
    if cursor.eat("charset") || cursor.eat_all(&["character", "set"]) {
        cursor.at += usize::from(cursor.is_symbol(b'='));
        cursor.at += 1;
    }
    match cursor.dialect() {
        None | Some(Dialect::Postgres) => printed(&text),
        Some(Dialect::SqlServer) => text.replace(['[', ']'], "").into(),
        Some(_) => text,
    }
}

/// A type as PostgreSQL prints it.
#[must_use]
pub fn printed(text: &str) -> Name {
    let text = text.trim();
    if let Some(element) = text.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')).map(|(element, _)| element) {
        return format!("{}[]", printed(element)).into();
    }
    let lower = text.to_ascii_lowercase();
    if let Some(element) = lower.strip_suffix(" array") {
        return format!("{}[]", printed(&text[..element.len()])).into();
    }
    if text.contains('"') {
        return unquoted_type(text);
    }
    if matches!(lower.split('(').next().map(str::trim), Some("enum" | "set")) {
        // Labels keep their case.
        return text.into();
    }
    let text = lower.strip_prefix("public.").or_else(|| lower.strip_prefix("pg_catalog.")).unwrap_or(&lower);
    let (head, args, tail) = parts_of(text);
    let args = args.map(|args| args.chars().filter(|c| !c.is_whitespace()).collect::<String>());
    base(&head, args.as_deref(), &tail)
}

/// A type with quotes: dropped where the name needs none.
fn unquoted_type(text: &str) -> Name {
    let text = text.strip_prefix("public.").or_else(|| text.strip_prefix("\"public\".")).unwrap_or(text);
    let parts: Vec<&str> = text.split('.').collect();
    let plain = |part: &str| {
        let inner = part.trim_matches('"');
        let is_plain = inner.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            && inner.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
        if part.starts_with('"') && is_plain { inner.to_owned() } else { part.to_owned() }
    };
    parts.iter().map(|part| plain(part)).collect::<Vec<_>>().join(".").into()
}

/// `timestamp(3) with time zone` as its name, arguments and what stands behind them.
fn parts_of(text: &str) -> (String, Option<&str>, String) {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.split_once('(') {
        Some((head, rest)) => match rest.rsplit_once(')') {
            Some((args, tail)) => (words(head), Some(args), words(tail)),
            None => (words(head), None, String::new()),
        },
        None => {
            let all = words(text);
            for zone in [" with time zone", " without time zone"] {
                if let Some(head) = all.strip_suffix(zone) {
                    return (head.to_owned(), None, zone.trim_start().to_owned());
                }
            }
            (all, None, String::new())
        }
    }
}

fn base(head: &str, args: Option<&str>, tail: &str) -> Name {
    let with = |name: &str| match args {
        Some(args) => Name::from(format!("{name}({args})")),
        None => Name::from(name),
    };
    let with_zone = |name: &str, zone: &str| Name::from(format!("{} {zone}", with(name)));
    match head {
        "int" | "int4" | "integer" | "signed" => "integer".into(),
        "int8" | "bigint" => "bigint".into(),
        "int2" | "smallint" => "smallint".into(),
        "serial" | "serial4" => "serial".into(),
        "bigserial" | "serial8" => "bigserial".into(),
        "smallserial" | "serial2" => "smallserial".into(),
        "bool" | "boolean" => "boolean".into(),
        "varchar" | "character varying" | "char varying" => with("character varying"),
        "char" | "character" => Name::from(format!("character({})", args.unwrap_or("1"))),
        "decimal" | "numeric" | "dec" => with("numeric"),
        "float8" | "double" | "double precision" => "double precision".into(),
        "float4" | "real" => "real".into(),
        "float" => match args.and_then(|args| args.parse::<u32>().ok()) {
            Some(1..=24) => "real".into(),
            _ => "double precision".into(),
        },
        "timestamptz" => with_zone("timestamp", "with time zone"),
        "timetz" => with_zone("time", "with time zone"),
        "timestamp" | "time" if tail.starts_with("with time zone") => with_zone(head, "with time zone"),
        "timestamp" | "time" => with_zone(head, "without time zone"),
        "varbit" => with("bit varying"),
        _ if tail.is_empty() => with(head),
        _ => Name::from(format!("{} {tail}", with(head))),
    }
}
