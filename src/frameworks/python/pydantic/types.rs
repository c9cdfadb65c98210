//! pydantic's own types, and what stands in `Annotated[…]`.

use crate::base::code::{Call, Expr, Type};
use crate::facts::program::{Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::python::annotations::library_call;
use crate::frameworks::python::constraints::annotated;
use crate::frameworks::python::literals::literal;

/// The shape of a library's type; `None` when it is no type of pydantic's or of those that come with it.
#[must_use]
pub fn shape(program: &dyn Program, path: &str, args: &[Type], site: &Site, mode: Mode) -> Option<Shape> {
    if matches!(path, "typing.Annotated" | "typing_extensions.Annotated") {
        return refined(program, args, site, mode);
    }
    let (module, name) = path.rsplit_once('.')?;
    let library = module.split('.').next()?;
    match library {
        "pydantic" => own(program, name, args, site, mode),
        "pydantic_extra_types" => extra(name),
        "fastapi" | "starlette" if name == "UploadFile" => Some(Shape::format("binary")),
        "litestar" if name == "UploadFile" => Some(Shape::format("binary")),
        "ninja" if name == "UploadedFile" => Some(Shape::format("binary")),
        "bson" | "beanie" | "odmantic" if matches!(name, "ObjectId" | "PydanticObjectId") => Some(Shape::Text(None)),
        "sqlmodel" if name == "AutoString" => Some(Shape::Text(None)),
        "fastapi_pagination" => page(program, name, args, site, mode),
        _ => None,
    }
}

/// The first argument under what the others say.
fn refined(program: &dyn Program, args: &[Type], site: &Site, mode: Mode) -> Option<Shape> {
    let [inner, metadata @ ..] = args else { return None };
    let mut shape = program.shape_of_type(site, inner, mode);
    for expr in metadata.iter().filter_map(|arg| if let Type::Value(expr) = arg { Some(expr) } else { None }) {
        let Some((path, call, at)) = library_call(program, site, expr) else { continue };
        let made = program.call(call);
        shape = match path.rsplit('.').next().unwrap_or_default() {
            "PlainSerializer" | "WrapSerializer" if mode == Mode::Write => serialized(program, made, &at, mode).unwrap_or(shape),
            "WithJsonSchema" => written(program, made, &at).unwrap_or(shape),
            "Field" | "Discriminator" => {
                let by = made.keyword("discriminator").or_else(|| made.positional(0).filter(|_| path.ends_with("Discriminator")));
                let by = by.and_then(|expr| program.text(&at, expr).plain());
                told_apart(annotated(program, &at, &path, made, shape), by)
            }
            _ => annotated(program, &at, &path, made, shape),
        };
    }
    Some(shape)
}

fn told_apart(shape: Shape, by: Option<String>) -> Shape {
    match (shape, by) {
        (Shape::AnyOf(shapes), Some(by)) if !shapes.contains(&Shape::Null) => Shape::OneOf(shapes, Some(by.into())),
        (shape, _) => shape,
    }
}

/// `PlainSerializer(str, return_type=str)`: what it says it returns.
fn serialized(program: &dyn Program, made: &Call, at: &Site, mode: Mode) -> Option<Shape> {
    if let Some(returns) = made.keyword("return_type") {
        return Some(program.shape_of_type(at, &Type::spelled(returns), mode));
    }
    let function = made.arg(0, "func")?;
    match program.resolve(at, function) {
        Meaning::Outside(path) if path == "builtins.str" => Some(Shape::Text(None)),
        Meaning::Outside(path) if path == "builtins.float" => Some(Shape::Number),
        Meaning::Function(function, _) => {
            let returns = &program.function(function).returns;
            (*returns != Type::Unknown).then(|| program.shape_of_type(&program.around(function), returns, mode))
        }
        _ => None,
    }
}

fn written(program: &dyn Program, made: &Call, at: &Site) -> Option<Shape> {
    let schema = made.arg(0, "json_schema")?;
    literal(program, at, schema).filter(serde_json::Value::is_object).map(|schema| Shape::Schema(Box::new(schema)))
}

fn own(program: &dyn Program, name: &str, args: &[Type], site: &Site, mode: Mode) -> Option<Shape> {
    if let Some(shape) = number(name).or_else(|| text(name)) {
        return Some(shape);
    }
    let first = || args.first().map_or(Shape::Any, |arg| program.shape_of_type(site, arg, mode));
    Some(match name {
        "InstanceOf" | "SerializeAsAny" | "SkipValidation" | "OnErrorOmit" | "Strict" => first(),
        "Secret" => first(),
        // Sent as text that holds JSON; given back as what it holds.
        "Json" if mode == Mode::Read => Shape::Text(None).with("contentMediaType", "application/json"),
        "Json" => first(),
        "JsonValue" | "ImportString" | "BaseModel" => Shape::Any,
        _ => return None,
    })
}

fn number(name: &str) -> Option<Shape> {
    Some(match name {
        "PositiveInt" => Shape::Int.with("exclusiveMinimum", 0),
        "NonNegativeInt" => Shape::Int.with("minimum", 0),
        "NegativeInt" => Shape::Int.with("exclusiveMaximum", 0),
        "NonPositiveInt" => Shape::Int.with("maximum", 0),
        "PositiveFloat" => Shape::Number.with("exclusiveMinimum", 0),
        "NonNegativeFloat" => Shape::Number.with("minimum", 0),
        "NegativeFloat" => Shape::Number.with("exclusiveMaximum", 0),
        "NonPositiveFloat" => Shape::Number.with("maximum", 0),
        "StrictInt" => Shape::Int,
        "ByteSize" => Shape::Int.with("minimum", 0),
        "StrictFloat" | "FiniteFloat" => Shape::Number,
        "StrictBool" => Shape::Bool,
        _ => return None,
    })
}

/// Types that are text on the wire, with their format.
const TEXTS: &[(&str, &str)] = &[
    ("EmailStr", "email"),
    ("NameEmail", "name-email"),
    ("SecretStr", "password"),
    ("SecretBytes", "password"),
    ("UUID1", "uuid1"),
    ("UUID3", "uuid3"),
    ("UUID4", "uuid4"),
    ("UUID5", "uuid5"),
    ("UUID6", "uuid6"),
    ("UUID7", "uuid7"),
    ("UUID8", "uuid8"),
    ("PastDate", "date"),
    ("FutureDate", "date"),
    ("PastDatetime", "date-time"),
    ("FutureDatetime", "date-time"),
    ("AwareDatetime", "date-time"),
    ("NaiveDatetime", "date-time"),
    ("IPvAnyAddress", "ipvanyaddress"),
    ("IPvAnyInterface", "ipvanyinterface"),
    ("IPvAnyNetwork", "ipvanynetwork"),
    ("FilePath", "file-path"),
    ("DirectoryPath", "directory-path"),
    ("NewPath", "path"),
    ("Base64Bytes", "base64"),
    ("Base64Str", "base64"),
    ("Base64UrlBytes", "base64url"),
    ("Base64UrlStr", "base64url"),
    ("StrictBytes", "binary"),
    ("Color", "color"),
];

fn text(name: &str) -> Option<Shape> {
    if let Some((_, format)) = TEXTS.iter().find(|(known, _)| *known == name) {
        return Some(Shape::format(format));
    }
    if name.ends_with("Url") || name.ends_with("Uri") || name.ends_with("Dsn") {
        return Some(Shape::format("uri"));
    }
    matches!(name, "StrictStr" | "PaymentCardNumber").then_some(Shape::Text(None))
}

fn extra(name: &str) -> Option<Shape> {
    Some(match name {
        "PhoneNumber" => Shape::format("phone"),
        "Color" => Shape::format("color"),
        "Latitude" | "Longitude" => Shape::Number,
        "Coordinate" => Shape::Text(None),
        "MacAddress" => Shape::format("mac-address"),
        "DateTime" => Shape::format("date-time"),
        "ULID" => Shape::format("ulid"),
        _ if name.starts_with("UUID") => Shape::format("uuid"),
        _ => Shape::Text(None),
    })
}

/// A page of fastapi-pagination.
fn page(program: &dyn Program, name: &str, args: &[Type], site: &Site, mode: Mode) -> Option<Shape> {
    use crate::facts::shape::Member;
    let item = args.first().map_or(Shape::Any, |arg| program.shape_of_type(site, arg, mode));
    let items = Member::required("items", item.list());
    let count = |name: &'static str| Member::required(name, Shape::Int.with("minimum", 0));
    Some(match name {
        "Page" => Shape::record(vec![items, count("total"), count("page"), count("size"), count("pages")]),
        "LimitOffsetPage" => Shape::record(vec![items, count("total"), count("limit"), count("offset")]),
        "CursorPage" => {
            let link = |name: &'static str| Member::optional(name, Shape::Text(None).or_null());
            Shape::record(vec![items, link("current_page"), link("current_page_backwards"), link("previous_page"), link("next_page")])
        }
        _ => return None,
    })
}

/// What a type argument spells when it stands among values.
#[must_use]
pub fn spelled(program: &dyn Program, site: &Site, expr: &Expr, mode: Mode) -> Shape {
    program.shape_of_type(site, &Type::spelled(expr), mode)
}
