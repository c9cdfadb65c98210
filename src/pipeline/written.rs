//! Written documents that are no JSON or YAML (SQL, GraphQL, protocol buffers), read again by the readers of such files: what they
//! cannot read, no other tool will.

use super::schemas;
use crate::base::problem::Problem;
use crate::contract::documents::graphql::GRAPHQL_CONTRACT;
use crate::contract::documents::proto::PROTO_CONTRACT;
use crate::contract::validate::Finding;
use crate::formats::{graphql, proto, sql};

/// So many findings of one document are told.
const MOST_FINDINGS: usize = 50;

/// What cannot be read in the documents of an output folder, given as paths under it and bytes. Files of others are passed over.
/// Sorted.
#[must_use]
pub fn read_back(files: &[(String, Vec<u8>)]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = files.iter().flat_map(|(path, bytes)| findings_of(path, bytes)).collect();
    findings.sort();
    findings
}

fn findings_of(path: &str, bytes: &[u8]) -> Vec<Finding> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_sql = name.starts_with("schema_contract.") && name.ends_with(".sql");
    if !is_sql && name != GRAPHQL_CONTRACT && name != PROTO_CONTRACT {
        return Vec::new();
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return vec![finding(path, "document-unreadable", "it is not UTF-8".into())];
    };
    let syntax = |problem: Option<Problem>| {
        problem.map(|problem| finding(path, "document-syntax", format!("line {}: {}", problem.line, problem.message))).into_iter().collect()
    };
    if is_sql {
        let unread = sql::read_as(path, bytes, schemas::named_dialect(text)).unread;
        let told = |(line, words): (u32, String)| finding(path, "document-syntax", format!("line {line}: `{words}` cannot be read"));
        unread.into_iter().take(MOST_FINDINGS).map(|(spot, words)| told((spot.line, words))).collect()
    } else if name == GRAPHQL_CONTRACT {
        syntax(graphql::read(path, bytes).1)
    } else {
        syntax(proto::read(path, bytes).1)
    }
}

fn finding(path: &str, code: &str, message: String) -> Finding {
    Finding { path: path.to_owned(), pointer: String::new(), code: code.to_owned(), message }
}

#[cfg(test)]
mod tests {
    use super::read_back;

    #[test]
    fn what_no_tool_would_read_is_told() {
        let file = |path: &str, text: &str| (format!("features/shop/{path}"), text.as_bytes().to_vec());
        let good = [
            file("schema_contract.sql", "-- Dialect: MySQL\nCREATE TABLE `a` (`id` int);\n"),
            file("api_contract.graphql", "type Query { a: Int }\n"),
            file("api_contract.proto", "syntax = \"proto3\";\nmessage A { int32 a = 1; }\n"),
            file("notes.sql", "CREATE TABLE (;"),
        ];
        assert_eq!(read_back(&good), []);
        let bad = [
            file("schema_contract.sql", "CREATE TABLE a (id int;\n"),
            file("api_contract.graphql", "type Query { a: \n"),
            file("api_contract.proto", "syntax = \"proto3\";\nmessage A { int32\n"),
        ];
        let found = read_back(&bad);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().all(|finding| finding.code == "document-syntax"), "{found:?}");
    }
}
