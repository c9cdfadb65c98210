//! The log of what left for models: many may write, nothing can be changed unseen, and `audit` tells.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::SystemTime;

use contract_agent::llm::audit::read;
use contract_agent::llm::call::{Exchange, Sent, Task, Usage, Witness};
use contract_agent::store::AuditFile;

fn exchange(model: &str) -> Exchange {
    Exchange {
        at: SystemTime::now(),
        provider: "groq".to_owned(),
        host: "api.groq.com".to_owned(),
        model: model.to_owned(),
        task: Task::EventFlow,
        prompt: "event_flow@1".to_owned(),
        files: vec![Sent {
            path: "cmd/main.go".to_owned(),
            digest: "0f".repeat(32),
            bytes: 900,
            masks: BTreeMap::from([("jwt".to_owned(), 2)]),
        }],
        bytes: 4096,
        digest: "f0".repeat(32),
        masks: BTreeMap::new(),
        outcome: "200".to_owned(),
        request_id: Some("req-1".to_owned()),
        usage: Usage { input: 1000, output: 50, ..Usage::default() },
        cost_usd: None,
    }
}

fn audit(top: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_contract-agent"));
    command.arg("audit").args(arguments).arg(top).output().expect("the program runs")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn many_writers_make_one_chain() {
    let folder = tempfile::tempdir().expect("a folder");
    thread::scope(|scope| {
        for writer in 0..4 {
            // Each opens the file anew, as processes do.
            let log = AuditFile::in_repository(folder.path()).expect("no link");
            scope.spawn(move || (0..10).for_each(|call| log.saw(&exchange(&format!("{writer}-{call}"))).expect("written")));
        }
    });
    let log = AuditFile::in_repository(folder.path()).expect("no link");
    let read = read(&log.read().expect("readable").expect("there"));
    assert_eq!((read.entries.len(), read.broken, read.cut), (40, None, vec![]));
    let ignore = fs::read_to_string(folder.path().join(".contract-agent/.gitignore"));
    assert_eq!(ignore.expect("git looks away"), "*\n");
}

#[test]
fn the_chain_goes_on_behind_a_line_that_was_only_begun() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = AuditFile::in_repository(folder.path()).expect("no link");
    log.saw(&exchange("one")).expect("written");
    let whole = fs::read_to_string(log.path()).expect("there");
    fs::write(log.path(), format!("{whole}{}", &whole[..80])).expect("written");
    log.saw(&exchange("two")).expect("written");
    let output = audit(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = told(&output);
    assert!(text.contains("line 2 is no whole entry") && text.contains("the chain holds") && text.contains("2 calls"), "{text}");
}

#[test]
fn what_was_changed_is_told_with_exit_code_1() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = AuditFile::in_repository(folder.path()).expect("no link");
    for model in ["one", "two", "three"] {
        log.saw(&exchange(model)).expect("written");
    }
    assert_eq!(audit(folder.path(), &[]).status.code(), Some(0));
    let whole = fs::read_to_string(log.path()).expect("there");
    fs::write(log.path(), whole.replacen("\"two\"", "\"2wo\"", 1)).expect("written");
    let output = audit(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("broken at entry 2 (line 2)"), "{}", told(&output));
    let json: serde_json::Value = serde_json::from_slice(&audit(folder.path(), &["--format", "json", "--last", "1"]).stdout).expect("JSON");
    assert_eq!((json["holds"].as_bool(), json["broken"]["entry"].as_u64(), json["calls"].as_u64()), (Some(false), Some(2), Some(3)));
    assert_eq!(json["entries"].as_array().map(Vec::len), Some(1));
}

#[test]
fn without_a_call_there_is_nothing_to_show() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = audit(folder.path(), &[]);
    assert_eq!((output.status.code(), told(&output)), (Some(0), "no model was called: there is no audit log\n".to_owned()));
}

#[cfg(unix)]
#[test]
fn a_link_in_its_place_is_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink(other.path(), folder.path().join(".contract-agent")).expect("a link");
    assert!(AuditFile::in_repository(folder.path()).is_none());
    assert_eq!(audit(folder.path(), &[]).status.code(), Some(2));
}
