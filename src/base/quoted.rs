//! Quoted pieces of SQL text.

/// The byte behind the quote that closes the one at the beginning; a doubled quote stands for itself. The text's length when
/// none does.
#[must_use]
pub fn closing(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return at + c.len_utf8();
            }
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::closing;

    #[test]
    fn quotes_close_where_they_are_not_doubled() {
        for (text, end) in [("'a' b", 3), ("'a''b' c", 6), ("'", 1), ("'é'x", 4), ("'a''", 4)] {
            assert_eq!(closing(text, '\''), end, "{text}");
        }
    }
}
