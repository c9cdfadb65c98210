//! The summary for a terminal. Text from the repository never reaches it with control characters.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{FeatureLine, Place, Summary, Unsure, UnsureKind, WrittenTo};

/// Whether the text has colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paint {
    /// Text alone.
    #[default]
    Plain,
    /// Text with escape sequences.
    Coloured,
}

/// How the summary looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextOptions {
    /// Whether it has colours.
    pub paint: Paint,
    /// How many features are listed.
    pub features: usize,
    /// How many doubts of each kind are listed.
    pub unsure: usize,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { paint: Paint::Plain, features: 50, unsure: 10 }
    }
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default().bold();

/// Writes the summary for people.
pub fn write_text(summary: &Summary, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let paint = options.paint;
    let totals = summary.totals;
    let name = if summary.name.is_empty() { "contracts" } else { &summary.name };
    let needed = [(totals.services, "service"), (totals.env_vars, "environment variable")];
    let besides = totals.counts.words().into_iter().chain(needed).filter(|(count, _)| *count > 0);
    let counts = [(totals.features, "feature"), (totals.operations, "HTTP operation")].into_iter().chain(besides);
    let counts: Vec<String> = counts.chain([(totals.files, "file")]).map(|(count, word)| counted(count, word)).collect();
    writeln!(out, "{}: {}", painted(&clean(name), BOLD, paint), counts.join(", "))?;
    write_features(summary, options, out)?;
    write_left_out(summary, paint, out)?;
    write_unsure(summary, options, out)?;
    if let Some(written) = &summary.written {
        writeln!(out, "\n{}", written_line(written, paint))?;
    }
    Ok(())
}

fn write_features(summary: &Summary, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    if summary.features.is_empty() {
        return Ok(());
    }
    let mut rows = vec![["FEATURE", "OPERATIONS", "TABLES", "CHANNELS", "FILES", "DEPENDS ON"].map(String::from)];
    rows.extend(summary.features.iter().take(options.features).map(row_of));
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default();
    let [first, second, third, fourth, fifth] = [0, 1, 2, 3, 4].map(width);
    writeln!(out)?;
    for (index, [name, operations, tables, channels, files, needs]) in rows.iter().enumerate() {
        let line = format!("{name:<first$}  {operations:>second$}  {tables:>third$}  {channels:>fourth$}  {files:>fifth$}  {needs}");
        let style = if index == 0 { DIM } else { Style::new() };
        writeln!(out, "{}", painted(line.trim_end(), style, options.paint))?;
    }
    more(summary.features.len(), options.features, "", options.paint, out)
}

fn row_of(feature: &FeatureLine) -> [String; 6] {
    let numbers = [feature.operations, feature.counts.tables, feature.counts.channels, feature.files].map(|count| count.to_string());
    let [operations, tables, channels, files] = numbers;
    [clean(&feature.name), operations, tables, channels, files, feature.depends_on.join(", ")]
}

fn write_left_out(summary: &Summary, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if summary.left_out.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", painted("Left out", BOLD, paint))?;
    for entry in &summary.left_out {
        writeln!(out, "  {}: {}", counted(entry.count, "file"), clean(&entry.reason))?;
    }
    Ok(())
}

fn write_unsure(summary: &Summary, options: TextOptions, out: &mut dyn Write) -> io::Result<()> {
    for (kind, title, style) in
        [(UnsureKind::Conflict, "Contradictions", RED), (UnsureKind::Warning, "Warnings", YELLOW), (UnsureKind::Gap, "Not known", CYAN)]
    {
        let entries: Vec<&Unsure> = summary.unsure.iter().filter(|entry| entry.kind == kind).collect();
        if entries.is_empty() {
            continue;
        }
        writeln!(out, "\n{}", painted(&format!("{title} ({})", entries.len()), style, options.paint))?;
        for entry in entries.iter().take(options.unsure) {
            write_entry(entry, options.paint, out)?;
        }
        more(entries.len(), options.unsure, "  ", options.paint, out)?;
    }
    Ok(())
}

fn write_entry(entry: &Unsure, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let subject = if entry.subject.is_empty() { String::new() } else { format!("{}: ", clean(&entry.subject)) };
    writeln!(out, "  {subject}{}", clean(&entry.message))?;
    for place in &entry.places {
        writeln!(out, "    {}", painted(&format!("--> {}", place_text(place)), DIM, paint))?;
    }
    if let Some(help) = &entry.help {
        writeln!(out, "    help: {}", clean(help))?;
    }
    Ok(())
}

/// `app/users.py:12 (create)`.
pub(super) fn place_text(place: &Place) -> String {
    let line = if place.line == 0 { String::new() } else { format!(":{}", place.line) };
    let symbol = if place.symbol.is_empty() { String::new() } else { format!(" ({})", clean(&place.symbol)) };
    format!("{}{line}{symbol}", clean(&place.file))
}

fn written_line(written: &WrittenTo, paint: Paint) -> String {
    let folder = painted(&clean(&written.folder), BOLD, paint);
    if written.changed.is_empty() && written.removed.is_empty() {
        return format!("Nothing changed in {folder} ({} up to date)", counted(written.unchanged, "document"));
    }
    let mut parts = vec![format!("{} written", counted(written.changed.len(), "document"))];
    if !written.removed.is_empty() {
        parts.push(format!("{} removed", written.removed.len()));
    }
    if written.unchanged > 0 {
        parts.push(format!("{} unchanged", written.unchanged));
    }
    format!("Written to {folder}: {}", parts.join(", "))
}

fn more(count: usize, shown: usize, indent: &str, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    match count.checked_sub(shown) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(out, "{indent}{}", painted(&format!("and {more} more"), DIM, paint)),
    }
}

pub(super) fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

pub(super) fn painted(text: &str, style: Style, paint: Paint) -> String {
    match paint {
        Paint::Plain => text.into(),
        Paint::Coloured => format!("{style}{text}{style:#}"),
    }
}

/// One line, without what could steer a terminal.
pub(super) fn clean(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control() && !matches!(u32::from(*c), 0x200E | 0x200F | 0x202A..=0x202E | 0x2066..=0x2069)).collect()
}
