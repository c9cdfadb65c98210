//! Names that Python's `from library import *` brings: what nothing else binds and Python itself does not know.
//!
//! What a library exports is not known; of the standard modules that are taken whole, the names that matter are.

use crate::base::Name;
use crate::base::code::Imported;
use crate::base::language::Language;
use crate::facts::program::{FileId, Meaning, Program};
use crate::link::modules::ModuleRef;
use crate::link::system::System;

/// Names of Python's own that code uses where values and types stand.
const BUILTINS: &[&str] = &[
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "BaseException",
    "ConnectionError",
    "Ellipsis",
    "Exception",
    "FileNotFoundError",
    "ImportError",
    "IndexError",
    "KeyError",
    "KeyboardInterrupt",
    "LookupError",
    "ModuleNotFoundError",
    "NotImplemented",
    "NotImplementedError",
    "OSError",
    "PermissionError",
    "RuntimeError",
    "StopAsyncIteration",
    "StopIteration",
    "SystemExit",
    "TimeoutError",
    "TypeError",
    "UnicodeDecodeError",
    "ValueError",
    "Warning",
    "ZeroDivisionError",
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "cls",
    "compile",
    "complex",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "exit",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "quit",
    "range",
    "repr",
    "reversed",
    "round",
    "self",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
];

/// Standard modules that are taken whole, and the names of them that matter.
const STANDARD: &[(&str, &[&str])] = &[
    ("datetime", &["date", "datetime", "time", "timedelta", "timezone", "tzinfo", "UTC"]),
    ("decimal", &["Decimal"]),
    ("enum", &["Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "auto", "unique"]),
    (
        "typing",
        &[
            "Any",
            "Dict",
            "List",
            "Optional",
            "Union",
            "Tuple",
            "Set",
            "Literal",
            "Annotated",
            "Generic",
            "TypeVar",
            "Callable",
            "ClassVar",
            "Type",
        ],
    ),
    ("uuid", &["UUID", "uuid1", "uuid4"]),
    ("collections", &[]),
    ("ctypes", &[]),
    ("functools", &[]),
    ("itertools", &[]),
    ("json", &[]),
    ("math", &[]),
    ("os", &[]),
    ("random", &[]),
    ("re", &[]),
    ("socket", &[]),
    ("string", &[]),
    ("struct", &[]),
    ("sys", &[]),
    ("threading", &[]),
    ("time", &[]),
    ("tkinter", &[]),
    ("types", &[]),
    ("unittest", &[]),
];

/// A name of the last library that a file takes whole.
pub(super) fn from_libraries<'p>(system: &'p System, file: FileId, name: &Name) -> Option<Meaning<'p>> {
    let facts = system.file(file);
    let is_word = name.starts_with(|c: char| c == '_' || c.is_alphabetic());
    if facts.language != Language::Python || !is_word || BUILTINS.binary_search(&name.as_str()).is_ok() {
        return None;
    }
    let globs = facts.outline.imports.iter().enumerate().rev().filter(|(_, import)| import.what == Imported::Glob);
    globs.into_iter().find_map(|(index, _)| {
        let ModuleRef::Outside(module) = system.imports(file).get(index)? else { return None };
        let known = STANDARD.iter().find(|(standard, _)| standard == module);
        let has = known.is_none_or(|(_, names)| names.contains(&name.as_str()));
        has.then(|| Meaning::Outside(format!("{module}.{name}").into()))
    })
}
