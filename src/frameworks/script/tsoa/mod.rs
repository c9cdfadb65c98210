//! tsoa: controllers whose types are the document; `RegisterRoutes(app)` hangs them on an application.
//!
//! - [`inputs`]: what a method's parameters take.
//! - [`outputs`]: what comes back.
//!
//! Read from tsoa 5 and 6 (`tsoa-community.github.io/docs`). `tsoa.json` is not read: its base path and its security definitions
//! are not known here.

mod inputs;
mod outputs;

use crate::base::Name;
use crate::base::code::{ClassId, Imported};
use crate::base::language::Language;
use crate::facts::finding::{
    Findings, Method, Mount, Owner, OwnerKey, PathSyntax, PathText, Place, Route, SchemeKind, SchemeUse, Security, Traits,
};
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{ClassRef, FileId, FuncRef, Meaning, Program, Site, Text, TextPart};
use crate::frameworks::interpret::owners_of;
use crate::frameworks::script::decorators::{Decor, decorators};
use crate::frameworks::script::express;
use crate::frameworks::script::handler::guards;

/// tsoa.
pub const FRAMEWORK: Framework = Framework {
    id: "script/tsoa",
    label: "tsoa",
    languages: &[Language::TypeScript, Language::Tsx],
    modules: &["tsoa", "@tsoa/runtime"],
    tells: &[Tells::Http],
    read: Some(read),
    types: None,
};

/// Where its decorators come from.
const LIBRARIES: &[&str] = &["tsoa", "@tsoa/runtime"];

const VERBS: &[(&str, Method)] = &[
    ("Get", Method::Get),
    ("Post", Method::Post),
    ("Put", Method::Put),
    ("Patch", Method::Patch),
    ("Delete", Method::Delete),
    ("Head", Method::Head),
    ("Options", Method::Options),
];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    mounts(program, file, findings);
    if !imports_tsoa(program, file) {
        return;
    }
    for (class, route) in controllers(program, file) {
        controller(program, class, &route, findings);
    }
}

fn imports_tsoa(program: &dyn Program, file: FileId) -> bool {
    program.file(file).outline.imports.iter().any(|import| LIBRARIES.contains(&import.module.as_str()))
}

/// Whether a file is what tsoa generates: it repeats the controllers' routes.
#[must_use]
pub fn is_generated(program: &dyn Program, file: FileId) -> bool {
    program.file(file).outline.imports.iter().any(|import| {
        LIBRARIES.contains(&import.module.as_str())
            && matches!(&import.what, Imported::Name(name) if matches!(name.as_str(), "TsoaRoute" | "fetchMiddlewares" | "ExpressTemplateService" | "ValidationService"))
    })
}

/// The controllers of a file with their `@Route`.
fn controllers(program: &dyn Program, file: FileId) -> Vec<(ClassRef, Decor<'_>)> {
    let outline = &program.file(file).outline;
    let mut found = Vec::new();
    for (id, class) in (0u32..).zip(&outline.classes).filter(|(_, class)| !class.decorators.is_empty()) {
        let class_ref = ClassRef { file, id: ClassId(id) };
        let decors = decorators(program, &program.around_class(class_ref), &class.decorators);
        found.extend(decors.into_iter().find(|decor| decor.of(LIBRARIES) == Some("Route")).map(|route| (class_ref, route)));
    }
    found
}

/// `RegisterRoutes(app)`.
fn mounts(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for call in &program.file(file).outline.calls {
        if call.callee.last_name().is_none_or(|name| name != "RegisterRoutes") {
            continue;
        }
        let site = Site::of_call(file, call);
        let Some(app) = call.positional(0) else { continue };
        let files = (0..program.file_count()).map(FileId).filter(|file| imports_tsoa(program, *file));
        let children: Vec<OwnerKey> = files.flat_map(|file| controllers(program, file)).map(|(class, _)| OwnerKey::from(class)).collect();
        if children.is_empty() {
            return;
        }
        for parent in owners_of(&express::TABLE, program, &site, app) {
            findings.mounts.push(Mount {
                framework: FRAMEWORK.id,
                parent,
                children: children.clone(),
                prefix: PathText::default(),
                replaces_prefix: false,
                traits: Traits::default(),
                place: Place { file, symbol: Name::default(), line: call.at.line },
            });
        }
    }
}

fn controller(program: &dyn Program, class: ClassRef, route: &Decor, findings: &mut Findings) {
    let declared = program.class(class);
    let decors = decorators(program, &program.around_class(class), &declared.decorators);
    let prefix = slashed(route.arg(0).map(|path| program.text(&route.site, path)).unwrap_or_default());
    findings.owners.push(Owner {
        key: OwnerKey::from(class),
        framework: FRAMEWORK.id,
        is_root: false,
        prefix: PathText::new(prefix, PathSyntax::Curly),
        traits: Traits {
            security: security(program, &decors),
            tags: tags(program, &decors),
            hidden: is(&decors, "Hidden"),
            ..Traits::default()
        },
        place: Place { file: class.file, symbol: declared.name.clone(), line: declared.at.line },
    });
    for method in program.methods(class) {
        let function = program.function(method);
        let said = decorators(program, &program.around(method), &function.decorators);
        for decor in &said {
            let Some((_, verb)) = decor.of(LIBRARIES).and_then(|name| VERBS.iter().find(|(known, _)| *known == name)) else { continue };
            findings.routes.push(operation(program, class, method, (&decors, &said), decor, *verb));
        }
    }
}

fn operation(program: &dyn Program, class: ClassRef, method: FuncRef, said: (&[Decor], &[Decor]), verb: &Decor, http: Method) -> Route {
    let function = program.function(method);
    let (of_class, own) = said;
    let path = verb.arg(0).map(|path| program.text(&verb.site, path)).unwrap_or_default();
    let path = if path.plain().as_deref() == Some("/") { Text::default() } else { slashed(path) };
    let doc = Doc::of(function.doc.as_deref().unwrap_or_default());
    let mut route = Route {
        framework: FRAMEWORK.id,
        owner: Some(OwnerKey::from(class)),
        methods: vec![http],
        path: PathText::new(path, PathSyntax::Curly),
        handler: Some(method),
        place: Place {
            file: class.file,
            symbol: format!("{}.{}", program.class(class).name, function.name).into(),
            line: function.at.line,
        },
        security: security(program, own),
        tags: tags(program, own),
        summary: doc.tag("summary").map(Name::from),
        description: Some(Name::from(doc.text.as_str())).filter(|text| !text.is_empty()),
        deprecated: is(own, "Deprecated") || doc.tag("deprecated").is_some(),
        hidden: is(own, "Hidden"),
        ..Route::default()
    };
    let id = own.iter().find(|decor| decor.of(LIBRARIES) == Some("OperationId"));
    route.operation_id = id
        .and_then(|decor| program.text(&decor.site, decor.arg(0)?).plain())
        .map(Name::from)
        .or_else(|| Some(operation_id(&function.name)));
    inputs::read(program, method, &doc, &mut route);
    outputs::read(program, method, of_class, own, &mut route);
    route
}

/// A path with the slash that may be left out.
fn slashed(path: Text) -> Text {
    let begins = match path.0.first() {
        Some(TextPart::Known(text)) => text.starts_with('/'),
        other => other.is_none(),
    };
    if begins { path } else { Text::known("/").then(path) }
}

/// Without `@OperationId` the method's name is the id, its first letter large.
fn operation_id(name: &str) -> Name {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default().into()
}

fn is(decors: &[Decor], name: &str) -> bool {
    decors.iter().any(|decor| decor.of(LIBRARIES) == Some(name))
}

fn tags(program: &dyn Program, decors: &[Decor]) -> Vec<Name> {
    let said = decors.iter().filter(|decor| decor.of(LIBRARIES) == Some("Tags"));
    said.flat_map(|decor| {
        decor.args().into_iter().filter_map(|tag| program.text(&decor.site, tag).plain()).map(Name::from).collect::<Vec<_>>()
    })
    .collect()
}

/// `@Security("jwt", ["admin"])`, any of several; `@NoSecurity()`; and middleware that asks for a login.
fn security(program: &dyn Program, decors: &[Decor]) -> Security {
    if is(decors, "NoSecurity") {
        return Security::Open;
    }
    let mut alternatives: Vec<Vec<SchemeUse>> = Vec::new();
    let mut guarding: Vec<SchemeUse> = Vec::new();
    for decor in decors {
        match decor.of(LIBRARIES) {
            Some("Security") => alternatives.push(declared_schemes(program, decor)),
            Some("Middlewares") => {
                for arg in decor.args() {
                    let items = program.items(&decor.site, arg).unwrap_or_else(|| vec![(arg, decor.site.clone())]);
                    guarding.extend(items.into_iter().filter_map(|(item, at)| guards::guard(program, &at, item)));
                }
            }
            _ => {}
        }
    }
    alternatives.retain(|schemes| !schemes.is_empty());
    let mut security = if alternatives.is_empty() { Security::Inherit } else { Security::any_of(alternatives) };
    security.add(guarding);
    security
}

/// `@Security("jwt", scopes)`, or `@Security({ jwt: [], key: [] })`, which asks for all of them.
fn declared_schemes(program: &dyn Program, decor: &Decor) -> Vec<SchemeUse> {
    let Some(first) = decor.arg(0) else { return Vec::new() };
    let scopes = |expr: Option<&crate::base::code::Expr>| -> Vec<Name> {
        let items = expr.and_then(|scopes| program.items(&decor.site, scopes)).unwrap_or_default();
        items.into_iter().filter_map(|(scope, at)| program.text(&at, scope).plain()).map(Name::from).collect()
    };
    let named = |name: Name, scopes: Vec<Name>| SchemeUse { kind: SchemeKind::by_name(&name), name, scopes };
    match program.entries(&decor.site, first) {
        Some(entries) => entries.into_iter().map(|(name, value, _)| named(name, scopes(Some(value)))).collect(),
        None => program.text(&decor.site, first).plain().map(|name| named(name.into(), scopes(decor.arg(1)))).into_iter().collect(),
    }
}

/// A documentation comment, taken apart.
pub struct Doc {
    /// What stands before the first tag.
    pub text: String,
    tags: Vec<(String, String)>,
}

impl Doc {
    /// Takes a comment apart.
    #[must_use]
    pub fn of(doc: &str) -> Self {
        let (mut text, mut tags): (Vec<&str>, Vec<(String, String)>) = (Vec::new(), Vec::new());
        for line in doc.lines() {
            let line = line.trim();
            match line.strip_prefix('@') {
                Some(tag) => {
                    let (name, rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
                    tags.push((name.to_owned(), rest.trim().to_owned()));
                }
                None => match tags.last_mut() {
                    Some((_, rest)) if !line.is_empty() => {
                        rest.push('\n');
                        rest.push_str(line);
                    }
                    Some(_) => {}
                    None => text.push(line),
                },
            }
        }
        Self { text: text.join("\n").trim().to_owned(), tags }
    }

    /// The text of a tag.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.tags.iter().find(|(tag, _)| tag == name).map(|(_, text)| text.as_str())
    }

    /// `@param name text`.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.about("param", name).map(|text| text.trim_start_matches(['-', ' '])).filter(|text| !text.is_empty())
    }

    /// Of tags that begin with a parameter's name (`@isInt page`), what follows it.
    #[must_use]
    pub fn about(&self, tag: &str, name: &str) -> Option<&str> {
        let tags = self.tags.iter().filter(|(known, _)| known == tag);
        tags.filter_map(|(_, text)| {
            let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
            (first == name).then_some(rest)
        })
        .next()
    }
}

/// Whether a type is the library's own.
fn is_outside(meaning: &Meaning, names: &[&str]) -> bool {
    meaning
        .outside()
        .is_some_and(|path| path.rsplit_once('.').is_some_and(|(library, name)| LIBRARIES.contains(&library) && names.contains(&name)))
}
