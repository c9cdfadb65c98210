//! Why a command could not do what was asked: what, where, how to go on.

use std::fmt::Write as _;
use std::path::Path;

use crate::scan::ScanError;
use crate::settings::SettingsError;
use crate::write::WriteError;

/// A command could not do what was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Failure {
    /// What: lower case, no full stop.
    pub what: String,
    /// Where.
    pub place: Option<String>,
    /// Why, outermost cause first.
    pub causes: Vec<String>,
    /// How to go on.
    pub help: Option<String>,
}

impl Failure {
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), ..Self::default() }
    }

    pub fn at(self, path: &Path) -> Self {
        Self { place: Some(path.display().to_string()), ..self }
    }

    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The text for a terminal.
    pub fn told(&self) -> String {
        let red = anstyle::AnsiColor::Red.on_default().bold();
        let mut text = format!("{red}error{red:#}: {}\n", self.what);
        let mut line = |words: std::fmt::Arguments| writeln!(text, "{words}").expect("a string takes all");
        if let Some(place) = &self.place {
            line(format_args!("  --> {place}"));
        }
        for cause in &self.causes {
            line(format_args!("  cause: {cause}"));
        }
        if let Some(help) = &self.help {
            line(format_args!("help: {help}"));
        }
        text
    }

    /// With the causes of an error.
    pub fn because(mut self, error: &dyn std::error::Error) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            self.causes.push(error.to_string());
            next = error.source();
        }
        self
    }
}

impl From<ScanError> for Failure {
    fn from(error: ScanError) -> Self {
        let failure = Self { help: error.help(), ..Self::new(error.to_string()) };
        match std::error::Error::source(&error) {
            Some(cause) => failure.because(cause),
            None => failure,
        }
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        let mut place = error.file.display().to_string();
        if let Some((line, column)) = error.at {
            write!(place, ":{line}:{column}").expect("a string takes all");
        }
        let place = format!("{place}: {}", error.message);
        Self { place: Some(place), ..Self::new("cannot read the settings") }.help(error.help)
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        let failure = Self::new(error.to_string()).at(error.place()).help(error.help());
        match std::error::Error::source(&error) {
            Some(cause) => failure.because(cause),
            None => failure,
        }
    }
}
