//! What code takes from around it: environment variables, services of others, hosts that it sends requests to.
//!
//! Each language says how a variable is read; what is done with a read is the same for all. Tests are passed over.

pub mod hosts;
pub mod schemas;
pub mod services;
pub mod walk;

use std::collections::BTreeMap;

use crate::base::code::{At, CallId, Expr, ScopeId};
use crate::facts::finding::Findings;
use crate::facts::infrastructure::{EnvAccess, EnvUse, Section, Spot, Thing};
use crate::facts::program::{Entered, FileId, Program, Site};
use crate::frameworks::script::tables::found::symbol_at;
use walk::Use;

/// What systems and shells set by themselves: nobody has to.
const GIVEN: &[&str] = &[
    "HOME",
    "PATH",
    "USER",
    "USERNAME",
    "USERPROFILE",
    "HOMEDRIVE",
    "HOMEPATH",
    "APPDATA",
    "LOCALAPPDATA",
    "SHELL",
    "PWD",
    "TMPDIR",
    "TEMP",
    "TMP",
    "LANG",
    "TERM",
    "HOSTNAME",
    "CI",
];

/// One file that is read, and what is found in it.
pub struct Reader<'p, 'f> {
    /// All files.
    pub program: &'p dyn Program,
    /// The file.
    pub file: FileId,
    /// What was found.
    pub findings: &'f mut Findings,
    /// What is done with the values of calls, where that says something.
    pub uses: BTreeMap<CallId, Use<'p>>,
}

impl<'p, 'f> Reader<'p, 'f> {
    /// A reader of a file; `None` of one that only runs in tests.
    pub fn new(program: &'p dyn Program, file: FileId, findings: &'f mut Findings) -> Option<Self> {
        (!is_test(program.path(file))).then(|| Self { program, file, findings, uses: BTreeMap::new() })
    }

    /// Where something stands.
    #[must_use]
    pub fn spot(&self, scope: ScopeId, at: At) -> Spot {
        Spot::new(self.program.path(self.file), symbol_at(self.program, self.file, scope).as_str(), at.line)
    }

    /// A read of a variable.
    pub fn read(&mut self, name: &str, access: EnvAccess, spot: Spot) {
        self.read_as(name, Vec::new(), access, spot);
    }

    /// A read of a variable that goes by several names.
    pub fn read_as(&mut self, name: &str, aliases: Vec<String>, access: EnvAccess, spot: Spot) {
        if is_variable(name) {
            let is_given = GIVEN.contains(&name) && matches!(access, EnvAccess::Read | EnvAccess::Required);
            let access = if is_given { EnvAccess::Optional(None) } else { access };
            self.findings.infrastructure.env.push(EnvUse { name: name.to_owned(), aliases, access, spot, ..EnvUse::default() });
        }
    }

    /// A read whose name is an expression: a text, or a parameter that the callers of a function give.
    pub fn read_expr(&mut self, site: &Site, name: &Expr, at: At, access: &dyn Fn(&dyn Program, &Site) -> EnvAccess) {
        if let Some(name) = name.as_str() {
            let access = access(self.program, site);
            return self.read(name, access, self.spot(site.scope, at));
        }
        if !matches!(name, Expr::Ref(_) | Expr::Member(..) | Expr::Template(_)) {
            return;
        }
        let sites = self.program.instances(site, &[name]);
        for one in sites.iter().take(256) {
            let Some(name) = self.program.text(one, name).plain() else { continue };
            let access = self.by_helpers(one, access(self.program, one));
            self.read(&name, access, self.spot(site.scope, at));
        }
    }

    /// Functions between a read and what asks for it say by their names whether the variable must be there.
    fn by_helpers(&self, site: &Site, access: EnvAccess) -> EnvAccess {
        let mut next = site.env.as_ref();
        for _ in 0..16 {
            let Some(frame) = next else { break };
            if let Entered::Call { function, .. } = &frame.entered {
                let name = self.program.function(*function).name.to_ascii_lowercase();
                let is_asked = ["require", "mandatory", "must", "orthrow", "or_throw", "or_panic"].iter().any(|word| name.contains(word));
                if is_asked && !matches!(access, EnvAccess::Optional(Some(_))) {
                    return EnvAccess::Required;
                }
            }
            next = frame.outer.as_ref();
        }
        access
    }

    /// Something that needs no more than a name.
    pub fn thing(&mut self, section: Section, name: &str, aliases: Vec<String>, spot: Spot) {
        let thing = Thing { aliases, is_implied: true, ..Thing::new(section, name, "", spot) };
        self.findings.infrastructure.things.push(thing);
    }
}

/// What a read comes to that is used like this, when nothing else says so.
#[must_use]
pub fn access_of(program: &dyn Program, site: &Site, of: Use) -> EnvAccess {
    match of {
        Use::Plain => EnvAccess::Read,
        Use::Missing(at) if walk::fails(&program.file(site.file).outline, at) => EnvAccess::Required,
        Use::Tested | Use::Holds(_) | Use::Missing(_) => EnvAccess::Optional(None),
        Use::Else(other) => match literal(program, site, other) {
            Some(text) => EnvAccess::Optional(Some(text)),
            None if is_raising(program, site) => EnvAccess::Required,
            None => EnvAccess::Optional(None),
        },
    }
}

/// Whether the function around a place raises something.
#[must_use]
pub fn is_raising(program: &dyn Program, site: &Site) -> bool {
    let outline = &program.file(site.file).outline;
    let Some(id) = outline.function_around(site.scope) else { return false };
    outline.returns.iter().any(|one| one.function == id && one.is_raise)
}

/// A value as people would write it into the environment, when it is known.
#[must_use]
pub fn literal(program: &dyn Program, site: &Site, expr: &Expr) -> Option<String> {
    match expr {
        Expr::Str(text) | Expr::Float(text) => Some(text.to_string()),
        Expr::Int(value) => Some(value.to_string()),
        Expr::Bool(value) => Some(value.to_string()),
        Expr::Cast(inner) => literal(program, site, &inner.0),
        Expr::Ref(_) | Expr::Member(..) => {
            let meaning = program.resolve(site, expr);
            match meaning.value() {
                Some((Expr::Int(value), _)) => Some(value.to_string()),
                Some((Expr::Bool(value), _)) => Some(value.to_string()),
                Some((Expr::Float(text), _)) => Some(text.to_string()),
                Some((Expr::Null, _)) => None,
                _ => program.text(site, expr).plain(),
            }
        }
        Expr::Template(_) | Expr::Call(_) => program.text(site, expr).plain(),
        _ => None,
    }
}

/// Whether a text can be the name of an environment variable.
#[must_use]
pub fn is_variable(name: &str) -> bool {
    name.len() > 1
        && name.len() < 128
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether a text is written as the names of variables mostly are: `DATABASE_URL`.
#[must_use]
pub fn is_screaming(name: &str) -> bool {
    is_variable(name) && name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.contains(|c: char| c.is_ascii_lowercase())
}

/// Whether a file only runs in tests, or only shows something.
#[must_use]
pub fn is_test(path: &str) -> bool {
    let mut folders: Vec<&str> = path.split('/').collect();
    let name = folders.pop().unwrap_or_default();
    let is_test_folder = |folder: &&str| {
        matches!(
            *folder,
            "test" | "tests" | "__tests__" | "testing" | "e2e" | "spec" | "specs" | "__mocks__" | "mocks" | "benches" | "cypress"
        )
    };
    let stem = name.split('.').next().unwrap_or(name);
    folders.iter().any(is_test_folder)
        || name.contains(".test.")
        || name.contains(".spec.")
        || name.contains(".stories.")
        || name.contains(".mock.")
        || name.contains(".mocks.")
        || stem == "conftest"
        || stem == "tests"
        || stem.starts_with("test_")
        || stem.ends_with("_test")
}
