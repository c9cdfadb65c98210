//! contract-agent reads a repository's source and writes down what it promises.
//!
//! # Rooms
//!
//! Data flows one way; `tests/it/architecture.rs` holds the table of who may use whom.
//!
//! ```text
//! scan → outline → facts → link → features → contract → diff → guard → report, write
//!                    ↑       ↑
//!                 frameworks, formats
//! ```
//!
//! - [`base`]: names, languages, problems, and source code in one language-neutral form.
//! - [`scan`]: which files there are and their bytes: of the work tree, the index, or a revision.
//! - [`outline`]: bytes of one file → its outline. The only room that knows tree-sitter.
//! - [`facts`]: what one file contributes, what frameworks find, and the questions they may ask of all files ([`facts::program::Program`]).
//! - [`frameworks`]: what libraries look like, one file each, with a registry.
//! - [`formats`]: readers of what is not program code: SQL, Prisma, OpenAPI, AsyncAPI, GraphQL, proto, YAML, HCL.
//! - [`link`]: all files together: modules, names, values, types, mounts, schemas; migrations replayed, channels joined, documents about
//!   infrastructure laid over one another.
//! - [`features`]: the linked system → features and the graph between them.
//! - [`contract`]: the model of what is promised, its canonical form, its documents, their validation.
//! - [`diff`]: two states of what is promised → changes, each with a rule of the catalogue and a level.
//! - [`guard`]: the gate: findings, who accepted them, the policy that judges them, the verdict.
//! - [`llm`]: questions that code leaves open, put to models: who is asked, what may leave, which answers stand.
//!   The only room that knows the network.
//! - [`report`]: what a run found, for people and programs. [`mod@write`]: documents onto the disk, all or nothing.
//! - [`store`]: what earlier runs have worked out, on disk; it may vanish at any time.
//! - [`settings`]: `contract-agent.toml`. [`pipeline`]: the rooms in order, threads, the panic boundary. [`cli`]: one file per command.
//!
//! # What stays true
//!
//! 1. Facts are a function of the bytes and the language of one file: no path, no clock, no other file.
//! 2. Names are resolved before they are matched: `x.get("/a")` is a route because `x` is a router, not because it says `get`.
//! 3. Reading never fails: a value plus problems. A file that makes a reader panic costs that file, and is named.
//! 4. Unknown is said, never guessed: what stays a hole becomes a gap.
//! 5. Everything that leaves is sorted: same tree, same bytes, on any number of threads.
//! 6. Adding a framework takes one file, one folder of cases, one word in the registry.
//!
//! # Words
//!
//! - *outline*: declarations, calls, types and bindings of one file, without control flow.
//! - *site*: from where names are looked up; *meaning*: what an expression denotes as far as names can tell.
//! - *owner*: an application, router or controller; *mount*: one owner under another, with a prefix; *route*: a leaf.
//! - *served*: an operation with its full path, joined from a root.
//! - *shape*: a type as it travels, whatever declares it; it becomes JSON Schema once.
//! - *change*: what one statement or step of a migration does to a database; *replay*: all of them, in the tool's own order.
//! - *channel*: what messages travel on, by its address; *end*: one place that sends or hears on it.
//! - *need*: what a program needs to run: a service, a variable, a store.
//! - *hole*: something that is not known; *gap*: a hole that stayed, as a question with evidence.
//! - *zone*: a part of a repository that is built or run by itself; *unit*: a folder that is a feature by itself.
//! - *evidence*: a file and a declaration in it; lines are for terminals only.
//! - *finding*: a change with the code that made it, judged; *drift*: committed contracts that are not what the code yields.
//! - *drift*: committed contracts are not what the code yields; *base*: the state that a change is judged against.
//! - *finding*: a change with its place, its code and whether somebody accepted it; *fingerprint*: what it is known by.
//! - *to settle*: to bring into the canonical form.

pub mod base;
pub mod cli;
pub mod contract;
pub mod diff;
pub mod facts;
pub mod features;
pub mod formats;
pub mod frameworks;
pub mod guard;
pub mod link;
pub mod llm;
pub mod outline;
pub mod pipeline;
pub mod report;
pub mod scan;
pub mod settings;
pub mod store;
pub mod write;
