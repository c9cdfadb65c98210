//! What settings modules say: `ROOT_URLCONF`, `REST_FRAMEWORK`.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::Name;
use crate::base::code::{Expr, Pattern, ScopeId};
use crate::base::language::Language;
use crate::facts::program::{FileId, Meaning, Program, Site};
use crate::frameworks::python::literals::texts;

/// Every value that a module of the program gives to a setting, in order of files.
#[must_use]
pub fn values<'p>(program: &'p dyn Program, name: &str) -> Vec<(&'p Expr, Site)> {
    let given = Given::of(program);
    let value = |(file, index): &(FileId, u32)| {
        let assign = &program.file(*file).outline.assigns[*index as usize];
        (&assign.value, Site { file: *file, scope: assign.scope, offset: assign.at.offset, env: None })
    };
    given.0.get(name).into_iter().flatten().map(value).collect()
}

/// The assignments to names in capitals at the top of modules, by name, in order of files.
struct Given(HashMap<Name, Vec<(FileId, u32)>>);

impl Given {
    fn of(program: &dyn Program) -> Arc<Self> {
        program.answers().once(|| {
            let mut given: HashMap<Name, Vec<(FileId, u32)>> = HashMap::new();
            for file in (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language == Language::Python) {
                for (index, assign) in (0u32..).zip(&program.file(file).outline.assigns) {
                    if let Pattern::Name(name) = &assign.target
                        && assign.scope == ScopeId(0)
                        && !matches!(assign.value, Expr::Hole)
                        && !name.contains(char::is_lowercase)
                    {
                        given.entry(name.clone()).or_default().push((file, index));
                    }
                }
            }
            Self(given)
        })
    }
}

/// The files that settings name as the root of all URLs. Tests have settings of their own.
#[must_use]
pub fn root_urlconfs(program: &dyn Program) -> Vec<FileId> {
    let mut found = Vec::new();
    for (value, at) in values(program, "ROOT_URLCONF") {
        if let Some(path) = program.text(&at, value).plain()
            && let Meaning::Module(file, _) = program.named(at.file, &path)
        {
            found.push(file);
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Whether a file is a test's.
#[must_use]
pub fn is_test(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "test" | "testing") || part.starts_with("test_"))
}

/// A member of the setting `REST_FRAMEWORK`, given in a dict or put into it later. The last one counts.
#[must_use]
pub fn rest<'p>(program: &'p dyn Program, key: &str) -> Option<(&'p Expr, Site)> {
    let mut found = None;
    for (value, at) in values(program, "REST_FRAMEWORK") {
        if is_test(program.path(at.file)) {
            continue;
        }
        for (name, expr, site) in program.entries(&at, value).unwrap_or_default() {
            if name == key {
                found = Some((expr, site));
            }
        }
        // `REST_FRAMEWORK["PAGE_SIZE"] = 100`
        for assign in &program.file(at.file).outline.assigns {
            if let Pattern::Place(Expr::Index(place)) = &assign.target
                && matches!(&place.0, Expr::Ref(name) if name == "REST_FRAMEWORK")
                && place.1.as_str() == Some(key)
            {
                found = Some((&assign.value, Site { file: at.file, scope: assign.scope, offset: assign.at.offset, env: None }));
            }
        }
    }
    found
}

/// Whether Django REST framework makes a document of itself.
#[must_use]
pub fn has_document(program: &dyn Program) -> bool {
    rest(program, "DEFAULT_SCHEMA_CLASS").is_some()
        || ["SPECTACULAR_SETTINGS", "SWAGGER_SETTINGS"].iter().any(|name| !values(program, name).is_empty())
}

/// The version that paths name, when there is one only: `ALLOWED_VERSIONS = ["1"]`, or as the document's prefix tells: `/api/v1`.
#[must_use]
pub fn version(program: &dyn Program) -> Option<String> {
    if let Some((value, at)) = rest(program, "ALLOWED_VERSIONS") {
        return match texts(program, &at, value).as_slice() {
            [one] => Some(one.to_string()),
            _ => None,
        };
    }
    let prefixes = values(program, "SPECTACULAR_SETTINGS").into_iter().filter_map(|(value, at)| {
        let entries = program.entries(&at, value)?;
        let (_, prefix, at) = entries.into_iter().find(|(name, ..)| name == "SCHEMA_PATH_PREFIX")?;
        program.text(&at, prefix).plain()
    });
    let versions = prefixes.filter_map(|prefix| {
        let last = prefix.trim_end_matches('/').rsplit('/').next()?.to_owned();
        let version = last.strip_prefix('v').unwrap_or(&last).to_owned();
        (!version.is_empty() && version.chars().all(|c| c.is_ascii_digit() || c == '.')).then_some(version)
    });
    let mut versions: Vec<String> = versions.collect();
    versions.dedup();
    if versions.len() == 1 { versions.pop() } else { None }
}

/// Whether names are in camel case on the wire: a renderer of djangorestframework-camel-case, or its hook of the document.
#[must_use]
pub fn is_camel(program: &dyn Program) -> bool {
    ["REST_FRAMEWORK", "SPECTACULAR_SETTINGS"].iter().any(|name| {
        values(program, name).iter().any(|(value, at)| !is_test(program.path(at.file)) && holds(value, "djangorestframework_camel_case", 0))
    })
}

fn holds(expr: &Expr, text: &str, depth: u32) -> bool {
    if depth > 8 {
        return false;
    }
    match expr {
        Expr::Str(found) => found.contains(text),
        Expr::List(items) => items.iter().any(|item| holds(item, text, depth + 1)),
        Expr::Object(entries) => entries.iter().any(|entry| holds(&entry.value, text, depth + 1)),
        Expr::Binary(binary) => holds(&binary.left, text, depth + 1) || holds(&binary.right, text, depth + 1),
        _ => false,
    }
}
