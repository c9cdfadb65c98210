//! `contract-agent validate`: check written contracts against their schemas and digests.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::failure::Failure;
use super::run::settings_for;
use super::terminal::say;
use super::{Format, Globals};
use crate::contract::documents::REPO_CONTRACT;
use crate::contract::validate::{Finding, validate_folder};
use crate::pipeline::written::read_back;
use crate::write;

/// Arguments of `validate`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder with the contracts [default: the output folder of the settings].
    folder: Option<PathBuf>,
    /// How findings are printed.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// Files in folders deeper than this are nobody's contracts.
const DEEPEST: usize = 8;

/// Runs it.
pub(super) fn run(args: &Args, globals: &Globals) -> Result<ExitCode, Failure> {
    let folder = folder_of(args.folder.as_ref(), globals)?;
    let files = files_of(&folder)?;
    let mut findings = validate_folder(&files);
    findings.extend(read_back(&files));
    findings.sort();
    match args.format {
        Format::Json => say(&format!("{:#}\n", json!({"findings": findings.iter().map(json_of).collect::<Vec<_>>()})))?,
        Format::Text if globals.quiet => {}
        Format::Text => say(&text_of(&findings, &folder, files.len()))?,
    }
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The contracts folder: the one that was named, else that of the settings.
pub(super) fn folder_of(named: Option<&PathBuf>, globals: &Globals) -> Result<PathBuf, Failure> {
    let folder = match named {
        Some(folder) => folder.clone(),
        None => settings_for(Path::new("."), globals)?.output.dir,
    };
    if !folder.is_dir() {
        let what = if folder.exists() { "the contracts are not in a folder" } else { "there are no contracts" };
        return Err(Failure::new(what).at(&folder).help("`contract-agent analyze` writes them"));
    }
    write::settle(&folder, write::WAIT)?;
    Ok(folder)
}

/// The files of a contracts folder, by path under it.
pub(super) fn files_of(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    /// A run that writes meanwhile could show half of each set; so many in a row it is not.
    const ATTEMPTS: usize = 20;
    let last_written = || fs::read(folder.join(REPO_CONTRACT)).ok();
    for attempt in 1.. {
        let before = last_written();
        let mut files = Vec::new();
        let result = read(folder, String::new(), 0, &mut files);
        if attempt < ATTEMPTS && (write::is_unsettled(folder) || last_written() != before) {
            write::settle(folder, write::WAIT)?;
            continue;
        }
        result?;
        files.sort();
        return Ok(files);
    }
    unreachable!("the last attempt returns")
}

fn read(folder: &Path, prefix: String, depth: usize, files: &mut Vec<(String, Vec<u8>)>) -> Result<(), Failure> {
    let failed = |path: &Path, error: &std::io::Error| {
        Failure::new("cannot read the contracts").at(path).because(error).help("check that the files can be read")
    };
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, &error))? {
        let path = entry.map_err(|error| failed(folder, &error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let inner = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if path.is_dir() {
            if depth < DEEPEST {
                read(&path, inner, depth + 1, files)?;
            }
        } else {
            let bytes = fs::read(&path).map_err(|error| failed(&path, &error))?;
            files.push((inner, bytes));
        }
    }
    Ok(())
}

fn text_of(findings: &[Finding], folder: &Path, files: usize) -> String {
    if findings.is_empty() {
        return format!("{}: {files} files, nothing wrong\n", folder.display());
    }
    let mut text = String::new();
    for finding in findings {
        let place = if finding.pointer.is_empty() { finding.path.clone() } else { format!("{}#{}", finding.path, finding.pointer) };
        writeln!(text, "{}: {} [{}]", folder.join(place).display(), finding.message, finding.code).expect("a string takes all");
    }
    let count = findings.len();
    writeln!(text, "{count} {}", if count == 1 { "finding" } else { "findings" }).expect("a string takes all");
    text
}

fn json_of(finding: &Finding) -> serde_json::Value {
    json!({"path": finding.path, "pointer": finding.pointer, "code": finding.code, "message": finding.message})
}
