//! Whole documents: where references lead, and what holds for all operations.

use serde_json::{Map, Value};

use crate::base::Name;
use crate::facts::document::{ApiDocument, DocumentId};
use crate::facts::finding::{Location, Method, SchemeKind};
use crate::facts::program::{Mode, Program};
use crate::facts::shape::{Shape, TypeKey, TypeSource};

/// How many references may follow one another.
const MAX_STEPS: u32 = 8;

/// Reads what is described; within a document when there is one.
#[derive(Clone, Copy, Default)]
pub struct Reader<'a> {
    whole: Option<(DocumentId, &'a ApiDocument)>,
}

/// An operation of a document, with what its path and the document say for it.
pub struct Described {
    /// Its path, without what stands before all.
    pub path: Name,
    /// Its method.
    pub method: Method,
    /// What is said of it.
    pub said: Map<String, Value>,
}

impl<'a> Reader<'a> {
    /// Reads a document.
    #[must_use]
    pub fn of(program: &'a dyn Program, document: DocumentId) -> Self {
        Self { whole: program.documents().get(document.0 as usize).map(|whole| (document, whole)) }
    }

    /// All operations, in the document's order.
    #[must_use]
    pub fn operations(&self) -> Vec<Described> {
        let Some((_, whole)) = self.whole else { return Vec::new() };
        let mut found = Vec::new();
        for (path, item) in whole.root.get("paths").and_then(Value::as_object).into_iter().flatten() {
            let Some(item) = self.object(item) else { continue };
            for (key, operation) in item {
                let (Some(method), Some(operation)) = (Method::of(key).filter(|_| key != "del"), operation.as_object()) else { continue };
                found.push(Described { path: path.as_str().into(), method, said: self.completed(operation, item, &whole.root) });
            }
        }
        found
    }

    /// An operation with what its path and its document say for it.
    fn completed(&self, operation: &Map<String, Value>, item: &Map<String, Value>, root: &Map<String, Value>) -> Map<String, Value> {
        let mut said = operation.clone();
        for key in ["security", "consumes", "produces"] {
            if let (false, Some(value)) = (said.contains_key(key), root.get(key)) {
                said.insert(key.to_owned(), value.clone());
            }
        }
        for key in CONTROLLER {
            if let (false, Some(value)) = (said.contains_key(*key), item.get(*key).or_else(|| root.get(*key))) {
                said.insert((*key).to_owned(), value.clone());
            }
        }
        let listed = |of: &Map<String, Value>| of.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
        // Those of the operation come last and take the place of those of the path.
        let own = listed(operation);
        let key = |param: &Value| self.object(param).map(|param| (param.get("name").cloned(), param.get("in").cloned()));
        let mut all = listed(item);
        all.retain(|param| !own.iter().any(|other| key(other) == key(param)));
        all.extend(own);
        if !all.is_empty() {
            said.insert("parameters".to_owned(), Value::Array(all));
        }
        said
    }

    /// The object that a value is or refers to.
    #[must_use]
    pub fn object<'b>(&self, value: &'b Value) -> Option<&'b Map<String, Value>>
    where
        'a: 'b,
    {
        let mut object = value.as_object()?;
        for _ in 0..MAX_STEPS {
            let Some(pointer) = object.get("$ref").and_then(Value::as_str) else { return Some(object) };
            object = self.target(pointer)?.as_object()?;
        }
        None
    }

    /// What a reference within the document leads to.
    fn target(&self, pointer: &str) -> Option<&'a Value> {
        let (_, whole) = self.whole?;
        let mut steps = pointer.strip_prefix("#/")?.split('/').map(|step| step.replace("~1", "/").replace("~0", "~"));
        let first = whole.root.get(&steps.next()?)?;
        steps.try_fold(first, |of, step| match of {
            Value::Object(map) => map.get(&step),
            Value::Array(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The named schema that a reference leads to.
    pub(super) fn named(&self, pointer: &str) -> Shape {
        let (Some((document, _)), Some(_)) = (self.whole, self.target(pointer)) else { return Shape::Any };
        let name = pointer.rsplit('/').next().unwrap_or(pointer).into();
        let source = TypeSource::Document(document, pointer.into());
        Shape::Named(Box::new(TypeKey { source, name, args: Vec::new(), mode: Mode::Write }))
    }

    /// What stands behind a pointer that [`Reader::named`] gave out.
    #[must_use]
    pub fn expanded(&self, pointer: &str) -> Option<Shape> {
        Some(self.shape(self.target(pointer)?))
    }

    /// What a security scheme is.
    pub(super) fn scheme(&self, name: &str) -> SchemeKind {
        let Some((_, whole)) = self.whole else { return SchemeKind::Guard };
        let components = whole.root.get("components").and_then(|components| components.get("securitySchemes"));
        let declared = components.or_else(|| whole.root.get("securityDefinitions")).and_then(|all| all.get(name));
        declared.and_then(|scheme| self.object(scheme)).map_or(SchemeKind::Guard, scheme_kind)
    }
}

/// Keys that name the module of an operation's handler.
pub const CONTROLLER: &[&str] = &["x-openapi-router-controller", "x-swagger-router-controller"];

/// A security scheme as OpenAPI 3 and Swagger 2 write it.
fn scheme_kind(scheme: &Map<String, Value>) -> SchemeKind {
    let text = |of: &Map<String, Value>, key: &str| of.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let flow = |name: &str, old: &str| match scheme.get("flows") {
        Some(flows) => flows.get(name).and_then(Value::as_object),
        None => (text(scheme, "flow") == old).then_some(scheme),
    };
    match text(scheme, "type").as_str() {
        "basic" => SchemeKind::Basic,
        "http" => match text(scheme, "scheme").to_lowercase().as_str() {
            "basic" => SchemeKind::Basic,
            "digest" => SchemeKind::Digest,
            _ => SchemeKind::Bearer,
        },
        "apiKey" => {
            let location = match text(scheme, "in").as_str() {
                "query" => Location::Query,
                "cookie" => Location::Cookie,
                _ => Location::Header,
            };
            SchemeKind::ApiKey(location, text(scheme, "name").into())
        }
        "openIdConnect" => SchemeKind::OpenId(text(scheme, "openIdConnectUrl").into()),
        "oauth2" => match (flow("password", "password"), flow("authorizationCode", "accessCode")) {
            (Some(flow), _) => SchemeKind::OAuth2Password(text(flow, "tokenUrl").into()),
            (_, Some(flow)) => SchemeKind::OAuth2Code(text(flow, "authorizationUrl").into(), text(flow, "tokenUrl").into()),
            _ => SchemeKind::Bearer,
        },
        _ => SchemeKind::Guard,
    }
}
