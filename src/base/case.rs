//! Letter cases of names: how libraries rename `snake_case` members and `PascalCase` variants on the wire, and the words of a name.

/// A case that a library can be told to rename to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Case {
    /// `lowercase`.
    Lower,
    /// `UPPERCASE`.
    Upper,
    /// `PascalCase`.
    Pascal,
    /// `camelCase`.
    Camel,
    /// `snake_case`.
    Snake,
    /// `SCREAMING_SNAKE_CASE`.
    ScreamingSnake,
    /// `kebab-case`.
    Kebab,
    /// `SCREAMING-KEBAB-CASE`.
    ScreamingKebab,
}

impl Case {
    /// The case that is written like this: `camelCase`, `SCREAMING_SNAKE_CASE`.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Some(match text {
            "lowercase" => Self::Lower,
            "UPPERCASE" => Self::Upper,
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "snake_case" => Self::Snake,
            "SCREAMING_SNAKE_CASE" => Self::ScreamingSnake,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::ScreamingKebab,
            _ => return None,
        })
    }

    /// A `snake_case` field in this case, by serde's rules: only underscores part words.
    #[must_use]
    pub fn field(self, name: &str) -> String {
        match self {
            Self::Lower | Self::Snake => name.to_string(),
            Self::Upper | Self::ScreamingSnake => name.to_ascii_uppercase(),
            Self::Pascal => joined(name),
            Self::Camel => lower_first(&joined(name)),
            Self::Kebab => name.replace('_', "-"),
            Self::ScreamingKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }

    /// A `PascalCase` variant in this case, by serde's rules: every capital begins a word.
    #[must_use]
    pub fn variant(self, name: &str) -> String {
        match self {
            Self::Pascal => name.to_string(),
            Self::Lower => name.to_ascii_lowercase(),
            Self::Upper => name.to_ascii_uppercase(),
            Self::Camel => lower_first(name),
            Self::Snake => parted(name, '_'),
            Self::ScreamingSnake => parted(name, '_').to_ascii_uppercase(),
            Self::Kebab => parted(name, '-'),
            Self::ScreamingKebab => parted(name, '-').to_ascii_uppercase(),
        }
    }
}

/// `camelCase` of a name in any case; leading underscores stay.
#[must_use]
pub fn camel(name: &str) -> String {
    let (lead, words) = words(name);
    let mut text = lead;
    for (index, word) in words.iter().enumerate() {
        text.push_str(&if index == 0 { word.clone() } else { capital(word) });
    }
    text
}

/// `PascalCase` of a name in any case; leading underscores stay.
#[must_use]
pub fn pascal(name: &str) -> String {
    let (lead, words) = words(name);
    words.iter().fold(lead, |text, word| text + &capital(word))
}

/// `snake_case` of a name in any case; leading underscores stay.
#[must_use]
pub fn snake(name: &str) -> String {
    let (lead, words) = words(name);
    lead + &words.join("_")
}

/// `kebab-case` of a name in any case.
#[must_use]
pub fn kebab(name: &str) -> String {
    words(name).1.join("-")
}

/// Leading underscores, and the words in lower case: parted by anything that is no letter or digit, and where a capital
/// follows a small letter or ends a run of capitals (`HTTPServer`).
fn words(name: &str) -> (String, Vec<String>) {
    let lead: String = name.chars().take_while(|c| *c == '_').collect();
    let chars: Vec<char> = name.chars().skip(lead.len()).collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (index, c) in chars.iter().enumerate() {
        let before = index.checked_sub(1).map(|i| chars[i]);
        let after = chars.get(index + 1);
        let begins = c.is_uppercase() && before.is_some_and(|b| !b.is_uppercase() || after.is_some_and(|a| a.is_lowercase()));
        if (begins || !c.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    (lead, words)
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| std::iter::once(first.to_ascii_lowercase()).chain(chars).collect()).unwrap_or_default()
}

fn joined(name: &str) -> String {
    name.split('_').map(capital).collect()
}

fn parted(name: &str, separator: char) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for (index, c) in name.chars().enumerate() {
        if index > 0 && c.is_uppercase() {
            text.push(separator);
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// The words of a name, in lower case: `AuthDevice`, `auth-device` and `auth_device` are the same.
#[must_use]
pub fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_open = false;
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            is_open = false;
            was_lower = false;
            continue;
        }
        if !is_open || (c.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        is_open = true;
        was_lower = c.is_lowercase() || c.is_numeric();
        if let Some(last) = words.last_mut() {
            last.extend(c.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(case: &str, field: &str, variant: &str) {
        let case = Case::of(case).expect("a known case");
        assert_eq!((case.field("first_name").as_str(), case.variant("VeryTasty").as_str()), (field, variant));
    }

    #[test]
    fn cases_rename_as_serde_does() {
        check("lowercase", "first_name", "verytasty");
        check("UPPERCASE", "FIRST_NAME", "VERYTASTY");
        check("PascalCase", "FirstName", "VeryTasty");
        check("camelCase", "firstName", "veryTasty");
        check("snake_case", "first_name", "very_tasty");
        check("SCREAMING_SNAKE_CASE", "FIRST_NAME", "VERY_TASTY");
        check("kebab-case", "first-name", "very-tasty");
        check("SCREAMING-KEBAB-CASE", "FIRST-NAME", "VERY-TASTY");
    }

    #[test]
    fn names_of_any_case_are_parted_into_words() {
        assert_eq!(camel("first_name"), "firstName");
        assert_eq!(camel("_private-field"), "_privateField");
        assert_eq!(snake("HTTPServerURL"), "http_server_url");
        assert_eq!(pascal("user id"), "UserId");
        assert_eq!(kebab("createdAt"), "created-at");
        assert_eq!(camel(""), "");
    }
}
