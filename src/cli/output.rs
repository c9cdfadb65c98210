//! `--format FORMAT[=FILE]`: several forms of one report, each to stdout or to a file.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::Globals;
use super::failure::Failure;
use super::terminal::{paint, say};
use crate::base::nearest::nearest;
use crate::guard::Report;
use crate::report::Paint;
use crate::report::guard::GuardFormat;

/// A form, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    format: GuardFormat,
    file: Option<PathBuf>,
}

/// How results are printed.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Outputs {
    /// How the report is printed, and into which file: `json`, `json=report.json`; may be given several times.
    #[arg(long = "format", value_name = "FORMAT[=FILE]", value_parser = parse)]
    formats: Vec<Output>,
}

fn parse(text: &str) -> Result<Output, String> {
    let (name, file) = match text.split_once('=') {
        Some((_, "")) => return Err("the file's name is missing after `=`".into()),
        Some((name, file)) => (name, Some(PathBuf::from(file))),
        None => (text, None),
    };
    let known = || GuardFormat::ALL.map(GuardFormat::name);
    match GuardFormat::parse(name) {
        Some(format) => Ok(Output { format, file }),
        None => Err(match nearest(name, known()) {
            Some(meant) => format!("there is no format `{name}`; did you mean `{meant}`?"),
            None => format!("there is no format `{name}`; there are {}", known().join(", ")),
        }),
    }
}

impl Outputs {
    /// Refuses two reports on one stdout.
    pub fn check(&self) -> Result<(), Failure> {
        if self.formats.iter().filter(|output| output.file.is_none()).count() > 1 {
            let failure = Failure::new("two formats cannot both go to stdout");
            return Err(failure.help("name a file for all but one: `--format text --format json=report.json`"));
        }
        Ok(())
    }

    /// Writes the report in all its forms. Without one for stdout, people get the text.
    pub fn write(&self, report: &Report, globals: &Globals) -> Result<(), Failure> {
        for output in &self.formats {
            match &output.file {
                Some(file) => write_file(file, &output.format.render(report, Paint::Plain))?,
                None if globals.quiet && output.format == GuardFormat::Text => {}
                None => say(&output.format.render(report, paint()))?,
            }
        }
        if self.formats.iter().any(|output| output.format == GuardFormat::Github) {
            summarize(report);
        }
        if self.formats.iter().all(|output| output.file.is_some()) && !globals.quiet {
            say(&GuardFormat::Text.render(report, paint()))?;
        }
        Ok(())
    }
}

/// Adds the report to the summary of a job of GitHub Actions, which annotations are too few for. A job without one goes on.
fn summarize(report: &Report) {
    let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty()) else { return };
    let text = GuardFormat::Markdown.render(report, Paint::Plain);
    let written = OpenOptions::new().append(true).create(true).open(&file).and_then(|mut file| file.write_all(text.as_bytes()));
    if let Err(error) = written {
        tracing::warn!("the job's summary cannot be written: {error}");
    }
}

fn write_file(file: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| {
        Failure::new("cannot write the report").at(file).because(error).help("check the folder and its permissions")
    };
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    }
    std::fs::write(file, text).map_err(|error| failed(&error))
}
