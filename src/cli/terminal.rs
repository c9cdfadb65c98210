//! What a terminal is told: colours, results, progress, log.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing_subscriber::EnvFilter;

use super::failure::Failure;
use crate::pipeline::Progress;
use crate::report::Paint;

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Makes the choice hold for everything printed from here on.
pub(super) fn choose(colour: Colour) {
    let choice = match colour {
        Colour::Auto => ColorChoice::Auto,
        Colour::Always => ColorChoice::Always,
        Colour::Never => ColorChoice::Never,
    };
    choice.write_global();
}

/// Whether results have colours.
pub(super) fn paint() -> Paint {
    if AutoStream::choice(&io::stdout()) == ColorChoice::Never { Paint::Plain } else { Paint::Coloured }
}

/// Writes a result. When nobody reads it any more that is no failure.
pub(super) fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new("cannot write the result").because(&error)),
        _ => Ok(()),
    }
}

/// Tells about a failure.
pub(super) fn complain(failure: &Failure) {
    // Nobody is left to be told when this fails.
    let _ = anstream::stderr().lock().write_all(failure.told().as_bytes());
}

/// Starts the log on stderr.
pub(super) fn log(verbose: u8, is_quiet: bool) {
    let level = match (is_quiet, verbose) {
        (true, _) => "off",
        (_, 0) => "error",
        (_, 1) => "info",
        (_, 2) => "debug",
        _ => "trace",
    };
    let filter = std::env::var("CONTRACT_AGENT_LOG").ok().and_then(|words| EnvFilter::try_new(words).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new(format!("contract_agent={level}")));
    let is_coloured = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
    // A second start is one of a test in the same process.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .without_time()
        .with_target(false)
        .with_ansi(is_coloured)
        .with_writer(io::stderr)
        .try_init();
}

/// A bar on stderr, when somebody looks at it.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub fn new(is_quiet: bool) -> Self {
        let is_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
        let is_dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let bar = if is_quiet || is_ci || is_dumb || !io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(12))
        };
        Self(bar)
    }

    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn stage(&self, name: &'static str, steps: usize) {
        let template = if steps > 0 { "{msg:<8} [{bar:30}] {pos}/{len}" } else { "{spinner} {msg}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style.progress_chars("=> "));
        }
        self.0.set_length(steps as u64);
        self.0.set_position(0);
        self.0.set_message(name);
        if steps == 0 {
            self.0.enable_steady_tick(Duration::from_millis(100));
        }
    }

    fn step(&self) {
        self.0.inc(1);
    }
}

/// Tells something that is no failure, beside the results.
pub(super) fn note(text: &str) {
    // Nobody is left to be told when this fails.
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}
