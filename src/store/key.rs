//! Names of entries: digests of what they follow from.

use serde::{Deserialize, Serialize};

use crate::base::blob::BlobId;

/// Names an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub(super) [u8; 16]);

impl Key {
    /// For what a reader makes of a file's bytes, wherever the file lies.
    #[must_use]
    pub fn of_blob(blob: BlobId, reader: u8) -> Self {
        let mut key = [0; 16];
        key.copy_from_slice(&blob.as_bytes()[..16]);
        key[15] = reader;
        Self(key)
    }

    /// For what is made of a file's bytes at this path.
    #[must_use]
    pub fn of_path(path: &str, blob: BlobId) -> Self {
        let mut digester = Digester::default();
        digester.text(path).bytes(blob.as_bytes());
        Self(digester.digest().0)
    }
}

/// Names a value by its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest(pub(super) [u8; 16]);

impl Digest {
    /// Of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut digest = [0; 16];
        digest.copy_from_slice(&blake3::hash(bytes).as_bytes()[..16]);
        Self(digest)
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// In hexadecimal.
    #[must_use]
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Makes one digest of many parts; where one part ends and the next begins counts.
#[derive(Default)]
pub struct Digester {
    hasher: blake3::Hasher,
    /// What is not hashed yet: many small parts are hashed together.
    pending: Vec<u8>,
}

/// So many bytes are hashed at once.
const TOGETHER: usize = 1 << 16;

impl Digester {
    /// Adds bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.pending.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= TOGETHER {
            self.hasher.update(&self.pending);
            self.pending.clear();
        }
        self
    }

    /// Adds text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// The digest of all that was added.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut digest = [0; 16];
        digest.copy_from_slice(&self.hasher.clone().update(&self.pending).finalize().as_bytes()[..16]);
        Digest(digest)
    }
}
