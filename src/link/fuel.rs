//! A bound on the work of one question. Bounded depth alone leaves room for exponential answers in hostile code.

use std::cell::Cell;

/// Expressions that one question may follow. Real code needs a few hundred at most.
const BUDGET: u32 = 5_000;

thread_local! {
    static LEFT: Cell<u32> = const { Cell::new(BUDGET) };
}

/// Answers one question with a budget of its own; the asker's budget is as it was afterwards.
pub(super) fn filled<T>(answer: impl FnOnce() -> T) -> T {
    let before = LEFT.replace(BUDGET);
    let answer = answer();
    LEFT.set(before);
    answer
}

/// Takes one step of the budget; `false` when it is used up.
pub(super) fn spend() -> bool {
    LEFT.with(|left| {
        let now = left.get();
        left.set(now.saturating_sub(1));
        now > 0
    })
}
