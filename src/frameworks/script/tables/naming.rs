//! Names that libraries derive from other names: `snake_case`, `camelCase`, titles.

/// `UserProfile` as `user_profile`, `HTTPServer` as `http_server`.
#[must_use]
pub fn snake(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 4);
    for (index, c) in chars.iter().enumerate() {
        let before = index.checked_sub(1).map(|at| chars[at]);
        let after = chars.get(index + 1);
        let starts = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase() || before.is_ascii_digit() || before.is_uppercase() && after.is_some_and(|after| after.is_lowercase())
            });
        if starts && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// Words parted by `_`, `-` or blanks as one: `user_id` as `userId`; the first letter small, all others as they are. What nothing
/// follows stays.
#[must_use]
pub fn camel(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    if let Some(first) = chars.next_if(|c| c.is_ascii_uppercase()) {
        out.extend(first.to_lowercase());
    }
    while let Some(c) = chars.next() {
        if matches!(c, '_' | '-' | ' ')
            && let Some(next) = chars.next_if(|next| next.is_alphanumeric() || *next == '_')
        {
            out.extend(next.to_uppercase());
        } else {
            out.push(c);
        }
    }
    out
}

/// The first letter large.
#[must_use]
pub fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The first letter small.
#[must_use]
pub fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
