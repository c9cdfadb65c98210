//! Types that annotations say: `Mapped[int | None]`, through `Annotated` aliases, the base's type map and Python's enums.

use super::column::{Column, Targets, column};
use super::enums;
use super::types::{SqlType, sql_type};
use super::words::said;
use crate::base::Name;
use crate::base::code::{Expr, Key, Type};
use crate::facts::program::{Meaning, Program, Site};
use crate::frameworks::python::annotations::{Annotation, Spelling};

/// What an annotation says of a column.
#[derive(Clone, Debug, Default)]
pub struct Annotated {
    /// The type, when it names one.
    pub ty: Option<SqlType>,
    /// Whether `None` is among its values.
    pub nullable: bool,
    /// What `mapped_column(…)` within `Annotated[…]` says.
    pub column: Option<Column>,
}

/// How annotations become types.
pub struct Map<'p> {
    /// The program.
    pub program: &'p dyn Program,
    /// `type_annotation_map`, and where it is read.
    pub said: Option<(&'p Expr, Site)>,
    /// advanced-alchemy's own map.
    pub is_advanced: bool,
}

/// The annotation within `Mapped[…]`; `None` for other annotations.
#[must_use]
pub fn mapped<'p>(program: &dyn Program, site: &Site, ty: &'p Type) -> Option<&'p Type> {
    let [inner] = ty.args() else { return None };
    let last = ty.last_name()?;
    let is_mapped = matches!(last.as_str(), "Mapped" | "MappedColumn")
        && program.resolve_type(site, ty).outside().is_none_or(|path| path.starts_with("sqlalchemy."));
    is_mapped.then_some(inner)
}

impl<'p> Map<'p> {
    /// Reads an annotation without its `Mapped[…]`.
    #[must_use]
    pub fn read(&self, targets: &dyn Targets, site: &Site, ty: &'p Type) -> Annotated {
        let mut found = Annotated { nullable: has_null(ty, 0), ..Annotated::default() };
        // `Mapped["int | None"]` and names of aliases stand for what they spell.
        let whole = Annotation::new(self.program, site, ty);
        found.nullable |= spells_null(&whole);
        if let Some(ty) = self.by_name(site, ty) {
            found.ty = Some(ty);
        }
        let mut inner = Vec::new();
        for one in whole.alternatives(self.program) {
            found.nullable |= spells_null(&one);
            inner.extend(one.alternatives(self.program));
        }
        let metadata = whole.metadata.iter().chain(inner.iter().flat_map(|one| one.metadata.iter()));
        for (expr, at) in metadata {
            if let Some(said) = column(self.program, targets, at, expr) {
                found.column = Some(said);
            }
        }
        if found.ty.is_none() {
            found.ty = inner.first().and_then(|one| self.of_annotation(one));
        }
        found
    }

    /// The type that the map gives for an annotation as it is written, aliases not looked through.
    fn by_name(&self, site: &Site, ty: &'p Type) -> Option<SqlType> {
        let mut candidates: Vec<&Type> = vec![ty];
        match ty {
            Type::Union(types) => candidates.extend(types.iter()),
            other => candidates.extend(other.args().iter()),
        }
        let is_optional = matches!(ty, Type::Union(_)) || ty.last_name().is_some_and(|name| name == "Optional");
        candidates.into_iter().take(if is_optional { 4 } else { 1 }).find_map(|ty| {
            let identity = identity(self.program, site, ty, 0)?;
            self.mapped_to(&identity)
        })
    }

    fn mapped_to(&self, identity: &str) -> Option<SqlType> {
        let (map, at) = self.said.as_ref()?;
        let (map, at) = match self.program.resolve(at, map) {
            Meaning::Value(value, at) => (value, at),
            _ => (*map, at.clone()),
        };
        let Expr::Object(entries) = map else { return None };
        entries.iter().rev().find_map(|entry| {
            let Key::Computed(key) = &entry.key else { return None };
            let spelled = Type::spelled(key);
            let known = value_identity(self.program, &at, key).or_else(|| identity_of_spelled(self.program, &at, key, &spelled))?;
            if known != identity { None } else { sql_type(self.program, &at, &entry.value) }
        })
    }

    /// The call that the map gives for all of Python's enums: `enum.Enum: Enum(native_enum=False)`.
    fn enum_options(&self) -> Option<(&'p crate::base::code::Call, Site)> {
        let (map, at) = self.said.as_ref()?;
        let entries = match self.program.resolve(at, map) {
            Meaning::Value(Expr::Object(entries), _) => entries,
            _ => return None,
        };
        let value = entries.iter().find_map(|entry| match &entry.key {
            Key::Computed(key) if self.program.resolve(at, key).is_any(&["enum.Enum", "enum.StrEnum"]) => Some(&entry.value),
            _ => None,
        })?;
        let made = said(self.program, at, value)?;
        matches!(made.word.as_str(), "Enum" | "ENUM").then_some((made.call, made.at))
    }

    fn of_annotation(&self, annotation: &Annotation<'p>) -> Option<SqlType> {
        let spelled = annotation.to_type();
        let head = annotation.head(self.program);
        let by_map = match annotation.ty {
            Spelling::Type(ty) => identity(self.program, &annotation.site, ty, 0),
            Spelling::Expr(expr) => identity_of_spelled(self.program, &annotation.site, expr, &spelled),
        };
        if let Some(ty) = by_map.and_then(|identity| self.mapped_to(&identity)) {
            return Some(ty);
        }
        if is_literal(&head) || spelled.last_name().is_some_and(|name| name == "Literal") {
            let labels = literals(&spelled);
            return (!labels.is_empty()).then(|| enums::of_literals(&labels));
        }
        self.of_head(&head, 0)
    }

    fn of_head(&self, head: &Meaning<'p>, depth: u32) -> Option<SqlType> {
        match head {
            Meaning::Outside(path) => self.of_path(path),
            Meaning::Class(class) if enums::is_enum(self.program, *class) => {
                let options = self.enum_options();
                Some(enums::of_class(self.program, *class, options.as_ref().map(|(call, at)| (*call, at))))
            }
            // A subclass of `str` or `int`, whose base the map finds.
            Meaning::Class(class) => self.program.outside_bases(*class).iter().find_map(|base| plain(base)).map(SqlType::of),
            // `UserId = NewType("UserId", int)`.
            Meaning::Value(Expr::Call(id), at) if depth < 4 => {
                let call = self.program.file(at.file).outline.call(*id);
                let is_new = call.callee.last_name().is_some_and(|name| name == "NewType");
                let inner = call.positional(1).filter(|_| is_new)?;
                self.of_head(&self.program.resolve(at, inner), depth + 1)
            }
            _ => None,
        }
    }

    fn of_path(&self, path: &str) -> Option<SqlType> {
        if let Some(ty) = self.mapped_to(path) {
            return Some(ty);
        }
        if self.is_advanced {
            let own = match path {
                "datetime.datetime" => "timestamp with time zone",
                "builtins.dict" | "typing.Dict" => "jsonb",
                "pydantic.EmailStr" | "pydantic.AnyUrl" | "pydantic.AnyHttpUrl" | "pydantic.IPvAnyAddress" => "character varying",
                _ => plain(path)?,
            };
            return Some(SqlType::of(own));
        }
        plain(path).map(SqlType::of)
    }
}

/// SQLAlchemy's own map of Python's types.
#[must_use]
pub fn plain(path: &str) -> Option<&'static str> {
    Some(match path {
        "builtins.int" => "integer",
        "builtins.str" => "character varying",
        "builtins.bool" => "boolean",
        "builtins.float" => "double precision",
        "builtins.bytes" => "bytea",
        "decimal.Decimal" => "numeric",
        "datetime.datetime" => "timestamp without time zone",
        "datetime.date" => "date",
        "datetime.time" => "time without time zone",
        "datetime.timedelta" => "interval",
        "uuid.UUID" => "uuid",
        _ => return None,
    })
}

fn is_literal(head: &Meaning) -> bool {
    head.is_any(&["typing.Literal", "typing_extensions.Literal"])
}

/// The texts of `Literal["a", "b"]`.
fn literals(ty: &Type) -> Vec<Name> {
    let texts = ty.args().iter().filter_map(|arg| match arg {
        Type::Value(Expr::Str(text)) | Type::Literal(Expr::Str(text)) => Some(text.clone()),
        Type::Named(named) => named.path.dotted().map(Name::from),
        _ => None,
    });
    texts.collect()
}

fn has_null(ty: &Type, depth: u32) -> bool {
    if depth > 8 {
        return false;
    }
    match ty {
        Type::Literal(Expr::Null) | Type::Value(Expr::Null) => true,
        Type::Union(types) => types.iter().any(|ty| has_null(ty, depth + 1)),
        Type::Named(_) => match ty.last_name().map(Name::as_str) {
            Some("Optional") => true,
            Some("Union" | "Annotated") => ty.args().iter().any(|ty| has_null(ty, depth + 1)),
            _ => false,
        },
        Type::Value(expr) => has_null(&Type::spelled(expr), depth + 1) && !matches!(expr, Expr::Call(_)),
        _ => false,
    }
}

fn spells_null(annotation: &Annotation) -> bool {
    match annotation.ty {
        Spelling::Type(ty) => has_null(ty, 0),
        Spelling::Expr(expr) => {
            let spelled = Type::spelled(expr);
            !matches!(spelled, Type::Value(_)) && has_null(&spelled, 0)
        }
    }
}

/// What a type is, spelled in a way that two spellings of one type share.
fn identity(program: &dyn Program, site: &Site, ty: &Type, depth: u32) -> Option<String> {
    if depth > 6 {
        return None;
    }
    let head = match ty {
        Type::Value(expr) => return value_identity(program, site, expr),
        Type::Named(named) if named.args.is_empty() => return value_identity(program, site, &named.path),
        Type::Named(named) => value_identity(program, site, &named.path)?,
        _ => return None,
    };
    let args: Vec<String> = ty.args().iter().map(|arg| identity(program, site, arg, depth + 1).unwrap_or_else(|| "?".to_owned())).collect();
    Some(format!("{}[{}]", untyped(&head), args.join(",")))
}

fn identity_of_spelled(program: &dyn Program, site: &Site, expr: &Expr, spelled: &Type) -> Option<String> {
    match spelled {
        Type::Named(_) => identity(program, site, spelled, 0),
        _ => value_identity(program, site, expr),
    }
}

/// `typing.Dict` is `dict`.
fn untyped(path: &str) -> String {
    match path {
        "typing.Dict" => "builtins.dict".to_owned(),
        "typing.List" => "builtins.list".to_owned(),
        other => other.to_owned(),
    }
}

/// What a name comes to: a library's word, a class, or the value it stands for (an `Annotated` alias is itself).
fn value_identity(program: &dyn Program, site: &Site, expr: &Expr) -> Option<String> {
    if !matches!(expr, Expr::Ref(_) | Expr::Member(..)) {
        return None;
    }
    match program.resolve(site, expr) {
        Meaning::Outside(path) => Some(untyped(&path)),
        Meaning::Class(class) => Some(format!("class {} {}", class.file.0, class.id.0)),
        Meaning::Value(value, at) => Some(format!("value {} {:p}", at.file.0, std::ptr::from_ref(value))),
        _ => None,
    }
}
