//! GraphQL schema text: types, extensions, roots. Operations and fragments of clients are passed over. A definition that cannot
//! be read is skipped and told; the rest stands.

mod lex;
mod parse;

use crate::base::problem::Problem;
use crate::facts::document::Spot;
use crate::facts::graphql::{GraphqlFindings, GraphqlText};

/// Reads a document, and tells the first thing in it that could not be read.
#[must_use]
pub fn read(path: &str, bytes: &[u8]) -> (GraphqlFindings, Option<Problem>) {
    let text = String::from_utf8_lossy(bytes);
    let start = Spot { file: path.to_owned(), symbol: Default::default(), line: 1 };
    read_text(&GraphqlText { text: text.into_owned(), framework: "", spot: start })
}

/// Reads schema text that stands in code.
#[must_use]
pub fn read_text(text: &GraphqlText) -> (GraphqlFindings, Option<Problem>) {
    let tokens = lex::tokens(&text.text);
    let mut parser = parse::Parser::new(&tokens, text);
    let found = parser.document();
    let problem = parser.trouble.map(|(line, message)| {
        let message = format!("cannot read a part of the schema: {message}");
        let mut problem = Problem::of_file(&text.spot.file, "graphql-not-read", message)
            .with_help("mend the file, or leave it out with `exclude` in contract-agent.toml");
        problem.line = line;
        problem
    });
    (found, problem)
}
