//! Types of well-known crates, as serde writes them.

use crate::base::code::Type;
use crate::facts::program::{Mode, Program, Site};
use crate::facts::shape::{Member, Shape};

/// Crates whose types are read. Their other names for the same (`sea_orm::prelude::Uuid`, `sqlx::types::Uuid`) count as well.
const CRATES: &[&str] = &[
    "chrono",
    "time",
    "uuid",
    "url",
    "serde_json",
    "rust_decimal",
    "bigdecimal",
    "semver",
    "bytes",
    "jiff",
    "indexmap",
    "smallvec",
    "ulid",
    "sqlx",
    "sea_orm",
    "diesel",
    "secrecy",
    "email_address",
    "ipnet",
    "ipnetwork",
    "bson",
    "mongodb",
    "ordered_float",
    "either",
    "axum",
    "actix_web",
    "poem",
    "salvo",
    "rocket",
    "http",
    "hashbrown",
    "dashmap",
    "chrono_tz",
    "compact_str",
    "smol_str",
    "ecow",
    "utoipa",
    "poem_openapi",
    "iso8601_timestamp",
    "tinyvec",
    "arrayvec",
    "camino",
    "mime",
    "num_bigint",
    "axum_extra",
    "dropshot",
    "schemars",
    "hyper",
    "serde_with",
    "itertools",
];

/// The shape of a library's type.
#[must_use]
pub fn shape(program: &dyn Program, path: &str, args: &[Type], site: &Site, mode: Mode) -> Option<Shape> {
    let (root, name) = (path.split('.').next()?, path.rsplit('.').next()?);
    let nth = |index: usize| args.get(index).map_or(Shape::Any, |arg| program.shape_of_type(site, arg, mode));
    if root == "builtins" {
        return from_prelude(name);
    }
    if !CRATES.contains(&root) {
        return None;
    }
    if let Some(shape) = moment(path, root, name) {
        return Some(shape);
    }
    Some(match name {
        "Uuid" | "Hyphenated" | "Simple" | "NonNilUuid" => Shape::format("uuid"),
        "Url" => Shape::format("uri"),
        "EmailAddress" | "Email" if root != "poem_openapi" || name == "Email" => Shape::format("email"),
        "Ulid" => Shape::format("ulid"),
        "Value" if matches!(root, "serde_json" | "sea_orm" | "sqlx") => Shape::Any,
        "RawValue" | "JsonValue" => Shape::Any,
        "Map" if root == "serde_json" => Shape::Map(Box::new(Shape::Any)),
        "Number" if root == "serde_json" => Shape::Number,
        "Decimal" | "BigDecimal" | "BigInt" | "BigUint" => Shape::format("decimal"),
        "OrderedFloat" | "NotNan" => Shape::Number,
        "Version" | "VersionReq" | "ObjectId" | "IpNet" | "Ipv4Net" | "Ipv6Net" | "IpNetwork" | "Tz" | "CompactString" | "SmolStr"
        | "EcoString" | "SecretString" | "Utf8PathBuf" | "Mime" | "ByteString" => Shape::Text(None),
        "IndexMap" | "HashMap" | "DashMap" => Shape::Map(Box::new(nth(1))),
        "IndexSet" | "HashSet" | "DashSet" => nth(0).list().with("uniqueItems", true),
        "SmallVec" | "TinyVec" | "ArrayVec" | "OneOrMany" => nth(0).list(),
        "ArrayString" => Shape::Text(None),
        "Bytes" | "BytesMut" => Shape::Int.list(),
        "Secret" | "SecretBox" | "Text" => nth(0),
        "Either" | "Either3" => Shape::AnyOf(vec![nth(0), nth(1)]),
        "Json" | "Form" | "Query" | "Protobuf" | "Xml" | "JsonBody" => {
            if args.is_empty() {
                Shape::Any
            } else {
                nth(0)
            }
        }
        "TempFile" | "FileUpload" | "FilePart" | "Upload" => Shape::format("binary"),
        "ResultsPage" => {
            Shape::record(vec![Member::required("items", nth(0).list()), Member::optional("next_page", Shape::Text(None).or_null())])
        }
        "PaginationParams" => paginated(program, &nth(0)),
        "StatusCode" => Shape::Int,
        _ => return None,
    })
}

/// Dropshot: what is asked of the first page, beside how much and from where.
fn paginated(program: &dyn Program, scan: &Shape) -> Shape {
    let mut members = vec![
        Member::optional("limit", Shape::Int.with("format", "int32").with("minimum", 1)),
        Member::optional("page_token", Shape::Text(None).or_null()),
    ];
    let asked = program.record(scan).map(|record| record.members).unwrap_or_default();
    members.extend(asked.into_iter().map(|member| Member { required: false, ..member }));
    Shape::record(members)
}

/// Dates and times.
fn moment(path: &str, root: &str, name: &str) -> Option<Shape> {
    let is_dated = matches!(root, "chrono" | "time" | "sqlx" | "sea_orm" | "jiff" | "diesel" | "bson" | "mongodb" | "iso8601_timestamp");
    if !is_dated {
        return None;
    }
    Some(match name {
        "DateTime"
        | "NaiveDateTime"
        | "OffsetDateTime"
        | "PrimitiveDateTime"
        | "UtcDateTime"
        | "DateTimeUtc"
        | "DateTimeLocal"
        | "DateTimeWithTimeZone"
        | "ChronoDateTime"
        | "ChronoDateTimeUtc"
        | "ChronoDateTimeWithTimeZone"
        | "TimeDateTime"
        | "TimeDateTimeWithTimeZone"
        | "Timestamp"
        | "Zoned" => Shape::format("date-time"),
        "NaiveDate" | "Date" | "ChronoDate" | "TimeDate" => Shape::format("date"),
        "NaiveTime" | "Time" | "ChronoTime" | "TimeTime" => Shape::format("time"),
        "Weekday" | "Month" if root == "chrono" => Shape::Text(None),
        "Duration" if root == "time" => Shape::Tuple(vec![Shape::Int, Shape::Int]),
        "Span" | "SignedDuration" if path.starts_with("jiff.") => Shape::format("duration"),
        _ => return None,
    })
}

/// Names that the preludes of database libraries bring in with a glob. They mean the same wherever they come from.
fn from_prelude(name: &str) -> Option<Shape> {
    Some(match name {
        "Uuid" => Shape::format("uuid"),
        "DateTimeUtc"
        | "DateTimeWithTimeZone"
        | "DateTimeLocal"
        | "NaiveDateTime"
        | "OffsetDateTime"
        | "ChronoDateTime"
        | "TimeDateTime"
        | "TimeDateTimeWithTimeZone"
        | "DateTime" => Shape::format("date-time"),
        "NaiveDate" | "ChronoDate" => Shape::format("date"),
        "NaiveTime" | "ChronoTime" => Shape::format("time"),
        "Decimal" | "BigDecimal" => Shape::format("decimal"),
        _ => return None,
    })
}
