//! The files that may be sent, masked; and where finished calls and the audit log lie.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cli::run::Opened;
use crate::llm::call::{Exchange, Shelf, Witness};
use crate::llm::evidence::{Source, Veil};
use crate::llm::secrets::Masker;
use crate::pipeline::evidence::is_unread;
use crate::scan::{FileKind, Tree};
use crate::store::AuditFile;

/// The files of a tree that may be sent.
pub(super) struct Files<'t> {
    tree: &'t Tree,
}

impl<'t> Files<'t> {
    pub fn new(tree: &'t Tree) -> Self {
        Self { tree }
    }
}

impl Source for Files<'_> {
    fn bytes(&self, path: &str) -> Option<Arc<[u8]>> {
        let index = self.tree.index_of(path)?;
        let bytes = self.tree.read(index).ok()?;
        self.tree.judge(index, &bytes).is_none().then(|| bytes.into())
    }

    fn paths(&self) -> Vec<String> {
        let files = self.tree.files.iter().filter(|file| file.kind != FileKind::Other || is_unread(&file.path));
        files.map(|file| file.path.clone()).collect()
    }
}

/// Takes credentials out of files.
pub(super) struct Masked(pub Arc<Masker>);

impl Veil for Masked {
    fn veiled(&self, path: &str, bytes: &[u8]) -> Result<(String, BTreeMap<String, usize>), String> {
        let masked = self.0.file(path, bytes).map_err(|why| why.to_string())?;
        Ok((masked.text, masked.by_rule))
    }
}

/// Where finished calls are kept, and who writes down what leaves. A log that cannot be written to lets nothing leave.
pub(super) fn kept(opened: &Opened) -> (Option<Arc<dyn Shelf>>, Arc<dyn Witness>) {
    let shelf = opened.calls().map(|calls| Arc::new(calls) as Arc<dyn Shelf>);
    let top = opened.tree.top.as_deref().unwrap_or(&opened.tree.root);
    let witness: Arc<dyn Witness> = match AuditFile::in_repository(top) {
        Some(file) => Arc::new(file),
        None => Arc::new(Unwritten),
    };
    (shelf, witness)
}

/// A link stands where the log would be.
struct Unwritten;

impl Witness for Unwritten {
    fn saw(&self, _: &Exchange) -> Result<(), String> {
        self.ready()
    }

    fn ready(&self) -> Result<(), String> {
        Err("`.contract-agent` is a symbolic link, so what leaves cannot be written down".into())
    }
}
