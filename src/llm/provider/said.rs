//! What services say when they do not answer, and what follows.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::headers::go_duration;
use super::{Response, Then, Trouble};

/// The longest message of a service that is told on.
const LONGEST: usize = 200;
/// The longest message that is read.
const LONGEST_READ: usize = 4_000;

/// What a service says of an error.
struct Said {
    message: String,
    /// Type and codes, in lower case.
    codes: String,
}

impl Said {
    fn of(response: &Response) -> Self {
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let message = ["/error/message", "/message", "/detail", "/error"].into_iter().map(text).find(|text| !text.is_empty());
        let codes = ["/error/type", "/error/code", "/error/details/error_code"].map(text).join(" ").to_lowercase();
        let message = message.unwrap_or_default().chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_READ).collect();
        Self { message, codes }
    }

    fn says(&self, words: &[&str]) -> bool {
        let message = self.message.to_lowercase();
        words.iter().any(|word| self.codes.contains(word) || message.contains(word))
    }

    /// `try again in 7.66s`.
    fn hint(&self) -> Option<Duration> {
        let message = self.message.to_lowercase();
        let (_, after) = message.split_once("try again in ")?;
        let word = after.split_whitespace().next()?.trim_end_matches(['.', ',']);
        go_duration(word)
    }
}

/// What follows from a response that is no success.
pub(super) fn trouble(response: &Response, now: SystemTime) -> Trouble {
    let said = Said::of(response);
    let wait = response.headers.retry_after(now).or_else(|| said.hint());
    let (words, then) = judged(response.status, &said, wait);
    let then = match (response.headers.should_retry(), then) {
        (Some(false), Then::Again(_) | Then::Slower(_) | Then::AgainOnce) => Then::Next,
        (Some(true), Then::Next) => Then::Again(wait),
        (_, then) => then,
    };
    // What is said of a wrong key may hold parts of it.
    let is_telling = !matches!(then, Then::OtherKey | Then::OtherAccount) && !said.message.is_empty();
    let words = if is_telling { format!("{words}: {}", said.message.chars().take(LONGEST).collect::<String>()) } else { words };
    Trouble::new(format!("{words} ({})", response.status), then)
}

fn judged(status: u16, said: &Said, wait: Option<Duration>) -> (String, Then) {
    let (words, then) = match status {
        400 => return bad_request(said),
        401 => ("the key is not accepted", Then::OtherKey),
        402 => ("the account cannot pay", Then::ServiceGone),
        403 => ("the key may not do this", Then::OtherAccount),
        404 | 410 if said.says(&["model", "not_found"]) => ("it is not there", Then::ModelGone),
        404 | 410 => ("there is nothing at this address: check `base_url`", Then::Next),
        407 => ("the proxy wants a login: put it into HTTPS_PROXY", Then::ServiceGone),
        413 => ("the question is too large for it", Then::Next),
        422 => ("it does not understand the question", Then::AgainOnce),
        // By the code alone: an ordinary limit's message may name a page on billing.
        429 if ["spend_limit", "ramp_limit", "insufficient_quota", "billing"].iter().any(|code| said.codes.contains(code)) => {
            ("the account's spending limit is reached", Then::ServiceGone)
        }
        429 if said.says(&["request too large"]) => ("the question is too large for it", Then::Next),
        429 => ("it is asked too often", Then::Slower(wait)),
        408 | 504 => ("it took too long", Then::Again(wait)),
        498 | 529 | 503 => ("it is overloaded", Then::Again(wait)),
        409 => ("it is busy with the same", Then::Again(wait)),
        300..=399 => ("it sends elsewhere, where no key is sent: check `base_url`", Then::ServiceGone),
        500..=599 => ("it has failed", Then::Again(wait)),
        _ => ("it will not answer", Then::Next),
    };
    (words.to_owned(), then)
}

fn bad_request(said: &Said) -> (String, Then) {
    let told = |words: &str, then: Then| (words.to_owned(), then);
    if said.says(&["decommissioned", "model_not_found", "has been deprecated"]) {
        return told("it is gone", Then::ModelGone);
    }
    if said.says(&["credit balance"]) {
        return told("the account cannot pay", Then::ServiceGone);
    }
    if said.says(&["json_validate_failed", "failed to generate json"]) {
        return told("it did not keep to the form of the answer", Then::AgainOnce);
    }
    if said.says(&["context_length", "context window", "maximum context", "prompt is too long", "too many tokens", "reduce the length"]) {
        return told("the question is too long for it", Then::Next);
    }
    if said.says(&["grammar", "response_format", "json_schema", "output_config", "schema"]) {
        return told("it does not take the form of the answer", Then::SchemaInPrompt);
    }
    told("it does not take the question", Then::Next)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::super::Headers;
    use super::*;

    fn check(status: u16, headers: &[(&str, &str)], body: &str, then: Then) {
        let response = Response { status, headers: Headers::of(headers.iter().copied()), body: body.into() };
        let trouble = trouble(&response, UNIX_EPOCH);
        assert_eq!(trouble.then, then, "{status} {body}: {}", trouble.words);
    }

    #[test]
    fn each_error_has_what_follows() {
        let gone = r#"{"error":{"message":"The model `X` does not exist or you do not have access to it.","type":"invalid_request_error","code":"model_not_found"}}"#;
        check(404, &[], gone, Then::ModelGone);
        check(404, &[], r#"{"type":"error","error":{"type":"not_found_error","message":"model: x"}}"#, Then::ModelGone);
        check(404, &[], "", Then::Next);
        check(400, &[], r#"{"error":{"message":"X has been decommissioned","code":"model_decommissioned"}}"#, Then::ModelGone);
        check(400, &[], r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 1 > 0"}}"#, Then::Next);
        check(400, &[], r#"{"error":{"message":"The compiled grammar is too large"}}"#, Then::SchemaInPrompt);
        check(400, &[], r#"{"error":{"message":"Failed to generate JSON","code":"json_validate_failed"}}"#, Then::AgainOnce);
        check(400, &[], "{", Then::Next);
        check(401, &[], "", Then::OtherKey);
        check(403, &[], "", Then::OtherAccount);
        check(413, &[], r#"{"error":{"message":"Request too large","code":"rate_limit_exceeded"}}"#, Then::Next);
        check(302, &[("location", "https://elsewhere.test")], "", Then::ServiceGone);
        for status in [408, 409, 498, 500, 502, 503, 504, 529] {
            check(status, &[], "", Then::Again(None));
        }
        check(503, &[("x-should-retry", "false")], "", Then::Next);
        check(400, &[("x-should-retry", "true")], "", Then::Again(None));
    }

    #[test]
    fn too_many_requests_are_told_from_spent_accounts() {
        let second = Some(Duration::from_secs(1));
        check(429, &[("retry-after", "1")], "", Then::Slower(second));
        check(429, &[], "", Then::Slower(None));
        check(429, &[], r#"{"error":{"message":"Rate limit reached. Please try again in 1s. Visit"}}"#, Then::Slower(second));
        for code in ["enforced_spend_limit_reached", "contract_spend_limit_reached", "ramp_limit_exceeded"] {
            let body =
                format!(r#"{{"type":"error","error":{{"type":"rate_limit_error","message":"m","details":{{"error_code":"{code}"}}}}}}"#);
            check(429, &[], &body, Then::ServiceGone);
        }
    }

    #[test]
    fn what_is_said_of_a_key_is_not_told_on() {
        let body = r#"{"error":{"message":"Incorrect API key provided: abc"}}"#;
        let response = Response { status: 401, body: body.into(), ..Response::default() };
        assert_eq!(trouble(&response, UNIX_EPOCH).words, "the key is not accepted (401)");
    }
}
