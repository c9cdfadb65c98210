use serde_json::{Value, json};

use super::compare;
use crate::diff::catalogue::{self, Pair};
use crate::diff::{Change, Level};

fn between(before: &Value, after: &Value) -> Vec<Change> {
    compare(Some(before), Some(after))
}

fn rules(changes: &[Change]) -> Vec<&str> {
    changes.iter().map(|change| change.rule.as_str()).collect()
}

/// The level a rule is told at; none when it is not.
fn level_of(rule: &str, before: &Value, after: &Value) -> Option<Level> {
    between(before, after).into_iter().find(|change| change.rule == rule).map(|change| change.level)
}

#[test]
fn each_rule_fires_where_it_should_and_only_there() {
    let mut wrong = Vec::new();
    for rule in catalogue::rules().filter(|rule| rule.domain == "event") {
        let (Some(Pair { before, after }), Some(quiet)) = (&rule.example, &rule.quiet) else {
            wrong.push(format!("{}: no example", rule.id));
            continue;
        };
        let told = between(before, after);
        if !told.iter().any(|change| change.rule == rule.id && change.level == rule.level) {
            wrong.push(format!("{}: tells {told:?}", rule.id));
        }
        if rules(&between(&quiet.before, &quiet.after)).contains(&rule.id.as_str()) {
            wrong.push(format!("{}: not quiet", rule.id));
        }
        let mirrored = between(after, before);
        if rule.inverse.as_ref().is_some_and(|inverse| !rules(&mirrored).contains(&inverse.as_str())) {
            wrong.push(format!("{}: mirrored {mirrored:?}", rule.id));
        }
        for document in [before, after, &quiet.before, &quiet.after] {
            let copy = document.clone();
            assert_eq!(between(document, &super::form_of(&copy)), [], "{}: the same document", rule.id);
        }
        if told.iter().filter(|change| change.level != Level::Info).count() > 1 {
            wrong.push(format!("{}: one cause, several changes: {told:?}", rule.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn one(action: &str, message: Value) -> Value {
    json!({
        "asyncapi": "3.0.0",
        "channels": {"orders": {"address": "orders", "messages": {"OrderCreated": message}}},
        "operations": {"a": {"action": action, "channel": {"$ref": "#/channels/orders"}}},
    })
}

#[test]
fn a_further_message_is_a_warning_where_it_is_sent() {
    let document = |action: &str, messages: Value| {
        json!({"asyncapi": "3.0.0", "channels": {"o": {"address": "o", "messages": messages}},
            "operations": {"a": {"action": action, "channel": {"$ref": "#/channels/o"}}}})
    };
    let (few, many) = (json!({"A": {"payload": {"type": "string"}}}), json!({"A": {"payload": {"type": "string"}}, "B": {}}));
    let level = |action: &str| level_of("event-message-added", &document(action, few.clone()), &document(action, many.clone()));
    assert_eq!(level("send"), Some(Level::Warning));
    assert_eq!(level("receive"), Some(Level::Info));
}

#[test]
fn a_further_header_breaks_where_it_is_received_and_required() {
    let headers =
        |required: Value| json!({"headers": {"type": "object", "properties": {"tenant": {"type": "string"}}, "required": required}});
    let level =
        |action: &str, required: Value| level_of("event-message-header-added", &one(action, json!({})), &one(action, headers(required)));
    assert_eq!(level("receive", json!(["tenant"])), Some(Level::Breaking));
    assert_eq!(level("receive", json!([])), Some(Level::Info));
    assert_eq!(level("send", json!(["tenant"])), Some(Level::Info));
}

#[test]
fn a_new_schema_is_a_warning_where_it_is_received() {
    let message = json!({"payload": {"type": "string"}});
    let level = |action: &str| level_of("event-payload-schema-added", &one(action, json!({})), &one(action, message.clone()));
    assert_eq!(level("receive"), Some(Level::Warning));
    assert_eq!(level("send"), Some(Level::Info));
}

#[test]
fn a_new_correlation_id_of_what_is_sent_breaks_nobody() {
    let message = json!({"correlationId": {"location": "$message.header#/id"}});
    let level = |action: &str| level_of("event-message-correlation-id-changed", &one(action, json!({})), &one(action, message.clone()));
    assert_eq!(level("send"), Some(Level::Info));
    assert_eq!(level("receive"), Some(Level::Breaking));
}

#[test]
fn a_producer_that_is_declared_elsewhere_is_not_missed() {
    let document = |operations: &[&str], external: bool| {
        let operations: serde_json::Map<String, Value> = operations
            .iter()
            .map(|action| ((*action).to_owned(), json!({"action": action, "channel": {"$ref": "#/channels/o"}})))
            .collect();
        json!({"asyncapi": "3.0.0", "x-written-by": "contract-agent",
            "channels": {"o": {"address": "o", "x-external": external}}, "operations": operations})
    };
    let level = |external: bool| {
        let (both, one) = (document(&["send", "receive"], external), document(&["receive"], external));
        level_of("event-consumer-without-producer", &both, &one)
    };
    assert_eq!(level(true), Some(Level::Info));
    assert_eq!(level(false), Some(Level::Breaking));
}

#[test]
fn both_versions_say_the_same() {
    let second = json!({
        "asyncapi": "2.6.0",
        "servers": {"main": {"url": "mqtt://broker.example.com:1883/v1", "protocol": "mqtt", "security": [{"user": []}]}},
        "channels": {"users/{id}": {
            "servers": ["main"],
            "parameters": {"id": {"schema": {"type": "string"}}},
            "subscribe": {"operationId": "tell", "message": {"oneOf": [{"$ref": "#/components/messages/A"}, {"name": "b", "payload": {"type": "integer"}}]}},
            "publish": {"message": {"messageId": "ask", "payload": {"type": "object", "dependencies": {"a": ["b"]}}}},
        }},
        "components": {
            "messages": {"A": {"traits": [{"$ref": "#/components/messageTraits/T"}], "payload": {"items": [{"type": "string"}]}}},
            "messageTraits": {"T": {"headers": {"type": "object", "properties": {"x": {"type": "string"}}}}},
            "securitySchemes": {"user": {"type": "userPassword"}},
        },
    });
    let third = json!({
        "asyncapi": "3.0.0",
        "servers": {"main": {"host": "broker.example.com:1883", "pathname": "/v1", "protocol": "mqtt", "security": [{"$ref": "#/components/securitySchemes/user"}]}},
        "channels": {"users": {
            "address": "users/{user}",
            "servers": [{"$ref": "#/servers/main"}],
            "parameters": {"user": {}},
            "messages": {
                "A": {"headers": {"type": "object", "properties": {"x": {"type": "string"}}}, "payload": {"prefixItems": [{"type": "string"}]}},
                "b": {"name": "b", "payload": {"type": "integer"}},
                "ask": {"payload": {"type": "object", "dependentRequired": {"a": ["b"]}}},
            },
        }},
        "operations": {
            "tell": {"action": "send", "channel": {"$ref": "#/channels/users"}, "messages": [{"$ref": "#/channels/users/messages/A"}, {"$ref": "#/channels/users/messages/b"}]},
            "ask": {"action": "receive", "channel": {"$ref": "#/channels/users"}, "messages": [{"$ref": "#/channels/users/messages/ask"}]},
        },
        "components": {"securitySchemes": {"user": {"type": "userPassword"}}},
    });
    assert_eq!(rules(&between(&second, &third)), ["event-spec-version-changed"]);
    assert_eq!(rules(&between(&third, &second)), ["event-spec-version-changed"]);
}

#[test]
fn what_a_shared_trait_says_is_told_once() {
    let document = |content_type: &str, header: &str| {
        let message = json!({"traits": [{"$ref": "#/components/messageTraits/T"}], "payload": {"type": "string"}});
        let channel = |address: &str| json!({"address": address, "messages": {"M": message}});
        json!({
            "asyncapi": "3.0.0",
            "channels": {"a": channel("a"), "b": channel("b"), "c": channel("c")},
            "components": {"messageTraits": {"T": {"contentType": content_type, "headers": {"type": "object", "properties": {header: {"type": "string"}}}}}},
        })
    };
    let told = between(&document("application/json", "old"), &document("application/cbor", "new"));
    let names = ["event-message-header-removed", "event-message-content-type-changed", "event-message-header-added"];
    assert_eq!(rules(&told), names);
    assert!(told.iter().all(|change| change.location.subject == "a" && change.affects == ["b", "c"]), "{told:?}");
}

#[test]
fn circles_and_depth_end() {
    let circle = json!({"asyncapi": "3.0.0", "channels": {"a": {"$ref": "#/channels/a"}, "b": {"address": "b", "messages": {"m": {"$ref": "#/channels/b/messages/m"}}}}});
    assert_eq!(between(&circle, &json!({"asyncapi": "3.0.0"})).len(), 2);
    let mut deep = json!({});
    for _ in 0..100 {
        deep = json!({"properties": {"a": deep}});
    }
    let _ = between(&one("send", json!({"payload": deep})), &one("send", json!({"payload": {"type": "string"}})));
    let deep = format!("{}{}", "{\"asyncapi\":\"3.0.0\",\"a\":".repeat(10_000), "}".repeat(10_000));
    assert!(super::read(deep.as_bytes()).is_err());
    assert!(super::read(format!("asyncapi: 3.0.0\na: {}", "[".repeat(10_000)).as_bytes()).is_err());
    assert_eq!(super::read(b"openapi: 3.1.0"), Err(super::ReadError::Other));
}

/// A document in which `Order` travels on two channels.
fn shop(order: Value, actions: [&str; 2]) -> Value {
    let channel = |address: &str| json!({"address": address, "messages": {"M": {"payload": {"$ref": "#/components/schemas/Order"}}}});
    json!({
        "asyncapi": "3.0.0",
        "channels": {"a": channel("a"), "b": channel("b")},
        "operations": {
            "one": {"action": actions[0], "channel": {"$ref": "#/channels/a"}},
            "two": {"action": actions[1], "channel": {"$ref": "#/channels/b"}},
        },
        "components": {"schemas": {"Order": order}},
    })
}

#[test]
fn payloads_are_judged_by_the_way_they_go() {
    let order = |kind: &str| json!({"type": "object", "required": ["id"], "properties": {"id": {"type": kind}}});
    let told = |actions| between(&shop(order("integer"), actions), &shop(order("number"), actions));
    let sent = told(["send", "send"]);
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!((sent[0].level, sent[0].location.shared.as_deref()), (Level::Breaking, Some("Order.id")));
    assert_eq!((sent[0].location.subject.as_str(), sent[0].affects.as_slice()), ("a", ["b".to_owned()].as_slice()));
    assert!(told(["receive", "receive"]).iter().all(|change| change.level == Level::Info));
}

#[test]
fn where_nobody_says_which_way_the_worse_counts() {
    let message = |kind: &str| json!({"payload": {"type": "object", "properties": {"id": {"type": kind}}}});
    let document = |kind: &str| json!({"asyncapi": "3.0.0", "channels": {"o": {"address": "o", "messages": {"M": message(kind)}}}});
    for (before, after) in [("integer", "number"), ("number", "integer")] {
        let told = between(&document(before), &document(after));
        assert_eq!((told.len(), told[0].level), (1, Level::Breaking), "{told:?}");
    }
}

#[test]
fn addresses_that_only_settings_say_are_known_by_their_names() {
    let document = |addresses: [&str; 2]| {
        let [one, other] = addresses.map(|address| json!({"address": address, "messages": {address: {"payload": {"type": "string"}}}}));
        json!({"asyncapi": "3.0.0", "channels": {"x": one, "y": other}})
    };
    let (one, other) = (document(["{order_topic}", "{mail_topic}"]), document(["{mail_topic}", "{order_topic}"]));
    assert_eq!(between(&one, &other), []);
}
