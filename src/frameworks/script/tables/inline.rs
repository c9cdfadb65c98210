//! A column's type with constraints behind it, as raw type texts hold them: `integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY`.

use crate::base::Name;
use crate::facts::database::{Action, Column, ForeignKey, Generated, ObjectName};

/// What a text says.
#[derive(Clone, Debug, Default)]
pub struct Inline {
    /// The type.
    pub ty: Name,
    /// `NOT NULL`.
    pub not_null: bool,
    /// `PRIMARY KEY`.
    pub is_primary: bool,
    /// `UNIQUE`.
    pub is_unique: bool,
    /// `DEFAULT …`.
    pub default: Option<Name>,
    /// `GENERATED …`, `AUTO_INCREMENT`.
    pub generated: Option<Generated>,
    /// `COLLATE …`.
    pub collation: Option<Name>,
    /// `CHECK (…)`.
    pub check: Option<Name>,
    /// `REFERENCES …`; its own columns are not filled in.
    pub references: Option<ForeignKey>,
}

/// Words that begin a constraint.
const CLAUSES: &[&str] = &[
    "PRIMARY",
    "NOT",
    "NULL",
    "UNIQUE",
    "DEFAULT",
    "GENERATED",
    "REFERENCES",
    "CHECK",
    "COLLATE",
    "CONSTRAINT",
    "AUTO_INCREMENT",
    "AUTOINCREMENT",
];

/// Reads a text.
#[must_use]
pub fn inline(text: &str) -> Inline {
    let mut said = Inline::default();
    for (index, clause) in clauses(text).into_iter().enumerate() {
        let clause = clause.trim();
        if index == 0 {
            said.ty = clause.into();
            continue;
        }
        let (word, rest) = clause.split_once(char::is_whitespace).unwrap_or((clause, ""));
        let rest = rest.trim();
        match word.to_ascii_uppercase().as_str() {
            "PRIMARY" => {
                said.is_primary = true;
                said.not_null = true;
                if rest.to_ascii_uppercase().contains("AUTOINCREMENT") {
                    said.generated = Some(Generated::AutoIncrement);
                }
            }
            "NOT" => said.not_null = true,
            "UNIQUE" => said.is_unique = true,
            "DEFAULT" => said.default = (!rest.eq_ignore_ascii_case("null")).then(|| rest.into()),
            "AUTO_INCREMENT" | "AUTOINCREMENT" => said.generated = Some(Generated::AutoIncrement),
            "GENERATED" => said.generated = generated(rest),
            "COLLATE" => said.collation = Some(rest.trim_matches('"').into()),
            "CHECK" => said.check = Some(within(rest).unwrap_or(rest).into()),
            "REFERENCES" => said.references = references(rest),
            _ if word.to_ascii_uppercase().starts_with("CHECK(") => said.check = within(clause).map(Name::from),
            _ => {}
        }
    }
    said
}

impl Inline {
    /// Gives a column what the text says of it.
    pub fn apply(&self, column: &mut Column) {
        column.ty = self.ty.clone();
        column.nullable &= !self.not_null;
        column.default = self.default.clone().or(column.default.take());
        column.generated = self.generated.clone().or(column.generated.take());
        column.collation = self.collation.clone().or(column.collation.take());
    }
}

/// The text cut before each word that begins a constraint, outside of quotes and parentheses.
fn clauses(text: &str) -> Vec<&str> {
    let mut cuts = vec![0];
    let (mut depth, mut quote, mut word_at) = (0u32, None, None::<usize>);
    let mut previous = String::new();
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if let Some(open) = quote {
            if c == open {
                quote = None;
            }
            continue;
        }
        if c.is_alphanumeric() || c == '_' {
            if depth == 0 && word_at.is_none() {
                word_at = Some(at);
            }
            continue;
        }
        if let Some(start) = word_at.take() {
            let word = text[start..at].to_ascii_uppercase();
            let belongs = previous == "DEFAULT"
                || word == "NULL" && previous == "NOT"
                || word == "DEFAULT" && previous == "BY"
                || word == "NULL" && previous == "SET"
                || word == "DEFAULT" && previous == "SET";
            if start > 0 && CLAUSES.contains(&word.as_str()) && !belongs {
                cuts.push(start);
            }
            previous = word;
        }
        match c {
            '\'' | '"' => quote = Some(c),
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    cuts.push(text.len());
    cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

/// What stands in the outer parentheses.
fn within(text: &str) -> Option<&str> {
    let (open, close) = (text.find('(')?, text.rfind(')')?);
    text.get(open + 1..close).map(str::trim)
}

fn generated(rest: &str) -> Option<Generated> {
    let upper = rest.to_ascii_uppercase();
    if upper.contains("AS IDENTITY") {
        return Some(if upper.starts_with("ALWAYS") { Generated::IdentityAlways } else { Generated::IdentityByDefault });
    }
    let expression: Name = within(rest)?.into();
    Some(if upper.ends_with("VIRTUAL") { Generated::Virtual(expression) } else { Generated::Stored(expression) })
}

fn references(rest: &str) -> Option<ForeignKey> {
    let end = rest.find(|c: char| c == '(' || c.is_whitespace()).unwrap_or(rest.len());
    let plain = |name: &str| name.trim().trim_matches(['"', '`']).to_owned();
    let target = plain(&rest[..end]);
    let after = rest[end..].trim_start();
    let columns = after.strip_prefix('(').and_then(|after| after.split_once(')'));
    let upper = rest.to_ascii_uppercase();
    let action = |on: &str| {
        let (_, after) = upper.split_once(on)?;
        let words: Vec<&str> = after.split_whitespace().take(2).collect();
        words.first().and_then(|word| Action::of(word)).or_else(|| Action::of(&words.join(" ")))
    };
    Some(ForeignKey {
        target: match target.split_once('.') {
            Some((schema, name)) => ObjectName::in_schema(plain(schema), plain(name)),
            None => ObjectName::new(target),
        },
        target_columns: columns.map(|(listed, _)| listed.split(',').map(|name| plain(name).into()).collect()).unwrap_or_default(),
        on_delete: action("ON DELETE "),
        on_update: action("ON UPDATE "),
        ..ForeignKey::default()
    })
}
