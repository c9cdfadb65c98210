//! `contract-agent audit`: what left this machine for models, and whether the log of it is whole.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::Format;
use super::failure::Failure;
use super::terminal::say;
use crate::llm::audit::{Entry, Log, read};
use crate::store::AuditFile;
use crate::write::utc;

/// Arguments of `audit`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A folder of the repository [default: the current folder].
    path: Option<PathBuf>,
    /// Only the last calls, so many of them.
    #[arg(long, value_name = "COUNT")]
    last: Option<usize>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// Runs it: 0 when the chain holds, 1 when it is broken.
pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let path = args.path.as_deref().unwrap_or(Path::new("."));
    let full = path.canonicalize().map_err(|error| Failure::new(format!("there is no folder `{}`", path.display())).because(&error))?;
    let top = full.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&full);
    let file = AuditFile::in_repository(top)
        .ok_or_else(|| Failure::new("the audit log is a symbolic link, and is not read").at(&top.join(".contract-agent")))?;
    let bytes = file.read().map_err(|error| Failure::new("cannot read the audit log").at(file.path()).because(&error))?;
    let log = read(bytes.as_deref().unwrap_or_default());
    let skipped = log.entries.len().saturating_sub(args.last.unwrap_or(usize::MAX));
    match args.format {
        Format::Json => say(&as_json(file.path(), &log, skipped))?,
        Format::Text if bytes.is_none() => say("no model was called: there is no audit log\n")?,
        Format::Text => say(&as_text(file.path(), &log, skipped))?,
    }
    Ok(if log.broken.is_some() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn as_json(path: &Path, log: &Log, skipped: usize) -> String {
    let value = json!({
        "path": path.display().to_string(),
        "calls": log.entries.len(),
        "holds": log.broken.is_none(),
        "broken": log.broken,
        "cut": log.cut,
        "last_hash": log.last_hash,
        "entries": log.entries.get(skipped..).unwrap_or_default(),
    });
    format!("{value:#}\n")
}

fn as_text(path: &Path, log: &Log, skipped: usize) -> String {
    let mut text = String::new();
    for entry in log.entries.iter().skip(skipped) {
        tell(&mut text, entry);
    }
    let bytes: usize = log.entries.iter().map(|entry| entry.bytes).fold(0, usize::saturating_add);
    let masks: usize = log.entries.iter().map(masks_of).fold(0, usize::saturating_add);
    let cost: f64 = log.entries.iter().filter_map(|entry| entry.cost_usd).sum();
    let mut line = |words: std::fmt::Arguments| writeln!(text, "{words}").expect("a string takes all");
    line(format_args!(
        "{}: {} calls, {bytes} bytes sent, {masks} credentials masked, {}",
        path.display(),
        log.entries.len(),
        dollars(cost)
    ));
    for cut in &log.cut {
        line(format_args!("line {cut} is no whole entry: somebody was stopped while writing it"));
    }
    match &log.broken {
        None => line(format_args!("the chain holds; last hash {}", log.last_hash)),
        Some(broken) => line(format_args!("the chain is broken at entry {} (line {}): {}", broken.entry, broken.line, broken.why)),
    }
    // A log that somebody else has made steers no terminal.
    text.replace(|character: char| character.is_control() && character != '\n', "\u{fffd}")
}

/// One call: a line for it, and one for each file.
fn tell(text: &mut String, entry: &Entry) {
    let mut line = |words: std::fmt::Arguments| writeln!(text, "{words}").expect("a string takes all");
    let Entry { number, provider, host, model, task, prompt, bytes, outcome, usage, .. } = entry;
    let cost = entry.cost_usd.map_or_else(|| "price unknown".to_owned(), dollars);
    line(format_args!("{number}  {}  {provider} ({host})  {model}  {task}  {prompt}", utc(entry.at / 1000)));
    line(format_args!("     {bytes} bytes, {} tokens in, {} out, {cost}: {outcome}", usage.input, usage.output));
    for file in &entry.files {
        let masked = if file.masks.is_empty() { String::new() } else { format!(", masked {}", counted(&file.masks)) };
        line(format_args!("     {}: {} bytes{masked}", file.path, file.bytes));
    }
    if !entry.masks.is_empty() {
        line(format_args!("     in the whole request, masked {}", counted(&entry.masks)));
    }
}

fn counted(masks: &std::collections::BTreeMap<String, usize>) -> String {
    let each: Vec<String> = masks.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
    each.join(", ")
}

fn masks_of(entry: &Entry) -> usize {
    entry.masks.values().sum::<usize>() + entry.files.iter().flat_map(|file| file.masks.values()).sum::<usize>()
}

fn dollars(amount: f64) -> String {
    format!("${amount:.4}")
}
