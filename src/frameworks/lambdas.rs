//! Functions that a cloud calls with events: what all languages share. Read from
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html>.

use std::collections::BTreeSet;

use crate::base::Name;
use crate::base::code::{Call, Expr, Param, Pattern, Type};
use crate::facts::event::{LambdaFinding, Protocol};
use crate::facts::finding::Findings;
use crate::facts::program::{CallRef, FuncRef, Meaning, Mode, Program, Site};
use crate::facts::shape::Shape;
use crate::frameworks::messages::{envelopes, handlers, places};

/// Libraries whose types say what a function is called with.
const LIBRARIES: &[&str] =
    &["aws-lambda", "@types/aws-lambda", "aws_lambda_events", "aws_lambda_powertools", "aws_lambda_typing", "lambda_typing"];
/// Functions that a handler hands its records on to.
const HANDED_ON: usize = 32;

/// A function under the name that templates call it by.
pub struct Entry<'p> {
    /// The framework's id.
    pub framework: &'static str,
    /// The function.
    pub function: FuncRef,
    /// Its name.
    pub name: Name,
    /// Types that say what it is called with, and where they are read.
    pub types: Vec<(&'p Type, Site)>,
}

/// Adds a function that a cloud may call.
pub fn found(program: &dyn Program, entry: Entry, findings: &mut Findings) {
    let told = entry.types.iter().find_map(|(ty, at)| Some((protocol_of(program, at, ty)?, *ty, at)));
    let (channel, of_type) = told.map_or((None, None), |(_, ty, at)| (detail_type(ty), payload_of_type(program, at, ty)));
    findings.lambdas.push(LambdaFinding {
        framework: entry.framework,
        function: entry.function,
        place: places::of_handler_in(program, entry.function),
        protocol: told.map(|(protocol, ..)| protocol),
        channel,
        payload: of_type.or_else(|| payload(program, entry.function)),
        query: query(program, entry.function),
        name: entry.name,
    });
}

/// How the messages travel that a type of a library carries: `SQSEvent`, `SQSHandler`, `Handler<SQSEvent>`.
fn protocol_of(program: &dyn Program, site: &Site, ty: &Type) -> Option<Protocol> {
    let Meaning::Outside(path) = program.resolve_type(site, ty) else { return None };
    let is_known = LIBRARIES.iter().any(|library| path.strip_prefix(library).is_some_and(|rest| rest.starts_with(['.', '/'])));
    if !is_known {
        return None;
    }
    let name = path.rsplit(['.', '/']).next()?.to_ascii_lowercase();
    let of = |ty: &Type| protocol_of(program, site, ty);
    if matches!(name.as_str(), "handler" | "lambdaevent") {
        return ty.args().first().and_then(of);
    }
    named(&name)
}

/// By the name of a type, in lower case.
fn named(name: &str) -> Option<Protocol> {
    let is_event = ["event", "eventobj", "handler"].iter().any(|end| name.ends_with(end));
    let known = [
        ("sqs", Protocol::Sqs),
        ("sns", Protocol::Sns),
        ("kinesisstream", Protocol::Kinesis),
        ("kinesisevent", Protocol::Kinesis),
        ("eventbridge", Protocol::EventBridge),
        ("cloudwatchevent", Protocol::EventBridge),
        ("msk", Protocol::Kafka),
        ("kafka", Protocol::Kafka),
        ("selfmanagedkafka", Protocol::Kafka),
        ("rabbitmq", Protocol::Amqp),
        ("activemq", Protocol::Amqp),
    ];
    known.iter().find(|(start, _)| is_event && name.starts_with(start)).map(|(_, protocol)| *protocol)
}

/// Of `EventBridgeEvent<"OrderPlaced", Order>` the name of the event.
fn detail_type(ty: &Type) -> Option<Name> {
    let first = ty.args().first()?;
    match first {
        Type::Literal(Expr::Str(name)) | Type::Value(Expr::Str(name)) => Some(name.clone()),
        Type::Named(_) => detail_type(first),
        _ => None,
    }
}

/// What a type's arguments say of the message: the last that is an object.
fn payload_of_type(program: &dyn Program, site: &Site, ty: &Type) -> Option<Shape> {
    let told = ty.args().iter().rev().find_map(|arg| {
        let is_own = !matches!(program.resolve_type(site, arg), Meaning::Outside(_));
        let shape = if is_own { program.shape_of_type(site, arg, Mode::Write) } else { Shape::Any };
        program.record(&shape).is_some_and(|record| !record.members.is_empty()).then_some(shape)
    });
    told.or_else(|| ty.args().iter().find_map(|arg| payload_of_type(program, site, arg)))
}

/// What a function makes of its records, itself or in the functions that it hands them to.
fn payload(program: &dyn Program, function: FuncRef) -> Option<Shape> {
    let own = of_records(program, function);
    let below = || handed_on(program, function).into_iter().take(HANDED_ON).find_map(|below| of_records(program, below));
    own.or_else(|| envelopes::inside(program, function, 0, &["detail"])).or_else(below)
}

fn of_records(program: &dyn Program, function: FuncRef) -> Option<Shape> {
    let parsed = handlers::parsed(program, function).filter(|shape| program.record(shape).is_some_and(|record| !record.members.is_empty()));
    parsed.or_else(|| {
        // `order = record.json_body`
        let outline = &program.file(function.file).outline;
        let declared = outline.function(function.id);
        let assigns = outline.assigns.iter().filter(|assign| (declared.at.offset..declared.end).contains(&assign.at.offset));
        let parsed = assigns.filter(|assign| matches!(&assign.value, Expr::Member(_, name) if name == "json_body"));
        let names = parsed.filter_map(|assign| if let Pattern::Name(name) = &assign.target { Some(name) } else { None });
        names.into_iter().find_map(|name| handlers::members_read(program, function, name))
    })
}

/// The functions of the program that a function calls or passes on.
fn handed_on(program: &dyn Program, function: FuncRef) -> BTreeSet<FuncRef> {
    let outline = &program.file(function.file).outline;
    let declared = outline.function(function.id);
    let mut found = BTreeSet::new();
    for (number, call) in (0u32..).zip(&outline.calls).filter(|(_, call)| (declared.at.offset..declared.end).contains(&call.at.offset)) {
        let site = Site::of_call(function.file, call);
        let reference = CallRef { file: function.file, id: crate::base::code::CallId(number) };
        found.extend(program.callee(reference).function());
        let passed = call.args.iter().filter(|arg| matches!(arg.value, Expr::Ref(_)));
        found.extend(passed.filter_map(|arg| program.resolve(&site, &arg.value).function()));
    }
    found.remove(&function);
    found
}

/// The parameters of the query that a function reads: `event.queryStringParameters?.page`.
fn query(program: &dyn Program, function: FuncRef) -> Vec<Name> {
    const QUERIES: &[&str] = &["queryStringParameters", "query_string_parameters", "multiValueQueryStringParameters"];
    let outline = &program.file(function.file).outline;
    let declared = outline.function(function.id);
    let is_inside = |offset: u32| (declared.at.offset..declared.end).contains(&offset);
    let is_query = |expr: &Expr| match expr {
        Expr::Member(_, name) => QUERIES.contains(&name.as_str()),
        Expr::Index(pair) => pair.1.as_str().is_some_and(|key| QUERIES.contains(&key)),
        _ => false,
    };
    let mut names: BTreeSet<Name> = BTreeSet::new();
    for read in outline.reads.iter().filter(|read| is_inside(read.at.offset)) {
        match &read.expr {
            Expr::Member(of, name) if is_query(of) => names.extend(Some(name.clone())),
            Expr::Index(pair) if is_query(&pair.0) => names.extend(pair.1.as_str().map(Name::from)),
            _ => {}
        }
    }
    for call in outline.calls.iter().filter(|call| is_inside(call.at.offset)) {
        if let Some(name) = got_from(call, &is_query) {
            names.insert(name);
        }
    }
    names.into_iter().collect()
}

/// `event["queryStringParameters"].get("page")`
fn got_from(call: &Call, is_query: &impl Fn(&Expr) -> bool) -> Option<Name> {
    let (of, method) = call.method()?;
    (method == "get" && is_query(of)).then(|| call.positional(0).and_then(Expr::as_str).map(Name::from)).flatten()
}

/// Whether parameters are those of a handler: an event, and a context when there is one.
#[must_use]
pub fn are_a_handlers(params: &[Param]) -> bool {
    let is_event = |param: &Param| match &param.pattern {
        Pattern::Name(name) => matches!(name.trim_start_matches('_'), "event" | "evt" | "records"),
        Pattern::Object(fields) => {
            fields.iter().any(|field| matches!(field.key.as_str(), "Records" | "body" | "detail" | "pathParameters"))
        }
        _ => false,
    };
    (1..=3).contains(&params.len()) && params.first().is_some_and(is_event)
}

#[cfg(test)]
mod tests {
    use super::named;
    use crate::facts::event::Protocol;

    #[test]
    fn types_of_events_are_told_by_name() {
        assert_eq!(named("sqsevent"), Some(Protocol::Sqs));
        assert_eq!(named("sqseventobj"), Some(Protocol::Sqs));
        assert_eq!(named("snshandler"), Some(Protocol::Sns));
        assert_eq!(named("sqsrecord"), None);
        assert_eq!(named("apigatewayproxyevent"), None);
        assert_eq!(named("kinesisfirehoseevent"), None);
    }
}
