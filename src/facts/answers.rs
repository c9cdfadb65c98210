//! What is worked out once about all files, whoever asks first. Without it a framework that is asked about every file would look
//! at every other file each time.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Answers about the whole program, one of each type.
#[derive(Debug, Default)]
pub struct Answers {
    known: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl Answers {
    /// The answer of this type. Threads that ask at once may all work it out; the first that is done counts for all.
    pub fn once<T: Any + Send + Sync>(&self, work_out: impl FnOnce() -> T) -> Arc<T> {
        if let Some(known) = self.known::<T>() {
            return known;
        }
        // Not under the lock: what is asked meanwhile may need another answer.
        let answer = Arc::new(work_out());
        self.known.lock().unwrap_or_else(PoisonError::into_inner).entry(TypeId::of::<T>()).or_insert_with(|| answer.clone());
        self.known::<T>().unwrap_or(answer)
    }

    fn known<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()).cloned();
        known?.downcast().ok()
    }
}
