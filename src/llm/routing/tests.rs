use super::*;
use crate::llm::call::Usage;

fn check_error(text: &str, told: &str, help: &str) {
    let error = Routing::with(text).expect_err(text);
    assert_eq!((error.to_string().as_str(), error.help.as_str()), (told, help), "{text}");
}

#[test]
fn the_built_in_table_answers_every_task() {
    let routing = Routing::built_in();
    assert!(routing.notes.is_empty(), "{:?}", routing.notes);
    for task in Task::ALL {
        assert_eq!(routing.route(task).chain.last().map(String::as_str), Some(STATIC));
        for name in routing.route(task).models() {
            let (model, _) = routing.model(name).expect("a chain names models");
            assert!(model.price.is_some() && model.family.is_some(), "{name}");
            let fits = routing.tokens(model, routing.limits(task).bytes());
            assert!(model.limits.tpm.is_none_or(|limit| fits < limit), "{task}: {fits}");
        }
    }
    let members: Vec<String> = routing.orchestration.consensus.members.iter().map(|name| routing.models[name].family()).collect();
    assert_eq!(members, ["gpt-oss", "qwen", "claude"]);
}

#[test]
fn a_table_of_one_s_own_is_laid_over_key_by_key() {
    let routing = Routing::with(
        r#"
        [providers.local]
        kind = "openai-chat"
        base_url = "http://localhost:11434/v1"
        [models.coder]
        provider = "local"
        id = "Coder3:30b"
        context = 32768
        max_output = 4096
        json = "json_object"
        [models.gpt-oss-120b]
        limits = { rpm = 1000, tpm = 250000 }
        [routes.schema]
        chain = ["coder", "Kimi K2"]
        [budget]
        max_cost_usd = inf
        "#,
    )
    .expect("the table is in order");
    assert_eq!(routing.route(Task::Schema).chain, ["coder", "gpt-oss-120b", STATIC]);
    assert_eq!(routing.notes, ["`Kimi K2` stands for `gpt-oss-120b` (shut down 2025-10-10)"]);
    assert_eq!(routing.models["gpt-oss-120b"].limits.tpm, Some(250_000));
    assert_eq!(routing.models["gpt-oss-120b"].id, "openai/gpt-oss-120b");
    assert_eq!(routing.models["coder"].family(), "coder");
    assert_eq!(routing.providers["local"].key_env, Vec::<String>::new());
    assert_eq!(routing.route(Task::Infra), Routing::built_in().route(Task::Infra));
}

#[test]
fn what_no_table_says_is_told_with_the_nearest_key() {
    check_error(
        "[budget]\nmax_cost = 1\n",
        "`budget.max_cost`: there is no such key",
        "there are max_cost_usd, max_input_tokens, max_requests, max_retries, retry_after_cap_s",
    );
    check_error("[budget]\nmax_cost_usf = 1\n", "`budget.max_cost_usf`: there is no such key", "did you mean `max_cost_usd`?");
    check_error("[routes.shema]\nchain = []\n", "`routes.shema`: there is no such key", "did you mean `schema`?");
    check_error("[routes.schema]\nchian = []\n", "`routes.schema.chian`: there is no such key", "did you mean `chain`?");
    check_error(
        "[models.gpt-oss-120b.price]\nin = 1\n",
        "`models.gpt-oss-120b.price.in`: there is no such key",
        "there are input, cached_input, cache_write, output, above_prompt_tokens, above_factor",
    );
    check_error(
        "[routes.schema]\nchain = [\"gpt-oss-120\"]\n",
        "`routes.schema.chain`: there is no model `gpt-oss-120`",
        "did you mean `gpt-oss-120b`?",
    );
    check_error(
        "[routes.schema]\nchain = [\"static\", \"gpt-oss-20b\"]\n",
        "`routes.schema.chain`: nobody is asked after `static`",
        "let `static` be the last",
    );
    check_error(
        "[models.claude-opus]\njson = \"json_schema\"\n",
        "`models.claude-opus.json`: its provider does not speak this",
        "`output_config` and `prompt` are for anthropic-messages; the others, and `prompt`, for openai-chat",
    );
    check_error(
        "[models.claude-opus]\nprovider = \"antropic\"\n",
        "`models.claude-opus.provider`: there is no provider `antropic`",
        "did you mean `anthropic`?",
    );
    check_error(
        "[models.claude-opus]\nprice = { input = -1.0 }\n",
        "`models.claude-opus.price`: a price is 0 or more",
        "prices are US dollars for a million tokens",
    );
    check_error(
        "version = 2\n",
        "`version`: version 2 is not known",
        "this contract-agent reads version 1; take a newer one, or write the table anew",
    );
    assert_eq!(Routing::with("a = = 1").expect_err("no TOML").at, Some((1, 5)));
}

#[test]
fn nothing_is_sent_where_others_could_read_it() {
    for (url, told) in [
        ("http://api.groq.com", "`api.groq.com` would be spoken to without encryption"),
        ("http://127.0.0.1.nip.test/", "`127.0.0.1.nip.test` would be spoken to without encryption"),
        ("file:///v1", "`file:` is no way to speak to a service"),
        ("https://me:secret@api.groq.com", "an address must hold no credentials"),
        ("https://api.groq.com/?a=1", "an address must end with its path"),
    ] {
        check_error(&format!("[providers.groq]\nbase_url = \"{url}\"\n"), &format!("`providers.groq`: {told}"), url::HELP);
    }
    for url in ["http://127.0.0.1:8080/openai/v1", "http://[::1]:1/", "http://localhost:1", "https://example.test/x"] {
        let env = |name: &str| (name == "GROQ_BASE_URL").then(|| url.to_owned());
        let routing = Routing::built_in().redirected(&env).expect(url);
        assert_eq!(routing.providers["groq"].base_url.to_string(), url.trim_end_matches('/'));
    }
    let env = |_: &str| Some("http://elsewhere.test".to_owned());
    assert_eq!(Routing::built_in().redirected(&env).expect_err("not encrypted").key, "ANTHROPIC_BASE_URL");
}

#[test]
fn what_a_call_costs() {
    let price = Routing::built_in().models["claude-haiku"].price.expect("it has one");
    let usage = Usage { input: 90_000, cached: 40_000, cache_write: 10_000, output: 2_000 };
    let cost = 0.04 * 0.10 + 0.04 * 0.01 + 0.01 * 0.125 + 0.002 * 0.50;
    assert!((price.cost(usage) - cost).abs() < 1e-12);
    let large = Usage { input: 100_001, ..Usage::default() };
    assert!((price.cost(large) - 0.100_001 * 0.10 * 5.0).abs() < 1e-12);
    assert!(price.worst(90_000, 2_000) >= price.cost(usage));
}
