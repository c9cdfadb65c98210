//! Lines of ours in files of others: between two marks, so that taking them out gives back the bytes that were there.

const BEGIN: &str = "# contract-agent:begin";
const END: &str = "# contract-agent:end";
/// After the opening mark: the file is ours alone.
const NEW: &str = " new";
/// After the opening mark: the line break above is ours too.
const JOINED: &str = " joined";

/// Where lines go in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// Before the line of this number, counted from 0.
    Line(usize),
    /// After everything.
    End,
}

/// What is left when our lines are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// There were none.
    Untouched,
    /// The text without them.
    Text(String),
    /// Nothing that was not ours.
    Nothing,
}

/// The text of a new file: an opening, if any, and our lines.
pub(super) fn alone(opening: &str, lines: &str) -> String {
    format!("{opening}{BEGIN}{NEW}\n{lines}{END}\n")
}

/// The text with our lines, indented, at the spot.
pub(super) fn with(text: &str, lines: &str, indent: usize, spot: Spot) -> String {
    let space = " ".repeat(indent);
    let lines: String = lines.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("{space}{line}\n") }).collect();
    let at = match spot {
        Spot::Line(number) => text.split_inclusive('\n').take(number).map(str::len).sum(),
        Spot::End => text.len(),
    };
    let (above, below) = text.split_at(at);
    let (join, note) = if above.is_empty() || above.ends_with('\n') { ("", "") } else { ("\n", JOINED) };
    format!("{above}{join}{space}{BEGIN}{note}\n{lines}{space}{END}\n{below}")
}

/// Whether our lines are in the text.
pub(super) fn is_in(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with(BEGIN))
}

/// The text without our lines. Marks that were torn apart are left alone.
pub(super) fn without(text: &str) -> Left {
    let mut offset = 0;
    let mut begin = None;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        match begin {
            None if line.trim_start().starts_with(BEGIN) => {
                begin = Some((start, line.trim_end().ends_with(JOINED), line.trim_end().ends_with(NEW)))
            }
            Some((from, is_joined, is_new)) if line.trim() == END => {
                let above = &text[..from];
                let above = if is_joined { above.strip_suffix('\n').unwrap_or(above) } else { above };
                let left = format!("{above}{}", &text[offset..]);
                let is_bare = left.trim().is_empty() || left.lines().count() == 1 && left.starts_with("#!");
                return if is_new && is_bare { Left::Nothing } else { Left::Text(left) };
            }
            _ => {}
        }
    }
    Left::Untouched
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_again() {
        for text in ["", "a", "a\n", "a\nb", "#!/bin/sh\r\nx\r\n", "\n\n", "é\nb\n"] {
            for spot in [Spot::Line(0), Spot::Line(1), Spot::Line(9), Spot::End] {
                let with = with(text, "one\n\ntwo\n", 2, spot);
                assert!(is_in(&with), "{with}");
                assert_eq!(without(&with), Left::Text(text.to_owned()), "{text:?} {spot:?}");
            }
        }
        assert_eq!(without(&alone("#!/bin/sh\n", "x\n")), Left::Nothing);
        assert_eq!(without(&format!("{}more\n", alone("#!/bin/sh\n", "x\n"))), Left::Text("#!/bin/sh\nmore\n".into()));
        assert_eq!(without("# contract-agent:begin\nx\n"), Left::Untouched);
    }
}
