//! `README.md`: the contract for human readers.

mod infrastructure;
mod interfaces;

use serde_json::Value;

use super::feature::gaps_of;
use super::markdown::{code, mermaid_label, section, table, text};
use super::{API_CONTRACT, FEATURES, MARKDOWN_MARK, README};
use crate::contract::model::{Conflict, Contract, Evidence, FeatureContract, FeatureKind, Gap, Operation, Relationship, Relationships};
use crate::contract::schema::{COMPONENTS, component_ref};

/// Mermaid refuses graphs with more than 500 edges, and nobody reads those with more than this.
const GRAPH_CAP: usize = 120;
/// How many lines a list has before it says how many more there are.
const LIST_CAP: usize = 200;

/// The root's README.
#[must_use]
pub fn of_repo(contract: &Contract) -> String {
    let repo = &contract.repo;
    let mut out = format!("{MARKDOWN_MARK}\n# {}\n", text(if repo.name.is_empty() { "Contracts" } else { &repo.name }));
    paragraph(&mut out, &text(&repo.summary));
    let languages: Vec<String> = repo.languages.iter().map(|(name, files)| format!("{} ({files})", text(name))).collect();
    let facts = [
        ("Languages", languages.join(", ")),
        ("Frameworks", codes(&repo.frameworks)),
        ("Architecture", repo.architecture.as_ref().map(|architecture| text(&architecture.pattern)).unwrap_or_default()),
    ];
    out.push_str(&facts_of(&facts));
    out.push_str(&section("Features", &features_table(&contract.features)));
    out.push_str(&section("How they depend on each other", &graph(&contract.relationships)));
    out.push_str(&section("Circles", &cycles(&contract.relationships)));
    out.push_str(&section("Conflicts", &list(repo.conflicts.iter().map(conflict_line))));
    out.push_str(&section("Not known", &list(repo.gaps.iter().map(gap_line))));
    let left_out = repo.left_out.iter().map(|entry| vec![text(&entry.reason), entry.count.to_string()]);
    out.push_str(&section("Left out", &table(&["Why", "Files"], &left_out.collect::<Vec<_>>())));
    out
}

/// A feature's README.
#[must_use]
pub fn of_feature(feature: &FeatureContract, relationships: &Relationships) -> String {
    let mut out = format!("{MARKDOWN_MARK}\n# {}\n", text(&feature.name));
    paragraph(&mut out, &text(&feature.purpose));
    let packages: Vec<String> = feature.packages.iter().map(|package| package.name.clone()).collect();
    let facts = [
        ("Kind", kind_word(feature.kind).to_string()),
        ("Version", code(&feature.version)),
        ("Languages", feature.languages.iter().map(|name| text(name)).collect::<Vec<_>>().join(", ")),
        ("Frameworks", codes(&feature.frameworks)),
        ("Packages", codes(&packages)),
        ("Files", feature.files.len().to_string()),
    ];
    out.push_str(&facts_of(&facts));
    let entry_points: Vec<Vec<String>> =
        feature.entry_points.iter().map(|entry| vec![text(&entry.kind), code(&entry.name), place(&entry.evidence)]).collect();
    out.push_str(&section("Entry points", &table(&["Kind", "Name", "Where"], &entry_points)));
    out.push_str(&section("HTTP operations", &operations(feature)));
    out.push_str(&section("GraphQL operations", &interfaces::graphql_table(feature)));
    out.push_str(&section("gRPC methods", &interfaces::grpc_table(feature)));
    out.push_str(&section("Tables", &tables(feature)));
    out.push_str(&section("Events", &events(feature)));
    out.push_str(&section("Infrastructure", &infrastructure::told(&feature.infrastructure)));
    out.push_str(&section("Depends on", &dependencies(feature)));
    out.push_str(&section("Used by", &dependents(&feature.slug, relationships)));
    out.push_str(&section("Not known", &list(gaps_of(feature).map(gap_line))));
    let problems = feature.problems.iter().map(|problem| format!("{}: {}", code(&problem.file), text(&problem.message)));
    out.push_str(&section("Problems", &list(problems)));
    out.push_str(&section("Files", &list(feature.files.iter().map(|file| code(file)))));
    out
}

fn paragraph(out: &mut String, text: &str) {
    if !text.is_empty() {
        out.push_str(&format!("\n{text}\n"));
    }
}

fn facts_of(facts: &[(&str, String)]) -> String {
    let lines: String = facts.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("- {name}: {value}\n")).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

fn codes(words: &[String]) -> String {
    words.iter().map(|word| code(word)).collect::<Vec<_>>().join(", ")
}

fn kind_word(kind: FeatureKind) -> &'static str {
    match kind {
        FeatureKind::Feature => "feature",
        FeatureKind::Shared => "shared code",
        FeatureKind::Infrastructure => "infrastructure",
    }
}

fn place(evidence: &Evidence) -> String {
    let file = code(&evidence.file);
    if evidence.symbol.is_empty() { file } else { format!("{} in {file}", code(&evidence.symbol)) }
}

fn list(lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.collect();
    let mut out: String = lines.iter().take(LIST_CAP).map(|line| format!("- {line}\n")).collect();
    if let Some(more) = lines.len().checked_sub(LIST_CAP).filter(|more| *more > 0) {
        out.push_str(&format!("- and {more} more\n"));
    }
    out
}

fn features_table(features: &[FeatureContract]) -> String {
    let rows: Vec<Vec<String>> = features
        .iter()
        .map(|feature| {
            let link = format!("[{}]({FEATURES}/{}/{README})", text(&feature.name), feature.slug);
            let needs: Vec<String> = feature.dependencies.iter().map(|dependency| code(&dependency.on)).collect();
            let tables = feature.databases.iter().map(|database| database.tables.len()).sum();
            let numbers = [feature.http.len(), tables, feature.files.len(), gaps_of(feature).count()].map(|count| count.to_string());
            let [operations, tables, files, gaps] = numbers;
            vec![link, text(&feature.purpose), code(&feature.version), operations, tables, files, gaps, deduped(needs).join(", ")]
        })
        .collect();
    table(&["Feature", "Purpose", "Version", "Operations", "Tables", "Files", "Not known", "Depends on"], &rows)
}

fn deduped(mut words: Vec<String>) -> Vec<String> {
    words.dedup();
    words
}

/// The features as a Mermaid graph; the heaviest edges when there are too many.
fn graph(relationships: &Relationships) -> String {
    if relationships.features.len() < 2 {
        return String::new();
    }
    let mut edges: Vec<&Relationship> = relationships.edges.iter().collect();
    edges.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| (&a.from, &a.to).cmp(&(&b.from, &b.to))));
    edges.truncate(GRAPH_CAP);
    edges.sort_by(|a, b| (&a.from, &a.to, a.kind).cmp(&(&b.from, &b.to, b.kind)));
    let is_shown = |slug: &str| relationships.features.len() <= GRAPH_CAP || edges.iter().any(|edge| edge.from == slug || edge.to == slug);
    let number = |slug: &str| relationships.features.iter().position(|node| node.slug == slug);
    let mut out = String::from("```mermaid\ngraph LR\n");
    for (index, node) in relationships.features.iter().enumerate().filter(|(_, node)| is_shown(&node.slug)) {
        out.push_str(&format!("  f{index}[\"{}\"]\n", mermaid_label(&node.name)));
    }
    for (from, to) in edges.iter().filter_map(|edge| Some((number(&edge.from)?, number(&edge.to)?))) {
        out.push_str(&format!("  f{from} --> f{to}\n"));
    }
    out.push_str("```\n");
    if let Some(more) = relationships.edges.len().checked_sub(GRAPH_CAP).filter(|more| *more > 0) {
        out.push_str(&format!("\n{more} lighter edges are left out; `relationships.json` has them all.\n"));
    }
    out
}

fn cycles(relationships: &Relationships) -> String {
    list(relationships.cycles.iter().map(|cycle| format!("{} need each other", codes(cycle))))
}

fn conflict_line(conflict: &Conflict) -> String {
    let sides: Vec<String> = conflict.sides.iter().map(|side| place(&side.evidence)).collect();
    format!("{}: {} ({})", code(&conflict.subject), text(&conflict.message), sides.join("; "))
}

fn gap_line(gap: &Gap) -> String {
    format!("{}: {} ({}, `{}`)", code(&gap.subject), text(&gap.question), place(&gap.evidence), gap.id)
}

fn operations(feature: &FeatureContract) -> String {
    let rows: Vec<Vec<String>> = feature.http.iter().map(|operation| operation_row(operation, feature)).collect();
    let table = table(&["Operation", "What", "Parameters", "Body", "Responses", "Handler"], &rows);
    if table.is_empty() { table } else { format!("{table}\nThe details stand in [`{API_CONTRACT}`]({API_CONTRACT}).\n") }
}

fn operation_row(operation: &Operation, feature: &FeatureContract) -> Vec<String> {
    let what = if operation.deprecated { format!("**deprecated** {}", text(&operation.summary)) } else { text(&operation.summary) };
    let parameters: Vec<String> = operation
        .parameters
        .iter()
        .map(|parameter| {
            let mark = if parameter.required { "" } else { "?" };
            let word = type_word(&parameter.schema, feature);
            format!("{} {}", code(&format!("{}{mark}: {word}", parameter.name)), parameter.location.key())
        })
        .collect();
    let body = operation.request_body.as_ref().map(|body| schema_words(&body.content, feature)).unwrap_or_default();
    let responses: Vec<String> = operation
        .responses
        .iter()
        .map(|(status, response)| format!("{status} {}", schema_words(&response.content, feature)).trim_end().to_string())
        .collect();
    vec![code(&operation.key()), what, parameters.join("<br>"), body, responses.join("<br>"), place(&operation.evidence)]
}

fn schema_words(content: &crate::contract::model::Content, feature: &FeatureContract) -> String {
    let words = content.iter().map(|(media_type, schema)| {
        let word = type_word(schema, feature);
        let word = code(if word.is_empty() { "anything" } else { &word });
        if media_type == "application/json" { word } else { format!("{word} as {}", code(media_type)) }
    });
    words.collect::<Vec<_>>().join(", ")
}

/// A schema in a word: `User`, `string`, `User[]`, `A | B`.
fn type_word(schema: &Value, feature: &FeatureContract) -> String {
    word_at(schema, feature, 0)
}

fn word_at(schema: &Value, feature: &FeatureContract, depth: usize) -> String {
    if depth > 4 {
        return "…".into();
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let known = |name: &str| feature.schemas.contains_key(name);
        return component_ref(reference, known).unwrap_or_else(|| reference.trim_start_matches(COMPONENTS).into());
    }
    for (keyword, sign) in [("anyOf", " | "), ("oneOf", " | "), ("allOf", " & ")] {
        if let Some(list) = schema.get(keyword).and_then(Value::as_array) {
            return list.iter().take(6).map(|schema| word_at(schema, feature, depth + 1)).collect::<Vec<_>>().join(sign);
        }
    }
    if let Some(items) = schema.get("items") {
        return format!("{}[]", word_at(items, feature, depth + 1));
    }
    match schema.get("type") {
        Some(Value::String(word)) => {
            schema.get("format").and_then(Value::as_str).map_or_else(|| word.clone(), |format| format!("{word} ({format})"))
        }
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        _ => "any".into(),
    }
}

fn tables(feature: &FeatureContract) -> String {
    let owned = feature.databases.iter().flat_map(|database| &database.tables).map(|each| {
        let users: Vec<String> = each.used_by.iter().filter(|user| user.feature != feature.slug).map(|user| code(&user.feature)).collect();
        vec![code(&each.name), each.columns.len().to_string(), code_or_none(&each.model), users.join(", "), place(&each.evidence)]
    });
    let mut out = table(&["Table", "Columns", "Model", "Used by", "Where"], &owned.collect::<Vec<_>>());
    let used = feature.databases.iter().flat_map(|database| &database.uses).map(|used| {
        let how = match (used.reads, used.writes) {
            (true, true) => "reads and writes",
            (false, true) => "writes",
            _ => "reads",
        };
        let owner = if used.owner.is_empty() { String::new() } else { format!(" of {}", code(&used.owner)) };
        format!("{how} {}{owner}", code(&used.table))
    });
    out.push_str(&list(used));
    out
}

fn events(feature: &FeatureContract) -> String {
    let rows = feature.events.iter().map(|event| {
        let messages: Vec<String> = event.messages.iter().map(|message| code(&message.name)).collect();
        let others: Vec<String> = event.counterparts.iter().map(|slug| code(slug)).collect();
        let place = event.evidence.first().map(place).unwrap_or_default();
        vec![event.action.key().to_owned(), code(&event.channel), text(&event.protocol), messages.join(", "), others.join(", "), place]
    });
    table(&["", "Channel", "By", "Messages", "Other end", "Where"], &rows.collect::<Vec<_>>())
}

fn code_or_none(text: &str) -> String {
    if text.is_empty() { String::new() } else { code(text) }
}

fn dependencies(feature: &FeatureContract) -> String {
    let rows: Vec<Vec<String>> = feature
        .dependencies
        .iter()
        .map(|dependency| {
            let link = format!("[{}](../{}/{README})", text(&dependency.on), dependency.on);
            let example = dependency.evidence.first().map(place).unwrap_or_default();
            vec![link, dependency.weight.to_string(), example]
        })
        .collect();
    table(&["Feature", "Places", "For example"], &rows)
}

fn dependents(slug: &str, relationships: &Relationships) -> String {
    let mut users: Vec<&str> = relationships.edges.iter().filter(|edge| edge.to == slug).map(|edge| edge.from.as_str()).collect();
    users.dedup();
    list(users.into_iter().map(|user| format!("[{}](../{user}/{README})", text(user))))
}
