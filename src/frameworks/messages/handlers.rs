//! What handlers take: by their annotations, else by what they make of the text or bytes they get.

use std::collections::BTreeSet;

use crate::base::Name;
use crate::base::code::{Arg, CallId, Expr, ParamKind, Pattern, Piece, Type};
use crate::facts::program::{CallRef, Env, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::{Member, Shape};

/// Functions that make a value of text or bytes.
const PARSE: &[&str] = &[
    "builtins.JSON.parse",
    "json.load",
    "json.loads",
    "msgpack.unpackb",
    "orjson.loads",
    "pickle.loads",
    "rmp_serde.from_slice",
    "bincode.deserialize",
    "serde_json.from_reader",
    "serde_json.from_slice",
    "serde_json.from_str",
    "serde_json.from_value",
    "simplejson.loads",
    "ujson.loads",
];

/// Methods of a class that make an instance of text, bytes or a dict.
const MAKE: &[&str] = &[
    "decode",
    "from_dict",
    "from_json",
    "load",
    "model_validate",
    "model_validate_json",
    "parse",
    "parse_obj",
    "parse_raw",
    "FromString",
    "ParseFromString",
    "safeParse",
];

/// Objects in objects are looked into this far.
const DEEPEST: u32 = 16;

/// The shape of a parameter of a handler, by number; `self` and `cls` are not counted.
#[must_use]
pub fn parameter(program: &dyn Program, function: FuncRef, number: usize) -> Option<Shape> {
    let declared = program.function(function);
    let is_self = |pattern: &Pattern| matches!(pattern, Pattern::Name(name) if matches!(name.as_str(), "self" | "cls"));
    let param = declared.params.iter().filter(|param| !is_self(&param.pattern)).nth(number)?;
    if param.ty != Type::Unknown {
        let around = program.around(function);
        // `Job<Order>`, `Message[Order]`: a library's envelope around the payload.
        let envelope = match program.resolve_type(&around, &param.ty) {
            Meaning::Outside(_) => param.ty.args().first(),
            _ => None,
        };
        let shape = program.shape_of_type(&around, envelope.unwrap_or(&param.ty), Mode::Write);
        if program.record(&shape).is_some_and(|record| !record.members.is_empty()) {
            return Some(shape);
        }
    }
    if let Pattern::Object(fields) = &param.pattern {
        let members: Vec<Member> = fields.iter().map(|field| Member::required(field.key.clone(), Shape::Any)).collect();
        return (!members.is_empty()).then(|| Shape::record(members));
    }
    let name = param.name()?;
    parsed(program, function).or_else(|| members_read(program, function, name))
}

/// What a function takes that a wrapper is given and hands its message to: of `consume("orders", (order: Order) => …)` the order.
#[must_use]
pub fn handed(program: &dyn Program, function: FuncRef, env: &Env) -> Option<Shape> {
    env.as_ref()?;
    let declared = program.function(function);
    let calls = program.file(function.file).outline.calls.iter();
    let inside = calls.filter(|call| (declared.at.offset..declared.end).contains(&call.at.offset));
    inside.filter(|call| matches!(call.callee, Expr::Ref(_)) && !call.args.is_empty()).find_map(|call| {
        let site = Site { env: env.clone(), ..Site::of_call(function.file, call) };
        let given = program.resolve(&site, &call.callee).function().filter(|given| *given != function)?;
        let shape = parameter(program, given, 0)?;
        program.record(&shape).is_some_and(|record| !record.members.is_empty()).then_some(shape)
    })
}

/// All parameters of a function from a number on, as an object.
#[must_use]
pub fn parameters(program: &dyn Program, function: FuncRef, from: usize) -> Option<Shape> {
    let declared = program.function(function);
    let around = program.around(function);
    let mut members = Vec::new();
    let named = declared.params.iter().filter_map(|param| Some((param, param.name()?)));
    for (param, name) in named.filter(|(_, name)| !matches!(name.as_str(), "self" | "cls")).skip(from) {
        if param.kind != ParamKind::default() && matches!(name.as_str(), "args" | "kwargs") {
            continue;
        }
        let shape = program.shape_of_type(&around, &param.ty, Mode::Write);
        members.push(Member { required: param.default.is_none() && !param.optional, ..Member::required(name.clone(), shape) });
    }
    (!members.is_empty()).then(|| Shape::record(members))
}

/// The parameters of a handler that stand for its message: one is the message itself, several are its members. What a framework
/// hands in besides (an annotation from a library without members, a default that is a call) is left out.
#[must_use]
pub fn body(program: &dyn Program, function: FuncRef) -> Option<Shape> {
    let declared = program.function(function);
    let around = program.around(function);
    let mut found: Vec<Member> = Vec::new();
    for param in &declared.params {
        let Some(name) = param.name().filter(|name| !matches!(name.as_str(), "self" | "cls")) else { continue };
        let is_given = matches!(param.default, Some(Expr::Call(_)))
            || matches!(program.resolve_type(&around, &param.ty), Meaning::Outside(path) if path.contains("Context") || path.contains("Logger") || path.contains("Message"));
        if !is_given {
            let shape = program.shape_of_type(&around, &param.ty, Mode::Write);
            found.push(Member { required: param.default.is_none(), ..Member::required(name.clone(), shape) });
        }
    }
    match found.len() {
        0 => None,
        1 => found.pop().map(|member| member.shape).filter(|shape| !shape.is_any()),
        _ => Some(Shape::record(found)),
    }
}

/// What a function makes of a message that it parses itself.
#[must_use]
pub fn parsed(program: &dyn Program, function: FuncRef) -> Option<Shape> {
    let facts = program.file(function.file);
    let declared = facts.outline.function(function.id);
    let within = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
    let assigns = facts.outline.assigns.iter().filter(|assign| within(assign.at.offset));
    let mut names: BTreeSet<&Name> = BTreeSet::new();
    for assign in assigns {
        let site = Site { file: function.file, scope: assign.scope, offset: assign.at.offset, env: None };
        if !is_parse(program, &site, &assign.value) {
            continue;
        }
        if assign.ty != Type::Unknown {
            let shape = program.shape_of_type(&site, &assign.ty, Mode::Write);
            if !shape.is_any() {
                return Some(shape);
            }
        }
        match &assign.target {
            Pattern::Name(name) => {
                names.insert(name);
            }
            Pattern::Object(fields) => {
                return Some(Shape::record(fields.iter().map(|field| Member::required(field.key.clone(), Shape::Any)).collect()));
            }
            _ => {}
        }
    }
    if let Some(shape) = made(program, function) {
        return Some(shape);
    }
    names.into_iter().find_map(|name| members_read(program, function, name)).or_else(|| values_read(program, function))
}

/// The members that a function reads of a message's value: `message.value["id"]`.
fn values_read(program: &dyn Program, function: FuncRef) -> Option<Shape> {
    let facts = program.file(function.file);
    let declared = facts.outline.function(function.id);
    let within = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
    let reads = facts.outline.reads.iter().filter(|read| within(read.at.offset)).map(|read| &read.expr);
    let called = facts.outline.calls.iter().filter(|call| within(call.at.offset));
    let passed = called.flat_map(|call| call.args.iter().map(|arg| &arg.value));
    let mut seen = BTreeSet::new();
    let members = reads.chain(passed).filter_map(value_member).filter(|name| seen.insert(name.clone()));
    let members: Vec<Member> = members.map(|name| Member::required(name, Shape::Any)).collect();
    (!members.is_empty()).then(|| Shape::record(members))
}

/// Of `message.value["id"]["x"]` the member `id`.
fn value_member(expr: &Expr) -> Option<Name> {
    let (of, member) = match expr {
        Expr::Index(pair) => (&pair.0, pair.1.as_str().map(Name::from)),
        Expr::Member(of, member) => (&**of, Some(member.clone())),
        _ => return None,
    };
    match of {
        Expr::Member(_, name) if name == "value" && matches!(expr, Expr::Index(_)) => member,
        inner => value_member(inner),
    }
}

/// A cast around a parser, a parser's type argument, a class made of what was parsed.
fn made(program: &dyn Program, function: FuncRef) -> Option<Shape> {
    let facts = program.file(function.file);
    let declared = facts.outline.function(function.id);
    let within = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
    for (id, call) in (0u32..).zip(&facts.outline.calls).filter(|(_, call)| within(call.at.offset)) {
        let site = Site::of_call(function.file, call);
        let callee = program.callee(CallRef { file: function.file, id: CallId(id) });
        let shape = match &callee {
            Meaning::Outside(path) if PARSE.contains(&path.as_str()) => {
                let by_argument = call.type_args.first().map(|ty| program.shape_of_type(&site, ty, Mode::Write));
                by_argument.filter(|shape| !shape.is_any())
            }
            // `Order(**json.loads(body))`
            Meaning::Class(class) => {
                let spreads = |arg: &Arg| match &arg.value {
                    Expr::Spread(inner) => is_parse(program, &site, inner),
                    inner => arg.name.as_deref() == Some("**") && is_parse(program, &site, inner),
                };
                call.args.iter().any(spreads).then(|| program.shape_of_class(*class, Vec::new(), Mode::Write))
            }
            _ => None,
        };
        if shape.is_some() {
            return shape;
        }
        // `Order.model_validate_json(body)`, `OrderSchema.parse(JSON.parse(…))`
        if let Some((receiver, name)) = call.method()
            && MAKE.contains(&name.as_str())
        {
            let shape = match program.resolve(&site, receiver) {
                Meaning::Class(class) => program.shape_of_class(class, Vec::new(), Mode::Write),
                Meaning::Value(value, at) if !matches!(value, Expr::Ref(_)) => program.shape_of_value(&at, value, Mode::Write),
                _ => Shape::Any,
            };
            if program.record(&shape).is_some() {
                return Some(shape);
            }
        }
    }
    casts(program, function)
}

/// `JSON.parse(text) as Order`, wherever a value stands.
fn casts(program: &dyn Program, function: FuncRef) -> Option<Shape> {
    let facts = program.file(function.file);
    let declared = facts.outline.function(function.id);
    let within = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
    let assigned = facts.outline.assigns.iter().filter(|assign| within(assign.at.offset)).map(|assign| (&assign.value, assign.scope));
    let passed = facts
        .outline
        .calls
        .iter()
        .filter(|call| within(call.at.offset))
        .flat_map(|call| call.args.iter().map(|arg| (&arg.value, call.scope)));
    for (value, scope) in assigned.chain(passed) {
        if let Expr::Cast(pair) = value {
            let site = Site::of_scope(function.file, scope);
            if is_parse(program, &site, &pair.0) {
                let shape = program.shape_of_type(&site, &pair.1, Mode::Write);
                if !shape.is_any() {
                    return Some(shape);
                }
            }
        }
    }
    None
}

fn is_parse(program: &dyn Program, site: &Site, expr: &Expr) -> bool {
    let call = match expr {
        Expr::Call(id) => CallRef { file: site.file, id: *id },
        Expr::Cast(pair) => return is_parse(program, site, &pair.0),
        Expr::Ref(_) => match program.resolve(site, expr) {
            Meaning::Value(Expr::Call(id), at) => CallRef { file: at.file, id: *id },
            _ => return false,
        },
        _ => return false,
    };
    let callee = program.callee(call);
    if callee.outside().is_some_and(|path| PARSE.contains(&path)) {
        return true;
    }
    // `serde_json::from_slice(…).expect(…)`
    let made = program.call(call);
    let at = Site { file: call.file, scope: made.scope, offset: made.at.offset, env: site.env.clone() };
    made.method().is_some_and(|(receiver, name)| {
        matches!(name.as_str(), "unwrap" | "expect" | "unwrap_or_default" | "map_err") && is_parse(program, &at, receiver)
    })
}

/// The members of a name that a function reads: `order["id"]`, `order.id`.
#[must_use]
pub fn members_read(program: &dyn Program, function: FuncRef, name: &str) -> Option<Shape> {
    let facts = program.file(function.file);
    let declared = facts.outline.function(function.id);
    let within = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
    let mut members: Vec<Name> = Vec::new();
    let reads = facts.outline.reads.iter().filter(|read| within(read.at.offset)).map(|read| &read.expr);
    let called = facts.outline.calls.iter().filter(|call| within(call.at.offset));
    // `order.get("id")`
    for call in called.clone() {
        if let Some((Expr::Ref(of), method)) = call.method()
            && of == name
            && method == "get"
            && let Some(key) = call.positional(0).and_then(Expr::as_str)
        {
            members.push(key.into());
        }
    }
    let passed = called.flat_map(|call| call.args.iter().map(|arg| &arg.value));
    let kept = facts.outline.assigns.iter().filter(|assign| within(assign.at.offset)).map(|assign| &assign.value);
    let given = facts.outline.returns.iter().filter(|given| within(given.at.offset)).map(|given| &given.value);
    for expr in reads.chain(passed).chain(kept).chain(given) {
        members_in(expr, name, 0, &mut members);
    }
    let mut seen = BTreeSet::new();
    members.retain(|member| seen.insert(member.clone()));
    (!members.is_empty()).then(|| Shape::record(members.into_iter().map(|member| Member::required(member, Shape::Any)).collect()))
}

/// The members of a name that an expression mentions, in what it is put together of: `{"id": order["id"]}`.
fn members_in(expr: &Expr, name: &str, depth: u32, members: &mut Vec<Name>) {
    if depth > DEEPEST {
        return;
    }
    match expr {
        Expr::Object(entries) => entries.iter().for_each(|entry| members_in(&entry.value, name, depth + 1, members)),
        Expr::List(items) => items.iter().for_each(|item| members_in(item, name, depth + 1, members)),
        Expr::Template(pieces) => {
            for piece in pieces {
                if let Piece::Expr(inner) = piece {
                    members_in(inner, name, depth + 1, members);
                }
            }
        }
        other => members.extend(first_member(other, name)),
    }
}

/// Of `order.lines.length` the member `lines`.
fn first_member(expr: &Expr, name: &str) -> Option<Name> {
    let (of, member) = match expr {
        Expr::Member(of, member) => (&**of, Some(member.clone())),
        Expr::Index(pair) => (&pair.0, pair.1.as_str().map(Name::from)),
        _ => return None,
    };
    match of {
        Expr::Ref(root) if root == name => member,
        inner => first_member(inner, name),
    }
}
