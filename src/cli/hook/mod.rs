//! `contract-agent hook`: what git runs before a commit, put in, taken out and told, whoever else has hooks there.

mod block;
pub(super) mod managers;
mod merge;
mod plain;
pub(super) mod step;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use clap::Subcommand;
use serde_json::json;

use super::failure::Failure;
use super::git::Git;
use super::run::output_for;
use super::terminal::{note, say};
use super::{Format, Globals};
use managers::Manager;
use step::Step;

/// Arguments of `hook`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Have git check what is staged before every commit.
    Install(Install),
    /// Take everything out again; files of others get the bytes back that they had.
    Uninstall {
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
    },
    /// Say what is installed, and where.
    Status {
        /// How it is printed.
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        format: Format,
    },
    /// What an installed hook calls.
    #[command(hide = true)]
    Run {
        /// Regenerate and stage the contracts instead of checking them.
        #[arg(long)]
        write: bool,
    },
}

/// Arguments of `hook install`.
#[derive(Debug, Default, clap::Args)]
struct Install {
    /// Regenerate and stage the contracts instead of checking them.
    #[arg(long)]
    write: bool,
    /// Have git leave merges of contracts to `contract-agent resolve`, too.
    #[arg(long)]
    merge_driver: bool,
    /// Who runs the hooks [default: who is found to].
    #[arg(long, value_enum, value_name = "NAME")]
    manager: Option<Manager>,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
}

/// What hooks do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// They check.
    Check,
    /// They regenerate and stage.
    Write,
}

impl Mode {
    /// The command that hooks call.
    pub fn command(self) -> &'static str {
        match self {
            Self::Check => "contract-agent hook run",
            Self::Write => "contract-agent hook run --write",
        }
    }
}

/// Runs it.
pub(super) fn run(args: &Args, globals: &Globals) -> Result<ExitCode, Failure> {
    let mode = |write: bool| if write { Mode::Write } else { Mode::Check };
    match &args.command {
        Action::Run { write } => call(mode(*write), globals),
        Action::Status { format } => status(&repository()?, *format),
        Action::Install(args) => {
            let git = repository()?;
            let manager = args.manager.map_or_else(|| managers::detect(&git), Ok)?;
            let mut steps = managers::install(&git, manager, mode(args.write).command())?;
            if args.merge_driver {
                let output = output_for(None, None, globals)?;
                let inner = git.inner(&output).filter(|inner| !inner.is_empty());
                let inner = inner.ok_or_else(|| Failure::new("the contracts lie outside the repository").at(&output))?;
                steps.extend(merge::install(&git, &inner)?);
            }
            carry_out(&git, &steps, args.dry_run, globals)
        }
        Action::Uninstall { dry_run } => {
            let git = repository()?;
            let mut steps = plain::uninstall(&git)?;
            steps.extend(managers::files(&git).iter().filter_map(|path| merge::take_out(path)));
            steps.extend(merge::uninstall(&git)?);
            carry_out(&git, &steps, *dry_run, globals)
        }
    }
}

fn repository() -> Result<Git, Failure> {
    let failure = || Failure::new("there is no git repository here").help("run it inside a work tree; `git init` makes one");
    Git::around(Path::new("."))?.ok_or_else(failure)
}

/// Does the steps, or only tells them. What is left to a person is something to report.
fn carry_out(git: &Git, steps: &[Step], is_dry: bool, globals: &Globals) -> Result<ExitCode, Failure> {
    let mut text = String::new();
    for step in steps {
        let told = step.told(&git.top);
        if !is_dry {
            step.run(Some(git))?;
        }
        writeln!(text, "{told}").expect("a string takes all");
    }
    if steps.is_empty() {
        text.push_str("nothing to do\n");
    }
    let is_by_hand = steps.iter().any(Step::is_by_hand);
    if !globals.quiet || is_by_hand {
        say(&text)?;
    }
    Ok(if is_by_hand { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// What is installed.
fn status(git: &Git, format: Format) -> Result<ExitCode, Failure> {
    let manager = managers::detect(git)?;
    let places = installed(git)?;
    let has_driver = merge::is_installed(git)?;
    if format == Format::Json {
        let hooks: Vec<_> = places.iter().map(|(place, mode)| json!({"place": place, "mode": mode})).collect();
        say(&format!("{:#}\n", json!({"manager": manager.name(), "hooks": hooks, "mergeDriver": has_driver})))?;
    } else {
        let mut text = format!("hooks are run by {}\n", manager.name());
        for (place, mode) in &places {
            writeln!(text, "installed in {place}: {mode}").expect("a string takes all");
        }
        if places.is_empty() {
            text.push_str("not installed: `contract-agent hook install` does it\n");
        }
        text.push_str(if has_driver { "merges of contracts are left to contract-agent\n" } else { "" });
        say(&text)?;
    }
    Ok(if places.is_empty() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Where hooks of ours are, and what they do.
pub(super) fn installed(git: &Git) -> Result<Vec<(String, &'static str)>, Failure> {
    let mut places = Vec::new();
    for path in plain::files(git)?.into_iter().chain(managers::files(git)) {
        if let Some(text) = fs::read_to_string(&path).ok().filter(|text| block::is_in(text)) {
            let inner = path.strip_prefix(&git.top).unwrap_or(&path).display().to_string();
            places.push((inner, mode_of(&text)));
        }
    }
    if let Some(command) = plain::configured(git)? {
        places.push(("git config".into(), mode_of(&command)));
    }
    Ok(places)
}

fn mode_of(text: &str) -> &'static str {
    if text.contains(Mode::Write.command()) { "write" } else { "check" }
}

/// What an installed hook does.
fn call(mode: Mode, globals: &Globals) -> Result<ExitCode, Failure> {
    if std::env::var_os("CONTRACT_AGENT_SKIP").is_some_and(|value| !value.is_empty() && value != "0") {
        note("the contracts are not checked: CONTRACT_AGENT_SKIP is set\n");
        return Ok(ExitCode::SUCCESS);
    }
    let failed = |error: std::io::Error| Failure::new("cannot start contract-agent").because(&error);
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    match mode {
        Mode::Check => command.args(["check", "--staged"]),
        Mode::Write => command.args(["analyze", "--staged", "--quiet"]),
    };
    if let Some(file) = &globals.config {
        command.arg("--config").arg(file);
    }
    become_it(command).map_err(failed)
}

/// This process becomes the command: a commit waits for one start only.
#[cfg(unix)]
fn become_it(mut command: Command) -> std::io::Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec())
}

/// The command's exit code.
#[cfg(not(unix))]
fn become_it(mut command: Command) -> std::io::Result<ExitCode> {
    let status = command.status()?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(2)))
}
