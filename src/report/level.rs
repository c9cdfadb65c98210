//! How levels are called and coloured.

use anstyle::{AnsiColor, Style};

use crate::diff::change::Level;

/// Its word.
pub(super) fn word_of(level: Level) -> &'static str {
    match level {
        Level::Breaking => "breaking",
        Level::Warning => "warning",
        Level::Info => "info",
    }
}

/// Its colour.
pub(super) fn style_of(level: Level) -> Style {
    let colour = match level {
        Level::Breaking => AnsiColor::Red,
        Level::Warning => AnsiColor::Yellow,
        Level::Info => AnsiColor::Green,
    };
    colour.on_default().bold()
}
