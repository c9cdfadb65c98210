//! Runs that end before they are done: the next one goes on from there, and nothing is paid for twice.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{ANTHROPIC, Asked, Does, GROQ, Server, answer, planted, table};
use crate::folder;
use crate::guard::Repo;

fn start(server: &Server, repo: &Repo) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_contract-agent"));
    command.current_dir(repo.path()).args(["analyze", "--llm", "required"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("CONTRACT_AGENT_ROUTING", table(repo)).envs(server.variables(&[GROQ, ANTHROPIC])).env_remove("CI");
    command.spawn().unwrap()
}

/// Waits until the server has seen so many questions.
fn wait_for(server: &Server, count: usize) {
    let begun = Instant::now();
    while server.asked().len() < count {
        assert!(begun.elapsed() < Duration::from_secs(60), "only {} questions came", server.asked().len());
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn paid(asked: &[Asked]) -> BTreeMap<(String, String), usize> {
    let mut paid = BTreeMap::new();
    for asked in asked.iter().filter(|asked| asked.is_answered) {
        *paid.entry((asked.model.clone(), asked.body.clone())).or_default() += 1;
    }
    paid
}

#[test]
fn killed_at_any_call_a_run_goes_on_without_paying_twice() {
    let whole = planted();
    let server = Server::good();
    server.run(&whole, &["analyze"]).is(0);
    let calls = server.asked().len();
    let expected = folder::files(&whole.path().join("contracts"));
    assert!(calls > 6, "{calls}");
    for stop in 0..calls {
        let repo = planted();
        // The call at which the run is killed is never answered.
        let hanging = Server::new(move |asked, before| if before == stop { Does::Hangs } else { Does::Says(answer(asked).to_string()) });
        let mut child = start(&hanging, &repo);
        wait_for(&hanging, stop + 1);
        // What was answered is kept before it is used; a moment for what came just before.
        std::thread::sleep(Duration::from_millis(150));
        child.kill().unwrap();
        child.wait().unwrap();
        let first = hanging.asked();
        let second = Server::good();
        second.run(&repo, &["analyze"]).is(0);
        let all: Vec<Asked> = first.into_iter().chain(second.asked()).collect();
        let twice: Vec<_> = paid(&all).into_iter().filter(|(_, count)| *count > 1).map(|((model, _), _)| model).collect();
        assert_eq!(twice, Vec::<String>::new(), "killed at call {stop}");
        assert_eq!(folder::files(&repo.path().join("contracts")), expected, "killed at call {stop}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_run_and_leaves_the_contracts_alone() {
    let repo = planted();
    let before = folder::files(&repo.path().join("contracts"));
    let server = Server::new(|asked, before| if before == 1 { Does::Hangs } else { Does::Says(answer(asked).to_string()) });
    let child = start(&server, &repo);
    wait_for(&server, 2);
    let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(signal.success());
    let begun = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(20));
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{err}");
    assert!(err.contains("stopped: "), "{err}");
    assert_eq!(folder::files(&repo.path().join("contracts")), before);
    let second = Server::good();
    second.run(&repo, &["analyze"]).is(0);
    assert!(repo.run(&["check", "--base", "none"]).is(0).out.contains("ok"));
}
