//! Questions put together into calls: those of one step, feature and file share their code.

use std::collections::{BTreeMap, BTreeSet};

use super::facts;
use super::survey::Survey;
use crate::contract::model::{Contract, Evidence};
use crate::contract::resolutions::questions::{self, Form, Question};
use crate::llm::call::{Call, Limits, Task};
use crate::llm::evidence::chunk::chunks;
use crate::llm::evidence::gather::{Near, gather};
use crate::llm::evidence::{self, Excerpt, Pool};
use crate::llm::ground::{Ask, Kind};
use crate::llm::prompt::{self, RULES, Step, form};

/// Questions that are put at once, with the code they are about.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The step they belong to.
    pub step: Step,
    /// The questions as they are put.
    pub asks: Vec<Ask>,
    /// Whose they are: the place among all questions, and the hole when a question has several.
    pub of: Vec<(usize, Option<String>)>,
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
    /// The calls of one step, in the order of the questions.
    #[must_use]
    pub fn batches(&self, step: Step) -> Vec<Batch> {
        let mut groups: BTreeMap<(&str, &str, usize), Vec<usize>> = BTreeMap::new();
        let mut batches = Vec::new();
        for (index, question) in self.questions.iter().enumerate() {
            if !self.is_of(question, step) {
                continue;
            }
            if question.form == Form::Findings {
                batches.extend(self.declared(step, index, question));
                continue;
            }
            let (file, feature) = (question.gap.evidence.file.as_str(), question.feature.as_str());
            let number =
                (0..).find(|number| groups.get(&(file, feature, *number)).is_none_or(|group| group.len() < most_of(step))).unwrap_or(0);
            groups.entry((file, feature, number)).or_default().push(index);
        }
        batches.extend(groups.into_values().filter_map(|group| self.together(step, &group)));
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
        // A guess at tokens is a guess: a tenth stays free.
        all.saturating_sub(words).saturating_sub(all / 10).max(LEAST)
    }

    fn together(&self, step: Step, group: &[usize]) -> Option<Batch> {
        let questions: Vec<&Question> = group.iter().filter_map(|index| self.questions.get(*index)).collect();
        let slugs: BTreeSet<&str> = questions.iter().map(|question| question.feature.as_str()).collect();
        let slugs: Vec<&str> = slugs.into_iter().collect();
        let facts = facts::of_features(self.contract, &slugs);
        let mut batch = Batch { step, asks: Vec::new(), of: Vec::new(), excerpts: Vec::new(), facts };
        let mut places: Vec<Evidence> = Vec::new();
        let mut names: Vec<String> = Vec::new();
        for (index, question) in group.iter().zip(&questions) {
            places.extend(places_of(question));
            let holes: Vec<String> = question.gap.holes().into_iter().map(str::to_owned).collect();
            if question.form == Form::Part && holes.len() > 1 {
                for hole in &holes {
                    let words = format!("what text stands for `{hole}` in {}?", question.gap.subject);
                    batch.put(*index, Some(hole.clone()), &words, Kind::Part, question);
                }
            } else {
                batch.put(*index, None, &words_of(question), self.kind_of(question), question);
            }
            names.extend(names_in(&holes));
        }
        places.sort();
        places.dedup();
        let files = self.near(&slugs, &places, &names);
        batch.excerpts = gather(self.pool, &places, Near { files: &files, names: &names }, self.room(step, &batch.facts));
        (!batch.excerpts.is_empty()).then_some(batch)
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
                batch.put(index, None, &words, Kind::Declared, question);
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

    /// Files to look for declarations in: of the same features, of the same folders, those that are named like settings or like what
    /// is looked for, then all others that are read.
    pub(super) fn near(&self, slugs: &[&str], places: &[Evidence], names: &[String]) -> Vec<String> {
        let features = self.contract.features.iter();
        let own: BTreeSet<&str> = features
            .clone()
            .filter(|feature| slugs.contains(&feature.slug.as_str()))
            .flat_map(|feature| &feature.files)
            .map(String::as_str)
            .collect();
        let folders: BTreeSet<&str> = places.iter().map(|place| folder_of(&place.file)).collect();
        let names: BTreeSet<String> =
            names.iter().flat_map(|name| name.split(['.', '/', ':'])).map(crate::llm::ground::cited::squashed).collect();
        let unread = self
            .questions
            .iter()
            .filter(|question| question.gap.code == questions::UNREAD)
            .map(|question| question.gap.evidence.file.as_str());
        let all: BTreeSet<&str> = features.flat_map(|feature| &feature.files).map(String::as_str).chain(unread).collect();
        let rank = |path: &str| {
            let stem = path.rsplit('/').next().unwrap_or(path).split('.').next().unwrap_or_default();
            let is_setting =
                ["config", "setting", "const", "env", "topic", "route", "url"].iter().any(|word| path.to_lowercase().contains(word));
            let is_named = names.contains(&crate::llm::ground::cited::squashed(stem));
            (!is_named, !folders.contains(folder_of(path)), !own.contains(path), !is_setting)
        };
        let mut ranked: Vec<&str> = all.into_iter().collect();
        ranked.sort_by_key(|path| (rank(path), *path));
        ranked.into_iter().map(str::to_owned).collect()
    }
}

impl Batch {
    fn put(&mut self, index: usize, hole: Option<String>, words: &str, kind: Kind, question: &Question) {
        let place = &question.gap.evidence;
        let mut words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if !place.file.is_empty() && kind != Kind::Declared {
            let symbol = if place.symbol.is_empty() { String::new() } else { format!(", `{}`", place.symbol) };
            words = format!("{words} (in `{}`{symbol})", place.file);
        }
        self.asks.push(Ask { key: format!("q{}", self.asks.len() + 1), words, kind });
        self.of.push((index, hole));
    }
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

/// Questions of one call.
fn most_of(step: Step) -> usize {
    match step {
        Step::ApiValues | Step::EventValues => 8,
        Step::ApiTypes | Step::SchemaTypes => 4,
        Step::ContractMerging => 3,
        _ => 1,
    }
}
