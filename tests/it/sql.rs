//! SQL text: which tables its statements use, what cannot be read, and that no text makes the reader fail. What statements change is
//! told by the cases under `fixtures/documents/sql`.

use contract_agent::facts::database::Access;
use contract_agent::formats::sql::{read_text, uses_of};
use proptest::prelude::*;

fn check(sql: &str, expected: &[&str]) {
    let uses: Vec<String> = uses_of(sql, None)
        .into_iter()
        .map(|(table, access)| {
            let schema = table.schema.map(|schema| format!("{schema}.")).unwrap_or_default();
            format!("{schema}{} {}", table.name, if access == Access::Read { "r" } else { "w" })
        })
        .collect();
    assert_eq!(uses, expected, "{sql}");
}

#[test]
fn tables_that_statements_use() {
    check("SELECT 1", &[]);
    check("select u.id from users u where u.id = $1", &["users r"]);
    check("SELECT * FROM app.users AS u JOIN \"Orders\" o ON o.user_id = u.id, items", &["Orders r", "items r", "app.users r"]);
    check("INSERT INTO users (a, b) VALUES (:a, %s) ON CONFLICT (a) DO UPDATE SET b = excluded.b", &["users w"]);
    check("UPDATE users u SET a = 1 FROM other WHERE other.id = u.id", &["other r", "users w"]);
    check("DELETE FROM users USING gone WHERE gone.id = users.id", &["gone r", "users w"]);
    check("WITH recent AS (SELECT * FROM orders), x(a) AS (SELECT 1) SELECT * FROM recent JOIN x ON true", &["orders r"]);
    check("WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM gone", &["a w", "b w"]);
    check("SELECT extract(year FROM at), trim(both FROM name) FROM events", &["events r"]);
    check("SELECT * FROM generate_series(1, 3) g, (SELECT * FROM inner_one) i", &["inner_one r"]);
    check("SELECT a IS DISTINCT FROM b FROM t", &["t r"]);
    check("SELECT * FROM {table} WHERE id = {id}", &[]);
    check("SELECT * FROM {schema}.users FOR UPDATE", &["users r"]);
    check("MERGE INTO stock s USING moves m ON s.id = m.id WHEN MATCHED THEN UPDATE SET n = 1", &["moves r", "stock w"]);
    check("SELECT count(*) FROM (a JOIN b USING (id)) WHERE EXISTS (SELECT 1 FROM c)", &["a r", "b r", "c r"]);
    check("TRUNCATE TABLE a; REPLACE INTO b VALUES (1); INSERT OR IGNORE INTO c VALUES (1)", &["a w", "b w", "c w"]);
    check("SELECT 'from nowhere' -- from nobody\nFROM somewhere", &["somewhere r"]);
    check("SELECT * FROM pg_class, information_schema.tables", &[]);
}

#[test]
fn a_broken_statement_costs_itself() {
    let read =
        read_text("CREATE TABLE a (id int);\nCREATE TABLE b (id int,, x);\n\nALTER TABLE a ADD x text;\nCREATE TABEL c (id int);", None);
    assert_eq!(read.changes.iter().map(|(_, line)| *line).collect::<Vec<_>>(), [1, 4]);
    assert_eq!(read.unread, [(2, "CREATE TABLE b (id int,,".to_owned()), (5, "CREATE TABEL c (id int)".to_owned())]);
}

#[test]
fn deep_nesting_is_read() {
    let deep = format!("CREATE TABLE a (x int DEFAULT {}1{})", "(".repeat(50_000), ")".repeat(50_000));
    assert_eq!(read_text(&deep, None).changes.len(), 1);
    let open = format!("CREATE TABLE a ({}", "(".repeat(50_000));
    assert_eq!(read_text(&open, None).unread.len(), 1);
    let blocks = "DO $a$ BEGIN ".repeat(10_000);
    assert!(read_text(&blocks, None).changes.is_empty());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_fail(parts in prop::collection::vec(prop::sample::select(PARTS), 0..40), rest in ".{0,12}") {
        let text = format!("{}{rest}", parts.join(" "));
        let _ = read_text(&text, None);
        let _ = uses_of(&text, None);
    }
}

const PARTS: &[&str] = &[
    "CREATE",
    "TABLE",
    "ALTER",
    "DROP",
    "INDEX",
    "VIEW",
    "TYPE",
    "AS",
    "ENUM",
    "(",
    ")",
    ",",
    ";",
    "'",
    "\"",
    "`",
    "[",
    "]",
    "$$",
    "$a$",
    "E'\\",
    "a",
    "b.c",
    "é",
    "'x'",
    "PRIMARY KEY",
    "UNIQUE",
    "REFERENCES",
    "CHECK",
    "DEFAULT",
    "NOT NULL",
    "ADD",
    "COLUMN",
    "RENAME",
    "TO",
    "ON",
    "USING",
    "WHERE",
    "DO",
    "BEGIN",
    "END",
    "EXECUTE",
    "IF",
    "NOT",
    "EXISTS",
    "THEN",
    "--",
    "/*",
    "*/",
    "\n",
    "DELIMITER //",
    "GO\n",
    "COPY a FROM stdin;",
    "\\.",
    "FROM",
    "JOIN",
    "WITH",
    "SELECT",
    "INSERT INTO",
    "GENERATED ALWAYS AS",
    "IDENTITY",
    "CONSTRAINT",
    "LIKE",
    "PARTITION BY",
    "SET",
    "search_path",
    "=",
    "::",
    "timestamp",
    "with time zone",
    "{",
    "}",
    "%s",
    ":x",
    "$1",
    "COLLATE",
    "COMMENT",
    "IS",
];
