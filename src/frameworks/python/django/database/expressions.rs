//! Expressions in code as [`Term`]s and [`Condition`]s: `Q(stock__gt=0)`, `F("price") * 2`, `Lower("name").desc()`, `Now()`.

use super::state::Part;
use super::terms::{Condition, MAX_DEPTH, Term};
use crate::base::Name;
use crate::base::code::{Call, Expr, Op};
use crate::facts::program::{Meaning, Program, Site};

/// What a call's callee is called, names resolved: the last part of a library's path, or the written one.
fn called(program: &dyn Program, site: &Site, call: &Call) -> Name {
    match program.resolve(site, &call.callee) {
        Meaning::Outside(path) => path.rsplit('.').next().unwrap_or(&path).into(),
        _ => call.callee.last_name().cloned().unwrap_or_default(),
    }
}

/// A value; a text is a text, not a field.
#[must_use]
pub fn term(program: &dyn Program, site: &Site, expr: &Expr) -> Term {
    term_at(program, site, expr, 0)
}

fn term_at(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Term {
    if depth > MAX_DEPTH {
        return Term::Unknown;
    }
    match expr {
        Expr::Null => Term::Null,
        Expr::Bool(truth) => Term::Bool(*truth),
        Expr::Int(number) => Term::Number(number.to_string().into()),
        Expr::Float(number) => Term::Number(number.replace('_', "").into()),
        Expr::Str(text) => Term::Text(text.clone()),
        Expr::List(items) => Term::List(items.iter().map(|item| term_at(program, site, item, depth + 1)).collect()),
        Expr::Object(entries) if entries.is_empty() => Term::Sql("'{}'".into()),
        Expr::Template(_) => program.text(site, expr).plain().map_or(Term::Unknown, |text| Term::Text(text.into())),
        Expr::Ref(_) | Expr::Member(..) | Expr::Index(_) => named(program, site, expr, depth),
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            call_term(program, site, call, depth)
        }
        Expr::Binary(binary) => {
            let side = |expr: &Expr| Box::new(operand(program, site, expr, depth + 1));
            match binary.op {
                Op::Add => Term::Binary(side(&binary.left), "+".into(), side(&binary.right)),
                Op::BitAnd | Op::BitOr | Op::Ne => Term::When(Box::new(condition_at(program, site, expr, depth + 1))),
                _ => Term::Unknown,
            }
        }
        _ => Term::Unknown,
    }
}

/// A constant, a member of an enumeration: `Status.OPEN`, `Status.OPEN.value`, `OPEN = "open", _("Open")`.
fn named(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Term {
    if let Expr::Member(inner, name) = expr
        && name == "value"
    {
        let value = term_at(program, site, inner, depth + 1);
        if !matches!(value, Term::Unknown) {
            return value;
        }
    }
    if let Expr::Member(of, name) = expr
        && matches!(name.as_str(), "values" | "choices")
        && let Meaning::Class(class) = program.resolve(site, of)
        && let Some(values) = super::super::models::members_of(program, class)
    {
        let each = values
            .iter()
            .map(|value| value.as_str().map_or_else(|| Term::Number(value.to_string().into()), |text| Term::Text(text.into())));
        return Term::List(each.collect());
    }
    match program.resolve(site, expr) {
        Meaning::Value(Expr::Ref(_) | Expr::Member(..) | Expr::Index(_), _) => Term::Unknown,
        Meaning::Value(Expr::List(items), at) if matches!(expr, Expr::Member(..)) => match items.first() {
            Some(first) => term_at(program, &at, first, depth + 1),
            None => Term::List(Vec::new()),
        },
        Meaning::Value(value, at) => term_at(program, &at, value, depth + 1),
        Meaning::Outside(path) if path == "django.utils.timezone.now" => Term::Unknown,
        _ => program.text(site, expr).plain().map_or(Term::Unknown, |text| Term::Text(text.into())),
    }
}

/// Something that stands where a text names a field.
fn operand(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Term {
    match term_at(program, site, expr, depth) {
        // `Value("x")` is a text.
        Term::Text(name) if !matches!(expr, Expr::Call(_)) => Term::Field(name),
        other => other,
    }
}

fn call_term(program: &dyn Program, site: &Site, call: &Call, depth: u32) -> Term {
    let name = called(program, site, call);
    let arg = |index: usize, keyword: &str| call.arg(index, keyword);
    let first = || arg(0, "value").map_or(Term::Unknown, |expr| term_at(program, site, expr, depth + 1));
    let inner = || arg(0, "expression").map_or(Term::Unknown, |expr| operand(program, site, expr, depth + 1));
    match name.as_str() {
        "F" => arg(0, "name").and_then(|expr| program.text(site, expr).plain()).map_or(Term::Unknown, |name| Term::Field(name.into())),
        "Value" | "Decimal" | "gettext_lazy" | "_" | "str" | "int" | "float" => match (name.as_str(), first()) {
            ("Decimal", Term::Text(text)) if text.parse::<f64>().is_ok() => Term::Number(text),
            (_, other) => other,
        },
        "Q" => Term::When(Box::new(q(program, site, call, depth + 1))),
        "ExpressionWrapper" => inner(),
        "set" | "frozenset" | "tuple" | "list" => {
            call.args.first().map_or(Term::List(Vec::new()), |arg| term_at(program, site, &arg.value, depth + 1))
        }
        "dict" if call.args.is_empty() => Term::Sql("'{}'".into()),
        "Now" => Term::Sql("statement_timestamp()".into()),
        "TransactionNow" => Term::Sql("CURRENT_TIMESTAMP".into()),
        "RandomUUID" => Term::Sql("gen_random_uuid()".into()),
        "Pi" => Term::Sql("pi()".into()),
        "Cast" => cast(program, site, call, depth),
        "Case" => case(program, site, call, depth),
        "CombinedExpression" => {
            let side = |index| arg(index, "").map_or(Term::Unknown, |expr| operand(program, site, expr, depth + 1));
            match arg(1, "connector").and_then(|expr| program.text(site, expr).plain()) {
                Some(op) if is_operator(&op) => Term::Binary(Box::new(side(0)), op.into(), Box::new(side(2))),
                _ => Term::Unknown,
            }
        }
        "Func" => match call.keyword("function").and_then(|expr| program.text(site, expr).plain()) {
            Some(function) if is_name(&function) => Term::Call(function.into(), operands(program, site, call, depth)),
            _ => Term::Unknown,
        },
        "RawSQL" => arg(0, "sql").and_then(|expr| program.text(site, expr).plain()).map_or(Term::Unknown, |sql| Term::Sql(sql.into())),
        other => match function(other) {
            Some(function) => Term::Call(function.into(), operands(program, site, call, depth)),
            None => Term::Unknown,
        },
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
}

fn is_operator(text: &str) -> bool {
    matches!(text, "+" | "-" | "*" | "/" | "%" | "%%" | "^" | "&" | "|" | "#" | "<<" | ">>" | "||")
}

fn operands(program: &dyn Program, site: &Site, call: &Call, depth: u32) -> Vec<Term> {
    let plain = call.args.iter().filter(|arg| arg.name.is_none() || arg.name.as_deref() == Some("expression"));
    plain.map(|arg| operand(program, site, &arg.value, depth + 1)).collect()
}

/// `Case(When(Q(…), then=…), default=…)`.
fn case(program: &dyn Program, site: &Site, call: &Call, depth: u32) -> Term {
    let mut arms = Vec::new();
    for arg in call.args.iter().filter(|arg| arg.name.is_none()) {
        let Expr::Call(id) = &arg.value else { return Term::Unknown };
        let when = program.file(site.file).outline.call(*id);
        let condition = match when.arg(0, "condition") {
            Some(condition) => condition_at(program, site, condition, depth + 1),
            None => q(program, site, when, depth + 1),
        };
        let then = when.keyword("then").map_or(Term::Unknown, |expr| operand(program, site, expr, depth + 1));
        arms.push((condition, then));
    }
    let default = call.keyword("default").map_or(Term::Null, |expr| operand(program, site, expr, depth + 1));
    Term::Case(arms, Box::new(default))
}

fn cast(program: &dyn Program, site: &Site, call: &Call, depth: u32) -> Term {
    let Some(Expr::Call(id)) = call.arg(1, "output_field") else { return Term::Unknown };
    let field = program.file(site.file).outline.call(*id);
    let site = Site::of_call(site.file, field);
    let ty = super::kinds::kind(&called(program, &site, field)).and_then(|(ty, _)| cast_type(program, &site, field, ty));
    let (Some(of), Some(ty)) = (call.arg(0, "expression"), ty) else { return Term::Unknown };
    Term::Cast(Box::new(operand(program, &site, of, depth + 1)), ty)
}

fn cast_type(program: &dyn Program, site: &Site, field: &Call, ty: super::kinds::Type) -> Option<Name> {
    use super::kinds::Type;
    let number = |keyword: &str| program.text(site, field.keyword(keyword)?).plain();
    Some(match ty {
        Type::Is(ty) | Type::Auto(ty) | Type::Positive(ty) => ty.into(),
        Type::Text(_) => {
            number("max_length").map_or_else(|| "character varying".into(), |length| format!("character varying({length})").into())
        }
        Type::Number(..) => match (number("max_digits"), number("decimal_places")) {
            (Some(digits), Some(places)) => format!("numeric({digits},{places})").into(),
            _ => "numeric".into(),
        },
        Type::Geometry(_) => return None,
    })
}

/// A database function's name in SQL.
fn function(name: &str) -> Option<&'static str> {
    Some(match name {
        "Lower" => "lower",
        "Upper" => "upper",
        "Length" => "length",
        "Trim" => "btrim",
        "LTrim" => "ltrim",
        "RTrim" => "rtrim",
        "Coalesce" => "coalesce",
        "Greatest" => "greatest",
        "Least" => "least",
        "Abs" => "abs",
        "Round" => "round",
        "Ceil" => "ceil",
        "Floor" => "floor",
        "MD5" => "md5",
        "Left" => "left",
        "Right" => "right",
        "Reverse" => "reverse",
        "NullIf" => "nullif",
        "Substr" => "substr",
        _ => return None,
    })
}

/// A condition.
#[must_use]
pub fn condition(program: &dyn Program, site: &Site, expr: &Expr) -> Condition {
    condition_at(program, site, expr, 0)
}

fn condition_at(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Condition {
    if depth > MAX_DEPTH {
        return Condition::Unknown;
    }
    match expr {
        Expr::Call(id) => {
            let call = program.file(site.file).outline.call(*id);
            match called(program, site, call).as_str() {
                "Q" => q(program, site, call, depth + 1),
                _ => lookup_call(program, site, call, depth),
            }
        }
        Expr::Binary(binary) if matches!(binary.op, Op::BitAnd | Op::BitOr) => {
            let parts = vec![condition_at(program, site, &binary.left, depth + 1), condition_at(program, site, &binary.right, depth + 1)];
            if binary.op == Op::BitAnd { Condition::All(parts) } else { Condition::Any(parts) }
        }
        // `~Q(…)`
        Expr::Binary(binary) if binary.op == Op::Ne && binary.right == Expr::Bool(true) => {
            Condition::Not(Box::new(condition_at(program, site, &binary.left, depth + 1)))
        }
        Expr::Ref(_) | Expr::Member(..) => match program.resolve(site, expr) {
            Meaning::Value(Expr::Ref(_) | Expr::Member(..), _) => Condition::Unknown,
            Meaning::Value(value, at) => condition_at(program, &at, value, depth + 1),
            _ => Condition::Unknown,
        },
        _ => Condition::Unknown,
    }
}

/// `GreaterThan(F("a"), 0)`, as `django.db.models.lookups` has them.
fn lookup_call(program: &dyn Program, site: &Site, call: &Call, depth: u32) -> Condition {
    let lookup = match called(program, site, call).as_str() {
        "Exact" => "exact",
        "GreaterThan" => "gt",
        "GreaterThanOrEqual" => "gte",
        "LessThan" => "lt",
        "LessThanOrEqual" => "lte",
        "IsNull" => "isnull",
        "In" => "in",
        _ => return Condition::Unknown,
    };
    let side = |index| call.positional(index).map_or(Term::Unknown, |expr| term_at(program, site, expr, depth + 1));
    Condition::Compare(operand_of(side(0)), lookup.into(), side(1))
}

fn operand_of(term: Term) -> Term {
    if let Term::Text(name) = term { Term::Field(name) } else { term }
}

/// `Q(a=1, b__gt=2)`, `Q(("a", 1), Q(b=2), _connector="OR", _negated=True)`.
fn q(program: &dyn Program, site: &Site, call: &Call, depth: u32) -> Condition {
    let mut parts = Vec::new();
    let (mut is_any, mut is_negated) = (false, false);
    for arg in &call.args {
        match (&arg.name, &arg.value) {
            (Some(name), value) if name == "_connector" => is_any = program.text(site, value).plain().is_some_and(|text| text == "OR"),
            (Some(name), value) if name == "_negated" => is_negated = matches!(value, Expr::Bool(true)),
            (Some(name), _) if name == "then" => {}
            (Some(name), _) if name == "**" => parts.push(Condition::Unknown),
            (Some(name), value) => parts.push(compared(name, term_at(program, site, value, depth + 1))),
            (None, Expr::List(pair)) if pair.len() == 2 => match program.text(site, &pair[0]).plain() {
                Some(name) => parts.push(compared(&name, term_at(program, site, &pair[1], depth + 1))),
                None => parts.push(Condition::Unknown),
            },
            (None, value) => parts.push(condition_at(program, site, value, depth + 1)),
        }
    }
    let whole = if is_any { Condition::Any(parts) } else { Condition::All(parts) };
    if is_negated { Condition::Not(Box::new(whole)) } else { whole }
}

fn compared(path: &str, value: Term) -> Condition {
    const LOOKUPS: &[&str] =
        &["exact", "iexact", "gt", "gte", "lt", "lte", "in", "isnull", "range", "regex", "iregex", "startswith", "endswith", "contains"];
    let (field, lookup) = match path.rsplit_once("__") {
        Some((field, lookup)) if LOOKUPS.contains(&lookup) => (field, lookup),
        _ => (path, "exact"),
    };
    Condition::Compare(Term::Field(field.into()), lookup.into(), value)
}

/// One part of an index: a field's name, an expression, `OrderBy(F("x"), descending=True)`, `OpClass(Lower("x"), name="…")`.
#[must_use]
pub fn part(program: &dyn Program, site: &Site, expr: &Expr) -> Part {
    part_at(program, site, expr, 0)
}

fn part_at(program: &dyn Program, site: &Site, expr: &Expr, depth: u32) -> Part {
    let plain = |term| Part { term, order: None, class: None };
    if depth > 8 {
        return plain(Term::Unknown);
    }
    if let Some(text) = expr.as_str() {
        return named_part(text);
    }
    let Expr::Call(id) = expr else { return plain(operand(program, site, expr, 0)) };
    let call = program.file(site.file).outline.call(*id);
    if let Some((receiver, method)) = call.method()
        && matches!(method.as_str(), "asc" | "desc")
        && !matches!(receiver, Expr::Ref(_))
    {
        return Part { order: order(call, method == "desc"), ..part_at(program, site, receiver, depth + 1) };
    }
    let inner = || call.arg(0, "expression").map_or_else(|| plain(Term::Unknown), |expr| part_at(program, site, expr, depth + 1));
    match called(program, site, call).as_str() {
        "OrderBy" => Part { order: order(call, matches!(call.arg(1, "descending"), Some(Expr::Bool(true)))), ..inner() },
        "OpClass" => Part { class: call.arg(1, "name").and_then(|expr| program.text(site, expr).plain()).map(Name::from), ..inner() },
        _ => plain(operand(program, site, expr, 0)),
    }
}

fn order(call: &Call, is_descending: bool) -> Option<Name> {
    let says = |keyword: &str| matches!(call.keyword(keyword), Some(Expr::Bool(true)));
    let direction = if is_descending { "DESC" } else { "" };
    let nulls = if says("nulls_last") {
        "NULLS LAST"
    } else if says("nulls_first") {
        "NULLS FIRST"
    } else {
        ""
    };
    let whole = format!("{direction} {nulls}");
    (!whole.trim().is_empty()).then(|| whole.trim().into())
}

/// `"-created"`.
#[must_use]
pub fn named_part(text: &str) -> Part {
    let (name, order) = match text.strip_prefix('-') {
        Some(name) => (name, Some("DESC".into())),
        None => (text, None),
    };
    Part { term: Term::Field(name.into()), order, class: None }
}
