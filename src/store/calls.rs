//! Finished calls to models, so that no question is paid for twice. They belong to no build: what was answered stays answered.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::folder;
use crate::llm::call::Shelf;

/// The folder in the store's.
pub(super) const NAME: &str = "calls";
/// No answer is larger.
const LARGEST: u64 = 16 << 20;

/// Finished calls on disk, each in a file of its own.
#[derive(Clone, Debug)]
pub struct Calls {
    store: PathBuf,
}

impl Calls {
    /// Those in the store's folder, which need not be there yet.
    #[must_use]
    pub fn open(store: &Path) -> Self {
        Self { store: store.to_owned() }
    }

    /// Where a call lies; `None` when the key is none.
    fn place(&self, key: &str) -> Option<PathBuf> {
        let is_key = key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        is_key.then(|| self.store.join(NAME).join(&key[..2]).join(format!("{key}.json")))
    }

    fn write(&self, place: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = place.parent().unwrap_or(&self.store);
        folder::make_in(&self.store, folder)?;
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        // It is paid for: it must be there after a power cut too.
        file.as_file().sync_all()?;
        file.persist(place).map_err(|error| error.error)?;
        Ok(())
    }
}

impl Shelf for Calls {
    fn find(&self, key: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(self.place(key)?).ok()?.take(LARGEST).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    fn keep(&self, key: &str, bytes: &[u8]) -> Result<(), String> {
        let place = self.place(key).ok_or_else(|| format!("`{key}` is no key"))?;
        self.write(&place, bytes).map_err(|error| format!("cannot write `{}`: {error}", place.display()))
    }
}
