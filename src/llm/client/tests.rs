mod limits;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::llm::call::{Exchange, Prompt};
use crate::llm::provider::{Headers, Response};
use crate::llm::secrets::{MaskFailure, MaskedText};

/// Takes one word out.
struct OneWord;

impl Masks for OneWord {
    fn mask(&self, text: &str) -> Result<MaskedText, MaskFailure> {
        match text.contains("UNMASKABLE") {
            true => Err(MaskFailure("a test".into())),
            false => Ok(MaskedText { text: text.replace("hunter2", "«SECRET»"), ..MaskedText::default() }),
        }
    }
}

#[derive(Default)]
struct Memory {
    kept: Mutex<HashMap<String, Vec<u8>>>,
    seen: Mutex<Vec<Exchange>>,
}

impl Shelf for Memory {
    fn find(&self, key: &str) -> Option<Vec<u8>> {
        self.kept.lock().expect("nobody panics while holding it").get(key).cloned()
    }

    fn keep(&self, key: &str, bytes: &[u8]) -> Result<(), String> {
        self.kept.lock().expect("nobody panics while holding it").insert(key.to_owned(), bytes.to_vec());
        Ok(())
    }
}

impl Witness for Memory {
    fn saw(&self, exchange: &Exchange) -> Result<(), String> {
        self.seen.lock().expect("nobody panics while holding it").push(exchange.clone());
        Ok(())
    }
}

fn call(input: &str) -> Call {
    Call {
        task: Task::ApiContract,
        prompt: Prompt { name: "p".into(), version: 1, system: "s".into(), stable: "rules".into(), input: input.into() },
        schema_name: "found".into(),
        schema: json!({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": false}),
        files: Vec::new(),
        round: 0,
    }
}

fn setup(table: &str, memory: &Arc<Memory>) -> Setup {
    let routing = Routing::with(table).expect("the table is in order");
    let env = |name: &str| Some(format!("key-of-{name}"));
    Setup {
        keys: Keys::of(&routing, &env),
        routing: Arc::new(routing),
        masks: Arc::new(OneWord),
        shelf: Some(Arc::clone(memory) as Arc<dyn Shelf>),
        witness: Arc::clone(memory) as Arc<dyn Witness>,
        cancel: CancellationToken::new(),
    }
}

fn response(status: u16, headers: &[(&str, &str)], body: &Value) -> Response {
    Response { status, headers: Headers::of(headers.iter().copied()), body: body.to_string().into_bytes() }
}

/// What either service answers.
fn answered(text: &str) -> Response {
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 20, "input_tokens": 100, "output_tokens": 20});
    let body = json!({
        "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "usage": usage,
    });
    response(200, &[], &body)
}

/// Answers from a script: for each model, one response after another; the last stays.
struct Script {
    lines: Mutex<HashMap<String, VecDeque<Result<Response, Lost>>>>,
    asked: Mutex<Vec<(String, String)>>,
}

impl Script {
    fn of(lines: Vec<(&str, Vec<Result<Response, Lost>>)>) -> Self {
        let lines = lines.into_iter().map(|(model, lines)| (model.to_owned(), lines.into())).collect();
        Self { lines: Mutex::new(lines), asked: Mutex::default() }
    }

    fn models(&self) -> Vec<String> {
        self.asked.lock().expect("nobody panics while holding it").iter().map(|(model, _)| model.clone()).collect()
    }
}

impl Sends for &Script {
    async fn send(&self, out: Outgoing<'_>) -> Result<Response, Lost> {
        use secrecy::ExposeSecret;
        let body = out.request.body.clone().unwrap_or_default();
        let body: Value = serde_json::from_str(&body).expect("it is there");
        let model = body["model"].as_str().expect("it is there").to_owned();
        let key = out.key.map(|key| key.expose_secret().to_owned()).unwrap_or_default();
        self.asked.lock().expect("nobody panics while holding it").push((model.clone(), key));
        tokio::time::sleep(Duration::from_millis(500)).await;
        let mut lines = self.lines.lock().expect("nobody panics while holding it");
        let line = lines.get_mut(&model).unwrap_or_else(|| panic!("nobody expects a question to {model}"));
        if line.len() > 1 { line.pop_front().expect("it is there") } else { line.front().expect("it is there").clone() }
    }
}

const GPT: &str = "openai/gpt-oss-120b";
const QWEN: &str = "qwen/qwen3.8-27b";
const SONNET: &str = "claude-sonnet-5-5";

fn fine() -> Result<Response, Lost> {
    Ok(answered("{\"a\": 1}"))
}

fn failing(status: u16) -> Result<Response, Lost> {
    Ok(response(status, &[], &json!({})))
}

/// Who is asked, in which order, when the first model answers so.
async fn check_course(first: Vec<Result<Response, Lost>>, expected: &[&str]) {
    let memory = Arc::default();
    let script = Script::of(vec![(GPT, first), (QWEN, vec![fine()])]);
    let client = Client::over(setup("", &memory), &script);
    let answer = client.ask(&call("x")).await.expect("somebody answers");
    assert_eq!(answer.value, json!({"a": 1}));
    assert_eq!(script.models(), expected);
    assert_eq!(memory.seen.lock().expect("nobody panics while holding it").len(), expected.len());
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_asked_again() {
    for status in [408, 409, 429, 498, 500, 502, 503, 504, 529] {
        check_course(vec![failing(status), fine()], &[GPT, GPT]).await;
    }
    check_course(vec![failing(422), fine()], &[GPT, GPT]).await;
    check_course(vec![Ok(Response { status: 200, ..Response::default() }), fine()], &[GPT, GPT]).await;
    let late = Lost { words: "late".into(), how: How::OnTheWay };
    check_course(vec![Err(late), fine()], &[GPT, GPT]).await;
}

#[tokio::test(start_paused = true)]
async fn what_stays_goes_to_the_next_model() {
    let cut = json!({"choices": [{"message": {"content": "{"}, "finish_reason": "length"}], "usage": {"prompt_tokens": 1, "completion_tokens": 9}});
    let refused = json!({"choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}]});
    for body in [cut, refused] {
        check_course(vec![Ok(response(200, &[], &body))], &[GPT, QWEN]).await;
    }
    for status in [400, 404, 413] {
        check_course(vec![failing(status)], &[GPT, QWEN]).await;
    }
    check_course(vec![failing(529)], &[GPT, GPT, GPT, GPT, GPT, QWEN]).await;
    check_course(vec![failing(422)], &[GPT, GPT, QWEN]).await;
    let wait = response(429, &[("retry-after", "91")], &json!({}));
    check_course(vec![Ok(wait)], &[GPT, QWEN]).await;
    check_course(vec![Err(Lost { words: "10 MB".into(), how: How::Unread })], &[GPT, QWEN]).await;
}

#[tokio::test(start_paused = true)]
async fn a_service_that_hangs_is_waited_for_twice() {
    let late = || Err(Lost { words: "late".into(), how: How::OnTheWay });
    check_course(vec![late()], &[GPT, GPT, QWEN]).await;
}

#[tokio::test(start_paused = true)]
async fn a_model_that_fails_again_after_a_rest_is_left_alone() {
    let script = Script::of(vec![(GPT, vec![failing(500)]), (QWEN, vec![fine()])]);
    let client = Client::over(setup("[budget]\nmax_retries = 0", &Arc::default()), &script);
    for input in ["a", "b", "c", "d"] {
        client.ask(&call(input)).await.expect("somebody answers");
        tokio::time::sleep(Duration::from_secs(40)).await;
    }
    assert_eq!(script.models(), [GPT, QWEN, QWEN, GPT, QWEN, QWEN]);
    assert_eq!(client.ledger().warnings.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_asked_for_is_obeyed() {
    let start = Instant::now();
    let wait = response(429, &[("retry-after", "30")], &json!({}));
    check_course(vec![Ok(wait), fine()], &[GPT, GPT]).await;
    assert!(start.elapsed() >= Duration::from_secs(31), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_says_when_to_come_again_is_believed_in_that() {
    let headers = [
        ("retry-after", "1"),
        ("x-ratelimit-limit-tokens", "150000"),
        ("x-ratelimit-remaining-tokens", "0"),
        ("x-ratelimit-reset-tokens", "6m0s"),
        ("x-ratelimit-limit-requests", "1000"),
        ("x-ratelimit-remaining-requests", "0"),
        ("x-ratelimit-reset-requests", "24h0m0s"),
    ];
    let start = Instant::now();
    check_course(vec![Ok(response(429, &headers, &json!({}))), fine()], &[GPT, GPT]).await;
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_dead_model_is_asked_once_in_a_run() {
    let memory = Arc::default();
    let gone = response(404, &[], &json!({"error": {"message": "gone", "code": "model_not_found"}}));
    let script = Script::of(vec![(GPT, vec![Ok(gone)]), (QWEN, vec![fine()])]);
    let client = Client::over(setup("", &memory), &script);
    for input in ["a", "b", "c"] {
        client.ask(&call(input)).await.expect("somebody answers");
    }
    assert_eq!(script.models(), [GPT, QWEN, QWEN, QWEN]);
    assert_eq!(client.ledger().warnings, ["`openai/gpt-oss-120b` is no longer asked: it is not there: gone (404)"]);
}

#[tokio::test(start_paused = true)]
async fn the_next_key_is_taken_when_one_is_refused_and_never_for_limits() {
    let memory = Arc::default();
    let script = Script::of(vec![(GPT, vec![failing(401), failing(429), fine()])]);
    let client = Client::over(setup("", &memory), &script);
    client.ask(&call("x")).await.expect("somebody answers");
    let keys: Vec<String> = script.asked.lock().expect("nobody panics while holding it").iter().map(|(_, key)| key.clone()).collect();
    assert_eq!(keys, ["key-of-GROQ_API_KEY", "key-of-GROQ_API_KEY_2", "key-of-GROQ_API_KEY_2"]);

    let script = Script::of(vec![(GPT, vec![failing(401)]), (SONNET, vec![fine()])]);
    let client = Client::over(setup("", &Arc::default()), &script);
    for input in ["a", "b"] {
        assert_eq!(client.ask(&call(input)).await.expect("somebody answers").family, "claude");
    }
    assert_eq!(script.models(), [GPT, GPT, SONNET, SONNET], "a service without a key that it accepts is left alone");
}

#[tokio::test(start_paused = true)]
async fn a_spent_account_ends_the_service() {
    let spent = json!({"type": "error", "error": {"type": "rate_limit_error", "message": "m", "details": {"error_code": "enforced_spend_limit_reached"}}});
    let script = Script::of(vec![(GPT, vec![Ok(response(429, &[], &spent))]), (SONNET, vec![fine()])]);
    let client = Client::over(setup("", &Arc::default()), &script);
    client.ask(&call("x")).await.expect("somebody answers");
    assert_eq!(script.models(), [GPT, SONNET]);
}

#[tokio::test(start_paused = true)]
async fn nobody_at_home_is_said_once() {
    let none = || vec![Err(Lost { words: "nobody listens".into(), how: How::Unsent })];
    let script = Script::of(vec![(GPT, none()), (SONNET, none())]);
    let client = Client::over(setup("", &Arc::default()), &script);
    let Err(NoAnswer::Static(said)) = client.ask(&call("x")).await else { panic!("nobody can answer") };
    assert_eq!(said.len(), 3);
    assert!(client.ask(&call("y")).await.is_err());
    assert_eq!(script.models(), [GPT, GPT, GPT, SONNET, SONNET, SONNET]);
}

#[tokio::test(start_paused = true)]
async fn no_question_is_paid_for_twice() {
    let memory = Arc::default();
    let script = Script::of(vec![(GPT, vec![failing(404)]), (QWEN, vec![fine()])]);
    let client = Client::over(setup("", &memory), &script);
    let (question, other) = (call("x"), call("x"));
    let (first, second) = tokio::join!(client.ask(&question), client.ask(&other));
    let (first, second) = (first.expect("it is there"), second.expect("it is there"));
    assert_eq!((first.from_cache, second.from_cache), (false, true));
    assert_eq!(first.value, second.value);
    assert_eq!(script.models(), [GPT, QWEN]);

    let script = Script::of(Vec::new());
    let client = Client::over(setup("", &memory), &script);
    let again = client.ask(&call("x")).await.expect("it is kept");
    assert!(again.from_cache && again.cost_usd == Some(0.0) && again.model == "qwen3-8-27b");
    assert_eq!(client.taken(), Taken::default());

    // Somebody has changed what is kept: it is asked again.
    for bytes in memory.kept.lock().expect("nobody panics while holding it").values_mut() {
        *bytes = String::from_utf8_lossy(bytes).replace("1}", "2}").into_bytes();
    }
    let script = Script::of(vec![(GPT, vec![fine()])]);
    let client = Client::over(setup("", &memory), &script);
    assert!(!client.ask(&call("x")).await.expect("somebody answers").from_cache);
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_another_form_is_given_back_and_its_repair_is_not() {
    let script = Script::of(vec![(GPT, vec![Ok(answered("I cannot say hunter2"))]), (QWEN, vec![fine()])]);
    let client = Client::over(setup("", &Arc::default()), &script);
    let first = client.ask(&call("x")).await.expect("something is said");
    assert_eq!((first.value, first.problems.len()), (json!("I cannot say «SECRET»"), 1));
    let repaired = client.ask(&Call { round: 1, ..call("y") }).await.expect("the next one answers");
    assert_eq!(repaired.family, "qwen");
}

#[tokio::test(start_paused = true)]
async fn the_schema_goes_into_the_prompt_when_it_is_refused() {
    let refused = response(400, &[], &json!({"error": {"message": "The compiled grammar is too large"}}));
    check_course(vec![Ok(refused), fine()], &[GPT, GPT]).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_leaves_that_cannot_be_masked() {
    let script = Script::of(Vec::new());
    let client = Client::over(setup("", &Arc::default()), &script);
    assert!(matches!(client.ask(&call("UNMASKABLE")).await, Err(NoAnswer::Unmasked(_))));
}

#[tokio::test(start_paused = true)]
async fn the_budget_ends_the_run() {
    let script = Script::of(vec![(GPT, vec![fine()])]);
    let client = Client::over(setup("[budget]\nmax_requests = 2", &Arc::default()), &script);
    for (input, is_answered) in [("a", true), ("b", true), ("c", false)] {
        assert_eq!(client.ask(&call(input)).await.is_ok(), is_answered, "{input}");
    }
    assert_eq!((client.taken().requests, client.taken().input, client.taken().output), (2, 200, 40));
    let cost = 2.0 * (100.0 * 0.15 + 20.0 * 0.60) / 1e6;
    assert!((client.taken().cost_usd - cost).abs() < 1e-12);

    let client = Client::over(setup("[budget]\nmax_cost_usd = 0.0001", &Arc::default()), &script);
    assert!(matches!(client.ask(&call("d")).await, Err(NoAnswer::Budget(_))));
}

#[tokio::test(start_paused = true)]
async fn a_stopped_run_lets_what_is_under_way_finish() {
    let memory = Arc::default();
    let script = Script::of(vec![(GPT, vec![fine()])]);
    let setup = setup("", &memory);
    let cancel = setup.cancel.clone();
    let client = Client::over(setup, &script);
    let (first, second) = (call("a"), call("b"));
    let stop = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        cancel.cancel();
    };
    let (first, second, ()) = tokio::join!(client.ask(&first), client.ask(&second), stop);
    assert!(first.is_ok());
    assert_eq!(second, Err(NoAnswer::Cancelled));
    assert_eq!(memory.kept.lock().expect("nobody panics while holding it").len(), 1);
}

#[test]
fn members_are_of_different_families() {
    let memory = Arc::default();
    let client = Client::over(
        setup("[orchestration.consensus]\nmembers = [\"gpt-oss-20b\", \"claude-haiku\", \"gpt-oss-120b\", \"claude-opus\"]", &memory),
        &NONE,
    );
    assert_eq!(client.members(Task::ApiContract), ["gpt-oss-120b", "claude-haiku"]);
    assert_eq!(client.members(Task::Schema), Vec::<String>::new());
    assert_eq!(client.judge(Task::EventFlow).as_deref(), Some("claude-sonnet"));
    assert_eq!(client.judge(Task::Schema), None);
}

static NONE: std::sync::LazyLock<Script> = std::sync::LazyLock::new(|| Script::of(Vec::new()));

impl Sends for &std::sync::LazyLock<Script> {
    async fn send(&self, _: Outgoing<'_>) -> Result<Response, Lost> {
        Err(Lost { words: "nobody".into(), how: How::Unsent })
    }
}
