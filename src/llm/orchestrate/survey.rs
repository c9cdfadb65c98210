//! The broad questions: what the repository is, and which files that no reader knows are worth a closer look. A list of signs looks at
//! every file first and costs nothing; a model narrows down what is left.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::llm::evidence::text::Text;
use crate::llm::evidence::{Excerpt, Pool};
use crate::llm::ground::cited::{Cited, of_code};
use crate::llm::ground::{Kind, value};

/// What the broad questions told.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The files that no reader knows.
    pub unread: BTreeSet<String>,
    /// What each of them may declare; none of those that look like nothing.
    pub signs: BTreeMap<String, Signs>,
    /// Libraries that its own code uses.
    pub libraries: Vec<String>,
    /// Prefixes of paths.
    pub prefixes: Vec<String>,
    /// The lines that set them.
    pub places: Vec<Cited>,
}

/// What a file may declare, and the lines that look like it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// Operations it serves.
    pub operations: Vec<u32>,
    /// Prefixes for routes of other files.
    pub mounts: Vec<u32>,
    /// Tables.
    pub tables: Vec<u32>,
    /// Channels.
    pub channels: Vec<u32>,
}

const OPERATIONS: &[&str] = &[
    "route",
    "mapping",
    "handlefunc",
    ".handle(",
    "get(",
    "post(",
    "put(",
    "delete(",
    "patch(",
    " get '",
    " post '",
    " put '",
    " patch '",
    " delete '",
    " get \"",
    " post \"",
    " put \"",
    " patch \"",
    " delete \"",
    "resources :",
    "resource :",
    "[http",
    "@path",
    "@get",
    "@post",
    "@put",
    "@delete",
    "@patch",
    "servlet",
    "endpoint",
    "match(",
    "controller",
];
const MOUNTS: &[&str] = &[
    "group(",
    "mount",
    "prefix",
    "namespace :",
    "requestmapping",
    "scope \"",
    "scope :",
    "context-path",
    "contextpath",
    "basepath",
    "base_path",
    "base-path",
    "@path(",
    "applicationpath",
    "subrouter",
    "usepathbase",
    "mapgroup",
    "[route",
];
const TABLES: &[&str] = &[
    "create table",
    "create_table",
    "@entity",
    "@table",
    "[table",
    "gorm",
    "schema \"",
    "belongs_to",
    "has_many",
    "activerecord",
    "applicationrecord",
    "extends model",
    "dbset<",
    "schema::create",
    "tablename",
    "@document",
    ".collection(",
    "db:\"",
    "bun:\"",
    "extends eloquent",
    "object : table",
    "table(\"",
];
const CHANNELS: &[&str] = &[
    "kafka",
    "rabbit",
    "amqp",
    "nats",
    "publish",
    "subscribe",
    "jms",
    "sqs",
    "sns",
    "pubsub",
    "topic",
    "queue",
    "sidekiq",
    "mqtt",
    "broadcast",
    "activejob",
    "perform_later",
    "stomp",
    "pulsar",
    "broadway",
    "masstransit",
];

/// Lines that are shown of a file for each thing it may declare.
const MOST_LINES: usize = 12;

impl Signs {
    /// What the code of a file looks like.
    #[must_use]
    pub fn of(text: &Text) -> Self {
        let mut signs = Self::default();
        for line in 1..=text.len() {
            let code = text.code(line);
            if code.is_empty() || code.len() > 1000 {
                continue;
            }
            // A route is said with a string, or by an annotation.
            let is_said = code.contains(['"', '\'', '`']) || code.trim_start().starts_with(['@', '[', '#']) || code.contains(" :");
            let code = format!(" {}", code.trim_start().to_lowercase());
            for (words, lines) in [
                (OPERATIONS, &mut signs.operations),
                (MOUNTS, &mut signs.mounts),
                (TABLES, &mut signs.tables),
                (CHANNELS, &mut signs.channels),
            ] {
                let is_enough = is_said || std::ptr::eq(words, CHANNELS) || std::ptr::eq(words, TABLES);
                if is_enough && lines.len() < MOST_LINES && words.iter().any(|word| code.contains(word)) {
                    lines.push(line);
                }
            }
        }
        signs
    }

    /// Whether nothing speaks for a closer look.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.tables.is_empty() && self.channels.is_empty() && self.mounts.is_empty()
    }

    /// The lines that look like something.
    #[must_use]
    pub fn lines(&self) -> Vec<(u32, u32)> {
        [&self.operations, &self.mounts, &self.tables, &self.channels].into_iter().flatten().map(|line| (*line, *line)).collect()
    }

    /// Leaves out what somebody looked at and did not find.
    fn narrow(&mut self, said: &Value) {
        let is_none = |name: &str| said.get(name).and_then(Value::as_bool) == Some(false);
        for (name, lines) in [
            ("operations", &mut self.operations),
            ("mounts", &mut self.mounts),
            ("tables", &mut self.tables),
            ("channels", &mut self.channels),
        ] {
            if is_none(name) {
                lines.clear();
            }
        }
    }
}

/// Files whose first lines tell what a repository is made with.
const TELLING: &[&str] = &[
    "readme.md",
    "readme.rst",
    "readme",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "gemfile",
    "composer.json",
    "mix.exs",
    "cargo.toml",
    "package.json",
    "pyproject.toml",
    "application.yml",
    "application.yaml",
    "application.properties",
    "routes.rb",
    "program.cs",
    "startup.cs",
    "main.go",
    "router.ex",
    "web.php",
    "api.php",
];

/// The first lines of files that tell what a repository is made with, together at most `most` bytes.
#[must_use]
pub fn telling(pool: &Pool, paths: &[String], most: usize) -> Vec<Excerpt> {
    const FILES: usize = 10;
    const LINES: u32 = 60;
    let rank = |path: &String| {
        let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
        let known = TELLING.iter().position(|telling| *telling == name).or_else(|| name.ends_with(".csproj").then_some(TELLING.len()));
        known.map(|known| (path.matches('/').count(), known, path.clone()))
    };
    let mut ranked: Vec<_> = paths.iter().filter_map(rank).collect();
    ranked.sort();
    let mut found: Vec<Excerpt> = Vec::new();
    let mut left = most;
    for (_, _, path) in ranked.into_iter().take(FILES) {
        let Some(text) = pool.text(&path).filter(|text| !text.is_empty()) else { continue };
        let mut last = LINES.min(text.len());
        while last > 1 && Excerpt::new(text.clone(), vec![(1, last)]).bytes() > left.min(most / 3) {
            last /= 2;
        }
        let excerpt = Excerpt::new(text, vec![(1, last)]);
        if excerpt.bytes() <= left {
            left -= excerpt.bytes();
            found.push(excerpt);
        }
    }
    found
}

/// The paths of a repository; of a large one its folders, with how many files lie in them.
#[must_use]
pub fn listing(paths: &[String]) -> String {
    const MOST: usize = 150;
    if paths.len() <= MOST {
        return paths.join("\n");
    }
    let mut folders: BTreeMap<String, usize> = BTreeMap::new();
    for path in paths {
        let parts: Vec<&str> = path.split('/').collect();
        let folder = parts.iter().take(parts.len().saturating_sub(1).min(3)).copied().collect::<Vec<_>>().join("/");
        *folders.entry(folder).or_default() += 1;
    }
    let mut lines: Vec<(usize, String)> = folders.into_iter().map(|(folder, count)| (count, folder)).collect();
    lines.sort_by(|a, b| (b.0, &a.1).cmp(&(a.0, &b.1)));
    lines.truncate(MOST);
    lines.sort_by(|a, b| a.1.cmp(&b.1));
    lines.iter().map(|(count, folder)| format!("{folder}/ ({count} files)")).collect::<Vec<_>>().join("\n")
}

impl Survey {
    /// Looks at all files of the languages that some files without a reader are written in: also those that nobody asks about again may
    /// put prefixes before the routes of others.
    #[must_use]
    pub fn of(pool: &Pool, asked: &BTreeSet<&str>) -> Self {
        let extension =
            |path: &str| path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension.to_owned());
        let languages: BTreeSet<String> = asked.iter().filter_map(|path| extension(path)).collect();
        let is_alike =
            |path: &String| asked.contains(path.as_str()) || extension(path).is_some_and(|extension| languages.contains(&extension));
        let paths = if asked.is_empty() { Vec::new() } else { pool.paths() };
        let mut unread: BTreeSet<String> = paths.into_iter().filter(is_alike).collect();
        unread.extend(asked.iter().map(|path| (*path).to_owned()));
        let signs = unread.iter().filter_map(|path| Some((path.clone(), Signs::of(&*pool.text(path)?))));
        let signs = signs.filter(|(_, signs)| !signs.is_empty()).collect();
        Self { unread, signs, ..Self::default() }
    }

    /// Takes from an answer what stands: libraries and prefixes with their lines. Gives the summary, when it stands.
    pub fn understand(&mut self, excerpts: &[Excerpt], answer: &Value) -> Option<crate::llm::ground::Finding> {
        const MOST: usize = 20;
        let entries = |name: &str| answer.get(name).and_then(Value::as_array).into_iter().flatten().take(MOST);
        let said = |entry: &Value, name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        for entry in entries("libraries") {
            let name = said(entry, "name");
            if !name.is_empty() && name.len() <= 80 && entry.get("citation").is_some_and(|cited| of_code(excerpts, cited).is_ok()) {
                self.libraries.push(name);
            }
        }
        for entry in entries("prefixes") {
            let prefix = said(entry, "prefix");
            let Some(Ok(line)) = entry.get("citation").map(|cited| of_code(excerpts, cited)) else { continue };
            let stands = line.strings().iter().any(|string| string.trim_matches('/') == prefix.trim_matches('/'));
            if stands && prefix.len() > 1 {
                self.prefixes.push(prefix);
                self.places.push(line);
            }
        }
        for list in [&mut self.libraries, &mut self.prefixes] {
            list.sort();
            list.dedup();
        }
        let given = serde_json::json!({"value": answer.get("summary"), "citations": answer.get("citations")});
        value::read(&Kind::Prose(Vec::new()), excerpts, &given).ok().flatten()
    }

    /// Narrows down what files may declare.
    pub fn narrow(&mut self, excerpts: &[Excerpt], answer: &Value) {
        for said in answer.get("files").and_then(Value::as_array).into_iter().flatten() {
            let file = said.get("file").and_then(Value::as_str).unwrap_or_default();
            if excerpts.iter().any(|excerpt| excerpt.text.path == file)
                && let Some(signs) = self.signs.get_mut(file)
            {
                signs.narrow(said);
            }
        }
    }

    /// Lines of other files that may put a prefix before the routes of a file, together at most `most` bytes.
    #[must_use]
    pub fn mounts(&self, pool: &Pool, but: &str, most: usize) -> Vec<Excerpt> {
        let mut left = most;
        let places = self.places.iter().map(|cited| (cited.text.path.clone(), vec![(cited.line, cited.line)]));
        let mounts = self.signs.iter().filter(|(_, signs)| !signs.mounts.is_empty());
        let mounts =
            mounts.map(|(path, signs)| (path.clone(), signs.mounts.iter().map(|line| (line.saturating_sub(1).max(1), line + 1)).collect()));
        let mut found = Vec::new();
        for (path, ranges) in places.chain(mounts).filter(|(path, _)| path != but) {
            let Some(text) = pool.text(&path) else { continue };
            let excerpt = Excerpt::new(text, ranges);
            if excerpt.bytes() <= left {
                left -= excerpt.bytes();
                found.push(excerpt);
            }
        }
        crate::llm::evidence::joined(found)
    }
}
