//! `contract-agent init`: settings, hook and CI file of a repository, in one command.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::Globals;
use super::failure::Failure;
use super::git::Git;
use super::hook::step::{Kind, Step};
use super::hook::{self, Mode, managers};
use super::terminal::{note, say};
use crate::settings;

const SETTINGS: &str = include_str!("settings.toml");
const SETTINGS_FILE: &str = "contract-agent.toml";
const GITHUB: &str = include_str!("github.yml");
const GITHUB_FILE: &str = ".github/workflows/contracts.yml";
const GITLAB: &str = include_str!("../../../.gitlab/contract-agent.yml");
const GITLAB_FILE: &str = ".gitlab-ci.yml";

/// Arguments of `init`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder to set up [default: the current folder].
    path: Option<PathBuf>,
    /// Do it without asking.
    #[arg(long, short)]
    yes: bool,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    /// Have the hook regenerate and stage the contracts instead of checking them.
    #[arg(long)]
    write: bool,
    /// Install no hook.
    #[arg(long)]
    no_hook: bool,
    /// Which CI file to write [default: what the repository looks like].
    #[arg(long, value_enum, value_name = "CI")]
    ci: Option<Ci>,
}

/// Which CI file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Ci {
    /// A GitHub workflow.
    Github,
    /// A GitLab job.
    Gitlab,
    /// None.
    None,
}

/// What will be done, and why the rest will not.
#[derive(Default)]
struct Plan {
    steps: Vec<Step>,
    notes: Vec<String>,
}

/// Runs it.
pub(super) fn run(args: &Args, globals: &Globals) -> Result<ExitCode, Failure> {
    let folder = args.path.clone().unwrap_or_else(|| ".".into());
    if !folder.is_dir() {
        return Err(Failure::new("there is no such folder").at(&folder).help("name the repository's folder"));
    }
    let git = Git::around(&folder)?;
    let top = git.as_ref().map_or_else(|| folder.clone(), |git| git.top.clone());
    let mut plan = Plan::default();
    plan.settings(&folder, &top)?;
    if !args.no_hook {
        plan.hook(git.as_ref(), if args.write { Mode::Write } else { Mode::Check })?;
    }
    plan.ci(git.as_ref(), &top, args.ci)?;
    let told = plan.told(&top);
    if args.dry_run || plan.steps.is_empty() {
        say(&told)?;
        return Ok(ExitCode::SUCCESS);
    }
    if !args.yes && !agreed(&told)? {
        return Ok(ExitCode::SUCCESS);
    }
    for step in &plan.steps {
        step.run(git.as_ref())?;
    }
    if args.yes && !globals.quiet && plan.steps.iter().any(Step::is_by_hand) {
        say(&told)?;
    }
    if !args.yes && !globals.quiet {
        note("done; `contract-agent analyze` writes the first contracts\n");
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks, on a terminal.
fn agreed(told: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        say(told)?;
        let failure = Failure::new("nobody is here to be asked");
        return Err(failure.help("`--yes` does it without asking, `--dry-run` only shows it"));
    }
    note(told);
    note("\nDo this? [Y/n] ");
    let _ = io::stderr().flush();
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(|error| Failure::new("cannot read the answer").because(&error))?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "" | "y" | "yes") && !answer.is_empty())
}

impl Plan {
    fn settings(&mut self, folder: &Path, top: &Path) -> Result<(), Failure> {
        match settings::find(folder)?.file {
            Some(file) => {
                let full = top.canonicalize().unwrap_or_else(|_| top.to_owned());
                let shown = file.strip_prefix(&full).unwrap_or(&file).display().to_string();
                self.notes.push(format!("the settings are there: {shown}"));
            }
            None => self.steps.push(Step::Write { path: top.join(SETTINGS_FILE), text: SETTINGS.to_owned(), kind: Kind::Text }),
        }
        Ok(())
    }

    fn hook(&mut self, git: Option<&Git>, mode: Mode) -> Result<(), Failure> {
        let Some(git) = git else {
            self.notes.push("no hook: there is no git repository here".to_owned());
            return Ok(());
        };
        if let Some(place) = hook::installed(git)?.first() {
            self.notes.push(format!("the hook is there: {}", place.0));
            return Ok(());
        }
        self.steps.extend(managers::install(git, managers::detect(git)?, mode.command())?);
        Ok(())
    }

    fn ci(&mut self, git: Option<&Git>, top: &Path, asked: Option<Ci>) -> Result<(), Failure> {
        let ci = match (asked, git) {
            (Some(ci), _) => ci,
            (None, Some(git)) => guess(git)?,
            (None, None) => Ci::None,
        };
        let version = env!("CARGO_PKG_VERSION");
        let (name, text) = match ci {
            Ci::Github => (GITHUB_FILE, GITHUB.replace("@VERSION@", version)),
            Ci::Gitlab => (GITLAB_FILE, gitlab_job(version)),
            Ci::None => return Ok(()),
        };
        let path = top.join(name);
        let there = std::fs::read_to_string(&path).ok();
        match there {
            Some(there) if there.contains("contract-agent") => self.notes.push(format!("the CI job is there: {name}")),
            Some(_) if ci == Ci::Gitlab => self.steps.push(Step::ByHand(format!("add this job to {name}"), text)),
            Some(_) => self.notes.push(format!("{name} is there, and is not ours")),
            None => self.steps.push(Step::Write { path, text, kind: Kind::Text }),
        }
        Ok(())
    }

    fn told(&self, top: &Path) -> String {
        let mut text = String::new();
        for step in &self.steps {
            writeln!(text, "{}", step.told(top)).expect("a string takes all");
        }
        for line in &self.notes {
            writeln!(text, "{line}").expect("a string takes all");
        }
        text
    }
}

/// The job of the template, without the words on including it.
fn gitlab_job(version: &str) -> String {
    let job = GITLAB.split_once("\n\ncontracts:").map_or(GITLAB, |(_, job)| job);
    let job = job.replace("CONTRACT_AGENT_VERSION: \"0.1.0\"", &format!("CONTRACT_AGENT_VERSION: \"{version}\""));
    format!("# Fails when a change breaks what this repository promises, or leaves its contracts behind.\ncontracts:{job}")
}

/// Which CI the repository looks like: its files, else where it was cloned from.
fn guess(git: &Git) -> Result<Ci, Failure> {
    if git.top.join(GITLAB_FILE).exists() {
        return Ok(Ci::Gitlab);
    }
    if git.top.join(".github").exists() {
        return Ok(Ci::Github);
    }
    let remote = git.line(&["config", "--get", "remote.origin.url"])?.unwrap_or_default();
    Ok(if remote.contains("gitlab") { Ci::Gitlab } else { Ci::Github })
}
