//! How TypeORM names what the code leaves unnamed: the default strategy, and `SnakeNamingStrategy` of `typeorm-naming-strategies`.

use crate::frameworks::script::tables::naming::{camel, snake, upper_first};

/// A naming strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// Tables in snake case, columns as the properties.
    Default,
    /// Everything in snake case.
    Snake,
}

impl Naming {
    /// The table of a class.
    #[must_use]
    pub fn table(self, class: &str) -> String {
        snake(class)
    }

    /// A column, below the prefixes of the embedded objects it stands in.
    #[must_use]
    pub fn column(self, property: &str, given: Option<&str>, prefixes: &[String]) -> String {
        let name = given.unwrap_or(property);
        match self {
            Self::Default if prefixes.is_empty() => name.to_owned(),
            Self::Default => format!("{}{}", camel(&prefixes.join("_")), upper_first(&name.to_lowercase())),
            Self::Snake => {
                let head = snake(&prefixes.join("_"));
                let tail = given.map_or_else(|| snake(property), str::to_owned);
                if head.is_empty() { tail } else { format!("{head}_{tail}") }
            }
        }
    }

    /// The column of a relation to a property of the other side.
    #[must_use]
    pub fn join_column(self, relation: &str, referenced: &str) -> String {
        match self {
            Self::Default => camel(&format!("{relation}_{referenced}")),
            Self::Snake => snake(&format!("{relation}_{referenced}")),
        }
    }

    /// A join table.
    #[must_use]
    pub fn join_table(self, owner: &str, other: &str, property: &str) -> String {
        snake(&format!("{owner}_{}_{other}", property.replace('.', "_")))
    }

    /// A column of a join table.
    #[must_use]
    pub fn join_table_column(self, table: &str, column: &str) -> String {
        match self {
            Self::Default => camel(&format!("{table}_{column}")),
            Self::Snake => snake(&format!("{table}_{column}")),
        }
    }
}
