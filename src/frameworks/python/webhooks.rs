//! Webhooks in Python: FastAPI's `app.webhooks` and callbacks, drf-spectacular's, Svix, and those of the program's own.
//! Read from <https://fastapi.tiangolo.com/advanced/openapi-webhooks/>, <https://drf-spectacular.readthedocs.io>,
//! <https://docs.svix.com> and <https://www.standardwebhooks.com>.

use crate::base::code::{CallId, Expr, FuncId};
use crate::base::language::Language;
use crate::facts::event::{Direction, EventFinding, Protocol};
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{CallRef, FileId, FuncRef, Program, Site, Text};
use crate::frameworks::messages::origin::origins;
use crate::frameworks::messages::{self, Library, Payload, Place, Rule, handlers, places};
use crate::frameworks::webhooks;

const ID: &str = "python/webhooks";

/// drf-spectacular's.
const SPECTACULAR: Library = Library {
    id: ID,
    protocol: Protocol::Http,
    types: &[],
    rules: &[Rule {
        calls: &["drf_spectacular.utils.OpenApiWebhook"],
        channel: Place::arg(0, "name"),
        payload: Payload::Class(Place::inside(1, "decorator", &["request"])),
        ..Rule::SEND
    }],
    brokers: &[],
};

const SVIX: Library = Library {
    id: ID,
    protocol: Protocol::Http,
    types: &[],
    rules: &[Rule {
        calls: &[
            "svix.Svix().message.create",
            "svix.SvixAsync().message.create",
            "svix.api.Svix().message.create",
            "svix.api.SvixAsync().message.create",
        ],
        channel: Place::inside(1, "message_in", &["event_type"]),
        payload: Payload::Value(Place::inside(1, "message_in", &["payload"])),
        ..Rule::SEND
    }],
    brokers: &[],
};

const GIDGETHUB: Library = Library {
    id: ID,
    protocol: Protocol::Http,
    types: &[],
    rules: &[Rule { calls: &["gidgethub.routing.Router().register"], payload: Payload::No, ..Rule::HANDLER }],
    brokers: &[],
};

/// Libraries with tables, and what they are imported as.
const LIBRARIES: &[(&str, &Library)] = &[("drf_spectacular", &SPECTACULAR), ("gidgethub", &GIDGETHUB), ("svix", &SVIX)];

/// The framework.
pub const FRAMEWORK: Framework = Framework {
    id: ID,
    label: "webhooks sent and heard, Svix, Standard Webhooks, gidgethub",
    languages: &[Language::Python],
    modules: &[],
    tells: &[Tells::Events],
    read: Some(read),
    types: None,
};

/// The methods of a router that declare operations.
const METHODS: &[&str] = &["delete", "get", "patch", "post", "put"];

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (module, library) in LIBRARIES {
        if webhooks::imports(program, &[*module]) {
            messages::read(library, program, file, findings);
        }
    }
    webhooks::read(ID, program, file, findings);
    for (number, function) in (0u32..).zip(&program.file(file).outline.functions) {
        for decorator in &function.decorators {
            if let Expr::Call(id) = decorator {
                declared(program, FuncRef { file, id: FuncId(number) }, *id, findings);
            }
        }
    }
}

/// `@app.webhooks.post("new-subscription")`; `@invoices.post("{$callback_url}/invoices/{$request.body.id}")`, which is what the caller of
/// an operation is told at the URL it gave.
fn declared(program: &dyn Program, function: FuncRef, decorator: CallId, findings: &mut Findings) {
    let call = program.call(CallRef { file: function.file, id: decorator });
    let Some((receiver, method)) = call.method().filter(|(_, method)| METHODS.contains(&method.as_str())) else { return };
    let Some(path) = call.arg(0, "path") else { return };
    let is_webhook = receiver.last_name().is_some_and(|name| name == "webhooks");
    let is_callback = path.as_str().is_some_and(|path| path.contains("{$"));
    if !is_webhook && !is_callback {
        return;
    }
    let site = Site::of_call(function.file, call);
    let found = origins(program, &site, &call.callee, &[]);
    let is_of =
        |owner: &str| found.iter().any(|origin| origin.path.strip_prefix(owner).is_some_and(|rest| rest.ends_with(method.as_str())));
    let is_ours = if is_callback {
        is_of("fastapi.APIRouter().") || is_of("fastapi.routing.APIRouter().")
    } else {
        is_of("fastapi.FastAPI().webhooks.")
    };
    let Some(name) = program.text(&site, path).plain().filter(|_| is_ours) else { return };
    findings.events.push(EventFinding {
        framework: ID,
        direction: Direction::Send,
        protocol: Protocol::Http,
        channel: Text::known(&address(&name)),
        payload: handlers::body(program, function),
        place: places::of_function(program, function),
        doc: program.function(function).doc.clone(),
        ..EventFinding::default()
    });
}

/// The path with runtime expressions by their last names: `{$request.body.id}` is `{id}`.
fn address(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once("{$") {
        out.push_str(before);
        let Some((inner, after)) = behind.split_once('}') else {
            rest = "";
            break;
        };
        let name = inner.rsplit(['.', '#', '/']).find(|part| !part.is_empty()).unwrap_or("value");
        out.push_str(&format!("{{{name}}}"));
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn runtime_expressions_are_parameters() {
        assert_eq!(address("{$callback_url}/invoices/{$request.body.id}"), "{callback_url}/invoices/{id}");
        assert_eq!(address("{$request.body#/url}"), "{url}");
        assert_eq!(address("{$open"), "");
    }
}
