//! Which service a piece of code means: by its name, and where several have that name by what the code has it from.

use std::collections::{BTreeMap, HashMap};

use super::joined;
use crate::base::Name;
use crate::facts::grpc::GrpcUse;
use crate::facts::program::Program;
use crate::facts::proto::ProtoFile;

/// A service of the repository.
struct Known<'a> {
    full: String,
    file: &'a ProtoFile,
}

/// The uses of each service, sorted.
pub(super) fn join(program: &dyn Program, files: &[ProtoFile], found: &[GrpcUse]) -> BTreeMap<Name, Vec<GrpcUse>> {
    let mut known: HashMap<&str, Vec<Known>> = HashMap::new();
    for file in files {
        for service in &file.services {
            known.entry(&service.name).or_default().push(Known { full: joined(&file.package, &service.name), file });
        }
    }
    let mut joined: BTreeMap<Name, Vec<GrpcUse>> = BTreeMap::new();
    for one in found {
        // Generated code adds words of its own: `OrdersService`, `OrdersDefinition`.
        let plain = ["", "Service", "Definition"].iter().filter_map(|end| one.service.strip_suffix(end));
        let candidates = plain.filter_map(|name| known.get(name)).next().map_or(&[][..], Vec::as_slice);
        let path = program.path(one.place.file);
        let best = candidates.iter().max_by_key(|candidate| (nearness(candidate, &one.from), shared(&candidate.file.file, path)));
        if let Some(best) = best {
            joined.entry(best.full.as_str().into()).or_default().push(one.clone());
        }
    }
    for uses in joined.values_mut() {
        uses.sort();
        uses.dedup();
    }
    joined
}

/// How many words of the service's package and file the code's own source has.
fn nearness(candidate: &Known, from: &str) -> usize {
    let words: Vec<&str> = from.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let stem = candidate.file.file.rsplit('/').next().unwrap_or_default().trim_end_matches(".proto");
    let own = candidate.file.package.split('.').chain(stem.split(['_', '-']));
    own.filter(|word| !word.is_empty() && words.contains(word)).count()
}

/// How many folders two paths share.
fn shared(one: &str, other: &str) -> usize {
    one.split('/').zip(other.split('/')).take_while(|(one, other)| one == other).count()
}

/// `GetOrder`, `getOrder` and `get_order` are one method.
pub(super) fn plain(method: &str) -> String {
    method.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}
