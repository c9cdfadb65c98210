//! Protocol buffer files: proto2, proto3 and editions. What cannot be read is passed over and told; the rest of the file stands.

mod lex;
mod options;
mod parse;
mod services;

use crate::base::problem::Problem;
use crate::facts::proto::ProtoFile;

/// Reads a file, and tells the first thing in it that could not be read.
#[must_use]
pub fn read(path: &str, bytes: &[u8]) -> (ProtoFile, Option<Problem>) {
    let text = String::from_utf8_lossy(bytes);
    let tokens = lex::tokens(&text);
    let mut parser = parse::Parser::new(&tokens);
    let mut file = parser.file();
    file.file = path.to_owned();
    let problem = parser.trouble.map(|trouble| {
        let mut problem = Problem::of_file(path, "proto-not-read", format!("cannot read a part of the file: {}", trouble.message))
            .with_help("mend the file, or leave it out with `exclude` in contract-agent.toml");
        problem.line = trouble.line;
        problem
    });
    (file, problem)
}
