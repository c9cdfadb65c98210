//! Connexion: an API document is the router, its operation ids name the handlers.
//!
//! `app.add_api("openapi.yaml", base_path="/v1", resolver=RestyResolver("api"))`. Read from Connexion 2 and 3
//! (`connexion.readthedocs.io`, routing and resolvers). What the handlers read besides is not asked: the document promises. References to
//! other files are not followed.

use crate::base::Name;
use crate::base::code::{Call, CallId, Expr};
use crate::base::language::Language;
use crate::facts::document::{ApiDocument, DocumentId};
use crate::facts::finding::{
    Findings, GapFinding, Method, Mount, Origin, Owner, OwnerKey, PathSyntax, PathText, Place, Route, Security, Traits,
};
use crate::facts::framework::{Framework, Tells, TypeReader};
use crate::facts::program::{CallRef, FileId, FuncRef, Meaning, Program, Site, Text};
use crate::facts::shape::Shape;
use crate::frameworks::interpret::owners_of;
use crate::frameworks::python::{flask, guards};
use crate::frameworks::specs::whole::{CONTROLLER, Described, Reader};

/// Connexion.
pub const FRAMEWORK: Framework = Framework {
    id: "python/connexion",
    label: "Connexion",
    languages: &[Language::Python],
    modules: &["connexion"],
    tells: &[Tells::Http],
    read: Some(read),
    types: Some(&Types),
};

/// How many names are followed to the file that a document is read from.
const MAX_DEPTH: u32 = 8;

struct Types;

impl TypeReader for Types {
    fn document(&self, program: &dyn Program, document: DocumentId, pointer: &Name) -> Option<Shape> {
        Reader::of(program, document).expanded(pointer)
    }
}

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let Some((receiver, name)) = call.method() else { continue };
        if name != "add_api" {
            continue;
        }
        let Some(specification) = call.arg(0, "specification") else { continue };
        let site = Site::of_call(file, call);
        if owners_of(&flask::TABLE, program, &site, receiver).is_empty() {
            continue;
        }
        let adding = Adding { program, call_ref: CallRef { file, id: CallId(id) }, call, receiver, specification };
        let exprs: Vec<&Expr> = [receiver].into_iter().chain(call.args.iter().map(|arg| &arg.value)).collect();
        for site in program.instances(&site, &exprs) {
            adding.read(&site, findings);
        }
    }
}

/// One `add_api`.
struct Adding<'p> {
    program: &'p dyn Program,
    call_ref: CallRef,
    call: &'p Call,
    receiver: &'p Expr,
    specification: &'p Expr,
}

impl<'p> Adding<'p> {
    fn read(&self, site: &Site, findings: &mut Findings) {
        let apps: Vec<OwnerKey> =
            owners_of(&flask::TABLE, self.program, site, self.receiver).into_iter().filter(|app| self.is_connexion(app)).collect();
        let Some(app) = apps.first() else { return };
        let Some((document, whole)) = self.document(site, app) else {
            let question = "which document does this application take for its router?".to_owned();
            findings.gaps.push(GapFinding { code: "api-document-unknown".into(), question, place: self.place() });
            return;
        };
        let base = match self.call.keyword("base_path").filter(|base| **base != Expr::Null) {
            Some(base) => self.program.text(site, base),
            None => Text::known(whole.base.trim_end_matches('/')),
        };
        let key = OwnerKey { origin: Origin::Call(self.call_ref), env: site.env.clone() };
        findings.owners.push(Owner {
            key: key.clone(),
            framework: FRAMEWORK.id,
            is_root: false,
            prefix: PathText::new(base, PathSyntax::Curly),
            traits: Traits::default(),
            place: self.place(),
        });
        for parent in apps {
            findings.mounts.push(Mount {
                framework: FRAMEWORK.id,
                parent,
                children: vec![key.clone()],
                prefix: PathText::default(),
                replaces_prefix: false,
                traits: Traits::default(),
                place: self.place(),
            });
        }
        let resolver = Resolver::of(self.program, site, self.call);
        let reader = Reader::of(self.program, document);
        findings.routes.extend(reader.operations().into_iter().map(|described| self.route(&key, &reader, &resolver, described)));
    }

    fn route(&self, owner: &OwnerKey, reader: &Reader, resolver: &Resolver, described: Described) -> Route {
        let handler = resolver.handlers(&described).iter().find_map(|path| self.handler(path));
        let mut route = Route {
            framework: FRAMEWORK.id,
            owner: Some(owner.clone()),
            methods: vec![described.method],
            path: PathText::new(Text::known(&described.path), PathSyntax::Curly),
            place: handler.map_or_else(|| self.place(), |handler| handler_place(self.program, handler)),
            handler,
            is_implied: handler.is_none(),
            is_documented: true,
            ..Route::default()
        };
        reader.operation(&mut route, &described.said);
        if let (Some(handler), Security::Inherit) = (handler, &route.security) {
            route.security = guards::security(self.program, handler);
        }
        route
    }

    /// The function that a dotted path names.
    fn handler(&self, path: &str) -> Option<FuncRef> {
        let meaning = self.program.named(self.call_ref.file, path);
        meaning.function().or_else(|| {
            // A decorated function, or a method of an object.
            let (expr, at) = meaning.value()?;
            crate::frameworks::interpret::handler_function(self.program, at, expr)
        })
    }

    /// The document, by the name of its file wherever that stands in what `add_api` is given.
    fn document(&self, site: &Site, app: &OwnerKey) -> Option<(DocumentId, &'p ApiDocument)> {
        let mut names = Vec::new();
        file_names(self.program, site, self.specification, 0, &mut names);
        let folder = self.specification_dir(app);
        names.iter().find_map(|name| {
            let tail = format!("{folder}/{name}");
            self.nearest(&tail).or_else(|| self.nearest(name))
        })
    }

    /// `specification_dir="spec/"` of the application.
    fn specification_dir(&self, app: &OwnerKey) -> String {
        let Origin::Call(made) = app.origin else { return String::new() };
        let call = self.program.call(made);
        let site = Site { env: app.env.clone(), ..Site::of_call(made.file, call) };
        let mut names = Vec::new();
        if let Some(folder) = call.keyword("specification_dir") {
            texts_in(self.program, &site, folder, 0, &mut names);
        }
        names.pop().unwrap_or_default()
    }

    /// The document whose path ends so, the one that lies nearest when there are several.
    fn nearest(&self, tail: &str) -> Option<(DocumentId, &'p ApiDocument)> {
        let tail: Vec<&str> = tail.split(['/', '\\']).filter(|step| !matches!(*step, "" | "." | "..")).collect();
        let here: Vec<&str> = self.program.path(self.call_ref.file).split('/').collect();
        let shared = |path: &str| path.split('/').zip(&here).take_while(|(a, b)| a == *b).count();
        let ids = (0u32..).map(DocumentId);
        let ends_so = |path: &str| path.split('/').collect::<Vec<_>>().ends_with(&tail);
        let found = ids.zip(self.program.documents()).filter(|(_, document)| !tail.is_empty() && ends_so(&document.file));
        found.max_by_key(|(id, document)| (shared(&document.file), std::cmp::Reverse((document.file.len(), id.0))))
    }

    /// Whether an owner is an application of Connexion; those of Flask have no documents.
    fn is_connexion(&self, owner: &OwnerKey) -> bool {
        let is_of = |path: &str| path.starts_with("connexion.");
        match owner.origin {
            Origin::Call(call) => match self.program.callee(call) {
                Meaning::Outside(path) => is_of(&path),
                Meaning::Class(class) => self.program.outside_bases(class).iter().any(|base| is_of(base)),
                _ => false,
            },
            Origin::Class(class) => self.program.outside_bases(class).iter().any(|base| is_of(base)),
            Origin::Function(_) => true,
            Origin::File(_) => false,
        }
    }

    fn place(&self) -> Place {
        Place { file: self.call_ref.file, symbol: Name::default(), line: self.call.at.line }
    }
}

fn handler_place(program: &dyn Program, handler: FuncRef) -> Place {
    let declared = program.function(handler);
    let class = declared.class.map(|id| &program.file(handler.file).outline.class(id).name);
    let symbol = class.map_or_else(|| declared.name.clone(), |class| format!("{class}.{}", declared.name).into());
    Place { file: handler.file, symbol, line: declared.at.line }
}

/// Names of documents' files in an expression, outermost first: through names, calls (`Path("api") / "openapi.yaml"`) and what objects
/// are made with.
fn file_names(program: &dyn Program, site: &Site, expr: &Expr, depth: u32, found: &mut Vec<String>) {
    let mut texts = Vec::new();
    texts_in(program, site, expr, depth, &mut texts);
    let is_file = |text: &String| [".yaml", ".yml", ".json"].iter().any(|end| text.ends_with(end));
    found.extend(texts.into_iter().rev().filter(is_file));
}

/// Texts in an expression.
fn texts_in(program: &dyn Program, site: &Site, expr: &Expr, depth: u32, found: &mut Vec<String>) {
    if depth > MAX_DEPTH || found.len() > 32 {
        return;
    }
    if let Some(text) = program.text(site, expr).plain() {
        found.push(text);
        return;
    }
    match expr {
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            if let Some((receiver, _)) = call.method() {
                texts_in(program, site, receiver, depth + 1, found);
            }
            call.args.iter().for_each(|arg| texts_in(program, site, &arg.value, depth + 1, found));
        }
        Expr::Binary(binary) => {
            texts_in(program, site, &binary.left, depth + 1, found);
            texts_in(program, site, &binary.right, depth + 1, found);
        }
        Expr::Member(of, _) => texts_in(program, site, of, depth + 1, found),
        Expr::Ref(_) => {
            if let Meaning::Value(value, at) = program.resolve(site, expr)
                && !std::ptr::eq(value, expr)
            {
                texts_in(program, &at, value, depth + 1, found);
            }
        }
        _ => {}
    }
}

/// How operation ids become dotted paths.
struct Resolver {
    /// What stands before an operation id (`RelativeResolver("api")`).
    root: Option<String>,
    /// The module below which handlers lie that have no operation id (`RestyResolver("api")`).
    rest: Option<String>,
    /// The name of the function that lists (`collection_endpoint_name`).
    collection: String,
}

impl Resolver {
    fn of(program: &dyn Program, site: &Site, call: &Call) -> Self {
        let mut resolver = Self { root: None, rest: None, collection: "search".to_owned() };
        let meaning = call.keyword("resolver").map(|expr| program.produce(site, expr));
        let Some((made, at)) = meaning.as_ref().and_then(Meaning::call) else { return resolver };
        let Meaning::Outside(path) = program.callee(made) else { return resolver };
        let made = program.call(made);
        let text = |position: usize, key: &str| made.arg(position, key).and_then(|expr| program.text(at, expr).plain());
        match path.rsplit('.').next() {
            Some("RelativeResolver") => resolver.root = text(0, "root_path"),
            Some("RestyResolver" | "MethodResolver" | "MethodViewResolver") => {
                resolver.rest = text(0, "default_module_name");
                resolver.collection = text(1, "collection_endpoint_name").unwrap_or(resolver.collection);
            }
            _ => {}
        }
        resolver
    }

    /// Dotted paths that may name an operation's handler, the likeliest first.
    fn handlers(&self, described: &Described) -> Vec<String> {
        let text = |key: &str| described.said.get(key).and_then(serde_json::Value::as_str).filter(|text| !text.is_empty());
        let controller = CONTROLLER.iter().find_map(|key| text(key));
        let Some(id) = text("operationId") else { return self.by_path(described, controller) };
        match (controller, &self.root) {
            (Some(controller), _) => vec![format!("{controller}.{id}")],
            (None, Some(root)) => vec![format!("{root}.{id}")],
            (None, None) => vec![id.to_owned()],
        }
    }

    /// Without an operation id: `GET /pets` is `api.pets.search` or a method of `api.PetsView`.
    fn by_path(&self, described: &Described, controller: Option<&str>) -> Vec<String> {
        let Some(module) = self.rest.as_deref().or(controller) else { return Vec::new() };
        let steps: Vec<&str> = described.path.split('/').filter(|step| !step.is_empty()).collect();
        let is_param = |step: &str| step.starts_with('{');
        let named: Vec<String> = steps.iter().filter(|step| !is_param(step)).map(|step| step.replace('-', "_")).collect();
        let is_collection = described.method == Method::Get && steps.last().is_some_and(|step| !is_param(step));
        let verb = described.method.name().to_lowercase();
        let function = if is_collection { self.collection.as_str() } else { verb.as_str() };
        let Some(first) = named.first().filter(|_| controller.is_none()) else {
            return vec![format!("{}.{function}", controller.unwrap_or(module))];
        };
        let joined = named.join(".");
        let (before, last) =
            joined.rsplit_once('.').map_or((String::new(), joined.as_str()), |(before, last)| (format!("{before}."), last));
        let view: String = last.split('_').map(capitalized).collect();
        vec![
            format!("{module}.{joined}.{function}"),
            format!("{module}.{first}.{function}"),
            format!("{module}.{before}{view}View.{function}"),
            format!("{module}.{before}{view}View.{verb}"),
        ]
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}
