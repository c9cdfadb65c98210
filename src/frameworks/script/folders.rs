//! File-system routing: whether a folder is an application of a framework, and the path that a file's place says.

use crate::base::code::Expr;
use crate::facts::finding::{Findings, Method, PathSyntax, PathText, Place, Route};
use crate::facts::program::{FileId, Meaning, Program, Text};
use crate::frameworks::script::handler::Dialect;
use crate::frameworks::script::web;

/// The verbs that modules export handlers for.
pub const VERBS: &[(&str, Method)] = &[
    ("GET", Method::Get),
    ("POST", Method::Post),
    ("PUT", Method::Put),
    ("PATCH", Method::Patch),
    ("DELETE", Method::Delete),
    ("HEAD", Method::Head),
    ("OPTIONS", Method::Options),
];

/// A file of an application.
pub struct Spot<'p> {
    /// The application's directory.
    pub root: &'p str,
    /// The path below the folder of routes, without the extension.
    pub below: &'p str,
}

/// Where a file lies below one of these folders of an application that depends on one of these packages or has a configuration
/// of one of these names.
pub fn spot<'p>(program: &'p dyn Program, file: FileId, folders: &[&str], packages: &[&str], configs: &[&str]) -> Option<Spot<'p>> {
    let path = program.path(file);
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    for folder in folders {
        let needle = format!("{folder}/");
        let mut from = 0;
        while let Some(found) = path.get(from..).and_then(|rest| rest.find(&needle)) {
            let start = from + found;
            from = start + needle.len();
            if start > 0 && !path[..start].ends_with('/') {
                continue;
            }
            let root = path[..start].trim_end_matches('/');
            if is_application(program, file, root, packages, configs) {
                return Some(Spot { root, below: stem.get(from..).unwrap_or_default() });
            }
        }
    }
    None
}

fn is_application(program: &dyn Program, file: FileId, root: &str, packages: &[&str], configs: &[&str]) -> bool {
    // A small application inside the tests of another is no promise of the repository's.
    let is_sample = root.split('/').any(|part| matches!(part, "fixtures" | "__fixtures__" | "__tests__" | "node_modules" | "templates"));
    if is_sample {
        return false;
    }
    config_of(program, root, configs).is_some() || packages.iter().any(|package| program.package_with(file, package) == Some(root))
}

/// The configuration of an application.
pub fn config_of(program: &dyn Program, root: &str, configs: &[&str]) -> Option<FileId> {
    let at = |name: &str| if root.is_empty() { name.to_string() } else { format!("{root}/{name}") };
    configs
        .iter()
        .flat_map(|name| ["ts", "js", "mjs", "mts", "cjs"].into_iter().map(move |extension| format!("{name}.{extension}")))
        .find_map(|name| program.file_at(&at(&name)))
}

/// A text that a configuration's exported object says, at a path of keys.
pub fn configured(program: &dyn Program, config: FileId, keys: &[&str]) -> Option<String> {
    let module = Meaning::Module(config, crate::base::code::ScopeId(0));
    let mut meaning =
        ["default", "="].into_iter().map(|name| program.member(&module, name)).find(|found| !matches!(found, Meaning::Unknown))?;
    // `defineConfig({…})`, `withPlugin(config)`: the first object among the arguments.
    for _ in 0..4 {
        let Some((call, at)) = meaning.call().map(|(call, at)| (call, at.clone())) else { break };
        let inner = program.call(call).args.iter().map(|arg| program.produce(&at, &arg.value)).find(|inner| inner.value().is_some())?;
        meaning = inner;
    }
    let (value, at) = meaning.value()?;
    let (mut value, mut at) = (value, at.clone());
    for key in keys {
        let (_, inner, site) = program.entries(&at, value)?.into_iter().rev().find(|(name, ..)| name == key)?;
        (value, at) = (inner, site);
    }
    matches!(value, Expr::Str(_) | Expr::Ref(_) | Expr::Template(_) | Expr::Member(..) | Expr::Binary(_) | Expr::Cond(_))
        .then(|| program.text(&at, value).plain())
        .flatten()
}

/// A route that a file's place says.
pub fn route(framework: &'static str, file: FileId, path: &str, methods: &[Method], symbol: &str) -> Route {
    Route {
        framework,
        methods: methods.to_vec(),
        path: PathText::new(Text::known(path), PathSyntax::Bracket),
        place: Place { file, symbol: symbol.into(), line: 1 },
        ..Route::default()
    }
}

/// How modules of a framework export handlers.
pub struct Exports {
    /// The framework's id.
    pub framework: &'static str,
    /// Names that stand for several methods, beside one for each verb.
    pub wide: &'static [(&'static str, &'static [Method])],
    /// How handlers read.
    pub dialect: &'static Dialect,
}

impl Exports {
    /// The routes of a module at a path.
    pub fn read(&self, program: &dyn Program, file: FileId, path: &str, findings: &mut Findings) {
        let single = VERBS.iter().map(|(name, method)| (*name, std::slice::from_ref(method)));
        let mut served: Vec<Method> = Vec::new();
        for (name, methods) in single.chain(self.wide.iter().copied()) {
            if matches!(name, "OPTIONS" | "HEAD") {
                continue;
            }
            let Some(exported) = web::exported(program, file, name) else { continue };
            // What stands for several methods takes those that have none of their own.
            let left: Vec<Method> = methods.iter().copied().filter(|method| !served.contains(method)).collect();
            served.extend(&left);
            let mut route = route(self.framework, file, path, &left, name);
            web::describe(program, &exported, self.dialect, &mut route);
            findings.routes.push(route);
        }
    }
}
