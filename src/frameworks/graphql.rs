//! What code-first GraphQL libraries of all languages share: places, literals as GraphQL writes them, names in camel case.

use serde_json::Value;

use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::document::Spot;
use crate::facts::program::{FileId, FuncRef, Meaning, Program, Site};

/// A place in a file of code.
#[must_use]
pub fn spot(program: &dyn Program, file: FileId, symbol: &str, line: u32) -> Spot {
    Spot { file: program.path(file).to_owned(), symbol: symbol.into(), line }
}

/// Where a function stands, told as a member of a class.
#[must_use]
pub fn spot_of(program: &dyn Program, owner: &str, function: FuncRef) -> Spot {
    let declared = program.function(function);
    let symbol = if owner.is_empty() { declared.name.to_string() } else { format!("{owner}.{}", declared.name) };
    spot(program, function.file, &symbol, declared.at.line)
}

/// Whether a file imports one of these libraries, or a part of one.
#[must_use]
pub fn imports(program: &dyn Program, file: FileId, libraries: &[&str]) -> bool {
    let is_of = |module: &str| {
        libraries
            .iter()
            .any(|library| module.strip_prefix(library).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/', ':'])))
    };
    program.file(file).outline.imports.iter().any(|import| is_of(&import.module) || is_of(&format!("{}::{}", import.module, import.local)))
}

/// A value as GraphQL writes it.
#[must_use]
pub fn literal_text(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(literal_text).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members: Vec<String> = members.iter().map(|(key, value)| format!("{key}: {}", literal_text(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
        other => other.to_string(),
    }
}

/// The member of an enum that an expression names: `Status.ACTIVE`.
#[must_use]
pub fn enum_member(program: &dyn Program, site: &Site, expr: &Expr) -> Option<Name> {
    let Expr::Member(base, name) = expr else { return None };
    matches!(program.resolve(site, base), Meaning::Class(_)).then(|| name.clone())
}

/// `first_name` as Strawberry and Graphene write it: the first word stays, of all others only the first letter is a capital.
#[must_use]
pub fn camel_of_snake(name: &str) -> String {
    let mut words = name.split('_');
    let mut out = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut chars = word.chars();
        match chars.next() {
            Some(first) => {
                out.extend(first.to_uppercase());
                out.push_str(&chars.as_str().to_lowercase());
            }
            None => out.push('_'),
        }
    }
    out
}
