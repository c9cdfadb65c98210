//! What a handler takes: each parameter is an extractor of a library or of the program.

use super::auth;
use super::types::{Head, TypeAt};
use crate::base::Name;
use crate::base::code::{ParamKind, Pattern, Type};
use crate::facts::file::pattern_names;
use crate::facts::finding::{BodyFinding, Location, ParamFinding, SchemeKind, SchemeUse};
use crate::facts::members::without_null;
use crate::facts::program::{FuncRef, Mode, Program};
use crate::facts::shape::{Member, Shape};

/// How deep extractors may nest.
pub(super) const MAX_DEPTH: u32 = 8;

/// Crates whose extractors are read.
const CRATES: &[&str] = &[
    "axum",
    "axum_extra",
    "paperclip",
    "axum_core",
    "actix_web",
    "actix_multipart",
    "actix_web_validator",
    "actix_web_lab",
    "actix_web_httpauth",
    "actix_identity",
    "actix_session",
    "aide",
    "poem",
    "poem_openapi",
    "rocket",
    "salvo",
    "axum_valid",
    "axum_typed_multipart",
    "serde_qs",
    "axum_login",
    "axum_auth",
    "axum_garde",
    "garde_actix_web",
    "axum_jsonschema",
    "loco_rs",
    "tower_sessions",
    "jwt_authorizer",
    "axum_serde",
    "garde",
    "validator",
    "headers",
    "bytes",
    "http",
    "dropshot",
    "axum_yaml",
    "axum_msgpack",
    "axum_jwt_auth",
    "rocket_okapi",
    "axum_qs",
    "axum_typed_websockets",
    "utoipa_axum",
    "axum_keycloak_auth",
    "biscuit_actix",
    "rocket_db_pools",
    "rocket_dyn_templates",
    "gotham",
    "qs",
];

/// What was taken.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// Parameters.
    pub params: Vec<ParamFinding>,
    /// The body.
    pub body: Option<BodyFinding>,
    /// Guards.
    pub security: Vec<SchemeUse>,
}

/// Reads the parameters of handlers.
pub struct Extractor<'p> {
    pub(super) program: &'p dyn Program,
    /// Names of the parameters in the route's own path.
    pub placeholders: Vec<Name>,
    /// Forms of a GET stand in the query.
    is_get: bool,
    /// What was taken so far.
    pub taken: Taken,
}

/// Where a struct's members stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// `Path<T>`.
    Path,
    /// `Query<T>`.
    Query,
    /// A body of this media type.
    Body(&'static str),
}

impl<'p> Extractor<'p> {
    /// An extractor for a route.
    #[must_use]
    pub fn new(program: &'p dyn Program, placeholders: Vec<Name>, is_get: bool) -> Self {
        Self { program, placeholders, is_get, taken: Taken::default() }
    }

    /// Reads all parameters of a handler.
    pub fn handler(&mut self, handler: FuncRef) {
        let function = self.program.file(handler.file).outline.function(handler.id);
        for param in function.params.iter().filter(|param| param.kind != ParamKind::Receiver && param.ty != Type::Unknown) {
            self.param(&TypeAt::signed(self.program, handler, &param.ty), Some(&param.pattern), false, 0);
        }
    }

    /// Reads one extractor.
    pub fn param(&mut self, at: &TypeAt<'p>, pattern: Option<&Pattern>, is_optional: bool, depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        match at.head(self.program) {
            Head::Class(class, args) => self.of_program(class, &args, at, is_optional, depth),
            Head::Tuple(parts) => parts.iter().for_each(|part| self.param(part, None, is_optional, depth + 1)),
            ref head @ Head::Outside(_, ref args) => {
                let Some((root, name)) = head.ends() else { return };
                self.of_library(root, name, args, (at, pattern), is_optional, depth);
            }
            Head::Bounds(_) | Head::Constant(_) | Head::Other => {}
        }
    }

    fn of_library(
        &mut self,
        root: &str,
        name: &str,
        args: &[TypeAt<'p>],
        (at, pattern): (&TypeAt<'p>, Option<&Pattern>),
        is_optional: bool,
        depth: u32,
    ) {
        let is_plain = matches!(root, "std" | "builtins" | "core" | "alloc");
        if is_plain {
            match (name, args.first()) {
                ("Option", Some(inner)) => self.param(inner, pattern, true, depth + 1),
                ("Result", Some(inner)) => self.param(inner, pattern, is_optional, depth + 1),
                ("Box" | "Arc", Some(inner)) => self.param(inner, pattern, is_optional, depth + 1),
                ("String", _) => self.body("text/plain", Shape::Text(None), is_optional),
                _ => {}
            }
            return;
        }
        if !CRATES.contains(&root) {
            return;
        }
        let inner = args.first();
        match (name, inner) {
            ("Path" | "OptionalPath", Some(inner)) => self.path(inner, pattern),
            ("Query" | "OptionalQuery" | "QsQuery" | "ValidatedQuery", Some(inner)) => {
                self.query(inner, is_optional || name == "OptionalQuery")
            }
            ("Json" | "JsonBody" | "TypedBody" | "JsonPatch" | "ValidatedJson", Some(inner)) => {
                self.typed_body("application/json", inner, is_optional)
            }
            ("Xml", Some(inner)) => self.typed_body("application/xml", inner, is_optional),
            ("Yaml", Some(inner)) => self.typed_body("application/yaml", inner, is_optional),
            ("ProtoBuf" | "Protobuf", Some(inner)) => self.typed_body("application/protobuf", inner, is_optional),
            ("MsgPack", Some(inner)) => self.typed_body("application/msgpack", inner, is_optional),
            ("Form" | "QsForm" | "ValidatedForm" | "FormBody", Some(inner)) => {
                if self.is_get {
                    self.query(inner, is_optional)
                } else {
                    self.typed_body("application/x-www-form-urlencoded", inner, is_optional)
                }
            }
            ("TypedMultipart" | "MultipartForm" | "MultipartBody", Some(inner)) => {
                self.typed_body("multipart/form-data", inner, is_optional)
            }
            ("Multipart", _) => self.body("multipart/form-data", Shape::Map(Box::new(Shape::Any)), is_optional),
            ("TypedHeader" | "Header", Some(inner)) => self.header(inner, is_optional),
            ("Either" | "Either3" | "Either4", _) => args.iter().for_each(|arg| self.param(arg, None, is_optional, depth + 1)),
            ("Extension" | "ReqData", Some(inner)) => self.extension(inner, is_optional),
            (
                "Valid" | "Garde" | "Validated" | "WithRejection" | "Cached" | "WithValidation" | "ValidGarde" | "Modified" | "Validify"
                | "Strict" | "Lenient",
                Some(inner),
            ) => self.param(inner, pattern, is_optional, depth + 1),
            ("Bytes" | "Body" | "Payload" | "BytesMut" | "BodyStream" | "RawBody" | "UntypedBody" | "StreamingBody" | "TempFile", _) => {
                self.body("application/octet-stream", Shape::format("binary"), is_optional);
            }
            ("Data", _) if root == "rocket" => self.body("application/octet-stream", Shape::format("binary"), is_optional),
            _ => self.credentials(root, name, at, is_optional),
        }
    }

    /// Extractors of libraries that only let in who is known.
    fn credentials(&mut self, root: &str, name: &str, _at: &TypeAt<'p>, is_optional: bool) {
        let kind = match (root, name) {
            (_, "BearerAuth" | "AuthBearer" | "JwtClaims" | "Claims" | "KeycloakToken" | "JWT" | "JWTWithUser" | "Biscuit") => {
                SchemeKind::Bearer
            }
            (_, "BasicAuth" | "AuthBasic") => SchemeKind::Basic,
            (_, "ApiToken") => SchemeKind::Bearer,
            ("actix_identity", "Identity") => SchemeKind::Guard,
            _ => return,
        };
        if !is_optional {
            self.guarded(auth::scheme(name, kind));
        }
    }

    /// Adds a guard once.
    pub(super) fn guarded(&mut self, scheme: SchemeUse) {
        if !self.taken.security.iter().any(|known| known.name == scheme.name) {
            self.taken.security.push(scheme);
        }
    }

    /// `Extension<CurrentUser>`: a middleware put the user there, so the request passed it.
    fn extension(&mut self, inner: &TypeAt<'p>, is_optional: bool) {
        let Some(name) = inner.ty.last_name() else { return };
        let plain = name.to_ascii_lowercase();
        let is_user =
            ["claims", "currentuser", "authuser", "authenticateduser", "jwt", "principal", "authcontext", "authinfo", "loggedinuser"]
                .iter()
                .any(|word| plain.contains(word))
                || plain == "user";
        if is_user && !is_optional {
            self.guarded(auth::scheme(name, SchemeKind::Guard));
        }
    }

    /// `TypedHeader<Authorization<Bearer>>`, `TypedHeader<UserAgent>`, `web::Header<IfMatch>`.
    fn header(&mut self, inner: &TypeAt<'p>, is_optional: bool) {
        let Some(name) = inner.ty.last_name() else { return };
        if name == "Authorization" {
            if !is_optional {
                let is_basic = inner.ty.args().first().and_then(Type::last_name).is_some_and(|name| name == "Basic");
                let kind = if is_basic { SchemeKind::Basic } else { SchemeKind::Bearer };
                self.guarded(auth::scheme(if is_basic { "basic" } else { "bearer" }, kind));
            }
            return;
        }
        if matches!(name.as_str(), "Cookie" | "Host" | "ContentType" | "ContentLength" | "Accept" | "Connection" | "Upgrade") {
            return;
        }
        self.add(ParamFinding {
            name: crate::base::case::kebab(name).into(),
            location: Location::Header,
            required: !is_optional,
            shape: Shape::Text(None),
            ..ParamFinding::default()
        });
    }

    /// A struct of the program whose members stand somewhere.
    pub fn via(&mut self, via: Via, at: &TypeAt<'p>, is_optional: bool) {
        match via {
            Via::Path => self.path(at, None),
            Via::Query => self.query(at, is_optional),
            Via::Body(media) => self.typed_body(media, at, is_optional),
        }
    }

    /// Query parameters of a struct.
    pub fn query(&mut self, inner: &TypeAt<'p>, is_optional: bool) {
        let shape = inner.shape(self.program, Mode::Read);
        for member in members_of(self.program, &shape, 0) {
            self.add(param_of(member, Location::Query, is_optional));
        }
    }

    /// Parameters of the path: by name, or by position.
    fn path(&mut self, inner: &TypeAt<'p>, pattern: Option<&Pattern>) {
        let shape = inner.shape(self.program, Mode::Read);
        let shapes = match (inner.head(self.program), &shape) {
            (Head::Tuple(parts), _) => parts.iter().map(|part| part.shape(self.program, Mode::Read)).collect(),
            (_, Shape::Tuple(shapes)) => shapes.clone(),
            _ => match self.program.record(&shape) {
                Some(record) => {
                    for member in record.members {
                        self.add(ParamFinding { required: true, ..param_of(member, Location::Path, false) });
                    }
                    return;
                }
                None if matches!(shape, Shape::Map(_)) => return,
                None => vec![shape],
            },
        };
        let bound: Vec<Name> = pattern.map(|pattern| pattern_names(pattern).into_iter().cloned().collect()).unwrap_or_default();
        let own = self.placeholders.len();
        let missing = shapes.len().saturating_sub(own);
        for (index, shape) in shapes.into_iter().enumerate() {
            // The first ones stand in what the route is mounted under.
            let name = if index < missing { bound.get(index).cloned() } else { self.placeholders.get(index - missing).cloned() };
            if let Some(name) = name {
                self.add(ParamFinding { name, location: Location::Path, required: true, shape, ..ParamFinding::default() });
            }
        }
    }

    fn typed_body(&mut self, media: &str, inner: &TypeAt<'p>, is_optional: bool) {
        let shape = inner.shape(self.program, Mode::Read);
        let is_optional = is_optional || shape.is_nullable();
        self.body(media, without_null(shape), is_optional);
    }

    /// Adds a body; alternatives stand beside each other.
    pub fn body(&mut self, media: &str, shape: Shape, is_optional: bool) {
        let body = self.taken.body.get_or_insert_with(|| BodyFinding { required: !is_optional, ..BodyFinding::default() });
        if !body.contents.iter().any(|(known, _)| known == media) {
            body.contents.push((media.into(), shape));
        }
    }

    /// Adds a parameter once.
    pub fn add(&mut self, param: ParamFinding) {
        let known = self.taken.params.iter().any(|known| known.name == param.name && known.location == param.location);
        if !known && !param.name.is_empty() {
            self.taken.params.push(param);
        }
    }
}

/// A member of a struct as a parameter.
#[must_use]
pub fn param_of(member: Member, location: Location, is_optional: bool) -> ParamFinding {
    ParamFinding {
        name: member.name,
        location,
        required: member.required && !is_optional,
        shape: without_null(member.shape),
        doc: member.doc,
        deprecated: member.deprecated,
    }
}

/// The members of a shape, those of alternatives as optional ones.
#[must_use]
pub fn members_of(program: &dyn Program, shape: &Shape, depth: u32) -> Vec<Member> {
    if depth > MAX_DEPTH {
        return Vec::new();
    }
    if let Some(record) = program.record(shape) {
        return record.members;
    }
    let expanded = match shape {
        Shape::Named(key) => &program.expand(key),
        other => other,
    };
    match expanded {
        Shape::AllOf(shapes) => joined(shapes.iter().flat_map(|shape| members_of(program, shape, depth + 1))),
        Shape::OneOf(shapes, _) | Shape::AnyOf(shapes) => {
            let all = shapes.iter().flat_map(|shape| members_of(program, shape, depth + 1));
            joined(all.map(|member| Member { required: false, ..member }))
        }
        Shape::Refined(inner, _) => members_of(program, inner, depth + 1),
        _ => Vec::new(),
    }
}

fn joined(members: impl Iterator<Item = Member>) -> Vec<Member> {
    let mut all: Vec<Member> = Vec::new();
    for member in members {
        if !all.iter().any(|known| known.name == member.name) {
            all.push(member);
        }
    }
    all
}
