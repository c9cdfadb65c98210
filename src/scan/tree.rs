//! The files of a repository and their bytes.

use super::content::{self, Marks};
use super::git::{GitInfo, Objects};
use super::kind::FileKind;
use super::left_out::{LeftOut, Reason};
use crate::base::blob::BlobId;
use crate::base::kept::KeptSet;
use crate::base::problem::Problem;
use rayon::prelude::*;
use std::io::Read;
use std::path::PathBuf;

/// Which files there are. Their bytes are read on demand, from any thread.
pub struct Tree {
    /// The analysed folder, absolute.
    pub root: PathBuf,
    /// The top of the work tree around it, or the folder itself; `None` in a bare repository.
    pub top: Option<PathBuf>,
    /// Sorted by path.
    pub files: Vec<SourceFile>,
    /// What is not among `files`.
    pub left_out: LeftOut,
    /// What could not be seen.
    pub problems: Vec<Problem>,
    /// The repository around the folder.
    pub git: Option<GitInfo>,
    /// Whether git tracks files where a store of ours would lie: somebody else wrote those.
    pub has_tracked_store: bool,
    pub(super) reader: Reader,
    pub(super) keep: KeptSet,
    pub(super) max_size: u64,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// From the analysed folder, `/`-separated.
    pub path: String,
    /// What it is to us.
    pub kind: FileKind,
    /// How many bytes it has; of [`FileKind::Other`] in the index or a revision, 0.
    pub size: u64,
    /// Names its bytes, when git could tell without reading them; else [`super::blob_id`] does.
    pub blob: Option<BlobId>,
}

/// Where bytes come from.
pub(super) enum Reader {
    Disk,
    Objects(Objects),
}

impl Tree {
    /// The bytes of `files[index]`.
    ///
    /// # Errors
    /// A problem that names the file, when it cannot be read (any more).
    pub fn read(&self, index: usize) -> Result<Vec<u8>, Problem> {
        let Some(file) = self.files.get(index) else {
            return Err(Problem::of_file("", "file-not-read", format!("there is no file number {index}")));
        };
        match (&self.reader, file.blob) {
            (Reader::Objects(objects), Some(blob)) => objects.read(blob).map_err(|message| {
                let problem = Problem::of_file(&file.path, "file-not-read", format!("cannot read blob {blob}: {message}"));
                problem.with_help("in a partial clone `git fetch --refetch --no-filter` brings missing blobs; `git fsck` finds lost ones")
            }),
            _ => self.read_disk(file),
        }
    }

    fn read_disk(&self, file: &SourceFile) -> Result<Vec<u8>, Problem> {
        let problem = |message: String| Problem::of_file(&file.path, "file-not-read", message);
        let opened = std::fs::File::open(self.root.join(&file.path)).map_err(|error| problem(format!("cannot open the file: {error}")))?;
        let mut bytes = Vec::with_capacity(usize::try_from(file.size.min(self.max_size)).unwrap_or(0) + 1);
        // It may have grown since it was listed.
        let read = opened.take(self.max_size + 1).read_to_end(&mut bytes);
        match read {
            Ok(_) if bytes.len() as u64 > self.max_size => Err(problem(format!("more than {} bytes", self.max_size))),
            Ok(_) => Ok(bytes),
            Err(error) => Err(problem(format!("cannot read the file: {error}"))),
        }
    }

    /// Names the bytes of those files that are wanted and that git could not name: reads them. Large files that are only
    /// listed stay without a name.
    pub fn name_blobs(&mut self, is_wanted: impl Fn(&SourceFile) -> bool) {
        const LARGE: u64 = 1 << 20;
        let is_named = |file: &SourceFile| file.blob.is_some() || file.kind == FileKind::Other && file.size > LARGE || !is_wanted(file);
        let unnamed: Vec<usize> = (0..self.files.len()).filter(|index| !is_named(&self.files[*index])).collect();
        let named: Vec<(usize, BlobId)> =
            unnamed.into_par_iter().filter_map(|index| Some((index, super::blob_id(&self.read(index).ok()?)))).collect();
        for (index, blob) in named {
            self.files[index].blob = Some(blob);
        }
    }

    /// Why `files[index]` is left out, now that its bytes are known. Whoever asks counts it with [`LeftOut::count_file`].
    #[must_use]
    pub fn judge(&self, index: usize, bytes: &[u8]) -> Option<Reason> {
        let file = self.files.get(index)?;
        content::judge(&file.path, file.kind, bytes, self.keep)
    }

    /// Why `files[index]` is left out, by what its bytes were seen to tell.
    #[must_use]
    pub fn judge_marks(&self, index: usize, marks: Marks) -> Option<Reason> {
        let file = self.files.get(index)?;
        marks.judge(&file.path, file.kind, self.keep)
    }

    /// The index of the file at `path`.
    #[must_use]
    pub fn index_of(&self, path: &str) -> Option<usize> {
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()
    }
}
