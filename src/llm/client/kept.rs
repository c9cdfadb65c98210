//! Finished calls, kept so that no question is paid for twice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::llm::call::{Call, Shelf, Usage};
use crate::llm::provider::form;
use crate::llm::routing::{Model, Price, Routing};

const VERSION: u32 = 1;

/// The key of a call to a model: what its answer follows from.
pub(super) fn key(routing: &Routing, model: &Model, call: &Call) -> String {
    let mut hasher = blake3::Hasher::new();
    let schema = call.schema.to_string();
    let most = routing.route(call.task).max_output_tokens.to_string();
    let effort = routing.effort(call.task, model).unwrap_or_default();
    // Another server under the same model's name has not answered for this one.
    let service = routing.providers.get(&model.provider).map(|provider| match provider.base_url.is_loopback() {
        true => "loopback".to_owned(),
        false => provider.base_url.host(),
    });
    let service = service.unwrap_or_default();
    let prompt = &call.prompt;
    let parts = [&prompt.id(), &schema, &service, &model.id, effort, &most, &prompt.system, &prompt.stable, &prompt.input];
    for part in parts {
        // Where one part ends and the next begins counts.
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum End {
    /// With an answer of the form that was asked for.
    Fine,
    /// With an answer of another form.
    Misshapen,
    /// With a refusal.
    Refused,
    /// With nothing that can be used, and it was paid for.
    Nothing,
}

/// A finished call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    version: u32,
    key: String,
    pub model: String,
    pub end: End,
    /// The answer, masked; or why there is none.
    pub text: String,
    pub usage: Usage,
    pub cost_usd: Option<f64>,
    /// Of all the above.
    digest: String,
}

impl Kept {
    pub fn new(key: &str, model: &str, end: End, text: String) -> Self {
        Self {
            version: VERSION,
            key: key.to_owned(),
            model: model.to_owned(),
            end,
            text,
            usage: Usage::default(),
            cost_usd: None,
            digest: String::new(),
        }
    }

    /// With what it took.
    pub fn taking(self, usage: Usage, price: Option<Price>) -> Self {
        Self { usage, cost_usd: price.map(|price| price.cost(usage)), ..self }
    }

    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("text and numbers always serialize")
    }

    fn sealed(mut self) -> Self {
        self.digest = String::new();
        self.digest = blake3::hash(&self.bytes()).to_hex().to_string();
        self
    }

    /// What was kept, when it is whole, belongs to this key, and has the form that it says it has.
    fn read(bytes: &[u8], key: &str, call: &Call) -> Option<Self> {
        let kept: Self = serde_json::from_slice(bytes).ok()?;
        let is_whole = kept.clone().sealed().digest == kept.digest && kept.key == key && kept.version == VERSION;
        let is_fine = kept.end != End::Fine || form(&call.schema, &kept.text).problems.is_empty();
        (is_whole && is_fine).then_some(kept)
    }
}

/// What is kept: by this run in memory, by earlier ones on the shelf.
pub(super) struct Finished {
    shelf: Option<Arc<dyn Shelf>>,
    here: Mutex<HashMap<String, Arc<Kept>>>,
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Finished {
    pub fn new(shelf: Option<Arc<dyn Shelf>>) -> Self {
        Self { shelf, here: Mutex::default(), turns: Mutex::default() }
    }

    pub fn find(&self, key: &str, call: &Call) -> Option<Arc<Kept>> {
        if let Some(kept) = self.here.lock().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Some(Arc::clone(kept));
        }
        let bytes = self.shelf.as_ref()?.find(key)?;
        let Some(kept) = Kept::read(&bytes, key, call) else {
            tracing::warn!("a kept answer is damaged or not what was kept; it is asked again");
            return None;
        };
        let kept = Arc::new(kept);
        self.here.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), Arc::clone(&kept));
        Some(kept)
    }

    /// Keeps a call before anybody uses it.
    pub fn keep(&self, kept: Kept) -> Result<Arc<Kept>, String> {
        let kept = Arc::new(kept.sealed());
        self.here.lock().unwrap_or_else(PoisonError::into_inner).insert(kept.key.clone(), Arc::clone(&kept));
        match &self.shelf {
            Some(shelf) => shelf.keep(&kept.key, &kept.bytes()).map(|()| kept),
            None => Ok(kept),
        }
    }

    /// The turn of a question: who asks the same meanwhile waits, and finds the answer.
    pub async fn turn(&self, key: &str) -> tokio::sync::OwnedMutexGuard<()> {
        let turn = Arc::clone(self.turns.lock().unwrap_or_else(PoisonError::into_inner).entry(key.to_owned()).or_default());
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::llm::call::{Prompt, Task};

    fn call() -> Call {
        Call {
            task: Task::Schema,
            prompt: Prompt { name: "p".into(), version: 1, ..Prompt::default() },
            schema_name: "s".into(),
            schema: json!({"type": "object", "required": ["a"]}),
            files: Vec::new(),
            round: 0,
        }
    }

    #[test]
    fn the_key_is_of_all_that_an_answer_follows_from() {
        let routing = Routing::built_in();
        let key = |model: &str, call: &Call| key(&routing, &routing.models[model], call);
        let first = call();
        let mut others = vec![call(); 5];
        others[0].prompt.version = 2;
        others[1].schema = json!({});
        others[2].prompt.input = "x".into();
        others[3].prompt.stable = "x".into();
        others[4].task = Task::ContractMerge;
        let mut keys: Vec<String> = others.iter().map(|call| key("gpt-oss-120b", call)).collect();
        keys.extend([key("gpt-oss-120b", &first), key("gpt-oss-20b", &first)]);
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 7);
        let mut files = call();
        files.files.push(crate::llm::call::Sent::default());
        assert_eq!(key("gpt-oss-120b", &files), key("gpt-oss-120b", &first));
    }

    #[test]
    fn only_what_was_kept_is_found() {
        let kept = Kept::new("k", "m", End::Fine, "{\"a\": 1}".into()).sealed();
        assert_eq!(Kept::read(&kept.bytes(), "k", &call()).as_ref(), Some(&kept));
        assert_eq!(Kept::read(&kept.bytes(), "other", &call()), None, "another call's");
        let text = String::from_utf8(kept.bytes()).expect("it is there");
        assert_eq!(Kept::read(text.replace("1}", "2}").as_bytes(), "k", &call()), None, "changed");
        assert_eq!(Kept::read(&text.as_bytes()[..text.len() / 2], "k", &call()), None, "cut");
        let other = Kept::new("k", "m", End::Fine, "{\"b\": 1}".into()).sealed();
        assert_eq!(Kept::read(&other.bytes(), "k", &call()), None, "another form, however sealed");
        let told = Kept::new("k", "m", End::Misshapen, "{\"b\": 1}".into()).sealed();
        assert_eq!(Kept::read(&told.bytes(), "k", &call()), Some(told), "said to be of another form");
    }
}
