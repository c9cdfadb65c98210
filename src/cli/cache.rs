//! `contract-agent cache`: the store of what earlier runs have worked out; and which store a run uses.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::failure::Failure;
use super::terminal::say;
use crate::scan::Tree;
use crate::store::{self, Calls, Store};

/// Which store a run uses.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Cache {
    /// Read and keep nothing that earlier runs have worked out.
    #[arg(long, env = "CONTRACT_AGENT_NO_CACHE", value_parser = clap::builder::FalseyValueParser::new())]
    no_cache: bool,
    /// Where results are kept between runs [default: `.contract-agent/cache` at the repository's top].
    #[arg(long, value_name = "DIR", env = "CONTRACT_AGENT_CACHE_DIR")]
    cache_dir: Option<PathBuf>,
}

impl Cache {
    /// The store for a tree; `None` when nothing shall or can be kept.
    pub fn open(&self, tree: &Tree) -> Option<Store> {
        self.folder(tree).map(|folder| Store::open(&folder))
    }

    /// Finished calls to models; `None` when nothing shall or can be kept.
    pub fn calls(&self, tree: &Tree) -> Option<Calls> {
        self.folder(tree).map(|folder| Calls::open(&folder))
    }

    fn folder(&self, tree: &Tree) -> Option<PathBuf> {
        if self.no_cache {
            return None;
        }
        if let Some(folder) = &self.cache_dir {
            return Some(folder.clone());
        }
        if tree.has_tracked_store {
            tracing::warn!("git tracks `.contract-agent/cache`; what lies there is not used, since anybody may have written it");
            return None;
        }
        store::folder_in(tree.top.as_deref()?)
    }
}

/// Arguments of `cache`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Tell where the store is and what it holds.
    Info(Place),
    /// Remove all that is stored; the next run works it out again.
    Clean(Place),
}

#[derive(Debug, clap::Args)]
struct Place {
    /// A folder of the repository [default: the current folder].
    path: Option<PathBuf>,
    /// The store's folder, when it is not in the repository.
    #[arg(long, value_name = "DIR", env = "CONTRACT_AGENT_CACHE_DIR")]
    cache_dir: Option<PathBuf>,
}

impl Place {
    fn folder(&self) -> Result<PathBuf, Failure> {
        if let Some(folder) = &self.cache_dir {
            return Ok(folder.clone());
        }
        let path = self.path.as_deref().unwrap_or(Path::new("."));
        let full = path.canonicalize().map_err(|error| Failure::new(format!("there is no folder `{}`", path.display())).because(&error))?;
        let top = full.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&full);
        store::folder_in(top).ok_or_else(|| {
            Failure::new("`.contract-agent/cache` is a symbolic link, and is not used").help("`--cache-dir` names the folder it leads to")
        })
    }
}

/// Runs it.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    match &args.command {
        Command::Info(place) => {
            let folder = place.folder()?;
            let contents = store::contents(&folder);
            let shown = folder.display();
            let text = format!("{shown}: {} in {}", size_of(contents.bytes), counted(contents.files, "file"));
            say(&format!("{text}, of {}\n", counted(contents.builds as u64, "build")))?;
        }
        Command::Clean(place) => {
            let folder = place.folder()?;
            let contents = store::contents(&folder);
            let failed = |error| Failure::new(format!("cannot remove `{}`", folder.display())).because(&error);
            store::remove(&folder).map_err(failed)?;
            say(&format!("{}: {} removed\n", folder.display(), size_of(contents.bytes)))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Bytes, as people read them.
fn size_of(bytes: u64) -> String {
    match bytes {
        0..1024 => counted(bytes, "byte"),
        1024..1_048_576 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / 1_048_576),
    }
}
