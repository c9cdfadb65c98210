//! Which line of code says what a finding is about. Contracts hold files and declarations, no lines: lines are looked for
//! here, by outlining the few files that findings ask for.

mod document;
mod evidence;
mod text;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::finding::{Finding, Place};
use crate::base::code::{Class, Outline};
use crate::base::language::Language;
use crate::contract::documents::feature::FeatureDocument;
use crate::contract::model::Evidence;
use crate::diff::change::Domain;
use crate::diff::promises::Promises;
use crate::outline::outline;
use text::{declares, is_like, line_with, words};

pub use document::Lines;
pub use evidence::{Index, Told};

/// A type is looked for in no more files than this.
const FILES_READ: usize = 2_000;
/// How far bases of a class are followed.
const BASES: usize = 4;

/// One side's code.
pub struct Code<'a> {
    promises: &'a Promises,
    read: &'a dyn Fn(&str) -> Option<Vec<u8>>,
    files: RefCell<BTreeMap<String, Option<Rc<Source>>>>,
}

/// A file that was read.
struct Source {
    file: String,
    text: String,
    outline: OnceCell<Option<Outline>>,
}

impl Source {
    fn outline(&self) -> Option<&Outline> {
        let extension = self.file.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
        let outlined = || Language::of_extension(&extension).map(|language| outline(language, self.text.as_bytes()).outline);
        self.outline.get_or_init(outlined).as_ref()
    }

    fn place(&self, line: u32) -> Place {
        Place { file: self.file.clone(), line }
    }

    fn class(&self, name: &str) -> Option<&Class> {
        self.outline()?.classes.iter().find(|class| class.name == name)
    }

    /// The lines of a declaration: `UserRouter.create`, first and last.
    fn range_of(&self, symbol: &str) -> Option<(u32, u32)> {
        let outline = self.outline()?;
        let name = symbol.rsplit('.').next()?;
        let owner = symbol.rsplit('.').nth(1);
        let of_owner = |class: Option<crate::base::code::ClassId>| {
            owner.is_none_or(|owner| class.and_then(|id| outline.classes.get(id.index())).is_some_and(|class| class.name == owner))
        };
        let functions = || outline.functions.iter().filter(|function| function.name == name);
        let function = functions().find(|function| of_owner(function.class)).or_else(|| functions().next());
        let span = function.map(|function| (function.at.line, function.end));
        let span = span.or_else(|| self.class(name).map(|class| (class.at.line, class.end)));
        span.map(|(first, end)| (first, self.line_of(end)))
    }

    fn line_of(&self, offset: u32) -> u32 {
        let before = self.text.as_bytes().iter().take(offset as usize).filter(|byte| **byte == b'\n').count();
        u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
    }
}

/// Where something stands, and the type it is a member of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where.
    pub place: Place,
    /// The type.
    pub class: Option<String>,
    /// Whether the very member was found, and not only what it belongs to.
    pub is_exact: bool,
}

/// Which names a finding goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Before the change.
    Before,
    /// After it.
    After,
}

impl<'a> Code<'a> {
    /// Of promises (with their evidence), and a way to the bytes of files.
    #[must_use]
    pub fn new(promises: &'a Promises, read: &'a dyn Fn(&str) -> Option<Vec<u8>>) -> Self {
        Self { promises, read, files: RefCell::default() }
    }

    /// Where a finding stands in this side's code, of which this is told. `class` is the type it was found in on the other side.
    #[must_use]
    pub fn find(&self, finding: &Finding, told: &Told, when: When, class: Option<&str>) -> Option<Found> {
        let members = members_of(finding, when);
        let types = types_of(finding, class);
        for name in &types {
            if let Some(found) = self.in_type(name, &members, told) {
                return Some(found);
            }
        }
        let mut nearest = None;
        for evidence in told.evidence.iter().chain(&told.further) {
            match self.at_evidence(evidence, &members, finding.contract) {
                Some(found) if found.is_exact || members.is_empty() => return Some(found),
                found => nearest = nearest.or(found),
            }
        }
        nearest
    }

    /// A member of a type, or the type. The files of the features that the finding is about come first.
    fn in_type(&self, name: &str, members: &[String], told: &Told) -> Option<Found> {
        let mut seen = BTreeSet::from([name.to_owned()]);
        let mut open = vec![(name.to_owned(), 0)];
        let mut nearest: Option<Found> = None;
        while let Some((name, depth)) = open.pop() {
            let Some(source) = self.declaring(&name, told) else { continue };
            let Some(class) = source.class(&name) else {
                let line = declares(&source.text, &name)?;
                let exact = members.iter().find_map(|member| line_with(&source.text, member, line, text::REACH));
                let found = Found { place: source.place(exact.unwrap_or(line)), class: Some(name), is_exact: exact.is_some() };
                nearest = nearest.or(Some(found));
                break;
            };
            let field = members.iter().find_map(|member| class.fields.iter().find(|field| is_like(&field.name, member)));
            let variant = || members.iter().find_map(|member| class.variants.iter().find(|variant| is_like(&variant.name, member)));
            let line = field.map(|field| field.at.line).or_else(|| variant().map(|variant| variant.at.line));
            let last = source.line_of(class.end);
            let line = line.or_else(|| {
                members.iter().find_map(|member| line_with(&source.text, member, class.at.line, last.saturating_sub(class.at.line)))
            });
            let found = Found { place: source.place(line.unwrap_or(class.at.line)), class: Some(name.clone()), is_exact: line.is_some() };
            if found.is_exact || members.is_empty() {
                return Some(found);
            }
            nearest = nearest.or(Some(found));
            let header = source.text.lines().nth((class.at.line as usize).saturating_sub(1)).unwrap_or_default();
            let bases = words(header).filter(|word| depth < BASES && seen.insert((*word).to_owned()));
            open.extend(bases.map(|word| (word.to_owned(), depth + 1)));
        }
        nearest
    }

    /// The file that declares a type.
    fn declaring(&self, name: &str, told: &Told) -> Option<Rc<Source>> {
        let near = told.features.iter().filter_map(|slug| self.promises.features.get(slug));
        let rest = self.promises.features.values().filter(|feature| !told.features.contains(&feature.slug));
        let files = near.chain(rest).flat_map(|feature: &FeatureDocument| &feature.files);
        let first = told.evidence.iter().map(|evidence| &evidence.file);
        let mut seen = BTreeSet::new();
        let mut fallback = None;
        for file in first.chain(files).filter(|file| seen.insert(*file)).take(FILES_READ) {
            let Some(source) = self.source(file) else { continue };
            if memchr::memmem::find(source.text.as_bytes(), name.as_bytes()).is_none() {
                continue;
            }
            if source.class(name).is_some() {
                return Some(source);
            }
            if fallback.is_none() && declares(&source.text, name).is_some() {
                fallback = Some(source);
            }
        }
        fallback
    }

    fn at_evidence(&self, evidence: &Evidence, members: &[String], contract: Domain) -> Option<Found> {
        let Some(source) = self.source(&evidence.file) else {
            let place = Place { file: evidence.file.clone(), line: evidence.line };
            return (!evidence.file.is_empty()).then_some(Found { place, class: None, is_exact: false });
        };
        let symbol = evidence.symbol.rsplit('.').next().unwrap_or_default();
        let range = source.range_of(&evidence.symbol).filter(|_| !evidence.symbol.is_empty());
        let first = match (evidence.line, range) {
            (0, Some((first, _))) => first,
            (0, None) if symbol.is_empty() => 0,
            (0, None) => line_with(&source.text, symbol, 1, u32::MAX).unwrap_or(0),
            (line, _) => line,
        };
        let is_code = source.outline().is_some();
        let (from, reach) = match range {
            Some((first, last)) => (first, last.saturating_sub(first)),
            None => (first.max(1), text::REACH),
        };
        let within = members.iter().find_map(|member| line_with(&source.text, member, from, reach));
        let anywhere = || members.iter().find_map(|member| line_with(&source.text, member, 1, u32::MAX));
        let line = match within {
            None if !is_code || matches!(contract, Domain::Event | Domain::Infra) => anywhere(),
            found => found,
        };
        let class = source.class(symbol).map(|class| class.name.to_string());
        Some(Found { place: source.place(line.unwrap_or(first)), class, is_exact: line.is_some() })
    }

    fn source(&self, file: &str) -> Option<Rc<Source>> {
        if let Some(known) = self.files.borrow().get(file) {
            return known.clone();
        }
        let text = (self.read)(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let source = text.map(|text| Rc::new(Source { file: file.to_owned(), text, outline: OnceCell::new() }));
        self.files.borrow_mut().insert(file.to_owned(), source.clone());
        source
    }
}

/// What a finding's member may be called, best first.
fn members_of(finding: &Finding, when: When) -> Vec<String> {
    let value = match when {
        When::Before => &finding.before,
        When::After => &finding.after,
    };
    let spelled = value.as_ref().and_then(|value| value.as_str()).filter(|text| text::is_word(text)).map(str::to_owned);
    let is_named = finding.rule.ends_with("-renamed") || finding.rule.contains("-enum-") || finding.rule.contains("-value-");
    let location = &finding.location;
    let last = |path: &str| path.rsplit(['.', '/']).map(|part| part.trim_end_matches("[]").to_owned()).find(|part| !part.is_empty());
    let shared = location.shared.as_deref().and_then(|shared| shared.split_once('.')).and_then(|(_, path)| last(path));
    let part = location.part.split_whitespace().last().filter(|_| location.part.contains(' ') && !location.part.ends_with(" body"));
    let names = spelled.filter(|_| is_named).into_iter().chain(shared).chain(last(&location.path)).chain(part.map(str::to_owned));
    let mut members: Vec<String> = Vec::new();
    for name in names.filter(|name| text::is_word(name)) {
        if !members.contains(&name) {
            members.push(name);
        }
    }
    members
}

/// The types a finding may stand in, best first.
fn types_of(finding: &Finding, class: Option<&str>) -> Vec<String> {
    let mut types: Vec<String> = class.map(str::to_owned).into_iter().collect();
    if let Some(shared) = &finding.location.shared {
        let name = shared.split(['.', '[', '#']).next().unwrap_or_default();
        let plain = name.trim_end_matches("-Input").trim_end_matches("-Output");
        let unqualified = plain.split_once('_').map(|(_, rest)| rest.to_owned());
        types.extend([plain.to_owned()].into_iter().chain(unqualified));
    }
    if finding.contract == Domain::Event {
        types.extend(
            finding.location.part.split_whitespace().filter(|word| word.starts_with(|c: char| c.is_uppercase())).map(str::to_owned),
        );
    }
    types.retain(|name| text::is_word(name));
    types.dedup();
    types
}
