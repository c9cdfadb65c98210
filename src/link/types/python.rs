//! Python's builtins and standard library.

use serde_json::Value;

use super::Types;
use crate::base::code::{Expr, Type};
use crate::facts::members::any_of;
use crate::facts::program::{Mode, Site};
use crate::facts::shape::Shape;

impl Types<'_> {
    /// A type of the standard library by its dotted path; [`Shape::Any`] for what is not known.
    pub(super) fn python(&self, path: &str, args: &[Type], site: &Site, mode: Mode) -> Shape {
        if let Some(shape) = plain(path, mode) {
            return shape;
        }
        match local_name(path) {
            Some(
                "list" | "List" | "set" | "Set" | "frozenset" | "FrozenSet" | "deque" | "Deque" | "Sequence" | "MutableSequence"
                | "Iterable" | "Iterator" | "Collection" | "AbstractSet" | "MutableSet" | "Generator" | "AsyncIterable" | "AsyncIterator"
                | "AsyncGenerator",
            ) => self.python_list(path, args, site, mode),
            Some("tuple" | "Tuple") => self.python_tuple(args, site, mode),
            Some("dict" | "Dict" | "Mapping" | "MutableMapping" | "defaultdict" | "DefaultDict" | "OrderedDict") => {
                self.python_dict(args, site, mode)
            }
            Some("Counter") => Shape::Map(Box::new(Shape::Int)),
            Some("Optional") => self.first(args, site, mode).or_null(),
            Some("Union") => any_of(args.iter().map(|arg| self.written(site, arg, mode))),
            Some("Literal") => self.python_literal(args, site, mode),
            Some("Annotated" | "Final" | "ClassVar" | "Required" | "NotRequired" | "ReadOnly" | "Unpack" | "Awaitable" | "InitVar") => {
                self.first(args, site, mode)
            }
            // What a coroutine gives stands last.
            Some("Coroutine") => self.nth(args, 2, site, mode),
            Some("Self") => self.class_around(site).map_or(Shape::Any, |class| self.itself(class, mode)),
            _ => Shape::Any,
        }
    }

    fn python_list(&self, path: &str, args: &[Type], site: &Site, mode: Mode) -> Shape {
        let list = self.first(args, site, mode).list();
        let is_set = matches!(local_name(path), Some("set" | "Set" | "frozenset" | "FrozenSet" | "AbstractSet" | "MutableSet"));
        if is_set { list.with("uniqueItems", true) } else { list }
    }

    fn python_tuple(&self, args: &[Type], site: &Site, mode: Mode) -> Shape {
        match args {
            [] => Shape::Any.list(),
            [item, Type::Named(rest)] if rest.path == Expr::Ref("...".into()) => self.written(site, item, mode).list(),
            [item, Type::Value(Expr::Hole) | Type::Unknown] => self.written(site, item, mode).list(),
            [Type::Tuple(none)] if none.is_empty() => Shape::Tuple(Vec::new()),
            args => Shape::Tuple(args.iter().map(|arg| self.written(site, arg, mode)).collect()),
        }
    }

    fn python_dict(&self, args: &[Type], site: &Site, mode: Mode) -> Shape {
        // A dict keyed by literals need not hold all of them.
        Shape::Map(Box::new(self.nth(args, 1, site, mode)))
    }

    fn python_literal(&self, args: &[Type], site: &Site, mode: Mode) -> Shape {
        any_of(args.iter().map(|arg| match arg {
            Type::Value(Expr::Null) | Type::Literal(Expr::Null) => Shape::Null,
            Type::Value(expr) | Type::Literal(expr) => match self.literal(site, expr) {
                Some(Value::Null) => Shape::Null,
                Some(value) => Shape::Enum(vec![value]),
                None => self.type_expr(site, expr, mode),
            },
            other => self.written(site, other, mode),
        }))
    }
}

/// Types without arguments.
fn plain(path: &str, mode: Mode) -> Option<Shape> {
    Some(match path {
        "builtins.str" | "typing.AnyStr" | "typing.Text" | "typing.LiteralString" | "typing_extensions.LiteralString" => Shape::Text(None),
        "builtins.int" => Shape::Int,
        "builtins.float" | "builtins.complex" | "fractions.Fraction" | "numbers.Number" | "numbers.Real" => Shape::Number,
        "numbers.Integral" => Shape::Int,
        "builtins.bool" => Shape::Bool,
        "builtins.bytes" | "builtins.bytearray" | "builtins.memoryview" => Shape::format("binary"),
        "builtins.None" | "types.NoneType" => Shape::Null,
        "typing.NoReturn" | "typing.Never" | "typing_extensions.Never" => Shape::Null,
        "datetime.datetime" => Shape::format("date-time"),
        "datetime.date" => Shape::format("date"),
        "datetime.time" => Shape::format("time"),
        "datetime.timedelta" => Shape::format("duration"),
        "uuid.UUID" => Shape::format("uuid"),
        // Sent as text, so that no digit is lost; taken as either.
        "decimal.Decimal" if mode == Mode::Read => Shape::AnyOf(vec![Shape::Number, Shape::Text(None)]),
        "decimal.Decimal" => Shape::Text(None),
        "pathlib.Path" | "pathlib.PurePath" | "pathlib.PosixPath" | "pathlib.PurePosixPath" | "os.PathLike" => Shape::format("path"),
        "ipaddress.IPv4Address" => Shape::format("ipv4"),
        "ipaddress.IPv6Address" => Shape::format("ipv6"),
        "ipaddress.IPv4Network" => Shape::format("ipv4network"),
        "ipaddress.IPv6Network" => Shape::format("ipv6network"),
        "ipaddress.IPv4Interface" => Shape::format("ipv4interface"),
        "ipaddress.IPv6Interface" => Shape::format("ipv6interface"),
        "re.Pattern" | "typing.Pattern" => Shape::format("regex"),
        "zoneinfo.ZoneInfo" => Shape::Text(None),
        _ => return None,
    })
}

/// The name within the modules that collections and type constructors come from.
fn local_name(path: &str) -> Option<&str> {
    let (module, name) = path.rsplit_once('.')?;
    matches!(module, "builtins" | "typing" | "typing_extensions" | "collections" | "collections.abc" | "dataclasses").then_some(name)
}
