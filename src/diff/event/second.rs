//! Version 2 told in the words of version 3. In version 2 a channel says what others may do: what they publish the
//! application receives, what they subscribe to it sends.

use serde_json::{Map, Value, json};

use super::form::WRITTEN_IN;
use super::refs::{escaped, named, resolved};

/// An operation whose key was made here, not written.
pub const NAMELESS: &str = "x-nameless";

/// Brings a document to version 3.
pub fn raise(document: &mut Value) {
    let root = document.clone();
    let Some(members) = document.as_object_mut() else { return };
    if let Some(version) = members.insert("asyncapi".to_owned(), json!("3.0.0")) {
        members.insert(WRITTEN_IN.to_owned(), version);
    }
    if let Some(Value::Object(servers)) = members.get_mut("servers") {
        servers.values_mut().for_each(|server| *server = server_of(&root, server));
    }
    let mut operations = Map::new();
    if let Some(Value::Object(channels)) = members.get_mut("channels") {
        for (address, channel) in channels.iter_mut() {
            *channel = channel_of(&root, address, channel, &mut operations);
        }
    }
    members.insert("operations".to_owned(), Value::Object(operations));
    for tagged in ["tags", "externalDocs"] {
        if let (Some(value), Some(Value::Object(info))) = (members.remove(tagged), members.get_mut("info")) {
            info.entry(tagged).or_insert(value);
        }
    }
    let Some(Value::Object(components)) = members.get_mut("components") else { return };
    if let Some(Value::Object(messages)) = components.get_mut("messages") {
        messages.values_mut().for_each(message);
    }
    // Channels and servers of the components were told where they are used.
    for key in ["servers", "channels"] {
        components.remove(key);
    }
}

fn server_of(root: &Value, server: &Value) -> Value {
    let mut server = resolved(root, server).clone();
    let url = server.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let (host, path) = rest.split_once('/').map_or((rest, ""), |(host, path)| (host, path));
    if let Some(members) = server.as_object_mut() {
        members.remove("url");
        members.insert("host".to_owned(), json!(host));
        if !path.is_empty() {
            members.insert("pathname".to_owned(), json!(format!("/{path}")));
        }
    }
    secure(root, &mut server);
    server
}

/// Names of security schemes → the schemes, with the scopes that are asked for.
fn secure(root: &Value, of: &mut Value) {
    let Some(Value::Array(wanted)) = of.get_mut("security") else { return };
    for requirement in wanted {
        let Some(names) = requirement.as_object().filter(|names| !names.contains_key("$ref")) else { continue };
        let schemes: Vec<Value> = names.iter().map(|(name, scopes)| scheme_of(root, name, scopes)).collect();
        *requirement = match <[Value; 1]>::try_from(schemes) {
            Ok([scheme]) => scheme,
            Err(schemes) => Value::Array(schemes),
        };
    }
}

fn scheme_of(root: &Value, name: &str, scopes: &Value) -> Value {
    let mut scheme = root.pointer(&format!("/components/securitySchemes/{}", escaped(name))).map_or(Value::Null, |scheme| {
        let mut scheme = resolved(root, scheme).clone();
        let flows = scheme.get_mut("flows").and_then(Value::as_object_mut);
        for flow in flows.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
            if let Some(scopes) = flow.remove("scopes") {
                flow.insert("availableScopes".to_owned(), scopes);
            }
        }
        scheme
    });
    if !scheme.is_object() {
        scheme = json!({"name": name});
    }
    if scopes.as_array().is_some_and(|scopes| !scopes.is_empty()) {
        scheme["scopes"] = scopes.clone();
    }
    scheme
}

fn channel_of(root: &Value, address: &str, channel: &Value, operations: &mut Map<String, Value>) -> Value {
    let mut channel = resolved(root, channel).clone();
    let Some(members) = channel.as_object_mut() else { return json!({"address": address}) };
    members.insert("address".to_owned(), json!(address));
    if let Some(Value::Array(servers)) = members.get_mut("servers") {
        servers.iter_mut().for_each(|name| *name = json!({"$ref": format!("#/servers/{}", escaped(name.as_str().unwrap_or_default()))}));
    }
    if let Some(Value::Object(parameters)) = members.get_mut("parameters") {
        parameters.values_mut().for_each(|parameter| *parameter = parameter_of(root, parameter));
    }
    let mut messages = Map::new();
    for (way, action) in [("publish", "receive"), ("subscribe", "send")] {
        let Some(operation) = members.remove(way) else { continue };
        let mut operation = resolved(root, &operation).clone();
        let Some(parts) = operation.as_object_mut() else { continue };
        let refs: Vec<Value> = messages_of(root, parts.remove("message"), way, &mut messages)
            .into_iter()
            .map(|id| json!({"$ref": format!("#/channels/{}/messages/{}", escaped(address), escaped(&id))}))
            .collect();
        parts.insert("action".to_owned(), json!(action));
        parts.insert("channel".to_owned(), json!({"$ref": format!("#/channels/{}", escaped(address))}));
        if !refs.is_empty() {
            parts.insert("messages".to_owned(), Value::Array(refs));
        }
        let key = match parts.remove("operationId") {
            Some(Value::String(id)) if !operations.contains_key(&id) => id,
            _ => {
                parts.insert(NAMELESS.to_owned(), json!(true));
                format!("{action} {address}")
            }
        };
        secure(root, &mut operation);
        operations.insert(key, operation);
    }
    channel["messages"] = Value::Object(messages);
    channel
}

/// Only texts fill addresses, so what their schemas say of values is said of the parameter.
fn parameter_of(root: &Value, parameter: &Value) -> Value {
    let mut parameter = resolved(root, parameter).clone();
    let Some(members) = parameter.as_object_mut() else { return parameter };
    let Some(schema) = members.remove("schema") else { return parameter };
    let mut schema = resolved(root, &schema).clone();
    if let Some(said) = schema.as_object_mut() {
        if said.get("type").is_some_and(|kind| kind == "string") {
            said.remove("type");
        }
        for key in ["enum", "default", "examples", "description"] {
            if let Some(value) = said.remove(key) {
                members.entry(key).or_insert(value);
            }
        }
        if !said.is_empty() {
            members.insert("schema".to_owned(), schema);
        }
    }
    parameter
}

/// Puts the messages of an operation into its channel's, and tells their keys.
fn messages_of(root: &Value, said: Option<Value>, way: &str, messages: &mut Map<String, Value>) -> Vec<String> {
    let said = match said {
        Some(Value::Object(mut one)) => match one.remove("oneOf") {
            Some(Value::Array(several)) => several,
            _ => vec![Value::Object(one)],
        },
        _ => Vec::new(),
    };
    let mut keys = Vec::new();
    for mut one in said {
        let (whole, name) = named(root, &one);
        let text = |key: &str| whole.get(key).and_then(Value::as_str).map(str::to_owned);
        let wanted = text("messageId").or(name).or_else(|| text("name")).unwrap_or_else(|| format!("{way}Message"));
        message(&mut one);
        let candidates = std::iter::once(wanted.clone()).chain((2_usize..).map(|n| format!("{wanted}{n}")));
        let key =
            candidates.into_iter().find(|key| messages.get(key).is_none_or(|known| *known == one)).expect("fewer messages than numbers");
        messages.insert(key.clone(), one);
        keys.push(key);
    }
    keys
}

/// A message's schema format goes around its payload.
fn message(message: &mut Value) {
    let Some(members) = message.as_object_mut() else { return };
    members.remove("messageId");
    let format = members.remove("schemaFormat");
    if let (Some(format), Some(payload)) = (format, members.get_mut("payload")) {
        *payload = json!({"schemaFormat": format, "schema": payload.take()});
    }
}
