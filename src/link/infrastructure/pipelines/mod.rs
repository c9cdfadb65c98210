//! Pipelines: jobs and what starts them, the secrets they are given, the environments and platforms they deploy to.

mod azure;
mod bitbucket;
mod circle;
mod drone;
mod github;
mod gitlab;
mod jenkins;
mod signs;
mod travis;

use super::{paths, secret, set};
use crate::facts::infrastructure::{
    Ci, Content, Format, Image, ImageRole, Infrastructure, Job, Pipeline, Schedule, Section, Source, Spot, Thing,
};
use crate::facts::tree::{Node, Value};

/// Trees are followed so deep.
const DEPTH: usize = 60;

/// Reads all files.
pub fn read(sources: &[Source]) -> Infrastructure {
    let mut found = Infrastructure::default();
    let of = |ci: Ci| sources.iter().filter(move |source| source.format == Format::Pipeline(ci));
    let trees: Vec<(&str, &Node)> = of(Ci::Gitlab).filter_map(tree_of).collect();
    gitlab::read(&trees, &mut found);
    for (file, root) in of(Ci::Github).filter_map(tree_of) {
        github::read(file, root, &mut found);
    }
    for (file, root) in of(Ci::Circle).filter_map(tree_of) {
        circle::read(file, root, &mut found);
    }
    for (file, root) in of(Ci::Azure).filter_map(tree_of) {
        azure::read(file, root, &mut found);
    }
    for (file, root) in of(Ci::Bitbucket).filter_map(tree_of) {
        bitbucket::read(file, root, &mut found);
    }
    for (file, root) in of(Ci::Travis).filter_map(tree_of) {
        travis::read(file, root, &mut found);
    }
    for (ci, platform) in [(Ci::Drone, "drone"), (Ci::Woodpecker, "woodpecker")] {
        for source in of(ci) {
            if let Content::Trees(trees) = &source.content {
                drone::read(&source.file, trees, platform, &mut found);
            }
        }
    }
    for source in of(Ci::Jenkins) {
        if let Content::Text(text) = &source.content {
            jenkins::read(&source.file, text, &mut found);
        }
    }
    found
}

fn tree_of(source: &Source) -> Option<(&str, &Node)> {
    match &source.content {
        Content::Trees(trees) => trees.first().map(|root| (source.file.as_str(), root)),
        _ => None,
    }
}

/// One file on its way.
struct File<'a> {
    path: &'a str,
    found: &'a mut Infrastructure,
}

impl File<'_> {
    fn spot(&self, symbol: &str) -> Spot {
        Spot::new(self.path, symbol, 0)
    }

    fn thing(&mut self, section: Section, name: &str, kind: &str, job: &str) {
        if !name.is_empty() && !name.contains(['$', '{', '\n']) {
            let thing = Thing::new(section, name, kind, self.spot(job));
            self.found.things.push(thing);
        }
    }

    /// Everything that all texts below a node give away: platforms that are deployed to, secrets by name.
    fn signs(&mut self, node: &Node, job: &str) {
        let mut texts = Vec::new();
        texts_of(node, &mut texts, 0);
        for text in texts {
            self.text(text, job);
        }
    }

    fn text(&mut self, text: &str, job: &str) {
        for target in signs::targets(text) {
            let thing = Thing { is_implied: true, ..Thing::new(Section::DeployTarget, target, "", self.spot(job)) };
            self.found.things.push(thing);
        }
    }

    /// Variables that secrets are handed over in, where the platform does not tell them apart: by their names.
    fn secret_variables(&mut self, node: &Node, job: &str) {
        let mut texts = Vec::new();
        texts_of(node, &mut texts, 0);
        for name in texts.iter().flat_map(|text| signs::variables(text)) {
            if secret::is_secret_name(name)
                && !name.starts_with("CI_")
                && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            {
                let thing = Thing { is_implied: true, ..Thing::new(Section::Secret, name, "pipeline variable", self.spot(job)) };
                self.found.things.push(thing);
            }
        }
    }

    fn image(&mut self, name: Option<&str>, job: &str) {
        let Some(name) = name.filter(|name| !name.is_empty() && !name.contains(['$', '<', '{'])) else { return };
        let image = Image { name: name.to_owned(), role: ImageRole::Tool, aliases: Vec::new(), spots: vec![self.spot(job)] };
        self.found.images.push(image);
    }

    fn variables(&mut self, node: Option<&Node>, job: &str) {
        for (name, value) in node.map(Node::entries).unwrap_or_default() {
            let value = value.text().or_else(|| value.text_of("value")).filter(|value| !value.contains('$'));
            let spot = self.spot(job);
            self.found.env.push(set(name, value.map(str::to_owned), &spot));
        }
    }

    fn schedule(&mut self, cron: &str, name: &str) {
        let name = if name.is_empty() { paths::last(self.path) } else { name };
        let spots = vec![self.spot("")];
        let schedule =
            Schedule { name: name.to_owned(), schedule: cron.to_owned(), target: Some(self.path.to_owned()), aliases: Vec::new(), spots };
        self.found.schedules.push(schedule);
    }

    fn done(&mut self, name: &str, platform: &'static str, triggers: Vec<String>, jobs: Vec<Job>) {
        if !jobs.is_empty() {
            let pipeline = Pipeline {
                file: self.path.to_owned(),
                name: name.to_owned(),
                platform,
                triggers: unique(triggers),
                jobs,
                includes: Vec::new(),
            };
            self.found.pipelines.push(pipeline);
        }
    }
}

/// All scalar texts below a node, keys left out.
fn texts_of<'n>(node: &'n Node, texts: &mut Vec<&'n str>, depth: usize) {
    match &node.value {
        _ if depth > DEPTH => {}
        Value::Plain(text) | Value::Quoted(text) => texts.push(text),
        Value::List(items) => items.iter().for_each(|item| texts_of(item, texts, depth + 1)),
        Value::Map(entries) => entries.iter().for_each(|(_, node)| texts_of(node, texts, depth + 1)),
        Value::Null => {}
    }
}

/// Texts in the order they first stand.
fn unique(texts: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for text in texts {
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept
}

/// Names that a list of texts, or of maps under a key, gives.
fn named(node: Option<&Node>, key: &str) -> Vec<String> {
    let items = node.map(Node::one_or_many).unwrap_or_default();
    unique(items.iter().filter_map(|item| item.text().or_else(|| item.text_of(key))).map(str::to_owned).collect())
}
