//! What all that runs containers has in common: images, the engines they are known for, ports.

use super::engines;
use crate::facts::infrastructure::{Image, ImageRole, Infrastructure, Port, Section, Spot, Thing};

/// Adds an image that a service runs, and the datastore it is known for.
pub fn image(name: &str, raw: &str, spot: &Spot, service: Option<&str>, found: &mut Infrastructure) {
    let is_known = !name.is_empty() && !name.starts_with('$');
    if !is_known {
        return;
    }
    let aliases = if raw == name || raw.is_empty() { Vec::new() } else { vec![raw.to_owned()] };
    found.images.push(Image { name: name.to_owned(), role: ImageRole::Runs, aliases, spots: vec![spot.clone()] });
    found.things.extend(datastore(name, service, spot));
}

/// Ports sorted, each container port once for every way it is published.
pub fn joined_ports(mut ports: Vec<Port>) -> Vec<Port> {
    ports.sort();
    ports.dedup();
    let published: Vec<(u16, String)> =
        ports.iter().filter(|port| port.published.is_some()).map(|port| (port.container, port.protocol.clone())).collect();
    ports.retain(|port| port.published.is_some() || !published.contains(&(port.container, port.protocol.clone())));
    ports
}

/// The engine that a service's image is known for, as a thing of its own.
pub fn datastore(image: &str, service: Option<&str>, spot: &Spot) -> Option<Thing> {
    let engine = engines::of_image(image)?;
    let mut thing = Thing::new(Section::Datastore, engine.name, "", spot.clone());
    thing.aliases.extend((!engine.alias.is_empty()).then(|| engine.alias.to_owned()));
    thing.service = service.map(str::to_owned);
    thing.version = engines::version_of(image);
    Some(thing)
}
