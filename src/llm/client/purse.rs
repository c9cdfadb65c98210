//! How much a run has taken and may still take. The worst is reserved before a request goes, and what it took is settled after.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::llm::call::Usage;
use crate::llm::routing::Budget;

/// What a run has taken.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Taken {
    /// US dollars, of models whose price is known.
    pub cost_usd: f64,
    /// Tokens of questions.
    pub input: u64,
    /// Tokens of answers.
    pub output: u64,
    /// Requests.
    pub requests: u64,
}

#[derive(Debug, Default)]
struct State {
    taken: Taken,
    reserved: Taken,
}

/// What a run may take.
#[derive(Debug)]
pub(super) struct Purse {
    budget: Budget,
    state: Mutex<State>,
    /// Told whenever something that was set aside is not any more.
    pub freed: Notify,
}

impl Purse {
    pub fn new(budget: Budget) -> Arc<Self> {
        Arc::new(Self { budget, state: Mutex::default(), freed: Notify::new() })
    }

    pub fn taken(&self) -> Taken {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).taken
    }

    /// Whether a request may still go, by what was taken so far.
    pub fn check(&self, cost_usd: f64, input: u64) -> Result<(), String> {
        let taken = self.taken();
        self.allows(taken, cost_usd, input)
    }

    /// Reserves what a request takes at worst.
    pub fn reserve(self: &Arc<Self>, cost_usd: f64, input: u64) -> Result<Reserved, String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = Taken {
            cost_usd: state.taken.cost_usd + state.reserved.cost_usd,
            input: state.taken.input.saturating_add(state.reserved.input),
            requests: state.taken.requests + state.reserved.requests,
            output: 0,
        };
        self.allows(sum, cost_usd, input)?;
        state.reserved.requests += 1;
        state.reserved.input += input;
        state.reserved.cost_usd += cost_usd;
        Ok(Reserved { purse: Arc::clone(self), cost_usd, input, settled: None })
    }

    fn allows(&self, sum: Taken, cost_usd: f64, input: u64) -> Result<(), String> {
        let budget = &self.budget;
        if sum.requests >= budget.max_requests {
            return Err(format!("the budget of {} requests is used up (`budget.max_requests`)", budget.max_requests));
        }
        if sum.input.saturating_add(input) > budget.max_input_tokens {
            return Err(format!("the budget of {} tokens of questions is used up (`budget.max_input_tokens`)", budget.max_input_tokens));
        }
        if sum.cost_usd + cost_usd > budget.max_cost_usd {
            return Err(format!(
                "the budget of ${:.2} does not hold another question of up to ${cost_usd:.4} (`budget.max_cost_usd`)",
                budget.max_cost_usd
            ));
        }
        Ok(())
    }
}

/// What is set aside for one request. Dropped, it counts as taken: nobody knows what came of the request.
#[derive(Debug)]
pub(super) struct Reserved {
    purse: Arc<Purse>,
    cost_usd: f64,
    input: u64,
    settled: Option<Taken>,
}

impl Reserved {
    /// What it took.
    pub fn settle(mut self, usage: Usage, cost_usd: f64) {
        self.settled = Some(Taken { cost_usd, input: usage.input, output: usage.output, requests: 1 });
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let worst = Taken { cost_usd: self.cost_usd, input: self.input, output: 0, requests: 1 };
        let taken = self.settled.unwrap_or(worst);
        let mut state = self.purse.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.reserved.requests -= 1;
        state.reserved.input -= self.input;
        state.reserved.cost_usd = (state.reserved.cost_usd - self.cost_usd).max(0.0);
        state.taken.requests += taken.requests;
        state.taken.input = state.taken.input.saturating_add(taken.input);
        state.taken.output = state.taken.output.saturating_add(taken.output);
        state.taken.cost_usd += taken.cost_usd;
        drop(state);
        self.purse.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::routing::Routing;

    fn purse(max_cost_usd: f64, max_requests: u64) -> Arc<Purse> {
        Purse::new(Budget { max_cost_usd, max_requests, ..Routing::built_in().budget })
    }

    #[test]
    fn the_worst_is_reserved_and_the_rest_given_back() {
        let purse = purse(1.0, 10);
        let first = purse.reserve(0.6, 100).expect("it is there");
        assert!(purse.reserve(0.6, 100).is_err());
        first.settle(Usage { input: 90, output: 5, ..Usage::default() }, 0.1);
        drop(purse.reserve(0.9, 100).expect("it is there"));
        let taken = purse.taken();
        assert!((taken.cost_usd - 1.0).abs() < 1e-9);
        assert_eq!((taken.input, taken.output, taken.requests), (190, 5, 2));
        assert!(purse.reserve(0.01, 1).unwrap_err().contains("$1.00"));
    }

    #[test]
    fn requests_and_tokens_end_too() {
        let purse = purse(f64::INFINITY, 1);
        assert!(purse.reserve(0.0, 3_000_001).is_err());
        purse.reserve(5.0, 1).expect("it is there").settle(Usage::default(), 5.0);
        assert!(purse.reserve(0.0, 1).unwrap_err().contains("1 requests"));
    }
}
