//! One batch put to one model: the answer, its repair when it does not stand, and what then stands of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::batches::Batch;
use super::tally::Tally;
use crate::llm::call::{Answer, Asks, Call, NoAnswer};
use crate::llm::consensus::Voice;
use crate::llm::ground::{Finding, Judged, judge};
use crate::llm::prompt::{Step, continued};

/// What one model said, and what it had asked for.
#[derive(Debug, Default)]
pub struct Heard {
    /// What stands; `None` when it did not answer.
    pub voice: Option<Voice>,
    /// The answer as it was given, for a closer look.
    pub said: Value,
    /// Names of declarations that would have helped.
    pub needs: Vec<String>,
    /// All of what it said stands: it may be believed that there is no more.
    pub is_whole: bool,
    /// What was counted.
    pub tally: Tally,
    /// Nothing more may be asked in this run.
    pub is_over: bool,
}

/// Whom to ask.
#[derive(Clone, Copy, Debug)]
pub enum Whom<'a> {
    /// The models of the task's route, in their order.
    Route,
    /// One model.
    One(&'a str),
}

async fn put<A: Asks>(asks: &A, whom: Whom<'_>, call: &Call) -> Result<Answer, NoAnswer> {
    match whom {
        Whom::Route => asks.ask(call).await,
        Whom::One(model) => asks.ask_one(model, call).await,
    }
}

/// Puts a call and holds the answer against the code; what does not stand is said back once.
pub async fn hear<A: Asks>(asks: &A, whom: Whom<'_>, batch: &Batch, call: &Call) -> Heard {
    let mut heard = Heard::default();
    let answer = match put(asks, whom, call).await {
        Ok(answer) => answer,
        Err(why) => {
            heard.is_over = matches!(why, NoAnswer::Budget(_) | NoAnswer::Cancelled);
            heard.tally.no_answer(&why);
            return heard;
        }
    };
    heard.tally.answer(&answer);
    let mut judged = judged_of(batch, &answer);
    let mut last = answer;
    if !judged.faults.is_empty() {
        let again = repair_of(call, &last.value, &judged.faults);
        heard.tally.repairs += 1;
        match put(asks, whom, &again).await {
            Ok(answer) => {
                heard.tally.answer(&answer);
                judged = merged(batch.step, judged, judged_of(batch, &answer));
                last = answer;
            }
            Err(why) => {
                heard.is_over = matches!(why, NoAnswer::Budget(_) | NoAnswer::Cancelled);
                heard.tally.no_answer(&why);
            }
        }
    }
    heard.tally.dropped += judged.faults.len();
    heard.tally.grounded += judged.findings.len();
    // Who lacks something has not said that there is nothing.
    heard.is_whole = judged.faults.is_empty() && judged.needs.is_empty();
    heard.needs = judged.needs;
    heard.said = last.value;
    heard.voice = Some(Voice { model: last.model, family: last.family, findings: judged.findings });
    heard
}

fn judged_of(batch: &Batch, answer: &Answer) -> Judged {
    let mut judged = judge(batch.step, &batch.asks, &batch.excerpts, &answer.value);
    judged.faults.extend(answer.problems.iter().take(10).cloned());
    judged
}

/// A repair replaces what it says anew; what stood before and is not said again stays.
fn merged(step: Step, first: Judged, mut second: Judged) -> Judged {
    let is_same = |a: &Finding, b: &Finding| a.ask == b.ask && (!step.is_list() || a.key == b.key);
    let kept = first.findings.into_iter().filter(|finding| !second.findings.iter().any(|other| is_same(finding, other)));
    let kept: Vec<Finding> = kept.collect();
    second.findings.extend(kept);
    second
}

fn repair_of(call: &Call, said: &Value, faults: &[String]) -> Call {
    const MOST: usize = 12;
    let faults: Vec<&str> = faults.iter().take(MOST).map(String::as_str).collect();
    let earlier = format!("your answer:\n{}\nwhat did not hold:\n{}", shown(said), faults.join("\n"));
    let data = BTreeMap::from([("earlier", earlier)]);
    Call { prompt: continued(&call.prompt, Step::Repair, &data), round: 1, ..call.clone() }
}

/// An answer, as far as it is worth saying back.
#[must_use]
pub fn shown(said: &Value) -> String {
    const LONGEST: usize = 2000;
    said.to_string().chars().take(LONGEST).collect()
}
