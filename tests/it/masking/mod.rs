//! What is masked and what is left: a labelled set, made here from the forms that providers publish, in lines as people write them.

mod credentials;
mod lookalikes;
mod made;

use std::collections::{BTreeMap, BTreeSet};

use contract_agent::llm::secrets::{MaskedText, Masker, Masks};

use made::Made;
use proptest::prelude::*;

fn masker() -> Masker {
    Masker::new(&[]).expect("no globs")
}

fn masked(text: &str) -> MaskedText {
    masker().file("src/app.txt", text.as_bytes()).expect("text may be sent")
}

/// Whether nothing of a credential is left that would be of use: no part of it that is longer than a third.
fn is_gone(secret: &str, text: &str) -> bool {
    let part = (secret.len() / 3).max(4);
    let letters: Vec<char> = secret.chars().collect();
    letters.windows(part.min(letters.len())).all(|window| !text.contains(&window.iter().collect::<String>()))
}

#[test]
fn credentials_are_masked() {
    let all = credentials::all(&mut Made::new(7));
    let kinds: BTreeSet<&str> = all.iter().map(|case| case.kind).collect();
    assert!(all.len() >= 500 && kinds.len() >= 100, "{} credentials of {} kinds", all.len(), kinds.len());
    let missed: Vec<&credentials::Case> = all.iter().filter(|case| !is_gone(&case.secret, &masked(&case.text).text)).collect();
    let told: BTreeMap<&str, &str> = missed.iter().map(|case| (case.kind, &*case.text)).collect();
    println!("{} of {} credentials of {} kinds missed: {told:#?}", missed.len(), all.len(), kinds.len());
    assert!(missed.len() * 100 <= all.len() * 3, "{} of {} missed: {told:#?}", missed.len(), all.len());
}

#[test]
fn lookalikes_are_left() {
    let all = lookalikes::all(&mut Made::new(11));
    assert!(all.len() >= 500, "{}", all.len());
    let changed: Vec<(String, String)> =
        all.iter().map(|text| (text.clone(), masked(text).text)).filter(|(text, masked)| text != masked).collect();
    println!("{} of {} look-alikes masked: {changed:#?}", changed.len(), all.len());
    assert!(changed.len() * 10 <= all.len(), "{} of {} masked: {changed:#?}", changed.len(), all.len());
}

#[test]
fn masking_masked_text_changes_nothing_and_lines_stay_lines() {
    let mut made = Made::new(13);
    let texts: Vec<String> = credentials::all(&mut made).into_iter().map(|case| case.text).chain(lookalikes::all(&mut made)).collect();
    let masker = masker();
    for text in texts.chunks(25).map(|lines| lines.join("\n")) {
        let once = masker.file("a.txt", text.as_bytes()).expect("text may be sent");
        let twice = masker.file("a.txt", once.text.as_bytes()).expect("text may be sent");
        assert_eq!(once.text, twice.text);
        assert_eq!(twice.by_rule, BTreeMap::new());
        assert_eq!(text.matches('\n').count(), once.text.matches('\n').count());
        let marks = once.by_rule.values().sum::<usize>();
        assert_eq!(once.text.matches("«SECRET:").count(), marks);
    }
}

#[test]
fn a_body_stays_json_and_holds_no_credential() {
    let mut made = Made::new(17);
    for case in credentials::all(&mut made) {
        let masker = masker();
        let body = serde_json::json!({
            "model": "openai/gpt-oss-120b",
            "max_completion_tokens": 4096,
            "messages": [{"role": "user", "content": format!("package main\n\n{}\n\tend \"quoted\"\n", case.text)}],
        })
        .to_string();
        let masked = masker.mask(&body).expect("it can be masked");
        let read: serde_json::Value = serde_json::from_str(&masked.text).expect("JSON");
        assert_eq!((&read["model"], &read["max_completion_tokens"]), (&"openai/gpt-oss-120b".into(), &4096.into()));
        let content = read["messages"][0]["content"].as_str().expect("text");
        assert_eq!(content.matches('\n').count(), case.text.matches('\n').count() + 4, "{content}");
        let by_file = masker.file("a.txt", case.text.as_bytes()).expect("text");
        assert!(by_file.by_rule.is_empty() || !masked.by_rule.is_empty(), "{}", case.text);
        assert!(by_file.by_rule.is_empty() || is_gone(&case.secret, content) || !is_gone(&case.secret, &by_file.text), "{content}");
    }
}

#[test]
fn a_credential_that_escapes_split_is_found() {
    let mut made = Made::new(19);
    let key = made.key_block("RSA PRIVATE KEY", 6);
    let password = format!("pa\"ss{}", made.of("{A8}"));
    for secret in [format!("key = '''{key}'''"), format!("db_password = {}", serde_json::json!(password))] {
        let body = serde_json::json!({"input": [secret, 1, null]}).to_string();
        let masked = masker().mask(&body).expect("it can be masked");
        let read: serde_json::Value = serde_json::from_str(&masked.text).expect("JSON");
        let text = read["input"][0].as_str().expect("text");
        assert!(text.contains("«SECRET:"), "{text}");
        assert!(is_gone(&key[40..], text) && is_gone(&password[5..], text), "{text}");
        assert_eq!(text.lines().count(), secret.lines().count());
    }
}

#[test]
fn one_value_has_one_number_in_a_run() {
    let mut made = Made::new(23);
    let (one, two) = (made.of("ghp_{A36}"), made.of("xoxb-{d12}-{d12}-{A24}"));
    let masker = masker();
    let first = masker.file("a.py", format!("A = '{one}'\nB = '{two}'\n").as_bytes()).expect("text");
    let second = masker.file("b.py", format!("url = 'https://{two}@host/'\nC = \"{one}\"\n").as_bytes()).expect("text");
    assert_eq!(first.text, "A = '«SECRET:github-token:1»'\nB = '«SECRET:slack-token:2»'\n");
    assert_eq!(second.text, "url = 'https://«SECRET:slack-token:2»@host/'\nC = \"«SECRET:github-token:1»\"\n");
    let body = masker.mask(&serde_json::json!({ "text": format!("{one}\n") }).to_string()).expect("it can be masked");
    assert_eq!(body.text, r#"{"text":"«SECRET:github-token:1»\n"}"#);
    assert_eq!(first.by_rule, BTreeMap::from([("github-token".to_owned(), 1), ("slack-token".to_owned(), 1)]));
}

#[test]
fn a_password_may_have_any_sign() {
    let mut made = Made::new(31);
    let mut left = Vec::new();
    for sign in ["!", "#", "%", "&", "(", ")", "*", "+", "-", ".", "/", ":", "=", "?", "@", "[", "^", "_", "{", "|", "}", "~", "ä"] {
        let (head, tail) = (made.of("{A5}{d2}"), made.of("{A5}{d3}"));
        for secret in [format!("{head}{sign}{tail}"), format!("{sign}{head}{tail}"), format!("{head}{tail}{sign}")] {
            for line in
                [format!("db_password = \"{secret}\""), format!("const password = '{secret}';"), format!("\"password\": \"{secret}\",")]
            {
                let text = masked(&line).text;
                if !is_gone(&head, &text) || !is_gone(&tail, &text) {
                    left.push(text);
                }
            }
        }
        if !matches!(sign, "/" | "?" | "#" | "ä") {
            let text = masked(&format!("url: postgres://app:{head}{sign}{tail}@db.host/shop")).text;
            if !is_gone(&head, &text) || !is_gone(&tail, &text) {
                left.push(text);
            }
        }
    }
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn a_service_account_is_never_sent() {
    let key = Made::new(37).key_block("PRIVATE KEY", 4);
    let text = serde_json::json!({"type": "service_account", "private_key": key}).to_string();
    assert!(masker().file("deploy/prod.json", text.as_bytes()).is_err());
}

#[test]
fn nothing_hides_in_a_mark() {
    let secret = Made::new(29).of("{h40}");
    let text = format!("token = \"«SECRET:{secret}:1»\"\ntoken = \"«SECRET:entropy:1»\"\n");
    let masked = masked(&text);
    assert!(is_gone(&secret, &masked.text), "{}", masked.text);
    assert!(masked.text.ends_with("token = \"«SECRET:entropy:1»\"\n"));
}

#[test]
fn files_that_hold_secrets_are_never_sent() {
    let sensitive = ["internal/**".to_owned(), "*.Secret".to_owned()];
    let masker = Masker::new(&sensitive).expect("globs");
    let stays = |path: &str| masker.file(path, b"text\n").err().map(|refused| refused.to_string());
    for path in [
        ".env",
        "app/.env.production",
        "deploy/prod.env",
        "keys/server.pem",
        "home/.ssh/id_ed25519",
        "id_rsa",
        "store.jks",
        "app.keystore",
        "cert.pfx",
        "cert.p12",
        "infra/terraform.tfstate",
        "infra/terraform.tfstate.backup",
        ".npmrc",
        ".netrc",
        ".pypirc",
        ".git-credentials",
        "kubeconfig",
        ".kube/config",
        "gcp/service-account-prod.json",
        ".docker/config.json",
        "config/master.key",
        "Prod.TFVARS",
        "config\\secrets.yml",
    ] {
        assert!(stays(path).is_some_and(|why| why.contains("never sent")), "{path}: {:?}", stays(path));
    }
    for path in ["internal/a/b.py", "x.secret"] {
        assert!(stays(path).is_some_and(|why| why.contains("settings")), "{path}: {:?}", stays(path));
    }
    for path in [
        ".env.example",
        "src/environment.ts",
        "src/id_map.rs",
        "keyboard.py",
        "docs/kube/config.md",
        "app/monkey.py",
        "id_rsa.pub",
        "src/secrets.py",
    ] {
        assert_eq!(stays(path), None, "{path}");
    }
    assert!(masker.file("a.bin", b"ab\0cd").is_err());
    assert!(Masker::new(&["a{".to_owned()]).is_err());
}

#[test]
fn whatever_stands_there_is_gone_over_in_time() {
    let hostile = [
        "password=".repeat(10_000),
        "://".repeat(33_000),
        "-----BEGIN PRIVATE KEY-----\n".repeat(4_000),
        "curl -u ".repeat(13_000),
        "aws ".repeat(26_000),
        "a1B2".repeat(26_000),
        "key=a1b2c3d4e5f6a7b8 ".repeat(5_000),
        "\\\"".repeat(50_000),
        "«SECRET:".repeat(13_000),
        "«SECRET:entropy:1»".repeat(5_000),
        "eyJ".repeat(33_000),
        "user:pass@".repeat(10_000),
        "\u{202e}é".repeat(20_000),
        "token: |\n".repeat(10_000),
        "[".repeat(100_000),
    ];
    for text in &hostile {
        let begun = std::time::Instant::now();
        let masked = masker().file("a.txt", text.as_bytes());
        let body = masker().mask(&serde_json::json!({ "text": text }).to_string());
        let spent = begun.elapsed();
        println!("{spent:?} {}", text.chars().take(20).collect::<String>());
        assert!(spent.as_secs() < 60, "{} bytes of {:?} took {spent:?}", text.len(), text.chars().take(20).collect::<String>());
        // Either it is masked, or it stays here; it never fails otherwise.
        drop((masked, body));
    }
}

/// Pieces that layers look for, put together by chance.
const PIECES: [&str; 40] = [
    "password",
    "token",
    "secret",
    "key",
    "=",
    ": ",
    " := ",
    "\"",
    "'",
    "`",
    "\\\"",
    "\\n",
    "\n",
    "\\",
    "://",
    "u:p@",
    "@",
    "/",
    "«SECRET:",
    "»",
    "«SECRET:entropy:3»",
    "-----BEGIN ",
    "PRIVATE KEY-----",
    "-----END ",
    "ghp_",
    "aB3dE5gH7jK9mN1pQ3sT5vW7yZ",
    "0123456789abcdef0123456789abcdef",
    "Bearer ",
    "curl -u ",
    "${X}",
    "é",
    "\u{202e}",
    "<",
    ">",
    "{",
    "}",
    ",",
    " ",
    "=\"value\"",
    "%3D",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_masked_once_and_for_all(chosen in prop::collection::vec(0..PIECES.len(), 0..40)) {
        let text: String = chosen.iter().map(|piece| PIECES[*piece]).collect();
        let masker = masker();
        if let Ok(once) = masker.file("a.txt", text.as_bytes()) {
            prop_assert_eq!(once.text.matches('\n').count(), text.matches('\n').count());
            prop_assert_eq!(&masker.file("a.txt", once.text.as_bytes()).expect("it was masked before").text, &once.text);
        }
        let body = serde_json::json!({ "a": [text.clone()], text: "x" }).to_string();
        let once = masker.mask(&body).expect("a body can be masked");
        prop_assert!(serde_json::from_str::<serde_json::Value>(&once.text).is_ok());
        prop_assert_eq!(&masker.mask(&once.text).expect("it was masked before").text, &once.text);
    }

    #[test]
    fn any_bytes_are_gone_over(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        drop(masker().file("a.txt", &bytes));
    }
}
