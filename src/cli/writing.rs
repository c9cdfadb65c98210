//! How commands that write contracts do it: waiting, overwriting, and telling what was unusual.

use std::path::Path;
use std::time::Duration;

use super::Globals;
use super::failure::Failure;
use super::terminal::note;
use crate::contract::documents::Document;
use crate::write::{self, Edits, Options, Written};

/// Arguments of commands that write.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Writing {
    /// Overwrite documents that were edited by hand; `restore` brings them back.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub waiting: Waiting,
}

/// How long to wait for another run.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Waiting {
    /// How long to wait while another run writes the same contracts [default: 30].
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u32>,
}

impl Waiting {
    /// The time.
    pub fn time(&self) -> Duration {
        self.wait.map_or(write::WAIT, |seconds| Duration::from_secs(seconds.into()))
    }
}

impl Writing {
    /// How long to wait for another run.
    pub fn wait(&self) -> Duration {
        self.waiting.time()
    }

    /// Writes documents, and says on stderr what a person would want to know.
    pub fn write(&self, folder: &Path, documents: &[Document], globals: &Globals) -> Result<Written, Failure> {
        let edits = if self.force { Edits::Overwritten } else { Edits::Refused };
        let written = write::write_with(folder, documents, Options { wait: self.wait(), edits })?;
        if !globals.quiet {
            tell(&written);
        }
        Ok(written)
    }
}

/// Tells of documents that did not hold what was written.
fn tell(written: &Written) {
    if !written.conflicts.is_empty() {
        note(&format!("derived anew, since they held merge conflicts: {}\n", written.conflicts.join(", ")));
    }
    if !written.edited.is_empty() {
        note(&format!("overwritten, though edited by hand: {}\n", written.edited.join(", ")));
        note("help: `contract-agent restore` brings them back\n");
    }
}
