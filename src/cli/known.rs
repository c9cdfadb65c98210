//! Results of earlier runs that still hold, since nothing they follow from has changed.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::{Digest, Digester, Stamp, Store};

/// What a command came to earlier, given all it was told besides the code.
pub(super) struct Known<'a> {
    store: &'a Store,
    around: Digest,
    /// Whether a later change of the contracts must show.
    is_settled: bool,
}

impl<'a> Known<'a> {
    /// Of a command, with all that it is told besides the code, and the contracts folder on disk that it reads, if it does. `None` when
    /// nothing can be known.
    pub fn new(store: Option<&'a Store>, command: &str, told: &[String], folder: Option<&Path>) -> Option<Self> {
        let store = store?;
        let mut digester = Digester::default();
        digester.text(command).bytes(&told.len().to_le_bytes());
        told.iter().for_each(|part| {
            digester.text(part);
        });
        let mut is_settled = true;
        if let Some(folder) = folder {
            let stamp = Stamp::of(folder)?;
            is_settled = stamp.is_settled();
            digester.bytes(stamp.digest.as_bytes());
        }
        Some(Self { store, around: digester.digest(), is_settled })
    }

    /// What it came to with this code.
    pub fn find<T: DeserializeOwned>(&self, code: Digest) -> Option<T> {
        let json: Vec<u8> = self.store.answer(self.with(code))?;
        serde_json::from_slice(&json).ok()
    }

    /// Keeps what it came to with this code.
    pub fn keep<T: Serialize>(&self, code: Option<Digest>, result: &T) {
        let Some(code) = code.filter(|_| self.is_settled) else { return };
        if let Ok(json) = serde_json::to_vec(result) {
            self.store.keep_answer(self.with(code), &json);
        }
    }

    fn with(&self, code: Digest) -> Digest {
        let mut digester = Digester::default();
        digester.bytes(self.around.as_bytes()).bytes(code.as_bytes());
        digester.digest()
    }
}
