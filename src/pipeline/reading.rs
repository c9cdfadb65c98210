//! All files of a tree, read: code through the store where there is one, so that only bytes nobody has seen are parsed.
//!
//! Reading goes in two steps. The first makes sure that the facts of all code are known, by name alone where the store has them: that is
//! enough to say what all that follows will come to (its digest). The second brings the facts and reads the documents.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Progress;
use super::interfaces::Interfaces;
use super::read::{self, Read, Reader};
use crate::base::blob::BlobId;
use crate::base::language::Language;
use crate::base::problem::Problem;
use crate::facts::document::{ApiDocument, EventDocument, SqlDocument};
use crate::facts::file::FileFacts;
use crate::facts::infrastructure::Source;
use crate::formats::prisma;
use crate::link::system::LinkedFile;
use crate::outline::{self, Trouble};
use crate::scan::{self, FileKind, LeftOut, Marks, Tree};
use crate::settings::Settings;
use crate::store::{BUILD, Digest, Digester, Found, Key, Store};

/// A tree whose code is known, by name at least.
pub struct Reading<'a> {
    tree: &'a Tree,
    store: Option<&'a Store>,
    files: Vec<Held>,
    /// Whether the same tree will come to the same once more: not when a file could not be read in time, or changed meanwhile.
    is_repeatable: AtomicBool,
}

/// What is known of one file.
enum Held {
    /// Nothing in it is read.
    Skipped,
    /// Code whose facts the store has.
    Stored(Found),
    /// Code that was parsed; the digest of its facts.
    Parsed(Box<Read>, Option<Digest>),
    /// To be read in the second step.
    Unread(Option<BlobId>),
}

/// What the store keeps of a code file.
#[derive(Serialize, Deserialize)]
struct Entry<F> {
    marks: Marks,
    /// Whether all bytes could be read as text.
    is_exact: bool,
    /// Absent when the marks leave the file out.
    facts: Option<F>,
}

/// What all files came to.
#[derive(Default)]
pub(super) struct Sources {
    pub files: Vec<LinkedFile>,
    pub manifests: Vec<(String, String)>,
    pub documents: Vec<ApiDocument>,
    pub sql: Vec<SqlDocument>,
    pub prisma: Vec<prisma::Source>,
    pub events: Vec<EventDocument>,
    pub interfaces: Interfaces,
    pub infrastructure: Vec<Source>,
    pub left_out: LeftOut,
    pub problems: Vec<Problem>,
}

impl Sources {
    fn add(&mut self, read: Read) {
        match read {
            Read::Code(file, problem) => {
                self.files.push(*file);
                self.problems.extend(problem);
            }
            Read::Manifest(path, text) => self.manifests.push((path, text)),
            Read::Prisma(source) => self.prisma.push(source),
            Read::Events(document) => self.events.push(*document),
            Read::Document(document) => self.documents.push(document),
            Read::Interface(interface, problem) => {
                self.interfaces.add(*interface);
                self.problems.extend(problem);
            }
            Read::Sql(document) => self.sql.push(*document),
            Read::Infrastructure(source) => self.infrastructure.push(*source),
            Read::LeftOut(reason, path) => self.left_out.count_file(reason, &path),
            Read::Failed(problem) => self.problems.push(problem),
            Read::Skipped => {}
        }
    }
}

impl Drop for Reading<'_> {
    /// What was read is stored, however far the run came.
    fn drop(&mut self) {
        if let Some(store) = self.store {
            store.save();
        }
    }
}

impl<'a> Reading<'a> {
    /// The first step: code that the store does not have is parsed and stored, documents are named.
    #[must_use]
    pub fn new(tree: &'a Tree, store: Option<&'a Store>, progress: &dyn Progress) -> Self {
        progress.stage("reading", tree.files.len());
        let mut reading = Self { tree, store, files: Vec::new(), is_repeatable: AtomicBool::new(true) };
        let held = |index: usize| {
            let held = reading.hold(index);
            progress.step();
            held
        };
        let files = (0..tree.files.len()).into_par_iter().map(held).collect();
        reading.files = files;
        reading
    }

    fn hold(&self, index: usize) -> Held {
        let file = &self.tree.files[index];
        let Some(reader) = read::reader_of(&file.path, file.kind) else { return Held::Skipped };
        let Some(store) = self.store else { return Held::Unread(None) };
        match (reader, file.blob) {
            (Reader::Code(language), Some(blob)) => {
                store.find(key_of(blob, language)).map_or_else(|| self.parsed(store, index, language), Held::Stored)
            }
            (Reader::Code(language), None) => self.parsed(store, index, language),
            (Reader::Document(_), Some(blob)) => Held::Unread(Some(blob)),
            (Reader::Document(_), None) => match self.tree.read(index) {
                Ok(bytes) => Held::Unread(Some(scan::blob_id(&bytes))),
                Err(_) => Held::Unread(None),
            },
        }
    }

    /// Code that must be read: by its bytes the store may know it all the same.
    fn parsed(&self, store: &Store, index: usize, language: Language) -> Held {
        let bytes = match self.tree.read(index) {
            Ok(bytes) => bytes,
            Err(problem) => return Held::Parsed(Box::new(Read::Failed(problem)), None),
        };
        // What is stored is stored under the name of the bytes that were read, whatever they were taken for.
        let blob = scan::blob_id(&bytes);
        if self.tree.files[index].blob.is_some_and(|expected| expected.as_bytes().len() == 20 && expected != blob) {
            self.is_repeatable.store(false, Ordering::Relaxed);
        }
        let key = key_of(blob, language);
        if let Some(found) = store.find(key) {
            return Held::Stored(found);
        }
        let (read, entry) = self.outline(index, language, &bytes);
        let digest = entry.and_then(|(marks, is_exact)| {
            let facts = if let Read::Code(file, _) = &read { Some(&file.facts) } else { None };
            store.keep(key, &Entry { marks, is_exact, facts })
        });
        Held::Parsed(Box::new(read), digest)
    }

    /// Outlines a file; also what may be stored of it besides its facts, when it may be stored at all.
    fn outline(&self, index: usize, language: Language, bytes: &[u8]) -> (Read, Option<(Marks, bool)>) {
        let file = &self.tree.files[index];
        let marks = Marks::of(file.kind, bytes);
        if let Some(reason) = self.tree.judge_marks(index, marks) {
            return (Read::LeftOut(reason, file.path.clone()), Some((marks, true)));
        }
        let mut kept = None;
        let read = read::guarded(&file.path, || {
            let outlined = outline::outline(language, bytes);
            kept = (outlined.trouble != Some(Trouble::TimedOut)).then_some((marks, outlined.trouble.is_none()));
            let problem = outlined.trouble.map(|trouble| read::trouble_with(&file.path, trouble));
            Read::Code(Box::new(LinkedFile { path: file.path.clone(), facts: FileFacts::new(language, outlined.outline) }), problem)
        });
        // Only what lacks nothing, or no more than unreadable characters, is worth keeping.
        let is_kept = matches!(&read, Read::Code(_, problem) if problem.as_ref().is_none_or(|problem| problem.code == "file-not-utf8"));
        (read, kept.filter(|_| is_kept))
    }

    /// Names all that the contract follows from: what the files say, where they lie, the settings, and this build of the program. `None`
    /// when it is not known or would not come out the same again.
    #[must_use]
    pub fn digest(&self, settings: &Settings, name: &str) -> Option<Digest> {
        self.store?;
        let mut digester = Digester::default();
        let settings = Settings { jobs: None, ..settings.clone() };
        digester.text(BUILD).text(name).bytes(&serde_json::to_vec(&settings).ok()?);
        digester.bytes(&serde_json::to_vec(&(super::left_out(&self.tree.left_out), &self.tree.problems)).ok()?);
        for (file, held) in self.tree.files.iter().zip(&self.files) {
            match held {
                Held::Skipped => continue,
                Held::Stored(found) => digester.bytes(found.digest.as_bytes()),
                Held::Parsed(_, digest) => digester.bytes(digest.as_ref()?.as_bytes()),
                Held::Unread(blob) => digester.bytes(blob.as_ref()?.as_bytes()),
            };
            digester.bytes(&[tag_of(file.kind)]).text(&file.path);
        }
        self.is_repeatable.load(Ordering::Relaxed).then(|| digester.digest())
    }

    /// The second step.
    pub(super) fn finish(&mut self) -> Sources {
        let files = std::mem::take(&mut self.files);
        let read: Vec<Read> = files.into_par_iter().enumerate().map(|(index, held)| self.bring(index, held)).collect();
        let mut sources = Sources { left_out: self.tree.left_out.clone(), problems: self.tree.problems.clone(), ..Sources::default() };
        read.into_iter().for_each(|read| sources.add(read));
        sources
    }

    /// Whether all that was read is what the digest spoke of.
    pub(super) fn is_repeatable(&self) -> bool {
        self.is_repeatable.load(Ordering::Relaxed)
    }

    fn bring(&self, index: usize, held: Held) -> Read {
        match held {
            Held::Skipped => Read::Skipped,
            Held::Parsed(read, _) => *read,
            Held::Stored(found) => self.stored(index, found).unwrap_or_else(|| {
                self.is_repeatable.store(false, Ordering::Relaxed);
                self.read(index, None)
            }),
            Held::Unread(blob) => {
                let nothing = blob.zip(self.store).map(|(blob, store)| (Key::of_path(&self.tree.files[index].path, blob), store));
                if nothing.is_some_and(|(key, store)| store.find(key).is_some()) {
                    return Read::Skipped;
                }
                let read = self.read(index, blob);
                if let (Read::Skipped, Some((key, store))) = (&read, nothing.filter(|_| self.is_repeatable())) {
                    store.keep(key, &());
                }
                read
            }
        }
    }

    /// The facts that the store has of a file; `None` when they are damaged.
    fn stored(&self, index: usize, found: Found) -> Option<Read> {
        let file = &self.tree.files[index];
        let entry: Entry<FileFacts> = self.store?.read(found)?;
        if let Some(reason) = self.tree.judge_marks(index, entry.marks) {
            return Some(Read::LeftOut(reason, file.path.clone()));
        }
        let problem = (!entry.is_exact).then(|| read::trouble_with(&file.path, Trouble::NotUtf8));
        Some(Read::Code(Box::new(LinkedFile { path: file.path.clone(), facts: entry.facts? }), problem))
    }

    /// Reads a file, whose bytes are expected to be these.
    fn read(&self, index: usize, expected: Option<BlobId>) -> Read {
        let file = &self.tree.files[index];
        let Some(reader) = read::reader_of(&file.path, file.kind) else { return Read::Skipped };
        let bytes = match self.tree.read(index) {
            Ok(bytes) => bytes,
            Err(problem) => return Read::Failed(problem),
        };
        if expected.is_some_and(|expected| expected.as_bytes().len() == 20 && expected != scan::blob_id(&bytes)) {
            self.is_repeatable.store(false, Ordering::Relaxed);
        }
        match reader {
            Reader::Code(language) => self.outline(index, language, &bytes).0,
            Reader::Document(kind) => match self.tree.judge(index, &bytes) {
                Some(reason) => Read::LeftOut(reason, file.path.clone()),
                None => read::document(&file.path, kind, &bytes),
            },
        }
    }
}

fn key_of(blob: BlobId, language: Language) -> Key {
    Key::of_blob(blob, language as u8)
}

/// A number for each kind of file.
fn tag_of(kind: FileKind) -> u8 {
    match kind {
        FileKind::Other => 0,
        FileKind::Code(language) => 1 + language as u8,
        FileKind::Document(kind) => 64 + kind as u8,
    }
}

/// Names every byte of a tree, whether it is read or not, and where it lies; `None` when some bytes have no name.
#[must_use]
pub fn exact_digest(tree: &Tree) -> Option<Digest> {
    let mut digester = Digester::default();
    digester.text("exact").text(BUILD).bytes(&serde_json::to_vec(&(super::left_out(&tree.left_out), &tree.problems)).ok()?);
    for file in &tree.files {
        digester.bytes(&[tag_of(file.kind)]).text(&file.path).bytes(file.blob?.as_bytes());
    }
    Some(digester.digest())
}

/// Whether a change of the file at this path may change what is promised.
#[must_use]
pub fn is_read(path: &str, kind: FileKind) -> bool {
    read::reader_of(path, kind).is_some()
}
