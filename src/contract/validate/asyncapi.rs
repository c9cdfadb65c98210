//! What no schema can say of an AsyncAPI document: references that lead nowhere, messages that an operation takes from elsewhere than
//! its channel.

use serde_json::Value;

use super::Finding;

/// Checks a document that its JSON Schema accepts.
pub fn check(path: &str, document: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    references(path, document, document, String::new(), &mut findings);
    for (name, operation) in document.get("operations").and_then(Value::as_object).into_iter().flatten() {
        let channel = operation.pointer("/channel/$ref").and_then(Value::as_str).unwrap_or_default();
        for message in operation.get("messages").and_then(Value::as_array).into_iter().flatten() {
            let reference = message.get("$ref").and_then(Value::as_str).unwrap_or_default();
            if !reference.strip_prefix(channel).is_some_and(|rest| rest.starts_with("/messages/")) {
                let message = format!("`{reference}` is no message of the operation's channel");
                findings.push(Finding::new(path, format!("/operations/{name}"), "message-of-another-channel", message));
            }
        }
    }
    findings
}

/// Every reference into the document itself leads somewhere.
fn references(path: &str, document: &Value, value: &Value, pointer: String, findings: &mut Vec<Finding>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let target = inner.as_str().filter(|_| key == "$ref").and_then(|text| text.strip_prefix('#'));
                if target.is_some_and(|target| document.pointer(target).is_none()) {
                    findings.push(Finding::new(path, pointer.clone(), "reference-missing", format!("{inner} leads nowhere")));
                }
                references(path, document, inner, format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), findings);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                references(path, document, inner, format!("{pointer}/{index}"), findings);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::check;

    #[test]
    fn what_leads_nowhere_is_found() {
        let document = json!({
            "channels": {"a": {"messages": {"m": {}}}, "b": {"messages": {"n": {}}}},
            "operations": {"x": {"channel": {"$ref": "#/channels/a"}, "messages": [{"$ref": "#/channels/b/messages/n"}, {"$ref": "#/channels/a/messages/o"}]}},
        });
        let codes: Vec<String> = check("e.json", &document).into_iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["reference-missing", "message-of-another-channel"]);
    }
}
