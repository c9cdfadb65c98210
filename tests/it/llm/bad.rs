//! What services, keys and stores may do wrong: what the code says always stands, and what stays open is counted.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use super::{ANTHROPIC, Asked, Does, GROQ, Server, answer, planted};
use crate::folder;
use crate::guard::{Repo, Said};

fn contracts(repo: &Repo) -> BTreeMap<String, Vec<u8>> {
    folder::files(&repo.path().join("contracts"))
}

/// Runs with a service that does always the same; the contracts stay what the code says, and the summary counts.
#[track_caller]
fn stays_open(does: impl Fn(&Asked) -> Does + Send + Sync + 'static, expected: &str) -> (Server, Said) {
    let server = Server::new(move |asked, _| does(asked));
    let repo = planted();
    let before = contracts(&repo);
    let said = server.run(&repo, &["analyze"]).is(0);
    assert!(contracts(&repo) == before, "{}", said.err);
    assert!(said.err.contains("models: 0 of ") && said.err.contains(expected), "{expected}\n{}", said.err);
    let required = server.run(&planted(), &["analyze", "--llm", "required"]);
    assert!(matches!(required.code, 0 | 2), "{}", required.err);
    (server, said)
}

fn fails(status: u16, body: Value) -> impl Fn(&Asked) -> Does + Send + Sync + 'static {
    move |_| Does::Fails(status, Vec::new(), body.clone())
}

#[test]
fn a_key_that_is_wrong_or_expired() {
    let (server, _) = stays_open(fails(401, json!({"error": {"message": "Invalid API Key", "code": "invalid_api_key"}})), "401");
    // A key that was refused is not tried again and again.
    assert!(server.asked().len() < 20, "{}", server.asked().len());
    stays_open(fails(403, json!({"error": {"message": "The key has expired"}})), "403");
}

#[test]
fn a_key_that_is_none() {
    let (repo, server) = (planted(), Server::good());
    let said = server.run_with(&repo, &["analyze", "--llm", "required"], &[]).is(2);
    assert!(said.err.contains("there is no key") && said.err.contains("GROQ_API_KEY"), "{}", said.err);
    let mut variables = server.variables(&[]);
    variables.push((GROQ.into(), "two words".into()));
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let said = repo.run_with(&["analyze", "--llm", "required"], &variables).is(2);
    assert!(said.err.contains("`GROQ_API_KEY` holds what no key is") && !said.err.contains("two words"), "{}", said.err);
}

#[test]
fn nobody_listens_or_a_proxy_stands_in_the_way() {
    let (repo, server) = (planted(), Server::good());
    let before = contracts(&repo);
    let mut variables = server.variables(&[GROQ, ANTHROPIC]);
    // A port where nothing listens; TLS where there is none.
    variables[0].1 = "http://127.0.0.1:9/openai/v1".into();
    variables[1].1 = variables[1].1.replace("http:", "https:");
    let table = super::table(&repo);
    variables.push(("CONTRACT_AGENT_ROUTING".into(), table));
    let run = |variables: &[(String, String)]| {
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        repo.run_with(&["analyze"], &variables).is(0)
    };
    let said = run(&variables);
    assert!(said.err.contains("models: 0 of "), "{}", said.err);
    assert_eq!(contracts(&repo), before);
    let refused = variables.iter().map(|(name, value)| (name.clone(), value.replace("127.0.0.1:9/", "example.org/"))).collect::<Vec<_>>();
    let bad: Vec<(&str, &str)> = refused.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let said = repo.run_with(&["analyze"], &bad).is(2);
    assert!(said.err.contains("GROQ_BASE_URL"), "an address without TLS that is not this machine\n{}", said.err);
    // A login page instead of an answer.
    stays_open(fails(200, json!("<html>Please log in</html>")), "models: ");
    stays_open(fails(407, json!({})), "407");
}

#[test]
fn answers_that_are_none() {
    stays_open(|_| Does::Says(String::new()), "empty");
    stays_open(|_| Does::Says("I think the path is /v1/staff.".into()), "models: ");
    stays_open(|_| Does::Says("{\"something\": \"else\"}".into()), "models: ");
    stays_open(|_| Does::Says("[".repeat(200_000)), "models: ");
    stays_open(|asked| Does::Ends(if asked.model.starts_with("claude") { "max_tokens" } else { "length" }, "{\"ans".into()), "cut");
    stays_open(|asked| Does::Ends(if asked.model.starts_with("claude") { "refusal" } else { "content_filter" }, String::new()), "refused");
}

#[test]
fn an_answer_of_ten_megabytes() {
    let (repo, server) = (planted(), Server::new(|_, _| Does::Says(format!("{{\"answers\": \"{}\"}}", "x".repeat(10 << 20)))));
    let before = contracts(&repo);
    let said = server.run(&repo, &["analyze", "--max-requests", "2"]).is(0);
    assert!(contracts(&repo) == before && said.err.contains("models: 0 of "), "{}", said.err);
}

#[test]
fn an_answer_about_a_file_that_was_not_sent() {
    stays_open(
        |asked| {
            let text = answer(asked)
                .to_string()
                .replace("app/main.py", "app/other.py")
                .replace("stock/main.go", "etc/passwd")
                .replace("requirements.txt", "none.txt");
            Does::Says(text)
        },
        "dropped",
    );
}

#[test]
fn services_that_are_down_or_have_enough() {
    stays_open(fails(500, json!({"error": {"message": "oops"}})), "500");
    stays_open(
        |_| {
            Does::Fails(
                429,
                vec![("retry-after", "7200"), ("x-ratelimit-reset-requests", "-3m"), ("x-ratelimit-reset-tokens", "99999h")],
                json!({}),
            )
        },
        "models: ",
    );
    let spent = json!({"type": "error", "error": {"type": "rate_limit_error", "message": "spent", "details": {"error_code": "enforced_spend_limit_reached"}}});
    stays_open(fails(429, spent), "models: ");
}

#[test]
fn a_budget_that_is_spent_and_a_price_nobody_knows() {
    let (repo, server) = (planted(), Server::good());
    let before = contracts(&repo);
    let said = server.run(&repo, &["analyze", "--max-cost", "0"]).is(0);
    assert!(said.err.contains("not put") || said.err.contains("budget"), "{}", said.err);
    assert_eq!((server.asked().len(), contracts(&repo)), (0, before));
    server.run(&repo, &["analyze", "--max-requests", "2"]).is(0);
    assert_eq!(server.asked().len(), 2);
    let said = server.run(&repo, &["analyze", "--max-cost", "cheap"]);
    assert_eq!(said.code, 2);
}

#[test]
fn a_service_that_never_answers() {
    let (repo, server) = (planted(), Server::new(|_, _| Does::Hangs));
    let before = contracts(&repo);
    let quick = "[providers.groq]\nrequest_timeout_s = 1\n[providers.anthropic]\nrequest_timeout_s = 1\n";
    let said = server.run_over(&repo, &["analyze"], &[GROQ, ANTHROPIC], quick).is(0);
    assert!(contracts(&repo) == before && said.err.contains("models: 0 of "), "{}", said.err);
}

#[test]
fn a_model_whose_price_nobody_knows() {
    let (repo, server) = (planted(), Server::good());
    let mut table =
        "[models.local]\nprovider = \"groq\"\nid = \"local-model\"\ncontext = 131072\nmax_output = 8192\njson = \"json_schema\"\n"
            .to_owned();
    for task in ["code_structure", "api_contract", "schema", "event_flow", "infra", "contract_merge", "documentation", "triage"] {
        table.push_str(&format!("[routes.{task}]\nchain = [\"local\", \"static\"]\n"));
    }
    table.push_str("[orchestration.consensus]\nmembers = [\"local\"]\nescalate = \"local\"\n");
    let dry = server.run_over(&repo, &["analyze", "--dry-run"], &[GROQ], &table).is(0);
    assert!(dry.out.contains("price unknown"), "{}", dry.out);
    let said = server.run_over(&repo, &["analyze"], &[GROQ], &table).is(0);
    assert!(said.err.contains("the price of some models is not known"), "{}", said.err);
    assert!(server.asked().iter().all(|asked| asked.model == "local-model"));
}

#[test]
fn a_kept_answer_that_somebody_changed() {
    let (repo, server) = (planted(), Server::good());
    server.run(&repo, &["analyze"]).is(0);
    let (expected, calls) = (contracts(&repo), server.asked().len());
    let folder = repo.path().join(".contract-agent/cache/calls");
    let kept: Vec<_> = folder::files(&folder).into_keys().collect();
    assert!(!kept.is_empty());
    for (index, name) in kept.iter().enumerate() {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let poisoned = match index % 3 {
            0 => text.replace("staff", "evil"),
            1 => text.chars().take(text.chars().count() / 2).collect(),
            _ => "{}".to_owned(),
        };
        fs::write(folder.join(name), poisoned).unwrap();
    }
    fs::remove_file(repo.path().join("contracts/resolutions.json")).unwrap();
    server.run(&repo, &["analyze"]).is(0);
    assert_eq!(contracts(&repo), expected);
    assert!(server.asked().len() > calls, "what does not hold is asked again");
}
