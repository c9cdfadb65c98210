//! Media types: ranges, parameters, structured suffixes, names that mean the same.

/// A media type or range, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// `application`; `*` for any.
    kind: String,
    /// `problem+json`; `*` for any.
    name: String,
    /// Parameters that tell formats apart, sorted: `version=1`. The character set and the weight do not.
    distinct: Vec<String>,
    /// Whether it carries parameters that make no difference.
    is_adorned: bool,
}

/// How one media type stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// They mean the same and are written the same.
    Same,
    /// They mean the same under another name.
    Renamed,
    /// The second is one of what the first stands for.
    Narrowed,
    /// The first is one of what the second stands for.
    Widened,
    /// Neither.
    Other,
}

/// Names that are used for one format.
const ALIASES: [(&str, &str); 7] = [
    ("text/json", "application/json"),
    ("application/x-json", "application/json"),
    ("text/xml", "application/xml"),
    ("application/x-yaml", "application/yaml"),
    ("text/yaml", "application/yaml"),
    ("text/x-yaml", "application/yaml"),
    ("application/javascript", "text/javascript"),
];

impl Media {
    /// Of a name: `application/json; charset=utf-8`.
    pub fn of(text: &str) -> Self {
        let mut parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
        let essence = parts.next().unwrap_or_default();
        let essence = ALIASES.iter().find(|(alias, _)| *alias == essence).map_or(essence.as_str(), |(_, name)| name).to_owned();
        let (kind, name) = essence.split_once('/').unwrap_or((essence.as_str(), "*"));
        let parameters: Vec<String> = parts.filter(|part| !part.is_empty()).map(|part| part.replace([' ', '"'], "")).collect();
        let (adornment, mut distinct): (Vec<_>, Vec<_>) = parameters
            .into_iter()
            .partition(|part| part.starts_with("charset=") || part.starts_with("q=") || part.starts_with("boundary="));
        distinct.sort();
        Self { kind: kind.to_owned(), name: name.to_owned(), distinct, is_adorned: !adornment.is_empty() }
    }

    /// Whether everything of the other is of this too.
    pub fn covers(&self, other: &Self) -> bool {
        let kind = self.kind == "*" || self.kind == other.kind;
        let name = self.name == "*" || self.name == other.name || self.is_suffix_of(other);
        kind && name && self.distinct.iter().all(|part| other.distinct.contains(part))
    }

    /// Whether it is a range: `image/*`.
    pub fn is_range(&self) -> bool {
        self.kind == "*" || self.name == "*"
    }

    /// `json` of `problem+json`; `*+json` too.
    fn is_suffix_of(&self, other: &Self) -> bool {
        let suffix = self.name.strip_prefix("*+").unwrap_or(&self.name);
        other.name.rsplit_once('+').is_some_and(|(_, last)| last == suffix)
    }

    /// How the other stands to this one.
    pub fn relation(&self, other: &Self, is_same_text: bool) -> Relation {
        let is_equal = (&self.kind, &self.name, &self.distinct) == (&other.kind, &other.name, &other.distinct);
        match (self.covers(other), other.covers(self)) {
            _ if is_same_text => Relation::Same,
            _ if is_equal => Relation::Renamed,
            (true, _) if other.is_adorned && !self.is_range() => Relation::Renamed,
            (true, _) => Relation::Narrowed,
            (_, true) => Relation::Widened,
            _ => Relation::Other,
        }
    }
}
