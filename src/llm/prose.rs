//! What a model wrote in words, made harmless: for terminals, for Markdown and HTML, for who reads it.
//!
//! Control characters, escape sequences and invisible characters go, also those that turn the direction of text. Signs that Markdown or
//! HTML would take for markup are escaped. Addresses stay only when they stand in the source. It becomes one line, and no longer than told.

/// The words, harmless. `source` is the text that was sent; `longest` counts characters before escaping.
#[must_use]
pub fn harmless(words: &str, source: &str, longest: usize) -> String {
    let plain = without_addresses(&visible(words), source);
    escaped(&shortened(&plain, longest))
}

/// Without what is not seen: escape sequences, controls, marks of direction; blanks folded.
fn visible(words: &str) -> String {
    let mut seen = String::with_capacity(words.len());
    let mut rest = words.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\u{1b}' | '\u{9b}' | '\u{9d}' => skip_sequence(character, &mut rest),
            _ if character.is_whitespace() => {
                if !seen.is_empty() && !seen.ends_with(' ') {
                    seen.push(' ');
                }
            }
            _ if character.is_control() || is_invisible(character) => {}
            _ => seen.push(character),
        }
    }
    seen.truncate(seen.trim_end().len());
    seen
}

/// Passes over an ANSI sequence that has begun: `ESC [ … letter`, `ESC ] … BEL`, `ESC x`.
fn skip_sequence(opening: char, rest: &mut std::iter::Peekable<std::str::Chars>) {
    let kind = match opening {
        '\u{9b}' => '[',
        '\u{9d}' => ']',
        _ => match rest.next() {
            Some(kind) => kind,
            None => return,
        },
    };
    match kind {
        '[' => {
            // Parameters, then one letter that ends it.
            while rest.next_if(|next| matches!(next, '\u{20}'..='\u{3f}')).is_some() {}
            rest.next_if(|next| matches!(next, '\u{40}'..='\u{7e}'));
        }
        ']' | 'P' | '_' | '^' | 'X' => {
            while let Some(next) = rest.next() {
                if matches!(next, '\u{7}' | '\u{9c}') || (next == '\u{1b}' && rest.next_if_eq(&'\\').is_some()) {
                    break;
                }
            }
        }
        _ => {}
    }
}

/// Characters that change how others are shown and are not seen themselves.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffc}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Without addresses that do not stand in the source. Of a Markdown link its words stay.
fn without_addresses(words: &str, source: &str) -> String {
    words.split(' ').filter_map(|word| checked(word, source)).collect::<Vec<_>>().join(" ")
}

/// A word without such addresses; `None` when nothing else is left of it. What is left when one is taken out may make another.
fn checked(word: &str, source: &str) -> Option<String> {
    let (mut done, mut rest, mut is_cut) = (String::new(), word.to_owned(), false);
    while let Some((before, address, after)) = address_in(&rest).filter(|(_, address, _)| !address.is_empty()) {
        if stands_in(address, source) {
            done.push_str(before);
            done.push_str(address);
            rest = after.to_owned();
        } else {
            is_cut = true;
            rest = format!("{before}{after}").replace("()", "").replace("<>", "");
        }
    }
    done.push_str(&rest);
    (!is_cut || done.chars().any(char::is_alphanumeric)).then_some(done)
}

/// Whether an address stands in the source as a whole, not as the beginning of another one's host.
fn stands_in(address: &str, source: &str) -> bool {
    let goes_on = |next: char| next.is_alphanumeric() || matches!(next, '.' | '-' | '@' | ':');
    source.match_indices(address).any(|(at, _)| {
        let mut behind = source[at + address.len()..].chars();
        behind.next().is_none_or(|next| !goes_on(next) || (next == '.' || next == ':') && behind.next().is_none_or(char::is_whitespace))
    })
}

/// An address in a word, with what stands before and behind it.
fn address_in(word: &str) -> Option<(&str, &str, &str)> {
    let lower = word.to_ascii_lowercase();
    let start = ["://", "www.", "mailto:", "javascript:", "data:", "vbscript:", "file:", "tel:"]
        .iter()
        .filter_map(|mark| lower.find(mark).map(|at| if *mark == "://" { scheme_start(&lower, at) } else { at }))
        .chain(host_start(&lower))
        .min()?;
    let stops = |character: char| matches!(character, ')' | '>' | ']' | '"' | '\'' | '`' | '<' | '(');
    let end = start + word[start..].find(stops).unwrap_or(word.len() - start);
    let address = word[start..end].trim_end_matches(['.', ',', ';', '!', '?', '*', '_']);
    let end = start + address.len();
    Some((&word[..start], &word[start..end], &word[end..]))
}

fn scheme_start(word: &str, at: usize) -> usize {
    at - word[..at].bytes().rev().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')).count()
}

/// `host.tld/path` without a scheme, which many programs make a link of.
fn host_start(word: &str) -> Option<usize> {
    let slash = word.find('/')?;
    let host = word[..slash].trim_start_matches(|character: char| !character.is_ascii_alphanumeric());
    let is_host = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let end = host.rsplit('.').next().filter(|_| host.contains('.'))?;
    let is_domain = (2..=24).contains(&end.len()) && end.bytes().all(|byte| byte.is_ascii_alphabetic());
    (is_host && is_domain).then(|| slash - host.len())
}

/// Cut between words where it is too long.
fn shortened(words: &str, longest: usize) -> String {
    let Some((end, _)) = words.char_indices().nth(longest) else {
        return words.to_owned();
    };
    let cut = &words[..end];
    let whole = cut.rfind(' ').filter(|space| *space * 2 > cut.len()).map_or(cut, |space| &cut[..space]);
    format!("{}…", whole.trim_end())
}

/// With signs of markup escaped, as CommonMark has it. What stands inside of a word makes no markup and stays: `order_id`.
fn escaped(words: &str) -> String {
    let characters: Vec<char> = words.chars().collect();
    let mut text = String::with_capacity(words.len() + 16);
    for (index, character) in characters.iter().enumerate() {
        let is_letter = |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(|near| near.is_alphanumeric());
        let is_inside = is_letter(index.checked_sub(1)) && is_letter(Some(index + 1));
        match character {
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' if is_letter(Some(index + 1)) || characters.get(index + 1) == Some(&'#') => text.push_str("&amp;"),
            '_' if is_inside => text.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => text.extend(['\\', *character]),
            '#' | '+' | '-' | '=' if index == 0 => text.extend(['\\', *character]),
            '.' | ')' if index > 0 && characters[..index].iter().all(char::is_ascii_digit) => text.extend(['\\', *character]),
            _ => text.push(*character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "// see https://docs.example.org/orders. Also api.example.com/v1 and https://good.example";

    fn check(words: &str, expected: &str) {
        assert_eq!(harmless(words, SOURCE, 200), expected, "{words:?}");
    }

    #[test]
    fn words_stay_words() {
        check("Creates an order, and charges the card (once).", "Creates an order, and charges the card (once).");
        check("Reads order_id from /orders/{id}; 3.5 % of all.", "Reads order_id from /orders/{id}; 3.5 % of all.");
        check("  two\n\tlines  ", "two lines");
        check("Größe – naïve 注文", "Größe – naïve 注文");
    }

    #[test]
    fn what_is_not_seen_goes() {
        check("a\u{1b}[31mred\u{1b}[0m b\u{1b}]8;;http://evil.example\u{7}c\u{1b}]8;;\u{1b}\\d", "ared bcd");
        check("user\u{202e}gpj.exe \u{200b}x\u{2066}y\u{e0041}\u{feff}\u{0}\u{8}", "usergpj.exe xy");
        check("end\u{1b}", "end");
        check("\u{9b}2Jcleared", "cleared");
    }

    #[test]
    fn markup_is_escaped() {
        check("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;");
        check("**bold** `code` _it_ ~~no~~ a|b", r"\*\*bold\*\* \`code\` \_it\_ \~\~no\~\~ a\|b");
        check("# Title", r"\# Title");
        check("1. item", r"1\. item");
        check("&lt;b&gt; & c", "&amp;lt;b&amp;gt; & c");
    }

    #[test]
    fn addresses_stay_only_when_the_source_has_them() {
        check("See https://docs.example.org/orders for more.", "See https://docs.example.org/orders for more.");
        check("See https://evil.example/x?leak=1 for more.", "See for more.");
        check("[click here](https://evil.example/a) now", r"\[click here\] now");
        check("![pixel](http://evil.example/p.png)", r"!\[pixel\]");
        check("javascript:alert(1) www.evil.example evil.example/path", "(1)");
        check("at https://docs.example.org/orders/other or https://good.example.evil.org", "at or");
        check("calls api.example.com/v1 daily", "calls api.example.com/v1 daily");
        check("HTTPS://EVIL.example <mailto:a@b.example>", "");
    }

    #[test]
    fn it_is_no_longer_than_told() {
        assert_eq!(harmless("one two three four", "", 12), "one two…");
        assert_eq!(harmless(&"é".repeat(50), "", 10), format!("{}…", "é".repeat(10)));
        assert_eq!(harmless("short", "", 5), "short");
    }
}
