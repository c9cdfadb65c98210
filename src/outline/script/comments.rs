//! The text of `/** … */` comments: markers removed, the indentation of the lines among each other kept.

/// The text of a documentation comment; `None` for any other comment (banners of stars included).
pub(super) fn documentation(comment: &str) -> Option<String> {
    let text = comment.strip_prefix("/**")?;
    if text.starts_with(['*', '/']) {
        return None;
    }
    let text = text.strip_suffix("*/").unwrap_or(text);
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let is_starred = rest.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.trim_start().starts_with('*'));
    let lines: Vec<&str> = rest.lines().map(|line| if is_starred { without_star(line) } else { line }.trim_end()).collect();
    let indent = lines.iter().filter(|line| !line.is_empty()).map(|line| indentation(line)).min().unwrap_or(0);
    let mut out = first.trim().to_owned();
    for line in lines {
        if !out.is_empty() || !line.is_empty() {
            out.push('\n');
        }
        out.push_str(line.get(indent..).unwrap_or_default());
    }
    let from = out.len() - out.trim_start_matches('\n').len();
    out.drain(..from);
    out.truncate(out.trim_end().len());
    Some(out)
}

fn without_star(line: &str) -> &str {
    let text = line.trim_start();
    text.strip_prefix('*').unwrap_or(text)
}

/// Bytes of leading blanks; they are ASCII, so any line can be cut there.
fn indentation(line: &str) -> usize {
    line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}
