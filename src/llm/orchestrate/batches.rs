//! Questions put together into calls: those of one step, feature and file share their code.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::facts;
use super::survey::Survey;
use crate::contract::model::{Contract, Evidence};
use crate::contract::resolutions::questions::{self, Form, Question};
use crate::llm::call::{Call, Limits, Task};
use crate::llm::evidence::chunk::chunks;
use crate::llm::evidence::gather::{Near, declarations, gather};
use crate::llm::evidence::{self, Excerpt, Pool};
use crate::llm::ground::cited::squashed;
use crate::llm::ground::{Ask, Kind};
use crate::llm::prompt::{self, RULES, Step, form};

/// What of a question an answer is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// One of several holes.
    Hole(String),
    /// What an operation responds that was found for it, by the finding's key.
    Responses(String),
    /// What an operation takes that was found for it.
    Request(String),
}

/// Questions that are put at once, with the code they are about.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The step they belong to.
    pub step: Step,
    /// The questions as they are put.
    pub asks: Vec<Ask>,
    /// For which questions each answer is, by place, and for what of them.
    pub of: Vec<(Vec<usize>, Part)>,
    /// The code.
    pub excerpts: Vec<Excerpt>,
    /// What is known without it.
    pub facts: String,
}

impl Batch {
    /// The call that puts it.
    #[must_use]
    pub fn call(&self) -> Call {
        let questions: Vec<String> = self.asks.iter().map(|ask| format!("{}: {}", ask.key, ask.words)).collect();
        let data = BTreeMap::from([
            ("facts", self.facts.clone()),
            ("questions", questions.join("\n")),
            ("code", evidence::render(&self.excerpts)),
        ]);
        call_of(self.step, &data, &self.excerpts)
    }
}

/// A call of a step.
#[must_use]
pub fn call_of(step: Step, data: &BTreeMap<&'static str, String>, excerpts: &[Excerpt]) -> Call {
    let (schema_name, schema) = prompt::form_of(step);
    let files = excerpts.iter().map(Excerpt::sent).collect();
    Call { task: step.task(), prompt: prompt::render(step, data), schema_name, schema, files, round: 0 }
}

/// What batches are made from.
pub struct Given<'a> {
    /// The files.
    pub pool: &'a Pool<'a>,
    /// What is known.
    pub contract: &'a Contract,
    /// All questions.
    pub questions: &'a [Question],
    /// What the broad questions told.
    pub survey: &'a Survey,
    /// How large a call may be.
    pub limits: &'a dyn Fn(Task) -> Limits,
}

impl Given<'_> {
    /// The calls of one step, in the order of the questions. Each question has a call of its own, so that it is the same call whatever
    /// else is open; only those about the same hole of the same file share one.
    #[must_use]
    pub fn batches(&self, step: Step) -> Vec<Batch> {
        let mut batches: Vec<Batch> = Vec::new();
        let mut shared: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (index, question) in self.questions.iter().enumerate().filter(|(_, question)| self.is_of(question, step)) {
            if question.form == Form::Findings {
                batches.extend(self.declared(step, index, question));
                continue;
            }
            let hole = (question.gap.evidence.file.as_str(), question.gap.question.as_str());
            let known = shared.get(&hole).and_then(|at| batches.get_mut(*at)).filter(|_| is_shared(question));
            match (known, self.alone(step, index, question)) {
                (Some(batch), _) => batch.of.iter_mut().for_each(|(of, _)| of.push(index)),
                (None, Some(batch)) => {
                    shared.insert(hole, batches.len());
                    batches.push(batch);
                }
                (None, None) => {}
            }
        }
        batches
    }

    /// Whether a question is put in a step.
    fn is_of(&self, question: &Question, step: Step) -> bool {
        let code = question.gap.code.as_str();
        match question.form {
            Form::Part if code == "channel-unknown" => step == Step::EventValues,
            Form::Part | Form::Scheme => step == Step::ApiValues,
            Form::Responses => step == Step::ApiTypes,
            Form::Schema if code == questions::REQUEST_TYPE => step == Step::ApiTypes,
            Form::Schema => step == Step::SchemaTypes,
            Form::Purpose => step == Step::FeatureAnalysis,
            Form::Text => false,
            Form::Side => step == Step::ContractMerging,
            Form::Findings if code == questions::UNREAD => {
                let signs = self.survey.signs.get(&question.gap.evidence.file);
                signs.is_some_and(|signs| match step {
                    Step::ApiExtraction => !signs.operations.is_empty(),
                    Step::SchemaAnalysis => !signs.tables.is_empty(),
                    Step::EventFlow => !signs.channels.is_empty(),
                    _ => false,
                })
            }
            Form::Findings if code.starts_with("migration-") => step == Step::SchemaAnalysis,
            Form::Findings => step == Step::ApiExtraction,
        }
    }

    /// Bytes of code that a call of a step may carry beside everything else.
    fn room(&self, step: Step, facts: &str) -> usize {
        const LEAST: usize = 1500;
        let all = (self.limits)(step.task()).bytes();
        let words = step.text().len() + RULES.len() + form::compact(&form::schema_of(step)).len() + facts.len() + 1000;
        // A quarter stays free for a repair or a second look.
        all.saturating_sub(words).saturating_sub(all / 4).max(LEAST)
    }

    fn alone(&self, step: Step, index: usize, question: &Question) -> Option<Batch> {
        let slugs = [question.feature.as_str()];
        let mut batch =
            Batch { step, asks: Vec::new(), of: Vec::new(), excerpts: Vec::new(), facts: facts::of_features(self.contract, &slugs) };
        let holes: Vec<String> = question.gap.holes().into_iter().map(str::to_owned).collect();
        let place = &question.gap.evidence;
        if question.form == Form::Part && holes.len() > 1 {
            for hole in &holes {
                let words = format!("what text stands for `{hole}` in {}?", question.gap.subject);
                batch.put(index, Part::Hole(hole.clone()), &placed(&words, place), Kind::Part);
            }
        } else {
            batch.put(index, Part::Whole, &placed(&words_of(question), place), self.kind_of(question));
        }
        let (places, names) = (places_of(question), names_in(&holes));
        let files = self.near(&slugs, &places, &names);
        batch.excerpts = gather(self.pool, &places, Near { files: &files, names: &names }, self.room(step, &batch.facts));
        (!batch.excerpts.is_empty()).then_some(batch)
    }

    /// The bodies of operations that were found in a file: a few in one call.
    #[must_use]
    pub fn bodies(&self, index: usize, operations: &[(String, Value, Vec<Evidence>)]) -> Vec<Batch> {
        const TOGETHER: usize = 4;
        let step = Step::ApiTypes;
        let facts = facts::of_repository(self.contract, self.survey);
        let room = self.room(step, &facts);
        let put = |operations: &[(String, Value, Vec<Evidence>)]| {
            let mut batch = Batch { step, asks: Vec::new(), of: Vec::new(), excerpts: Vec::new(), facts: facts.clone() };
            let mut names = Vec::new();
            for (key, value, places) in operations {
                let said = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
                let (method, symbol) = (said("method").to_uppercase(), said("symbol").to_owned());
                let place = Evidence { symbol: symbol.clone(), ..places.last().cloned().unwrap_or_default() };
                let shown = format!("{method} {}", said("path"));
                batch.put(
                    index,
                    Part::Responses(key.clone()),
                    &placed(&format!("what does {shown} respond, by status?"), &place),
                    Kind::Responses,
                );
                if matches!(method.as_str(), "POST" | "PUT" | "PATCH") {
                    batch.put(
                        index,
                        Part::Request(key.clone()),
                        &placed(&format!("what does the body of {shown} look like?"), &place),
                        Kind::Body,
                    );
                }
                names.extend(Some(symbol).filter(|symbol| !symbol.is_empty()));
            }
            let places: Vec<Evidence> = operations.iter().flat_map(|(_, _, places)| places.iter().cloned()).collect();
            let files = self.near(&[], &places, &names);
            // Handlers first: they are what the question is about, and may stand in another file than their routes.
            let handlers = declarations(self.pool, Near { files: &files, names: &names }, room / 2);
            let taken: usize = handlers.iter().map(Excerpt::bytes).sum();
            let rest = gather(self.pool, &places, Near { files: &files, names: &[] }, room.saturating_sub(taken));
            batch.excerpts = evidence::joined(handlers.into_iter().chain(rest).collect());
            batch
        };
        operations.chunks(TOGETHER).map(put).filter(|batch| !batch.excerpts.is_empty()).collect()
    }

    /// One call for each piece of a file.
    fn declared(&self, step: Step, index: usize, question: &Question) -> Vec<Batch> {
        let facts = facts::of_repository(self.contract, self.survey);
        let room = self.room(step, &facts);
        let path = question.gap.evidence.file.as_str();
        let mounts = if step == Step::ApiExtraction { self.survey.mounts(self.pool, path, room / 4) } else { Vec::new() };
        let taken: usize = mounts.iter().map(Excerpt::bytes).sum();
        let pieces: Vec<Vec<Excerpt>> = if question.gap.code == questions::UNREAD {
            let Some(text) = self.pool.text(path) else { return Vec::new() };
            let overlap = u32::try_from((self.limits)(step.task()).overlap_lines).unwrap_or(u32::MAX);
            chunks(&text, room.saturating_sub(taken), overlap).into_iter().map(|piece| vec![piece]).collect()
        } else {
            let holes: Vec<String> = question.gap.holes().into_iter().map(str::to_owned).collect();
            let names = names_in(&holes);
            let places = places_of(question);
            let files = self.near(&[question.feature.as_str()], &places, &names);
            vec![gather(self.pool, &places, Near { files: &files, names: &names }, room.saturating_sub(taken))]
        };
        pieces
            .into_iter()
            .filter(|excerpts| !excerpts.is_empty())
            .map(|excerpts| {
                let excerpts = evidence::joined(excerpts.into_iter().chain(mounts.clone()).collect());
                let mut batch = Batch { step, asks: Vec::new(), of: Vec::new(), excerpts, facts: facts.clone() };
                let words = if question.gap.code == questions::UNREAD {
                    format!("what does the code of `{path}` declare?")
                } else {
                    format!("what does the code around `{}` in `{path}` declare? {}", question.gap.subject, question.gap.question)
                };
                batch.put(index, Part::Whole, &words, Kind::Declared);
                batch
            })
            .collect()
    }

    fn kind_of(&self, question: &Question) -> Kind {
        match question.form {
            Form::Part => Kind::Part,
            Form::Scheme => Kind::Scheme,
            Form::Responses => Kind::Responses,
            Form::Schema => Kind::Body,
            Form::Side => Kind::Side(places_of(question).into_iter().map(|place| place.file).collect()),
            Form::Purpose | Form::Text => {
                let feature = self.contract.features.iter().find(|feature| feature.slug == question.feature);
                Kind::Prose(feature.map(facts::without_summary).unwrap_or_default())
            }
            Form::Findings => Kind::Declared,
        }
    }

    /// Files to look for declarations in: those that are named like what is looked for, of the same folders, of the same features, those
    /// that are named like settings, then others.
    pub(super) fn near(&self, slugs: &[&str], places: &[Evidence], names: &[String]) -> Vec<String> {
        const MOST: usize = 100;
        let features = || self.contract.features.iter();
        let of_slugs = features().filter(|feature| slugs.contains(&feature.slug.as_str()));
        let own: BTreeSet<&str> = of_slugs.flat_map(|feature| &feature.files).map(String::as_str).collect();
        let folders: BTreeSet<&str> = places.iter().map(|place| folder_of(&place.file)).collect();
        let names: BTreeSet<String> = names.iter().flat_map(|name| name.split(['.', '/', ':'])).map(squashed).collect();
        let all: BTreeSet<&str> = features().flat_map(|feature| &feature.files).chain(&self.survey.unread).map(String::as_str).collect();
        let mut ranked: Vec<&str> = all.into_iter().collect();
        ranked.sort_by_cached_key(|path| {
            let stem = path.rsplit('/').next().unwrap_or(path).split('.').next().unwrap_or_default();
            let is_named = names.contains(&squashed(stem));
            let is_setting =
                ["config", "setting", "const", "env", "topic", "route", "url"].iter().any(|word| path.to_lowercase().contains(word));
            (!is_named, !folders.contains(folder_of(path)), !own.contains(path), !is_setting, *path)
        });
        ranked.into_iter().take(MOST).map(str::to_owned).collect()
    }
}

impl Batch {
    fn put(&mut self, index: usize, part: Part, words: &str, kind: Kind) {
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        self.asks.push(Ask { key: format!("q{}", self.asks.len() + 1), words, kind });
        self.of.push((vec![index], part));
    }
}

/// A question with the place it is about.
fn placed(words: &str, place: &Evidence) -> String {
    match (place.file.is_empty(), place.symbol.is_empty()) {
        (true, _) => words.to_owned(),
        (_, true) => format!("{words} (in `{}`)", place.file),
        _ => format!("{words} (in `{}`, `{}`)", place.file, place.symbol),
    }
}

/// Whether other questions of the same words and file are about the same value: a constant or a member, and no parameter, which each
/// function has for itself.
fn is_shared(question: &Question) -> bool {
    let is_fixed = |hole: &&str| hole.contains('.') || !hole.contains(char::is_lowercase);
    question.form == Form::Part && question.gap.holes().iter().all(is_fixed)
}

/// Where to look: the first place is the question's own.
#[must_use]
pub fn places_of(question: &Question) -> Vec<Evidence> {
    let own = Some(question.gap.evidence.clone()).filter(|place| !place.file.is_empty());
    own.into_iter().chain(question.more.iter().cloned()).collect()
}

/// The names in holes: `{settings.prefix}` → `settings`, `prefix`.
fn names_in(holes: &[String]) -> Vec<String> {
    let names = holes.iter().flat_map(|hole| hole.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$'));
    names.filter(|name| name.len() > 1).map(str::to_owned).collect()
}

fn words_of(question: &Question) -> String {
    let gap = &question.gap;
    match question.form {
        Form::Side => {
            let sides = places_of(question).into_iter().enumerate();
            let sides: Vec<String> = sides.map(|(number, place)| format!("side {number}: `{}` `{}`", place.file, place.symbol)).collect();
            format!("{} (about {}; {})", gap.question, gap.subject, sides.join("; "))
        }
        Form::Purpose => gap.question.clone(),
        _ => format!("{} (about {})", gap.question, gap.subject),
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
