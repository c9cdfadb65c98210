//! A column's type as the document's dialect writes it, and whether a text calls only what is known.

use std::collections::{BTreeMap, BTreeSet};

use super::known;
use crate::contract::model::{Database, Dialect};

/// What the document itself defines, and what it needs.
pub struct Vocabulary {
    dialect: Dialect,
    /// Types it defines: as they are named in lower case → as they are to be written.
    types: BTreeMap<String, String>,
    /// Functions it defines, in lower case.
    functions: BTreeSet<String>,
    /// Extensions that were needed so far.
    pub extensions: BTreeSet<String>,
}

impl Vocabulary {
    /// Of a database's own definitions.
    #[must_use]
    pub fn of(database: &Database) -> Self {
        let dialect = database.dialect;
        let enums = database.enums.iter().map(|ty| (ty.schema.as_str(), ty.name.as_str()));
        let statements = database.statements.iter().map(|statement| ("", statement.name.as_str()));
        let mut types = BTreeMap::new();
        for (schema, ty) in enums.chain(statements) {
            types.insert(ty.to_lowercase(), super::names::qualified(schema, ty, dialect));
        }
        let functions = database.statements.iter().map(|statement| last_of(&statement.name).to_lowercase()).collect();
        Self { dialect, types, functions, extensions: database.extensions.iter().cloned().collect() }
    }

    /// The type as it is to be written; `None` when nobody knows it.
    pub fn type_of(&mut self, ty: &str) -> Option<String> {
        if self.dialect != Dialect::PostgreSql {
            return (!ty.is_empty()).then(|| ty.to_owned());
        }
        let (element, suffix) = split_array(ty.trim());
        let (base, args, rest) = split_args(element);
        let lower = base.to_lowercase();
        let whole = if rest.is_empty() { lower.clone() } else { format!("{lower} {}", rest.to_lowercase()) };
        // `interval day to second(3)` says its fields between the type and its precision.
        if known::is_type(&whole) || whole.starts_with("interval ") {
            return Some(format!("{element}{suffix}"));
        }
        let bare = last_of(base).replace('"', "");
        if let Some(defined) = self.types.get(&bare.to_lowercase()) {
            return Some(format!("{defined}{suffix}"));
        }
        let bare = bare.to_lowercase();
        if known::is_type(&bare) {
            return Some(format!("{bare}{args}{suffix}"));
        }
        if lower == "enum" || lower == "set" {
            return Some(format!("text{suffix}"));
        }
        if let Some(extension) = known::extension_of(&bare).filter(|_| !bare.starts_with("st_")) {
            self.extensions.insert(extension.to_owned());
            return Some(format!("{bare}{args}{suffix}"));
        }
        if lower == "tinyint" && args == "(1)" {
            return Some(format!("boolean{suffix}"));
        }
        let unsigned = lower.trim_end_matches(" unsigned");
        let base = known::translated(unsigned).or_else(|| known::is_type(unsigned).then_some(unsigned))?;
        let keeps = matches!(base, "numeric" | "character varying" | "timestamp" | "decimal" | "varchar" | "char");
        Some(format!("{base}{}{suffix}", if keeps { args } else { "" }))
    }

    /// Whether an expression calls only functions that the document or its database has; extensions it needs are noted.
    pub fn knows(&mut self, expression: &str) -> bool {
        if has_hole(expression) {
            return false;
        }
        if self.dialect != Dialect::PostgreSql {
            return true;
        }
        let mut needed = Vec::new();
        for call in calls_in(expression) {
            let word = call.to_lowercase();
            // A type of PostgreSQL's, and a function of others.
            if word == "uuid" {
                return false;
            }
            if let Some(extension) = known::extension_of(&word) {
                needed.push(extension.to_owned());
            } else if !known::is_function(&word) && !known::is_type(&word) && !self.functions.contains(&word) {
                return false;
            }
        }
        if configurations_in(expression).any(|name| !known::is_configuration(&name)) {
            return false;
        }
        let casts = casts_in(expression);
        if casts.iter().any(|ty| self.type_of(ty).is_none()) {
            return false;
        }
        self.extensions.extend(needed);
        true
    }

    /// Notes the extension behind an operator class.
    pub fn need(&mut self, options: &str) {
        for word in options.split(|c: char| !c.is_alphanumeric() && c != '_') {
            if let Some(extension) = known::extension_of(&word.to_lowercase()) {
                self.extensions.insert(extension.to_owned());
            }
        }
    }
}

/// What stands behind the last dot.
fn last_of(text: &str) -> &str {
    text.rsplit('.').next().unwrap_or(text)
}

/// `text[][]` → `text`, `[][]`; `integer ARRAY` too.
fn split_array(ty: &str) -> (&str, String) {
    let upper = ty.to_ascii_uppercase();
    if let Some(at) = upper.strip_suffix(" ARRAY").map(str::len) {
        return (ty.get(..at).unwrap_or(ty).trim(), "[]".into());
    }
    match ty.find('[') {
        Some(at) if ty.ends_with(']') => (ty[..at].trim_end(), ty[at..].to_owned()),
        _ => (ty, String::new()),
    }
}

/// `timestamp(3) with time zone` → `timestamp`, `(3)`, `with time zone`.
fn split_args(ty: &str) -> (&str, &str, &str) {
    let Some(open) = ty.find('(') else { return (ty, "", "") };
    let close = ty.rfind(')').map_or(ty.len(), |at| at + 1);
    if close <= open {
        return (ty, "", "");
    }
    (ty[..open].trim_end(), &ty[open..close], ty[close..].trim())
}

/// The expression without its text literals and quoted names.
fn without_literals(expression: &str) -> String {
    let mut out = String::with_capacity(expression.len());
    let mut quote = None;
    for c in expression.chars() {
        match quote {
            Some(open) => {
                if c == open {
                    quote = None;
                    out.push(' ');
                }
            }
            None if c == '\'' || c == '"' => quote = Some(c),
            None => out.push(c),
        }
    }
    out
}

/// Whether a part of a text is not known: `{timestamp_now}` of a statement that a program puts together.
#[must_use]
pub fn has_hole(expression: &str) -> bool {
    let text = without_literals(expression);
    text.split('{').skip(1).any(|rest| rest.split_once('}').is_some_and(|(name, _)| !name.is_empty() && !name.contains(['{', ' ', ','])))
}

/// Words that an opening parenthesis follows.
fn calls_in(expression: &str) -> Vec<String> {
    let text = without_literals(expression);
    let mut calls = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        match c {
            '(' => {
                let called = word.trim_end();
                if !called.is_empty() {
                    calls.push(called.to_owned());
                }
                word.clear();
            }
            c if c.is_alphanumeric() || c == '_' => {
                if word.ends_with(' ') {
                    word.clear();
                }
                word.push(c);
            }
            ' ' | '\n' | '\t' if !word.is_empty() && !word.ends_with(' ') => word.push(' '),
            ' ' | '\n' | '\t' => {}
            _ => word.clear(),
        }
    }
    calls
}

/// Text search configurations that an expression names: of `to_tsvector('english', title)` the word `english`.
fn configurations_in(expression: &str) -> impl Iterator<Item = String> + '_ {
    let calls = ["to_tsvector(", "to_tsquery("].into_iter().flat_map(|call| expression.split(call).skip(1));
    calls.filter_map(|rest| {
        let (name, behind) = rest.trim_start().strip_prefix('\'')?.split_once('\'')?;
        let behind = behind.trim_start().strip_prefix("::regconfig").unwrap_or(behind).trim_start();
        behind.starts_with(',').then(|| name.rsplit('.').next().unwrap_or(name).to_lowercase())
    })
}

/// Types that an expression casts to, with `::`.
fn casts_in(expression: &str) -> Vec<String> {
    let mut casts = Vec::new();
    for rest in expression.split("::").skip(1) {
        let rest = rest.trim_start();
        let end = match rest.strip_prefix('"') {
            Some(quoted) => quoted.find('"').map_or(rest.len(), |at| at + 2),
            None => rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '"')).unwrap_or(rest.len()),
        };
        // `timestamp without time zone`, `character varying`, `double precision`: the first word is enough to know.
        let word = rest.get(..end).unwrap_or_default();
        if !matches!(word.to_lowercase().as_str(), "" | "double" | "national") {
            casts.push(word.to_owned());
        }
    }
    casts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::model::database::EnumType;

    fn vocabulary() -> Vocabulary {
        let ty = EnumType { name: "Role".into(), ..EnumType::default() };
        Vocabulary::of(&Database { enums: vec![ty], ..Database::default() })
    }

    #[test]
    fn types_are_written_as_postgresql_knows_them() {
        let mut known = vocabulary();
        let mut is = |ty: &str| known.type_of(ty).unwrap_or_default();
        assert_eq!(is("character varying(255)"), "character varying(255)");
        assert_eq!(is("timestamp(3) with time zone"), "timestamp(3) with time zone");
        assert_eq!(is("Role[]"), "\"Role\"[]");
        assert_eq!(is("\"Role\""), "\"Role\"");
        assert_eq!(is("tinyint(1)"), "boolean");
        assert_eq!(is("datetime"), "timestamp");
        assert_eq!(is("int unsigned"), "int");
        assert_eq!(is("citext"), "citext");
        assert_eq!(is("strange_type"), "");
        assert!(known.extensions.contains("citext"));
    }

    #[test]
    fn expressions_are_known_or_not() {
        let mut known = vocabulary();
        assert!(known.knows("now() + interval '1 day'"));
        assert!(known.knows("'nanoid(3)'::text"));
        assert!(known.knows("uuid_generate_v4()"));
        assert!(known.knows("'ADMIN'::\"Role\""));
        assert!(known.knows("(a IN (1, 2)) AND lower(b) <> ''"));
        assert!(!known.knows("nanoid()"));
        assert!(!known.knows("{timestamp_now}"));
        assert!(known.knows("'{}'::jsonb"));
        assert!(known.extensions.contains("uuid-ossp"));
    }
}
