//! What a person is told before the first call and after the last one.

use super::Models;
use super::plan::{Plan, counted};
use crate::llm::client::{Entry, Ledger};
use crate::llm::orchestrate::tally::Tally;

/// One line before anything is sent: what goes where.
pub(super) fn before(models: &Models, plan: &Plan) -> String {
    let sum = plan.sum();
    let questions = counted(plan.questions, "question");
    if sum.calls == 0 {
        return format!("models: {questions} open, {} answered before\n", counted(sum.kept, "call"));
    }
    let hosts: Vec<&str> = plan.hosts.iter().map(String::as_str).collect();
    let (calls, files) = (counted(sum.calls, "call"), counted(sum.files.len(), "file"));
    let most = models.routing.budget.max_cost_usd;
    format!(
        "models: {questions} go to {} in {calls} or more, with masked parts of {files}: about {} tokens, at most ${most:.2} (`--llm off` \
         sends nothing)\n",
        hosts.join(" and "),
        sum.input,
    )
}

/// One line after: what came of it, and what it took.
pub(super) fn after(tally: &Tally, ledger: &Ledger) -> String {
    let mut parts = vec![format!("{} of {} answered", tally.answered, counted(tally.questions, "question"))];
    let cached = if tally.from_cache > 0 { format!(" ({} answered before)", tally.from_cache) } else { String::new() };
    parts.push(format!("{}{cached}", counted(tally.calls, "call")));
    // What did not help was sent and paid for too.
    let sum = |of: fn(&Entry) -> u64| ledger.models.values().map(of).fold(0u64, u64::saturating_add);
    let (sent, received) = (sum(|entry| entry.input), sum(|entry| entry.output));
    if sent > 0 {
        let cost: f64 = ledger.models.values().filter_map(|entry| entry.cost_usd).sum();
        let requests = usize::try_from(sum(|entry| entry.requests)).unwrap_or(usize::MAX);
        parts.push(format!("{}: {sent} tokens sent, {received} received, ${cost:.4}", counted(requests, "request")));
    }
    if ledger.models.values().any(|entry| entry.answers > 0 && entry.cost_usd.is_none()) {
        parts.push("the price of some models is not known".to_owned());
    }
    for (count, what) in [
        (tally.dropped, "dropped, since the code does not say it"),
        (tally.unsupported, "dropped, since one secondary model had it alone"),
        (tally.candidates, "kept as candidates"),
    ] {
        if count > 0 {
            parts.push(format!("{} {what}", counted(count, "finding")));
        }
    }
    if tally.not_asked > 0 {
        parts.push(format!("{} not put", counted(tally.not_asked, "question")));
    }
    let mut text = format!("models: {}\n", parts.join("; "));
    if tally.unanswered > 0 {
        text.push_str(&format!("models: {} without an answer: {}\n", counted(tally.unanswered, "call"), tally.reasons.join("; ")));
    }
    text
}
