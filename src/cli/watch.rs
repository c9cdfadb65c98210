//! `contract-agent watch`: the contracts, or the check alone, kept current while somebody edits.
//!
//! The system tells of changes; between them nothing runs. Only folders that hold files of the analysis are watched, so that a
//! folder of installed packages costs nothing. Where the system cannot tell, the folders are looked at every few seconds.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use notify::{Config, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};

use super::Globals;
use super::failure::Failure;
use super::run::{Target, options_of, output_for, settings_for};
use super::terminal::say;
use crate::scan::{self, FileKind};

/// Arguments of `watch`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder to watch [default: the current folder].
    path: Option<PathBuf>,
    /// Where the contracts are [default: `contracts` in the folder].
    #[arg(long, short, value_name = "DIR", env = "CONTRACT_AGENT_OUTPUT")]
    output: Option<PathBuf>,
    /// Only check; write nothing.
    #[arg(long)]
    check: bool,
    /// How long nothing must change before a run begins.
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 250)]
    debounce: u64,
    /// Look at the files every so often instead of having the system tell; for network file systems.
    #[arg(long, value_name = "SECONDS")]
    poll: Option<u64>,
}

/// Who edits without a pause is told after so many times the pause all the same.
const LONGEST: u32 = 20;
/// How often folders are looked at where the system cannot tell of changes.
const POLLED: Duration = Duration::from_secs(2);

/// Runs it, until it is stopped.
pub(super) fn run(args: &Args, globals: &Globals) -> Result<ExitCode, Failure> {
    let folder = args.path.clone().unwrap_or_else(|| ".".into());
    let output = output_for(args.path.as_deref(), args.output.as_deref(), globals)?;
    let (sender, changes) = channel();
    let mut watched = Watched::new(&folder, &output, sender, args.poll.map(Duration::from_secs))?;
    watched.renew(globals)?;
    loop {
        once(args, globals)?;
        // What was made meanwhile may lie in folders that are new.
        while watched.renew(globals)? {
            once(args, globals)?;
        }
        if !wait(&changes, &watched, Duration::from_millis(args.debounce)) {
            return Err(Failure::new("changes are no longer told").help("start it again; `--poll 2` does not need the system's help"));
        }
    }
}

/// One run, in a process of its own: what it takes is given back, and what stops it does not stop the watching.
fn once(args: &Args, globals: &Globals) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new("cannot start contract-agent").because(&error);
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    if args.check {
        command.arg("check")
    } else {
        command.args(["analyze", "--quiet", "--format", "json", "--llm", "off"])
    };
    command.args(args.path.as_deref()).stdin(Stdio::null()).stderr(Stdio::inherit());
    if let Some(output) = &args.output {
        command.arg("--output").arg(output);
    }
    if let Some(file) = &globals.config {
        command.arg("--config").arg(file);
    }
    let done = command.stdout(Stdio::piped()).output().map_err(failed)?;
    if args.check {
        return say(&String::from_utf8_lossy(&done.stdout));
    }
    let summary: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap_or_default();
    let count = |name: &str| summary["written"][name].as_array().map_or(0, Vec::len);
    let (changed, removed) = (count("changed"), count("removed"));
    if !done.status.success() || globals.quiet {
        return Ok(());
    }
    let folder = summary["written"]["folder"].as_str().unwrap_or_default().to_owned();
    match (changed, removed) {
        (0, 0) => say(&format!("{folder}: nothing changed\n")),
        _ => say(&format!("{folder}: {changed} written, {removed} removed\n")),
    }
}

/// Waits until something changes and then nothing does for a while; whether there is anything to wait for.
fn wait(changes: &Receiver<Event>, watched: &Watched, pause: Duration) -> bool {
    loop {
        match changes.recv() {
            Ok(event) if watched.matters(&event) => break,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    let begun = Instant::now();
    let mut last = begun;
    while last.elapsed() < pause && begun.elapsed() < pause * LONGEST {
        match changes.recv_timeout(pause.saturating_sub(last.elapsed())) {
            Ok(event) if watched.matters(&event) => last = Instant::now(),
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
    true
}

/// What is watched.
struct Watched {
    folder: PathBuf,
    root: PathBuf,
    output: PathBuf,
    folders: BTreeSet<PathBuf>,
    watcher: Box<dyn Watcher>,
    sender: Sender<Event>,
    is_polling: bool,
}

impl Watched {
    fn new(folder: &Path, output: &Path, sender: Sender<Event>, poll: Option<Duration>) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::new("cannot watch the folder").at(folder).because(&error).help("check the path");
        let root = folder.canonicalize().map_err(failed)?;
        let output = std::path::absolute(output).map_err(failed)?;
        let output = output.canonicalize().unwrap_or(output);
        let (watcher, is_polling): (Box<dyn Watcher>, bool) = match (poll, RecommendedWatcher::new(teller(&sender), Config::default())) {
            (None, Ok(watcher)) => (Box::new(watcher), false),
            (poll, _) => (polling(&sender, poll.unwrap_or(POLLED))?, true),
        };
        Ok(Self { folder: folder.to_owned(), root, output, folders: BTreeSet::new(), watcher, sender, is_polling })
    }

    /// Watches the folders there are now; whether there are new ones.
    fn renew(&mut self, globals: &Globals) -> Result<bool, Failure> {
        let options = options_of(&settings_for(&self.folder, globals)?, &Target::default());
        let tree = scan::scan(&self.folder, &options)?;
        let mut folders = BTreeSet::from([self.root.clone()]);
        for file in &tree.files {
            let above = Path::new(&file.path).ancestors().skip(1);
            // The folders above one that is known are known too.
            for inner in above.take_while(|inner| !inner.as_os_str().is_empty()) {
                if !folders.insert(self.root.join(inner)) {
                    break;
                }
            }
        }
        folders.retain(|folder| !folder.starts_with(&self.output));
        let new: Vec<PathBuf> = folders.difference(&self.folders).cloned().collect();
        self.folders.retain(|folder| folders.contains(folder));
        for folder in &new {
            self.watch(folder)?;
        }
        Ok(!new.is_empty())
    }

    fn watch(&mut self, folder: &Path) -> Result<(), Failure> {
        let failed =
            |error: notify::Error| Failure::new("cannot watch a folder").because(&error).help("`--poll 2` needs less of the system");
        match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
            Ok(()) => {}
            // It went while we looked.
            Err(_) if !folder.is_dir() => return Ok(()),
            // The system tells of only so many folders.
            Err(_) if !self.is_polling => {
                self.watcher = polling(&self.sender, POLLED)?;
                self.is_polling = true;
                for known in self.folders.iter().map(PathBuf::as_path).chain([folder]).filter(|known| known.is_dir()) {
                    self.watcher.watch(known, RecursiveMode::NonRecursive).map_err(failed)?;
                }
            }
            Err(error) => return Err(failed(error)),
        }
        self.folders.insert(folder.to_owned());
        Ok(())
    }

    /// Whether an event may change what the code promises: not reading, and not what we or git write.
    fn matters(&self, event: &Event) -> bool {
        let is_ours = |path: &Path| path.starts_with(&self.output) || path.iter().any(|part| part == ".git" || part == ".contract-agent");
        let may = |path: &PathBuf| !is_ours(path) && is_read(path);
        !matches!(event.kind, EventKind::Access(_)) && (event.paths.is_empty() || event.paths.iter().any(may))
    }
}

/// Whether a path may be of a file that is read, or of a folder: a log that grows beside the code starts no run.
fn is_read(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.extension().is_none() || name.starts_with('.') || name == "contract-agent.toml" || scan::kind_of(&name) != FileKind::Other
}

/// What passes events on. Nobody is left to be told when that fails.
fn teller(sender: &Sender<Event>) -> impl FnMut(notify::Result<Event>) + Send + 'static {
    let sender = sender.clone();
    move |event| {
        if let Ok(event) = event {
            let _ = sender.send(event);
        }
    }
}

fn polling(sender: &Sender<Event>, every: Duration) -> Result<Box<dyn Watcher>, Failure> {
    // Times of files are compared in seconds: without their bytes a second edit within one would be missed.
    let config = Config::default().with_poll_interval(every).with_compare_contents(true);
    let watcher = PollWatcher::new(teller(sender), config);
    let watcher = watcher.map_err(|error| Failure::new("cannot watch the folder").because(&error).help("check that it can be read"))?;
    Ok(Box::new(watcher))
}
