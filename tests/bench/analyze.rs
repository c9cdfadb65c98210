//! Where the time goes: `cargo bench --bench analyze -- PATH`. Prints the stages of an analysis and their ratio to the bound:
//! listing, reading and parsing the same files with the same grammars on the same threads. Asserts nothing.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use contract_agent::contract::documents::documents;
use contract_agent::outline::parses;
use contract_agent::pipeline::{Progress, analyze, on_threads};
use contract_agent::scan::{FileKind, Options, Tree, scan};
use contract_agent::settings::Settings;
use rayon::prelude::*;

/// Each is measured so often; the best counts, since everything else on the machine only adds.
const ROUNDS: usize = 5;

/// Writes down when stages begin.
#[derive(Default)]
struct Clock(Mutex<Vec<(&'static str, Instant)>>);

impl Progress for Clock {
    fn stage(&self, name: &'static str, _steps: usize) {
        self.0.lock().expect("no holder panics").push((name, Instant::now()));
    }
}

struct Bound {
    listed: Duration,
    parsed: Duration,
    files: usize,
    bytes: usize,
}

/// Lists, reads and parses, and nothing else.
fn bound(folder: &Path) -> Bound {
    let start = Instant::now();
    let tree = listed(folder);
    let listed = start.elapsed();
    let read = |index: usize| -> (usize, usize) {
        let FileKind::Code(language) = tree.files[index].kind else { return (0, 0) };
        let Ok(bytes) = tree.read(index) else { return (0, 0) };
        if tree.judge(index, &bytes).is_some() {
            return (0, 0);
        }
        (usize::from(parses(language, &bytes)), bytes.len())
    };
    let (files, bytes) = (0..tree.files.len()).into_par_iter().map(read).reduce(|| (0, 0), |one, two| (one.0 + two.0, one.1 + two.1));
    Bound { listed, parsed: start.elapsed() - listed, files, bytes }
}

fn listed(folder: &Path) -> Tree {
    scan(folder, &Options::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// The stages of one analysis, in order.
fn stages(folder: &Path) -> Vec<(&'static str, Duration)> {
    let clock = Clock::default();
    let start = Instant::now();
    let tree = listed(folder);
    let contract = analyze(&tree, &Settings::default(), "measured", &clock).contract;
    let analyzed = Instant::now();
    let documents = documents(&contract);
    assert!(!documents.is_empty());
    let mut begins = vec![("listing", start)];
    begins.extend(clock.0.into_inner().expect("no holder panicked"));
    begins.push(("documents", analyzed));
    begins.push(("", Instant::now()));
    // What lies between listing and the first stage belongs to listing.
    begins.windows(2).map(|pair| (pair[0].0, pair[1].1 - pair[0].1)).collect()
}

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).map_or_else(|| PathBuf::from("."), PathBuf::from);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    on_threads(threads, || measure(&folder, threads)).expect("threads to measure with");
}

fn measure(folder: &Path, threads: usize) {
    let bound = (0..ROUNDS).map(|_| bound(folder)).min_by_key(|bound| bound.listed + bound.parsed).expect("at least one round");
    let runs: Vec<Vec<(&str, Duration)>> = (0..ROUNDS).map(|_| stages(folder)).collect();
    let total = |run: &Vec<(&str, Duration)>| run.iter().map(|(_, time)| *time).sum::<Duration>();
    let best = runs.into_iter().min_by_key(total).expect("at least one round");
    let least = bound.listed + bound.parsed;
    let line = |name: &str, time: Duration| {
        println!("{name:<12} {:>10.1} ms   {:>6.2} x", time.as_secs_f64() * 1e3, time.as_secs_f64() / least.as_secs_f64().max(1e-9));
    };
    println!("{}: {} files, {:.1} MB, {threads} threads, best of {ROUNDS}", folder.display(), bound.files, bound.bytes as f64 / 1e6);
    println!("\nthe bound");
    line("listing", bound.listed);
    line("parsing", bound.parsed);
    line("both", least);
    println!("\nan analysis");
    for (name, time) in &best {
        line(name, *time);
    }
    line("all", total(&best));
}
