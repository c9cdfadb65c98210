//! Types that the program declares: `class GUID(TypeDecorator)`, `class Geometry(UserDefinedType)`, `class Email(String)`.

use super::types::{SqlType, of_word, type_at};
use super::words::word_of_path;
use crate::base::Name;
use crate::base::code::{Call, Expr, Op};
use crate::facts::program::{ClassRef, FuncRef, Program, Site};

/// The type of a class, made with these arguments.
pub(super) fn of_class(program: &dyn Program, class: ClassRef, made: Option<(&Call, &Site)>, depth: u32) -> Option<SqlType> {
    if depth > 12 {
        return None;
    }
    let bases = program.outside_bases(class);
    let word = bases.iter().find_map(|base| word_of_path(base))?;
    match word.as_str() {
        "TypeDecorator" => decorator(program, class, made, depth),
        "UserDefinedType" => spelled(program, class),
        _ => of_word(program, &word, made, depth + 1),
    }
}

/// What a decorator is on PostgreSQL, else what it is everywhere.
fn decorator(program: &dyn Program, class: ClassRef, made: Option<(&Call, &Site)>, depth: u32) -> Option<SqlType> {
    if let Some(function) = program.method(class, "load_dialect_impl")
        && let Some(ty) = for_postgres(program, function, depth)
    {
        return Some(ty);
    }
    let (value, at) = program.class_attribute(class, "impl")?;
    // Arguments go on to the type behind it, unless a constructor takes them.
    let meaning = program.produce(&at, value);
    if let Some(word) = super::words::word(program, &meaning) {
        let own = constructor_call(program, class);
        let passed = own.as_ref().map(|(call, site)| (*call, site)).or(made);
        return of_word(program, &word, passed, depth + 1).or_else(|| (word == "Enum").then(|| SqlType::of("character varying")));
    }
    type_at(program, &at, value, depth + 1)
}

/// `super().__init__(length=64)` in the constructor of a type.
fn constructor_call(program: &dyn Program, class: ClassRef) -> Option<(&Call, Site)> {
    let function = program.method(class, "__init__")?;
    let outline = &program.file(function.file).outline;
    let inner = outline.function(function.id).inner;
    let call = outline.calls.iter().find(|call| {
        outline.is_within(call.scope, inner)
            && matches!(&call.callee, Expr::Member(of, name) if name == "__init__" && is_super(program, function, of))
    })?;
    Some((call, Site::of_call(function.file, call)))
}

fn is_super(program: &dyn Program, function: FuncRef, expr: &Expr) -> bool {
    match expr {
        Expr::Call(id) => matches!(&program.file(function.file).outline.call(*id).callee, Expr::Ref(name) if name == "super"),
        _ => false,
    }
}

/// What `load_dialect_impl` gives under `dialect.name == "postgresql"`; else what it gives last.
fn for_postgres(program: &dyn Program, function: FuncRef, depth: u32) -> Option<SqlType> {
    let facts = program.file(function.file);
    let declared = facts.outline.function(function.id);
    let tests: Vec<(u32, Option<Name>)> = facts
        .outline
        .tests
        .iter()
        .filter(|test| (declared.at.offset..declared.end).contains(&test.at.offset))
        .map(|test| (test.at.offset, dialect_of(&test.expr)))
        .collect();
    let mut last = None;
    for index in facts.returns_of(function.id) {
        let returned = &facts.outline.returns[*index as usize];
        let at = Site { file: function.file, scope: returned.scope, offset: returned.at.offset, env: None };
        let Some(ty) = descriptor(program, &at, &returned.value, depth) else { continue };
        let under = tests.iter().rev().find(|(offset, _)| *offset < returned.at.offset).and_then(|(_, dialect)| dialect.clone());
        match under.as_deref() {
            Some(dialect) if dialect.starts_with("postgres") => return Some(ty),
            Some(_) => last = last.or(Some(ty)),
            None => last = Some(ty),
        }
    }
    last
}

fn dialect_of(expr: &Expr) -> Option<Name> {
    match expr {
        Expr::Binary(binary) if matches!(binary.op, Op::Eq | Op::In) => match (&binary.left, &binary.right) {
            (_, Expr::Str(text)) | (Expr::Str(text), _) => Some(text.clone()),
            (_, Expr::List(items)) => items.iter().find_map(Expr::as_str).map(Name::from),
            _ => None,
        },
        Expr::Binary(binary) => dialect_of(&binary.left).or_else(|| dialect_of(&binary.right)),
        _ => None,
    }
}

/// `dialect.type_descriptor(UUID())`.
fn descriptor(program: &dyn Program, at: &Site, value: &Expr, depth: u32) -> Option<SqlType> {
    match value {
        Expr::Cond(cond) => {
            let is_ours = dialect_of(&cond.test).is_some_and(|name| name.starts_with("postgres"));
            let (first, second) = if is_ours { (&cond.yes, &cond.no) } else { (&cond.no, &cond.yes) };
            descriptor(program, at, first, depth + 1).or_else(|| descriptor(program, at, second, depth + 1))
        }
        Expr::Call(id) => {
            let call = program.file(at.file).outline.call(*id);
            match call.method() {
                Some((_, name)) if name == "type_descriptor" => type_at(program, at, call.positional(0)?, depth + 1),
                _ => type_at(program, at, value, depth + 1),
            }
        }
        _ => None,
    }
}

/// `def get_col_spec(self, **kw): return "GEOMETRY"`.
fn spelled(program: &dyn Program, class: ClassRef) -> Option<SqlType> {
    let function = program.method(class, "get_col_spec")?;
    let facts = program.file(function.file);
    facts.returns_of(function.id).iter().find_map(|index| {
        let returned = &facts.outline.returns[*index as usize];
        let at = Site { file: function.file, scope: returned.scope, offset: returned.at.offset, env: None };
        program.text(&at, &returned.value).plain().map(|text| SqlType::of(text.to_lowercase()))
    })
}
