//! SQL documents that are compared as they are: bytes of one file, or of a folder of them → the databases they make. No disk, no
//! program around them.

use std::collections::BTreeMap;

use crate::contract::model::database::Statement;
use crate::contract::model::{self, Database};
use crate::facts::database::Dialect;
use crate::facts::document::SqlDocument;
use crate::features::database::whole;
use crate::formats::sql;
use crate::link::database::{self, Taken};

/// What SQL documents make.
#[derive(Clone, Debug, Default)]
pub struct Schemas {
    /// The databases, everything that is made in them kept.
    pub databases: Vec<Database>,
    /// Statements that could not be read: file, line, first words. What they would change is not known.
    pub unread: Vec<(String, u32, String)>,
    /// Whether anything was read as a statement of a schema.
    pub has_schema: bool,
}

/// A document's path and its bytes.
pub type File = (String, Vec<u8>);

/// Reads both sides of a comparison: one document each, or the documents of a folder each (a dump, schema files, migrations of any
/// tool). A dialect that only one side tells holds for both.
#[must_use]
pub fn read_both(before: &[File], after: &[File]) -> (Schemas, Schemas) {
    let is_alone = before.len() <= 1 && after.len() <= 1;
    let taken = if is_alone { Taken::Alone } else { Taken::Together };
    let (own, other) = (dialect_of(before, taken), dialect_of(after, taken));
    let shared = match (own, other) {
        (Some(own), Some(other)) if own != other => None,
        (own, other) => own.or(other),
    };
    (read(before, shared, taken), read(after, shared, taken))
}

/// Reads the documents of one side.
#[must_use]
pub fn read(files: &[File], dialect: Option<Dialect>, taken: Taken) -> Schemas {
    let mut documents: Vec<SqlDocument> = files.iter().map(|(path, bytes)| sql::read_as(name_of(path, taken), bytes, dialect)).collect();
    documents.sort_by(|a, b| a.file.cmp(&b.file));
    let linked = database::of_documents(&documents, taken);
    let mut databases: Vec<Database> = linked.iter().map(whole).collect();
    add_others(&mut databases, files, dialect);
    let mut unread: Vec<(String, u32, String)> =
        documents.iter().flat_map(|document| &document.unread).map(|(spot, words)| (spot.file.clone(), spot.line, words.clone())).collect();
    unread.sort();
    let has_schema =
        databases.iter().any(|database| !database.statements.is_empty()) || documents.iter().any(|document| !document.changes.is_empty());
    Schemas { databases, unread, has_schema }
}

/// The dialect that a document of ours names at its head.
#[must_use]
pub fn named_dialect(text: &str) -> Option<Dialect> {
    let head = text.lines().take_while(|line| line.starts_with("--")).find_map(|line| line.strip_prefix("-- Dialect: "))?;
    let all = [
        (model::Dialect::PostgreSql, Dialect::Postgres),
        (model::Dialect::MySql, Dialect::MySql),
        (model::Dialect::Sqlite, Dialect::Sqlite),
        (model::Dialect::SqlServer, Dialect::SqlServer),
    ];
    all.into_iter().find(|(named, _)| named.label() == head.trim()).map(|(_, dialect)| dialect)
}

/// What of a path says anything: where a single document lies does not.
fn name_of(path: &str, taken: Taken) -> &str {
    if taken == Taken::Alone { path.rsplit('/').next().unwrap_or(path) } else { path }
}

/// The dialect that the documents of one side tell, when they agree.
fn dialect_of(files: &[File], taken: Taken) -> Option<Dialect> {
    let told = |(path, bytes): &File| {
        let text = String::from_utf8_lossy(bytes);
        named_dialect(&text).or_else(|| sql::dialect_of_path(name_of(path, taken))).or_else(|| sql::dialect_of(&text))
    };
    let mut all: Vec<Dialect> = files.iter().filter_map(told).collect();
    all.sort_unstable();
    all.dedup();
    all.first().copied().filter(|_| all.len() == 1)
}

/// Triggers, rules, rights and the like, to the database whose migrations or statements stand in the same file, in their order.
fn add_others(databases: &mut Vec<Database>, files: &[File], dialect: Option<Dialect>) {
    let others: BTreeMap<&str, BTreeMap<String, String>> = files
        .iter()
        .map(|(path, bytes)| (path.as_str(), sql::others_of(path, &String::from_utf8_lossy(bytes), dialect)))
        .filter(|(_, others)| !others.is_empty())
        .collect();
    if others.is_empty() {
        return;
    }
    if databases.is_empty() {
        databases.push(Database::default());
    }
    for (path, others) in others {
        let home = databases.iter().position(|database| database.evolution.iter().any(|run| run.evidence.file == path)).unwrap_or(0);
        let statements = others.into_iter().map(|(name, sql)| Statement { name, sql, ..Statement::default() });
        databases[home].statements.extend(statements);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{File, read_both};
    use crate::contract::model::Conflict;
    use crate::diff::catalogue::{self, Pair, Rule};
    use crate::diff::{self, Change, Promises, database};

    /// A text is one document; an object is a folder of them.
    fn files(value: &Value) -> Vec<File> {
        match value {
            Value::String(text) => vec![("schema.sql".to_owned(), text.clone().into_bytes())],
            Value::Object(folder) => {
                let text = |text: &Value| text.as_str().map(|text| text.as_bytes().to_vec());
                folder.iter().filter_map(|(path, value)| Some((path.clone(), text(value)?))).collect()
            }
            _ => Vec::new(),
        }
    }

    fn conflicts(value: &Value) -> Vec<Conflict> {
        value.get("conflicts").cloned().and_then(|list| serde_json::from_value(list).ok()).unwrap_or_default()
    }

    fn changes(before: &Value, after: &Value) -> Vec<Change> {
        let (old, new) = (files(before), files(after));
        let (was, now) = read_both(&old, &new);
        let promises = |databases| Promises { databases, ..Promises::default() };
        let mut all = diff::compare(&promises(was.databases), &promises(now.databases));
        all.extend(database::missing_migrations(&conflicts(before), &conflicts(after)));
        all
    }

    fn fires(rule: &Rule, pair: &Pair) -> Option<Change> {
        changes(&pair.before, &pair.after).into_iter().find(|change| change.rule == rule.id)
    }

    /// What is wrong with a rule's pairs.
    fn faults(rule: &Rule, example: &Pair, quiet: &Pair) -> Vec<String> {
        let mut faults = Vec::new();
        match fires(rule, example) {
            None => faults.push(format!("silent; {:?}", changes(&example.before, &example.after))),
            Some(change) if change.level != rule.level => faults.push(format!("at level {:?}", change.level)),
            Some(_) => {}
        }
        faults.extend(fires(rule, quiet).map(|change| format!("loud: {change:?}")));
        for side in [&example.before, &example.after, &quiet.before, &quiet.after] {
            faults.extend(changes(side, side).first().map(|change| format!("{side} differs from itself: {change:?}")));
        }
        if let Some(inverse) = &rule.inverse {
            let mirror = changes(&example.after, &example.before);
            let is_there = mirror.iter().any(|change| change.rule == *inverse);
            faults.extend((!is_there).then(|| format!("no `{inverse}` in {mirror:?}")));
        }
        faults.into_iter().map(|fault| format!("{}: {fault}", rule.id)).collect()
    }

    #[test]
    fn examples_fire_and_near_misses_are_quiet() {
        let pairs = catalogue::rules()
            .filter(|rule| rule.domain == "db")
            .filter_map(|rule| Some((rule, rule.example.as_ref()?, rule.quiet.as_ref()?)));
        let all: Vec<(&Rule, &Pair, &Pair)> = pairs.collect();
        assert!(all.len() >= 78, "{} rules have examples", all.len());
        let faults: Vec<String> = all.into_iter().flat_map(|(rule, example, quiet)| faults(rule, example, quiet)).collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[track_caller]
    fn check(before: &str, after: &str, expected: &[&str]) {
        let found = changes(&before.into(), &after.into());
        let told: Vec<String> = found
            .iter()
            .map(|change| {
                let level = format!("{:?}", change.level).to_lowercase();
                format!("{level} {} {} {}", change.rule, change.location.subject, change.location.part).trim_end().to_owned()
            })
            .collect();
        assert_eq!(told, expected, "{before}\n->\n{after}");
    }

    #[test]
    fn contexts_have_levels_of_their_own() {
        let t = |columns: &str| format!("CREATE TABLE t ({columns});");
        check(&t("a int NOT NULL DEFAULT 1"), &t("a int NOT NULL"), &["breaking db-column-default-removed t column a"]);
        check(&t("a int DEFAULT 1"), &t("a int"), &["warning db-column-default-removed t column a"]);
        check(
            &t("a int, b int GENERATED ALWAYS AS (a * 2) STORED"),
            &t("a int, b int GENERATED ALWAYS AS (a * 3) STORED"),
            &["warning db-column-generated-changed t column b"],
        );
        let view = |what: &str, query: &str| format!("CREATE TABLE t (a int, b int); CREATE {what} v AS SELECT {query} FROM t;");
        check(&view("VIEW", "a, b"), &view("VIEW", "a"), &["breaking db-view-changed v column b"]);
        check(&view("VIEW", "a"), &view("VIEW", "a, b"), &["warning db-view-changed v"]);
        check(&view("MATERIALIZED VIEW", "a, b"), &view("MATERIALIZED VIEW", "b"), &["breaking db-materialized-view-changed v column a"]);
    }

    #[test]
    fn one_cause_is_told_once() {
        let parent = "CREATE TABLE p (id int PRIMARY KEY); ";
        check(
            &format!("{parent}CREATE TABLE t (a int REFERENCES p (id) UNIQUE, b int CHECK (b > 0)); CREATE INDEX i ON t (a);"),
            &format!("{parent}CREATE TABLE t (b int CHECK (b > 0));"),
            &["breaking db-column-removed t column a"],
        );
        check(&format!("{parent}CREATE TABLE t (a int REFERENCES p (id));"), "CREATE TABLE t (a int);", &["breaking db-table-removed p"]);
        check("", "CREATE TABLE t (id serial PRIMARY KEY, a text UNIQUE);", &["info db-table-added t"]);
    }

    #[test]
    fn spellings_of_one_schema_are_one() {
        check(
            "CREATE TABLE t (id serial PRIMARY KEY, a varchar(20) DEFAULT 'x', at timestamptz DEFAULT now());",
            "SELECT pg_catalog.set_config('search_path', '', false);
             CREATE TABLE public.t (id integer NOT NULL, a character varying(20) DEFAULT 'x'::character varying,
               at timestamp with time zone DEFAULT CURRENT_TIMESTAMP);
             CREATE SEQUENCE public.t_id_seq AS integer START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1;
             ALTER SEQUENCE public.t_id_seq OWNED BY public.t.id;
             ALTER TABLE ONLY public.t ALTER COLUMN id SET DEFAULT nextval('public.t_id_seq'::regclass);
             ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id);",
            &[],
        );
        check(
            "CREATE TABLE `t` (`id` int(11) NOT NULL AUTO_INCREMENT, `ok` tinyint(1) DEFAULT '1', PRIMARY KEY (`id`)) ENGINE=InnoDB;",
            "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, ok BOOLEAN DEFAULT TRUE) ENGINE=InnoDB;",
            &[],
        );
    }

    #[test]
    fn partitions_hold_rows() {
        let parent = "CREATE TABLE p (a date) PARTITION BY RANGE (a);";
        let part = "CREATE TABLE p1 (a date);";
        let attach = "ALTER TABLE ONLY p ATTACH PARTITION p1 FOR VALUES FROM (MINVALUE) TO (MAXVALUE);";
        check(&format!("{parent}{part}{attach}"), parent, &["breaking db-table-removed p1"]);
        check(
            &format!("{parent}{part}{attach}"),
            &format!("{parent}{part}"),
            &["warning db-partition-changed partition p1 on p", "info db-table-added p1"],
        );
        check(&format!("{parent}{part}{attach}"), "", &["breaking db-table-removed p"]);
    }

    #[test]
    fn labels_of_mysql_are_labels() {
        let t = |labels: &str| format!("CREATE TABLE `t` (`a` ENUM({labels})) ENGINE=InnoDB;");
        check(&t("'x'"), &t("'x', 'y'"), &["warning db-enum-value-added t column a value y"]);
        check(&t("'x', 'y'"), &t("'y'"), &["breaking db-enum-value-removed t column a value x"]);
    }

    #[test]
    fn migrations_run_in_order_and_a_single_document_as_it_stands() {
        let file = |path: &str, text: &str| (path.to_owned(), text.as_bytes().to_vec());
        let folder = [
            file("db/002_email.sql", "ALTER TABLE users ADD COLUMN email text;"),
            file("db/001_users.sql", "CREATE TABLE users (id serial PRIMARY KEY);"),
            file("db/001_users.down.sql", "DROP TABLE users;"),
        ];
        let single = [file("down.sql", "CREATE SCHEMA a; CREATE TABLE schema_migrations (version text);")];
        let (was, now) = read_both(&folder, &single);
        assert_eq!(was.databases[0].tables[0].columns.len(), 2);
        let ids: Vec<&str> = was.databases[0].evolution.iter().map(|run| run.id.as_str()).collect();
        assert_eq!(ids, ["001_users", "002_email"]);
        assert!(now.databases.is_empty(), "of a folder, files that take back are left out");
        let (_, alone) = read_both(&[], &single);
        assert_eq!((alone.databases[0].tables.len(), alone.databases[0].statements.len()), (1, 1));
    }

    #[test]
    fn both_sides_are_of_one_dialect() {
        let table = "CREATE TABLE t (id bigint GENERATED BY DEFAULT AS IDENTITY);";
        check(table, &format!("{table}\nCOMMENT ON TABLE t IS 'In `backticks`.';"), &["info db-comment-changed t comment"]);
        check("CREATE TABLE t (a int);", "CREATE TABLE `t` (`a` INT(11)) ENGINE=InnoDB;", &[]);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let (was, now) = read_both(&files(&"".into()), &files(&"CREATE TABLE t (a int); CREATE TABLE broken (;".into()));
        assert!(was.unread.is_empty() && !was.has_schema);
        assert_eq!((now.unread.len(), now.has_schema), (1, true));
    }
}
