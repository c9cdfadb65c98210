//! Git told to leave merges of contracts to us.

use std::path::Path;

use super::block::{self, Left, Spot};
use super::managers::read;
use super::step::{Kind, Step};
use crate::cli::failure::Failure;
use crate::cli::git::Git;

const SECTION: &str = "merge.contract-agent";
const ATTRIBUTES: &str = ".gitattributes";
const DRIVER: &str = "contract-agent resolve --merge-driver %O %A %B %P";

/// What has to be done so that git asks us; `output` is the folder with the contracts, from the top.
pub(super) fn install(git: &Git, output: &str) -> Result<Vec<Step>, Failure> {
    let path = git.top.join(ATTRIBUTES);
    let pattern = output.replace(' ', "?");
    let lines = format!("/{pattern}/** merge=contract-agent\n/{pattern}/accepted/** !merge\n/{pattern}/resolutions.json !merge\n");
    let text = match read(&path)? {
        Some(text) => block::with(&text, &lines, 0, Spot::End),
        None => block::alone("", &lines),
    };
    let config = |key: &str, value: &str| Step::Config(vec![format!("{SECTION}.{key}"), value.into()]);
    Ok(vec![Step::Write { path, text, kind: Kind::Text }, config("name", "contracts are derived anew"), config("driver", DRIVER)])
}

/// What takes it back.
pub(super) fn uninstall(git: &Git) -> Result<Vec<Step>, Failure> {
    let mut steps: Vec<Step> = take_out(&git.top.join(ATTRIBUTES)).into_iter().collect();
    if is_installed(git)? {
        steps.push(Step::Config(vec!["--remove-section".into(), SECTION.into()]));
    }
    Ok(steps)
}

/// Whether git asks us.
pub(super) fn is_installed(git: &Git) -> Result<bool, Failure> {
    Ok(git.line(&["config", "--local", "--get", &format!("{SECTION}.driver")])?.is_some())
}

/// The step that takes our lines out of a file.
pub(super) fn take_out(path: &Path) -> Option<Step> {
    let text = std::fs::read_to_string(path).ok()?;
    match block::without(&text) {
        Left::Untouched => None,
        Left::Text(text) => Some(Step::Write { path: path.into(), text, kind: Kind::Text }),
        Left::Nothing => Some(Step::Remove(path.into())),
    }
}
