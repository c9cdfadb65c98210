//! A repository whose contracts are watched: its settings, its history, the contracts it has committed, and what its code
//! yields, each for the work tree, the index, or a revision.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::Globals;
use super::answers::Answers;
use super::failure::Failure;
use super::run::{self, Target, below, options_of, settings_for};
use super::validate::files_of;
use crate::base::blob::BlobId;
use crate::contract::documents::{Document, documents};
use crate::contract::model::Contract;
use crate::contract::version::Bump;
use crate::diff::promises::Promises;
use crate::diff::{self, Change};
use crate::guard::contracts::{Contracts, ContractsError};
use crate::guard::policy::PolicyError;
use crate::guard::{Policy, Side, State, acceptance};
use crate::pipeline::Either;
use crate::scan::{self, FileKind, History, ScanError, Source, Tree};
use crate::settings::{self, Settings, SettingsError};
use crate::store::{Digest, Store};
use crate::write;

/// A repository whose contracts are watched.
pub(super) struct Watched<'a> {
    /// The folder.
    pub folder: PathBuf,
    /// Its settings.
    pub settings: Settings,
    /// What they say of changes.
    pub policy: Policy,
    /// The repository around it.
    pub history: Option<History>,
    /// Where its contracts lie.
    pub output: PathBuf,
    /// The same from the folder; `None` when they lie outside.
    pub below: Option<String>,
    /// Which files are asked for.
    pub target: Target,
    /// What every command is told.
    pub globals: &'a Globals,
}

/// What the code of one state yields.
pub(super) struct Derived {
    /// The contract.
    pub contract: Contract,
    /// Its files.
    pub tree: Tree,
    /// Names all that the contract follows from, when it would come out the same again.
    pub digest: Option<Digest>,
    /// What is to be said of the answers that were laid over it.
    pub told: Vec<String>,
    /// What answers have filled, as it was called before.
    pub filled: BTreeSet<String>,
    promises: OnceCell<Promises>,
}

impl Derived {
    /// What it promises; evidence has lines. Made when it is asked for: where nothing changed nobody does.
    pub fn promises(&self) -> &Promises {
        self.promises.get_or_init(|| Promises::of_contract(&self.contract).expect("a settled contract makes documents that can be read"))
    }

    /// The bytes of a file.
    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.tree.read(self.tree.index_of(path)?).ok()
    }

    /// Its documents, with the versions of committed ones where nothing changed.
    pub fn documents(&mut self, committed: &Contracts) -> Vec<Document> {
        self.contract.carry_versions(committed.repo.as_ref(), None, |_| Bump::Patch);
        documents(&self.contract)
    }
}

/// One side of a comparison, wherever its promises come from.
pub(super) struct SideOf {
    /// How reports name it.
    pub side: Side,
    /// What it promises.
    pub promises: Promises,
    /// Its committed contracts, with what they accept.
    pub contracts: Contracts,
    /// Its code, when it was derived.
    pub derived: Option<Derived>,
    /// Its revision, when it is one.
    pub revision: Option<String>,
}

/// The bytes of the files of a revision.
pub(super) struct Blobs<'a> {
    history: Option<&'a History>,
    revision: Option<String>,
    known: RefCell<Option<BTreeMap<String, BlobId>>>,
}

impl<'a> Blobs<'a> {
    /// Of a revision; without one there are none.
    pub fn new(history: Option<&'a History>, revision: Option<String>) -> Self {
        Self { history, revision, known: RefCell::default() }
    }

    /// The bytes of a file.
    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        let (history, revision) = (self.history?, self.revision.clone()?);
        let mut known = self.known.borrow_mut();
        let blobs = known.get_or_insert_with(|| history.blobs(&Source::Revision(revision)).unwrap_or_default());
        history.read(*blobs.get(path)?).ok()
    }
}

impl<'a> Watched<'a> {
    /// Opens a folder; `output` names its contracts folder when the settings do not.
    pub fn open(path: Option<&Path>, output: Option<&Path>, target: &Target, globals: &'a Globals) -> Result<Self, Failure> {
        let folder = path.unwrap_or(Path::new(".")).to_owned();
        let history = History::open(&folder)?;
        let settings = match history.as_ref().filter(|_| target.staged && globals.config.is_none()).and_then(staged_settings) {
            Some(settings) => settings?,
            None => settings_for(&folder, globals)?,
        };
        let policy = Policy::new(&settings.guard)?;
        let output = match (output, path) {
            (Some(output), _) => output.to_owned(),
            (None, Some(path)) => path.join(&settings.output.dir),
            (None, None) => settings.output.dir.clone(),
        };
        let below = below(&output, &folder);
        Ok(Self { folder, settings, policy, history, output, below, target: target.clone(), globals })
    }

    /// A folder whose repository, if there is one, is not asked.
    pub fn without_history(folder: &Path, target: &Target, globals: &'a Globals) -> Result<Self, Failure> {
        let settings = settings_for(folder, globals)?;
        let policy = Policy::new(&settings.guard)?;
        let output = folder.join(&settings.output.dir);
        Ok(Self { folder: folder.to_owned(), settings, policy, history: None, output, below: None, target: target.clone(), globals })
    }

    /// What changed between two states, under the settings.
    pub fn changes(&self, before: &Promises, after: &Promises) -> Vec<Change> {
        diff::compare_under(before, after, &self.policy.of_http(&today()))
    }

    /// How reports name the contracts folder: from the repository's top when it lies in it.
    pub fn shown(&self) -> String {
        match &self.below {
            Some(below) => below.clone(),
            None => self.output.display().to_string(),
        }
    }

    /// The repository, which something asked for needs.
    pub fn history(&self) -> Result<&History, Failure> {
        self.history.as_ref().ok_or_else(|| {
            Failure::new("there is no git repository")
                .at(&self.folder)
                .help("only the files on disk can be checked here; `git init` makes it a repository")
        })
    }

    /// The committed contracts of a state.
    pub fn contracts(&self, source: &Source) -> Result<Contracts, Failure> {
        self.try_contracts(source)?.map_err(|error| self.bad_contracts(&error))
    }

    /// The same, with what is wrong with them for whoever can do without.
    pub fn try_contracts(&self, source: &Source) -> Result<Result<Contracts, ContractsError>, Failure> {
        let files = match (source, &self.below) {
            (Source::WorkTree, _) if !self.output.exists() => Vec::new(),
            (Source::WorkTree, _) => {
                write::settle(&self.output, write::WAIT)?;
                files_of(&self.output)?
            }
            (_, Some(below)) => self.history()?.files(source, below)?,
            (_, None) => {
                let failure = Failure::new("the contracts of the index or a revision must lie in the folder that is checked");
                return Err(failure.at(&self.output).help("check the folder that holds both: `contract-agent check FOLDER`"));
            }
        };
        Ok(Contracts::read(files))
    }

    /// Refuses a work tree that lacks what contracts are made of: what is not there would be told as gone.
    pub fn whole_work_tree(&self) -> Result<(), Failure> {
        let Some(history) = &self.history else { return Ok(()) };
        let ours = format!("{}/", self.shown());
        let matters = |path: &String| path.starts_with(&ours) || scan::kind_of(path) != FileKind::Other;
        let Some(first) = history.not_checked_out()?.into_iter().find(matters) else { return Ok(()) };
        let failure = Failure { place: Some(first), ..Failure::new("a sparse checkout leaves out what contracts are made of") };
        Err(failure.help("`--staged` checks the index and `--rev HEAD` the commit, both whole; `git sparse-checkout add` brings folders"))
    }

    fn bad_contracts(&self, error: &ContractsError) -> Failure {
        Failure::new(error.to_string()).at(&self.output.join(error.place())).help(error.help())
    }

    /// The files of a state.
    pub fn scan(&self, source: Source) -> Result<Tree, ScanError> {
        let mut options = options_of(&self.settings, &self.target);
        options.source = source;
        options.output.clone_from(&self.below);
        scan::scan(&self.folder, &options)
    }

    /// What earlier runs have stored.
    pub fn store(&self, tree: &Tree) -> Option<Store> {
        self.target.cache.open(tree)
    }

    /// What the code of a state yields.
    pub fn derive(&self, source: Source) -> Result<Derived, Failure> {
        let tree = self.scan(source.clone())?;
        let store = self.store(&tree);
        match self.derive_unless(tree, &source, store.as_ref(), |_| None)? {
            Ok(derived) | Err(derived) => Ok(derived),
        }
    }

    /// What the code of a tree yields, unless what is asked for is known for the digest of what it comes to.
    pub fn derive_unless<T: Send>(
        &self,
        tree: Tree,
        source: &Source,
        store: Option<&Store>,
        known: impl FnOnce(Digest) -> Option<T> + Send,
    ) -> Result<Result<Derived, T>, Failure> {
        let threads = options_of(&self.settings, &self.target).threads;
        let answers = Answers::of(source, &self.folder, &self.output, self.below.as_deref())?;
        // Answers rest on the text of code, which the digest of its facts does not name.
        let known = |digest| if answers.list.is_empty() { known(digest) } else { None };
        let analysis = match run::unless(&tree, &self.settings, store, (threads, self.globals.quiet), known)? {
            Either::Known(known) => return Ok(Err(known)),
            Either::New(analysis) => *analysis,
        };
        let (mut contract, digest) = (analysis.contract, analysis.digest);
        analysis.scaffold.free();
        let outcome = answers.apply(&mut contract, &tree);
        let told = answers.told(&outcome);
        Ok(Ok(Derived { contract, tree, digest, told, filled: outcome.filled, promises: OnceCell::new() }))
    }

    /// A revision's promises: its committed contracts when this program wrote them and they are whole, else what its code
    /// yields.
    pub fn revision(&self, name: &str, commit: &str, from: From) -> Result<(SideOf, Option<String>), Failure> {
        let source = Source::Revision(commit.to_owned());
        let (contracts, trouble) = match self.try_contracts(&source)? {
            Ok(contracts) => (contracts, None),
            Err(error) => (Contracts::default(), Some(error.to_string())),
        };
        let mut side = SideOf {
            side: Side { name: name.to_owned(), commit: Some(commit.to_owned()), state: State::Written },
            promises: Promises::default(),
            contracts,
            derived: None,
            revision: Some(commit.to_owned()),
        };
        let is_believed = from == From::Contracts && side.contracts.is_whole_and_ours();
        if let Some(promises) = is_believed.then(|| Promises::of_files(&side.contracts.files()).ok()).flatten() {
            side.promises = promises;
            return Ok((side, None));
        }
        let why = match (&trouble, &side.contracts.written_by) {
            (Some(trouble), _) => format!("{trouble} at {name}: derived from its code instead"),
            (None, None) => format!("no contracts are committed at {name}: derived from its code instead"),
            (None, Some(version)) if !side.contracts.is_ours() => {
                format!("the contracts at {name} were written by contract-agent {version}: derived from its code by this version instead")
            }
            (None, Some(_)) => format!("the contracts at {name} are not whole: derived from its code instead"),
        };
        let derived = self.derive(source)?;
        side.side.state = State::Derived;
        side.promises = derived.promises().clone();
        side.derived = Some(derived);
        Ok((side, (from == From::Contracts).then_some(why)))
    }
}

/// The settings as the next commit will hold them, when it holds some.
fn staged_settings(history: &History) -> Option<Result<Settings, SettingsError>> {
    let (at, blob) = history.first_staged(&settings::NAMES).ok()??;
    let text = String::from_utf8(history.read(blob).ok()?).ok()?;
    Some(settings::parse(&text, Path::new(settings::NAMES[at])))
}

/// Where a revision's promises are taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// Its committed contracts, when they can be believed.
    Contracts,
    /// Its code, whatever is committed.
    Code,
}

impl std::convert::From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        Self::new("the settings name something that does not exist").because(&error).help(error.help.clone())
    }
}

/// A failure of a list of accepted breaks in a contracts folder.
pub(super) fn bad_acceptance(folder: &Path, error: &acceptance::Malformed) -> Failure {
    let failure = Failure::new(error.to_string()).at(&folder.join(&error.place));
    failure.help("correct the file, or delete it; `contract-agent accept` writes it anew")
}

/// Today, as people write it: `2026-12-31`. `SOURCE_DATE_EPOCH` stands for the clock where it is set.
pub(super) fn today() -> String {
    let told = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse::<u64>().ok());
    let clock = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let days = i64::try_from(told.unwrap_or_else(clock) / 86_400).unwrap_or(0);
    // Days since 0000-03-01, in eras of 400 years.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
