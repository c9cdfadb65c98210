//! What statements make besides a schema's tables and types: triggers, row-level rules, rights, procedures, databases, partitions.
//!
//! No contract of a program holds them; two documents are compared by them too. They are read for what they make, as text.

use std::collections::BTreeMap;

use super::cursor::Cursor;
use super::tokens::{Kind, Token};
use super::{dialect_of, dialect_of_path, statements};
use crate::base::Name;
use crate::facts::database::{Dialect, ObjectName};

/// Rights of all sorts on one thing are told one by one, up to so many.
const MOST_RIGHTS: usize = 1024;

/// What a document makes besides its schema, by name: the statement that makes it, in order of names. What the document drops again
/// is not there.
#[must_use]
pub fn others_of(path: &str, source: &str, dialect: Option<Dialect>) -> BTreeMap<String, String> {
    let text = statements::way_up(source);
    let dialect = dialect.or_else(|| dialect_of_path(path)).or_else(|| dialect_of(&text));
    let mut others = Others::default();
    statements::each_statement(&text, dialect, &mut |tokens| others.read(&text, tokens, dialect));
    others.by_name
}

#[derive(Default)]
struct Others {
    by_name: BTreeMap<String, String>,
}

impl Others {
    fn read(&mut self, source: &str, tokens: &[Token], dialect: Option<Dialect>) {
        let mut cursor = Cursor::new(source, tokens, dialect, None);
        if cursor.eat("create") {
            self.create(&mut cursor);
        } else if cursor.eat("drop") {
            self.drop(&mut cursor);
        } else if cursor.eat_all(&["alter", "table"]) {
            self.alter_table(&mut cursor);
        } else if cursor.is("grant") || cursor.is("revoke") {
            self.rights(&mut cursor);
        }
    }

    fn create(&mut self, cursor: &mut Cursor<'_>) {
        let sql = cursor.whole().to_string();
        let head = (cursor.at..cursor.len().min(cursor.at + 16)).find(|at| {
            let ahead = cursor.within(*at..cursor.len());
            ahead.is_any(&["trigger", "policy", "procedure", "proc", "database", "table", "view", "function", "index", "type"])
        });
        let Some(head) = head else { return };
        cursor.at = head;
        let kind = cursor.next_text().to_lowercase();
        cursor.at += 1;
        cursor.eat_if_absent();
        match kind.as_str() {
            "trigger" | "policy" => {
                let Some(name) = cursor.object() else { return };
                while !cursor.is_end() && !cursor.eat("on") {
                    cursor.skip();
                }
                if let Some(table) = cursor.object() {
                    self.by_name.insert(format!("{kind} {} on {}", name.name, written(&table)), sql);
                }
            }
            "procedure" | "proc" | "database" => {
                if let Some(name) = cursor.object() {
                    let kind = if kind == "proc" { "procedure" } else { &kind };
                    self.by_name.insert(format!("{kind} {}", written(&name)), sql);
                }
            }
            "table" => {
                if let Some(name) = cursor.object()
                    && cursor.eat_all(&["partition", "of"])
                    && let Some(parent) = cursor.object()
                {
                    self.by_name.insert(format!("partition {} on {}", written(&name), written(&parent)), sql);
                }
            }
            _ => {}
        }
    }

    fn drop(&mut self, cursor: &mut Cursor<'_>) {
        let kind = cursor.next_text().to_lowercase();
        cursor.at += 1;
        cursor.eat_if_exists();
        let Some(name) = cursor.object() else { return };
        match kind.as_str() {
            "trigger" | "policy" => {
                let table = if cursor.eat("on") { cursor.object() } else { None };
                let (start, end) = (format!("{kind} {} on ", name.name), table.map(|table| written(&table)));
                let is_dropped = |own: &str| end.as_ref().is_none_or(|end| end == own);
                self.by_name.retain(|key, _| key.strip_prefix(&start).is_none_or(|own| !is_dropped(own)));
            }
            "procedure" | "proc" => {
                self.by_name.remove(&format!("procedure {}", written(&name)));
            }
            "database" => self.by_name.retain(|key, _| *key != format!("database {}", written(&name))),
            "table" => self.drop_partition(&name),
            _ => {}
        }
    }

    /// Row-level rules of a table, and its partitions.
    fn alter_table(&mut self, cursor: &mut Cursor<'_>) {
        let sql = cursor.whole().to_string();
        cursor.eat_if_exists();
        cursor.eat("only");
        let Some(table) = cursor.object() else { return };
        let rules = |word: &str| format!("{word} row level security on {}", written(&table));
        if cursor.eat_all(&["enable", "row", "level", "security"]) {
            self.by_name.insert(rules("enabled"), sql);
        } else if cursor.eat_all(&["force", "row", "level", "security"]) {
            self.by_name.insert(rules("forced"), sql);
        } else if cursor.eat_all(&["disable", "row", "level", "security"]) {
            self.by_name.remove(&rules("enabled"));
        } else if cursor.eat_all(&["no", "force", "row", "level", "security"]) {
            self.by_name.remove(&rules("forced"));
        } else if cursor.eat_all(&["attach", "partition"])
            && let Some(partition) = cursor.object()
        {
            self.by_name.insert(format!("partition {} on {}", written(&partition), written(&table)), sql);
        } else if cursor.eat_all(&["detach", "partition"])
            && let Some(partition) = cursor.object()
        {
            self.drop_partition(&partition);
        }
    }

    fn drop_partition(&mut self, partition: &ObjectName) {
        let start = format!("partition {} on ", written(partition));
        self.by_name.retain(|key, _| !key.starts_with(&start));
    }

    /// `GRANT SELECT, INSERT ON a, b TO c, d`: each right of each role on each thing.
    fn rights(&mut self, cursor: &mut Cursor<'_>) {
        let is_grant = cursor.is("grant");
        cursor.at += 1;
        cursor.eat_all(&["grant", "option", "for"]);
        let Some(on) = (cursor.at..cursor.len()).find(|at| cursor.within(*at..cursor.len()).is("on")) else {
            return self.membership(cursor, is_grant);
        };
        let Some(to) = (on..cursor.len()).rfind(|at| cursor.within(*at..cursor.len()).is_any(&["to", "from"])) else { return };
        let rights = cursor.split(cursor.at..on).into_iter().map(|range| cursor.text(range).to_uppercase().replace(" PRIVILEGES", ""));
        let rights: Vec<String> = rights.collect();
        let things = self.things(&cursor.within(on + 1..to));
        let roles = roles(&cursor.within(to + 1..cursor.len()));
        let on_things = rights.iter().flat_map(|right| things.iter().map(move |thing| (right, thing)));
        let all = on_things.flat_map(|(right, thing)| roles.iter().map(move |role| (right, thing, role)));
        for (right, thing, role) in all.take(MOST_RIGHTS) {
            if is_grant {
                self.by_name.insert(format!("{right} on {thing} to {role}"), format!("GRANT {right} ON {thing} TO {role}"));
            } else if right == "ALL" {
                let end = format!(" on {thing} to {role}");
                self.by_name.retain(|key, sql| !(sql.starts_with("GRANT ") && key.ends_with(&end)));
            } else {
                self.by_name.remove(&format!("{right} on {thing} to {role}"));
            }
        }
    }

    /// What rights are on: `TABLE a, b`, `SCHEMA s`, `a`.
    fn things(&self, cursor: &Cursor<'_>) -> Vec<String> {
        let mut kind = String::new();
        let mut own = cursor.clone();
        for word in ["schema", "sequence", "database", "function", "procedure", "type", "domain", "language", "foreign"] {
            if own.is(word) {
                kind = format!("{word} ");
                own.at += 1;
            }
        }
        if own.is("all") {
            return vec![own.rest().to_lowercase()];
        }
        own.eat("table");
        let name = |range| {
            let mut item = own.within(range);
            let name = item.object()?;
            Some(format!("{kind}{}{}", written(&name), item.rest()))
        };
        own.split(own.at..own.len()).into_iter().filter_map(name).collect()
    }

    /// `GRANT role TO user`.
    fn membership(&mut self, cursor: &mut Cursor<'_>, is_grant: bool) {
        let text = cursor.rest().to_lowercase().replace(" from ", " to ");
        if is_grant && !text.is_empty() {
            self.by_name.insert(format!("member {text}"), cursor.whole().to_string());
        } else {
            self.by_name.remove(&format!("member {text}"));
        }
    }
}

fn roles(cursor: &Cursor<'_>) -> Vec<String> {
    let end = (0..cursor.len()).find(|at| cursor.within(*at..cursor.len()).is_any(&["with", "granted", "cascade", "restrict"]));
    let own = cursor.within(0..end.unwrap_or(cursor.len()));
    let name = |range| {
        let item: Cursor<'_> = own.within(range);
        let is_name = matches!(item.kind(), Some(Kind::Word | Kind::Quoted | Kind::String));
        is_name.then(|| item.rest().to_string())
    };
    own.split(0..own.len()).into_iter().filter_map(name).collect()
}

fn written(name: &ObjectName) -> String {
    name.schema.as_ref().map_or_else(|| name.name.to_string(), |schema: &Name| format!("{schema}.{}", name.name))
}

#[cfg(test)]
mod tests {
    use super::others_of;

    fn check(source: &str, expected: &[&str]) {
        let found: Vec<String> = others_of("a.sql", source, None).into_keys().collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn what_is_made_besides_tables_has_a_name() {
        check("CREATE TRIGGER touch BEFORE UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION touch();", &["trigger touch on orders"]);
        check("CREATE POLICY own ON orders USING (owner = current_user); DROP POLICY own ON orders;", &[]);
        check(
            "GRANT SELECT, INSERT ON TABLE public.a TO x, y;",
            &["INSERT on a to x", "INSERT on a to y", "SELECT on a to x", "SELECT on a to y"],
        );
        check("GRANT SELECT ON a TO x; GRANT UPDATE ON a TO x; REVOKE ALL ON a FROM x;", &[]);
        check("CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);", &["partition p1 on p"]);
        check("ALTER TABLE ONLY a ENABLE ROW LEVEL SECURITY;", &["enabled row level security on a"]);
        check("CREATE TABLE t (a int); CREATE INDEX i ON t (a); CREATE DATABASE shop;", &["database shop"]);
        check("GRANT", &[]);
        check("GRANT SELECT ON", &[]);
        check("CREATE TRIGGER", &[]);
    }
}
