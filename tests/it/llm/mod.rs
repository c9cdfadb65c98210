//! Models as a run meets them: a server on loopback that speaks both services' formats, with a model behind it that follows a script.
//! Nothing here reaches further than this machine, and every key is made up.

mod bad;
mod shows;
mod stopped;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::guard::{Repo, Said};

pub const GROQ: &str = "GROQ_API_KEY";
pub const ANTHROPIC: &str = "ANTHROPIC_API_KEY";
const KEY: &str = "made-up-key-of-a-test";

/// Limits as no test meets them, and no waiting for a service that has gone.
const TABLE: &str = r#"
[budget]
max_retries = 1
retry_after_cap_s = 2

[models.gpt-oss-120b]
limits = { rpm = 100000, tpm = 100000000 }
[models.gpt-oss-20b]
limits = { rpm = 100000, tpm = 100000000 }
[models.qwen3-8-27b]
limits = { rpm = 100000, tpm = 100000000 }
[models.claude-haiku]
limits = { rpm = 100000, itpm = 100000000, otpm = 100000000 }
[models.claude-sonnet]
limits = { rpm = 100000, itpm = 100000000, otpm = 100000000 }
"#;

/// An application with planted gaps: part of a path, a topic, a response, purposes, and a service in Go.
pub const APP: &str = r#"from fastapi import FastAPI
from kafka import KafkaProducer

from elsewhere import build, choose

app = FastAPI()
producer = KafkaProducer()
AREA = choose(["staff"])
TOPIC = choose(["orders.placed"])


@app.get("/plain")
def plain() -> int:
    return 1


@app.get(f"/v1/{AREA}/users")
def list_users() -> list[int]:
    return [1]


@app.post("/orders")
def place_order():
    producer.send(TOPIC, {"id": 1})
    return build(number=1, state="new")
"#;

pub const GO: &str = r#"package main

import "github.com/gin-gonic/gin"

func main() {
	r := gin.Default()
	r.GET("/stock/:id", getStock)
	r.Run()
}

func getStock(c *gin.Context) {
	c.JSON(200, gin.H{"id": c.Param("id")})
}
"#;

/// The repository, with committed contracts.
pub fn planted() -> Repo {
    let repo = Repo::bare_bones();
    repo.write("app/main.py", APP);
    repo.write("requirements.txt", "fastapi\nkafka-python\n");
    repo.write("stock/main.go", GO);
    repo.write(".gitignore", ".contract-agent/\n");
    repo.run(&["analyze", "-q"]).is(0);
    repo.commit("first");
    repo
}

/// One question as the server saw it.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The model's id.
    pub model: String,
    /// Which step it belongs to.
    pub step: String,
    /// The whole body.
    pub body: String,
    /// Whether it was answered in full.
    pub is_answered: bool,
}

/// What a service does with one question.
pub enum Does {
    /// It answers with this text.
    Says(String),
    /// It answers with a status, headers and a body.
    Fails(u16, Vec<(&'static str, &'static str)>, Value),
    /// It stops for a reason of its own: `max_tokens`, `refusal`, and says this.
    Ends(&'static str, String),
    /// It never answers.
    Hangs,
}

/// Decides, given the question and how many came before it.
type Script = dyn Fn(&Asked, usize) -> Does + Send + Sync;

struct Service {
    script: Arc<Script>,
    seen: Arc<Mutex<Vec<Asked>>>,
}

/// The server.
pub struct Server {
    server: MockServer,
    seen: Arc<Mutex<Vec<Asked>>>,
    runtime: tokio::runtime::Runtime,
}

impl Server {
    /// A server whose models follow a script.
    pub fn new(script: impl Fn(&Asked, usize) -> Does + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let seen: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let service = Service { script: Arc::new(script), seen: seen.clone() };
        let server = runtime.block_on(async {
            let server = MockServer::start().await;
            Mock::given(any()).respond_with(service).mount(&server).await;
            server
        });
        Self { server, seen, runtime }
    }

    /// One whose models know the planted gaps.
    pub fn good() -> Self {
        Self::new(|asked, _| Does::Says(answer(asked).to_string()))
    }

    /// The questions so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.seen.lock().unwrap().clone()
    }

    /// Everything that came over the wire.
    pub fn wire(&self) -> String {
        let requests = self.runtime.block_on(self.server.received_requests()).unwrap_or_default();
        let mut all = String::new();
        for request in requests {
            let _ = write!(all, "{} {:?} {}", request.url, request.headers, String::from_utf8_lossy(&request.body));
        }
        all
    }

    /// The variables that send a run here, with keys for these services.
    pub fn variables(&self, keys: &[&'static str]) -> Vec<(String, String)> {
        let uri = self.server.uri();
        let mut variables = vec![
            ("GROQ_BASE_URL".to_owned(), format!("{uri}/openai/v1")),
            ("ANTHROPIC_BASE_URL".to_owned(), uri),
            ("XDG_CONFIG_HOME".to_owned(), "none".to_owned()),
        ];
        variables.extend(keys.iter().map(|name| ((*name).to_owned(), KEY.to_owned())));
        variables
    }

    /// Runs the program with both keys.
    pub fn run(&self, repo: &Repo, arguments: &[&str]) -> Said {
        self.run_with(repo, arguments, &[GROQ, ANTHROPIC])
    }

    /// The same with these keys alone.
    pub fn run_with(&self, repo: &Repo, arguments: &[&str], keys: &[&'static str]) -> Said {
        self.run_over(repo, arguments, keys, "")
    }

    /// The same with more in the table of models.
    pub fn run_over(&self, repo: &Repo, arguments: &[&str], keys: &[&'static str], more: &str) -> Said {
        let table = table_with(repo, more);
        let variables = self.variables(keys);
        let mut variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        variables.push(("CONTRACT_AGENT_ROUTING", &table));
        repo.run_with(arguments, &variables)
    }
}

/// A table of models without limits, beside the repository.
pub fn table(repo: &Repo) -> String {
    table_with(repo, "")
}

fn table_with(repo: &Repo, more: &str) -> String {
    let file = repo.beside("routing.toml");
    std::fs::write(&file, format!("{TABLE}{more}")).unwrap();
    file.display().to_string()
}

impl Respond for Service {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let is_claude = request.url.path() == "/v1/messages";
        if !is_claude && request.url.path() != "/openai/v1/chat/completions" {
            return ResponseTemplate::new(200).set_body_json(json!({"data": []}));
        }
        let body = String::from_utf8(request.body.clone()).unwrap();
        let parsed: Value = serde_json::from_str(&body).expect("a body is JSON");
        check_form(&parsed, request, is_claude);
        let model = parsed["model"].as_str().unwrap().to_owned();
        let mut asked = Asked { model, step: step_of(&body), body, is_answered: false };
        let mut seen = self.seen.lock().unwrap();
        let does = (self.script)(&asked, seen.len());
        asked.is_answered = matches!(does, Does::Says(_) | Does::Ends(..));
        seen.push(asked.clone());
        match does {
            Does::Says(text) => said(is_claude, &asked.model, &text, if is_claude { "end_turn" } else { "stop" }),
            Does::Ends(reason, text) => said(is_claude, &asked.model, &text, reason),
            Does::Fails(status, headers, body) => headers
                .into_iter()
                .fold(ResponseTemplate::new(status).set_body_json(body), |response, (name, value)| response.insert_header(name, value)),
            Does::Hangs => ResponseTemplate::new(500).set_delay(Duration::from_secs(600)),
        }
    }
}

/// What both services refuse must not be sent.
fn check_form(body: &Value, request: &Request, is_claude: bool) {
    for name in ["temperature", "top_p", "logprobs", "n", "tools", "tool_choice", "stream"] {
        assert!(body.get(name).is_none(), "{name} is sent");
    }
    let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    if is_claude {
        assert_eq!(header("anthropic-version").as_deref(), Some("2026-10-21"));
        assert_eq!(header("x-api-key").as_deref(), Some(KEY));
        assert!(body["max_tokens"].as_u64().is_some_and(|most| most > 0));
    } else {
        assert_eq!(header("authorization"), Some(format!("Bearer {KEY}")));
        assert!(body["max_completion_tokens"].as_u64().is_some_and(|most| most > 0));
    }
}

fn said(is_claude: bool, model: &str, text: &str, reason: &str) -> ResponseTemplate {
    let body = if is_claude {
        json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [{"type": "text", "text": text}],
            "stop_reason": reason, "usage": {"input_tokens": 1000, "output_tokens": 50},
        })
    } else {
        json!({
            "id": "c1", "object": "chat.completion", "model": model,
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": reason}],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050},
        })
    };
    ResponseTemplate::new(200).set_body_json(body)
}

/// Which step a prompt is of, told by its task.
fn step_of(body: &str) -> String {
    let known = BTreeMap::from([
        ("api_extraction", "List every HTTP operation"),
        ("api_types", "with the type of the body, field by field"),
        ("api_values", "about an HTTP interface with the value"),
        ("contract_merging", "which side"),
        ("event_values", "the missing part of the channel's name"),
        ("event_flow", "every channel"),
        ("feature_analysis", "what the feature is for"),
        ("repository_understanding", "Say what the repository is for"),
        ("schema_analysis", "every table"),
    ]);
    let found = known.iter().find(|(_, words)| body.contains(*words));
    found.map_or_else(|| "other".to_owned(), |(step, _)| (*step).to_owned())
}

/// The line of code that holds a text, cited as the prompt numbers it.
pub fn cite(asked: &Asked, text: &str) -> Value {
    let parsed: Value = serde_json::from_str(&asked.body).unwrap();
    let mut prompt = String::new();
    gather(&parsed["messages"], &mut prompt);
    let mut file = "";
    for line in prompt.lines() {
        if let Some(path) = line.strip_prefix("file: ") {
            file = path;
        }
        if let Some((number, code)) = line.split_once("| ")
            && let Ok(number) = number.trim().parse::<u32>()
            && code.contains(text)
        {
            return json!({"file": file, "line": number, "quote": code.trim().chars().take(120).collect::<String>()});
        }
    }
    json!({"file": "none", "line": 1, "quote": text})
}

fn gather(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => {
            out.push_str(text);
            out.push('\n');
        }
        Value::Array(list) => list.iter().for_each(|item| gather(item, out)),
        Value::Object(map) => map.values().for_each(|item| gather(item, out)),
        _ => {}
    }
}

/// The key of the question that holds these words: `q2`.
fn question(asked: &Asked, words: &str) -> Option<String> {
    let parsed: Value = serde_json::from_str(&asked.body).unwrap();
    let mut prompt = String::new();
    gather(&parsed["messages"], &mut prompt);
    let line = prompt.lines().find(|line| line.starts_with('q') && line.contains(": ") && line.contains(words))?;
    Some(line.split(':').next()?.to_owned())
}

/// What a model that reads well says.
pub fn answer(asked: &Asked) -> Value {
    let answers = |entries: Vec<Value>| json!({"answers": entries});
    let value = |words: &str, value: &str, quote: &str| {
        let key = question(asked, words)?;
        Some(json!({"question": key, "value": value, "citations": [cite(asked, quote)], "evidence": "", "needs": []}))
    };
    match asked.step.as_str() {
        "api_values" => answers(value("AREA", "staff", "AREA = choose").into_iter().collect()),
        "event_values" => answers(value("TOPIC", "orders.placed", "TOPIC = choose").into_iter().collect()),
        "feature_analysis" => {
            let is_stock = asked.body.contains("func getStock") && !asked.body.contains("def place_order");
            let (words, line) = if is_stock { ("Tells what is in stock.", "func getStock") } else { ("Takes orders.", "def place_order") };
            let mut told: Vec<Value> = value("", words, line).into_iter().collect();
            told.iter_mut().for_each(|entry| entry["summaries"] = json!([]));
            answers(told)
        }
        "api_types" => answers(types(asked).into_iter().collect()),
        "api_extraction" => {
            let part = json!({"text": "/stock/:id", "citation": cite(asked, "r.GET(\"/stock")});
            let operation = json!({
                "method": "GET", "path": "/stock/{id}", "parts": [part], "method_at": null, "handler": "getStock",
                "summary": "Tells what is in stock.", "evidence": "",
            });
            json!({"operations": [operation], "needs": []})
        }
        "repository_understanding" => json!({
            "summary": "A shop that takes orders.", "citations": [cite(asked, "gin.Default()")], "libraries": [], "prefixes": [], "evidence": "",
        }),
        "event_flow" => json!({"channels": [], "needs": []}),
        "schema_analysis" => json!({"tables": [], "needs": []}),
        _ => answers(Vec::new()),
    }
}

fn types(asked: &Asked) -> Option<Value> {
    let line = || cite(asked, "return build(");
    let field =
        |path: &str, ty: &str| json!({"path": path, "type": ty, "format": null, "required": true, "nullable": false, "citation": line()});
    let fields = vec![field("number", "integer"), field("state", "string")];
    let body = json!({"status": "200", "root": "object", "citation": line(), "fields": fields});
    Some(json!({"question": question(asked, "/orders")?, "bodies": [body], "evidence": "", "needs": []}))
}
