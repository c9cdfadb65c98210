//! What frameworks find: owners (applications, routers, controllers), mounts of one under another, and routes; tables, migrations
//! and events in the words of [`super::database`] and [`super::event`].
//!
//! The linker has one notion of routing for all of them: owners are nodes, mounts are edges with a prefix, routes are leaves.

use super::database::{Migration, Query, TableFinding, TableUse};
use super::event::{BrokerFinding, EventFinding, LambdaFinding};
use super::graphql::GraphqlFindings;
use super::grpc::GrpcUse;
use super::infrastructure::Infrastructure;
use super::program::{CallRef, ClassRef, Env, FileId, FuncRef, Text};
use super::shape::Shape;
use crate::base::Name;

/// The identity of an owner: what made it, under which frames. An owner without frames stands for all its instances.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerKey {
    /// What made it.
    pub origin: Origin,
    /// The frames it was made under (a factory called several times makes several owners).
    pub env: Env,
}

/// What makes an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A constructor call: `APIRouter()`, `express.Router()`, `Router::new()`.
    Call(CallRef),
    /// A class: a controller, a viewset.
    Class(ClassRef),
    /// A function that is given its owner: `fn configure(cfg: &mut ServiceConfig)`, a Fastify plugin.
    Function(FuncRef),
    /// A file: Django's `urlpatterns`, file-system routing.
    File(FileId),
}

impl From<CallRef> for OwnerKey {
    fn from(call: CallRef) -> Self {
        Self { origin: Origin::Call(call), env: None }
    }
}

impl From<ClassRef> for OwnerKey {
    fn from(class: ClassRef) -> Self {
        Self { origin: Origin::Class(class), env: None }
    }
}

impl From<FuncRef> for OwnerKey {
    fn from(function: FuncRef) -> Self {
        Self { origin: Origin::Function(function), env: None }
    }
}

impl From<FileId> for OwnerKey {
    fn from(file: FileId) -> Self {
        Self { origin: Origin::File(file), env: None }
    }
}

/// Where something was said.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The symbol people look for: the handler's or class's name.
    pub symbol: Name,
    /// 1-based line, for terminals only.
    pub line: u32,
}

/// An application, router, controller or whatever else routes hang on.
#[derive(Clone, Debug)]
pub struct Owner {
    /// Its identity.
    pub key: OwnerKey,
    /// The framework's id: `python/fastapi`.
    pub framework: &'static str,
    /// Serves by itself (an application); others serve only where they are mounted.
    pub is_root: bool,
    /// Prefix of everything on it.
    pub prefix: PathText,
    /// What it adds to each of its routes, and to what is mounted on it.
    pub traits: Traits,
    /// Where it is made.
    pub place: Place,
}

/// One owner under another.
#[derive(Clone, Debug)]
pub struct Mount {
    /// The framework's id.
    pub framework: &'static str,
    /// The owner it is mounted on.
    pub parent: OwnerKey,
    /// What is mounted; empty when it could not be told (then a gap is reported).
    pub children: Vec<OwnerKey>,
    /// Prefix the mount adds.
    pub prefix: PathText,
    /// The mount's prefix takes the place of the child's own (Flask's `register_blueprint(url_prefix=)`).
    pub replaces_prefix: bool,
    /// What the mount adds to each route below.
    pub traits: Traits,
    /// Where it is said.
    pub place: Place,
}

/// What owners and mounts pass down to routes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traits {
    /// Security, in force for all below unless a route says otherwise.
    pub security: Security,
    /// Tags.
    pub tags: Vec<Name>,
    /// Parameters (dependencies of a router, path parameters of a nested router's parent).
    pub params: Vec<ParamFinding>,
    /// Responses.
    pub responses: Vec<ResponseFinding>,
    /// `deprecated`.
    pub deprecated: bool,
    /// Kept out of the framework's own document (`include_in_schema=False`).
    pub hidden: bool,
    /// Nothing of the parents' security holds below (a public sub-application).
    pub is_apart: bool,
}

/// A path as written, with the syntax it is written in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PathText {
    /// The text.
    pub text: Text,
    /// How parameters are written in it.
    pub syntax: PathSyntax,
}

impl PathText {
    /// A path in a syntax.
    #[must_use]
    pub fn new(text: Text, syntax: PathSyntax) -> Self {
        Self { text, syntax }
    }
}

/// How path parameters are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathSyntax {
    /// `{id}`, `{id:path}`, `{id:int}`, `{*rest}`.
    #[default]
    Curly,
    /// `:id`, `:id(\\d+)`, `:id?`, `*rest`, `{/:optional}` groups.
    Colon,
    /// `<id>`, `<int:id>`, `<id:int>`, `<id..>`.
    Angle,
    /// A regular expression with named groups, anchors dropped.
    Regex,
    /// `[id]`, `[...rest]`, `[[...rest]]`, `(group)` folders left out.
    Bracket,
}

/// An HTTP method. `Any` stands for all that a handler takes whatever the method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// GET.
    Get,
    /// PUT.
    Put,
    /// POST.
    Post,
    /// DELETE.
    Delete,
    /// OPTIONS.
    Options,
    /// HEAD.
    Head,
    /// PATCH.
    Patch,
    /// TRACE.
    Trace,
}

impl Method {
    /// By name, in any case.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "get" => Self::Get,
            "put" => Self::Put,
            "post" => Self::Post,
            "delete" | "del" => Self::Delete,
            "options" => Self::Options,
            "head" => Self::Head,
            "patch" => Self::Patch,
            "trace" => Self::Trace,
            _ => return None,
        })
    }

    /// Its name in capitals.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Head => "HEAD",
            Self::Patch => "PATCH",
            Self::Trace => "TRACE",
        }
    }

    /// What `all`, `any` or a method-less route is told as: the five methods people mean.
    pub const COMMON: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];
}

/// A route: methods, a path on an owner, and what its handler takes and gives.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// The framework's id.
    pub framework: &'static str,
    /// What it hangs on; `None`: the path is whole as it is.
    pub owner: Option<OwnerKey>,
    /// Methods.
    pub methods: Vec<Method>,
    /// Its own path.
    pub path: PathText,
    /// The handler, when it is a function of the program.
    pub handler: Option<FuncRef>,
    /// Where: file, handler's name, line.
    pub place: Place,
    /// Parameters other than those only named in the path.
    pub params: Vec<ParamFinding>,
    /// Request body.
    pub body: Option<BodyFinding>,
    /// Responses by status.
    pub responses: Vec<ResponseFinding>,
    /// Security.
    pub security: Security,
    /// Tags.
    pub tags: Vec<Name>,
    /// Short text.
    pub summary: Option<Name>,
    /// Long text.
    pub description: Option<Name>,
    /// Given operation id.
    pub operation_id: Option<Name>,
    /// `deprecated`.
    pub deprecated: bool,
    /// Kept out of the framework's own document.
    pub hidden: bool,
    /// Follows from a convention or a default rather than from a statement about this route.
    pub is_implied: bool,
    /// Told by an API document that the program takes for its router.
    pub is_documented: bool,
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// In the path.
    Path,
    /// In the query string.
    #[default]
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
}

/// A parameter of an operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParamFinding {
    /// Its name on the wire.
    pub name: Name,
    /// Where it stands.
    pub location: Location,
    /// Whether it must be given.
    pub required: bool,
    /// Its shape (a default is `shape.with("default", …)`).
    pub shape: Shape,
    /// Documentation.
    pub doc: Option<Name>,
    /// `deprecated`.
    pub deprecated: bool,
}

/// A request body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BodyFinding {
    /// Whether it must be given.
    pub required: bool,
    /// Media type and shape, in order.
    pub contents: Vec<(Name, Shape)>,
    /// Documentation.
    pub doc: Option<Name>,
}

impl BodyFinding {
    /// A required JSON body.
    #[must_use]
    pub fn json(shape: Shape) -> Self {
        Self { required: true, contents: vec![("application/json".into(), shape)], doc: None }
    }
}

/// A response.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResponseFinding {
    /// `200`, `4XX`, `default`.
    pub status: Name,
    /// Documentation.
    pub doc: Option<Name>,
    /// Media type and shape; empty for no content.
    pub contents: Vec<(Name, Shape)>,
    /// Response headers.
    pub headers: Vec<(Name, Shape)>,
}

impl ResponseFinding {
    /// A JSON response.
    #[must_use]
    pub fn json(status: &str, shape: Shape) -> Self {
        Self { status: status.into(), contents: vec![("application/json".into(), shape)], ..Self::default() }
    }

    /// A response without content.
    #[must_use]
    pub fn empty(status: &str) -> Self {
        Self { status: status.into(), ..Self::default() }
    }
}

/// What is said of security.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Security {
    /// Nothing: what holds above holds here.
    #[default]
    Inherit,
    /// Open to all, whatever holds above.
    Open,
    /// All of these hold (each list member is one requirement; what holds above is added to).
    Schemes(Vec<SchemeUse>),
    /// One of these alternatives is enough, all schemes of it; an empty one: none need be given. What holds above is added to.
    AnyOf(Vec<Vec<SchemeUse>>),
}

/// The use of a security scheme.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemeUse {
    /// Its name: the variable, class or guard it is declared as.
    pub name: Name,
    /// What it is.
    pub kind: SchemeKind,
    /// Scopes or permissions it asks for.
    pub scopes: Vec<Name>,
}

/// Kinds of security schemes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SchemeKind {
    /// `Authorization: Bearer`.
    #[default]
    Bearer,
    /// `Authorization: Basic`.
    Basic,
    /// `Authorization: Digest`.
    Digest,
    /// A key in a header, query parameter or cookie of this name.
    ApiKey(Location, Name),
    /// OAuth2 with the password flow and this token URL.
    OAuth2Password(Name),
    /// OAuth2 with the authorization-code flow: authorization and token URL.
    OAuth2Code(Name, Name),
    /// OpenID Connect with this discovery URL.
    OpenId(Name),
    /// A guard, middleware or permission of the program: something is asked for, what is not said in code.
    Guard,
}

/// Everything found, in order of files.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Owners.
    pub owners: Vec<Owner>,
    /// Mounts.
    pub mounts: Vec<Mount>,
    /// Routes.
    pub routes: Vec<Route>,
    /// Functions that are given an application or a router, by their parameter's type, with the framework.
    pub given: Vec<(FuncRef, &'static str)>,
    /// Tables as models declare them.
    pub tables: Vec<TableFinding>,
    /// Frameworks whose tables are written after the database: where migrations make it, a table they do not make is none.
    pub mirrors: Vec<&'static str>,
    /// Migrations.
    pub migrations: Vec<Migration>,
    /// Uses of tables.
    pub uses: Vec<TableUse>,
    /// Embedded SQL.
    pub queries: Vec<Query>,
    /// Places that send or hear.
    pub events: Vec<EventFinding>,
    /// Brokers.
    pub brokers: Vec<BrokerFinding>,
    /// Functions that a cloud calls.
    pub lambdas: Vec<LambdaFinding>,
    /// Questions that could not be answered.
    pub gaps: Vec<GapFinding>,
    /// Who implements and calls gRPC services.
    pub grpc: Vec<GrpcUse>,
    /// What the code needs to run.
    pub infrastructure: Infrastructure,
    /// Parts of GraphQL schemas.
    pub graphql: GraphqlFindings,
}

/// A question with evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GapFinding {
    /// Names the trouble: `route-path-unknown`, `mount-target-unknown`.
    pub code: Name,
    /// The question, for people and models.
    pub question: String,
    /// Where.
    pub place: Place,
}

impl Findings {
    /// Adds what another file gave.
    pub fn append(&mut self, mut other: Self) {
        self.owners.append(&mut other.owners);
        self.mounts.append(&mut other.mounts);
        self.routes.append(&mut other.routes);
        self.given.append(&mut other.given);
        self.tables.append(&mut other.tables);
        for mirror in other.mirrors {
            if !self.mirrors.contains(&mirror) {
                self.mirrors.push(mirror);
            }
        }
        self.migrations.append(&mut other.migrations);
        self.uses.append(&mut other.uses);
        self.queries.append(&mut other.queries);
        self.events.append(&mut other.events);
        self.brokers.append(&mut other.brokers);
        self.lambdas.append(&mut other.lambdas);
        self.gaps.append(&mut other.gaps);
        self.grpc.append(&mut other.grpc);
        self.infrastructure.append(other.infrastructure);
        self.graphql.append(other.graphql);
    }
}
