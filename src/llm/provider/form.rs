//! What a model said, as a value of the form that was asked for.

use serde_json::Value;

use super::strict;

/// How many complaints are told, and how long each may be.
const MOST: usize = 8;
const LONGEST: usize = 240;

/// A value, and where it is not of the form.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// The value; a string with all that was said when that was no JSON.
    pub value: Value,
    /// Where it is not of the form.
    pub problems: Vec<String>,
}

/// Reads what a model said. Fences and words around the JSON are no harm; what is in it is checked against the schema.
#[must_use]
pub fn form(schema: &Value, text: &str) -> Form {
    let Some(value) = value(text) else {
        return Form { value: Value::String(text.to_owned()), problems: vec!["the answer is no JSON".to_owned()] };
    };
    let value = strict::restored(schema, value);
    let problems = match jsonschema::validator_for(schema) {
        Ok(validator) => {
            validator.iter_errors(&value).take(MOST).map(|error| told(error.instance_path().as_str(), &error.to_string())).collect()
        }
        Err(error) => vec![format!("the schema of the answer cannot be used: {error}")],
    };
    Form { value, problems }
}

fn told(place: &str, words: &str) -> String {
    let place = if place.is_empty() { "the answer" } else { place };
    format!("{place}: {words}").chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect()
}

/// The JSON in a text: all of it, what a fence holds, or what stands between the first and the last bracket.
fn value(text: &str) -> Option<Value> {
    // As it stands first: what it quotes may hold such marks.
    if let Ok(value) = serde_json::from_str(text.trim().trim_start_matches('\u{feff}')) {
        return Some(value);
    }
    let text = match text.rsplit_once("</think>") {
        Some((_, after)) => after,
        None => text,
    };
    let text = text.trim().trim_start_matches('\u{feff}');
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    let start = text.find(['{', '['])?;
    let end = text.rfind(['}', ']'])?;
    serde_json::from_str(text.get(start..=end)?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(text: &str, value: &Value, problems: &[&str]) {
        let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": false});
        let form = form(&schema, text);
        assert_eq!((&form.value, form.problems.iter().map(String::as_str).collect::<Vec<_>>().as_slice()), (value, problems), "{text}");
    }

    #[test]
    fn json_is_found_among_words() {
        for text in [
            "{\"a\": 1}",
            "```json\n{\"a\": 1}\n```",
            "<think>{\"a\": 2}</think>\n{\"a\":1}",
            "Here it is: {\"a\": 1} - done",
            "\u{feff}{\"a\":1}",
        ] {
            check(text, &json!({"a": 1}), &[]);
        }
    }

    #[test]
    fn other_forms_are_told() {
        check("I cannot say.", &json!("I cannot say."), &["the answer is no JSON"]);
        check("}{", &json!("}{"), &["the answer is no JSON"]);
        check("{\"a\": \"x\"}", &json!({"a": "x"}), &["/a: \"x\" is not of type \"integer\""]);
        check("[]", &json!([]), &["the answer: [] is not of type \"object\""]);
        let deep = "[".repeat(100_000);
        check(&deep, &json!(deep), &["the answer is no JSON"]);
    }
}
