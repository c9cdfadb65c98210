//! What a feature needs to run, for human readers.

use super::{LIST_CAP, codes, place};
use crate::contract::documents::INFRASTRUCTURE_CONTRACT;
use crate::contract::documents::markdown::{code, table, text};
use crate::contract::model::infrastructure::{EnvVar, Infrastructure, Needed, Service};

/// The whole section; empty when nothing is needed.
pub fn told(infrastructure: &Infrastructure) -> String {
    if infrastructure.is_empty() {
        return String::new();
    }
    let mut out = String::new();
    part(&mut out, "Services", &services(&infrastructure.services));
    part(&mut out, "Environment variables", &variables(&infrastructure.env_vars));
    let mut lines: Vec<String> = Vec::new();
    lines.extend(line("Images", infrastructure.images.iter().map(|image| image.name.as_str())));
    for (name, needed) in infrastructure.needed() {
        lines.extend(line(&title(name), needed.iter().map(name_of)));
    }
    lines.extend(line("Functions", infrastructure.functions.iter().map(|function| function.name.as_str())));
    lines.extend(line("Schedules", infrastructure.schedules.iter().map(|schedule| schedule.name.as_str())));
    let resources: Vec<String> =
        infrastructure.cloud_resources.iter().map(|resource| format!("{}.{}", resource.kind, resource.name)).collect();
    lines.extend(line("Cloud resources", resources.iter().map(String::as_str)));
    lines.extend(line("Variables", infrastructure.variables.iter().map(|variable| variable.name.as_str())));
    for pipeline in &infrastructure.pipelines {
        lines.extend(line(&format!("Pipeline {}", code(&pipeline.file)), pipeline.jobs.iter().map(|job| job.id.as_str())));
    }
    part(&mut out, "Also needed", &lines.concat());
    out.push_str(&format!("\nThe details stand in [`{INFRASTRUCTURE_CONTRACT}`]({INFRASTRUCTURE_CONTRACT}).\n"));
    out.trim_start().to_owned()
}

fn part(out: &mut String, title: &str, body: &str) {
    if !body.is_empty() {
        out.push_str(&format!("\n### {title}\n\n{body}"));
    }
}

fn name_of(needed: &Needed) -> &str {
    &needed.name
}

/// `external_hosts` → `External hosts`.
fn title(section: &str) -> String {
    let words = section.replace('_', " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + chars.as_str())
}

fn line<'a>(title: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<String> = names.map(str::to_owned).collect();
    let shown = codes(names.get(..LIST_CAP).unwrap_or(&names));
    let more = names.len().checked_sub(LIST_CAP).filter(|more| *more > 0).map(|more| format!(" and {more} more")).unwrap_or_default();
    (!names.is_empty()).then(|| format!("- {title}: {shown}{more}\n"))
}

fn services(services: &[Service]) -> String {
    let row = |service: &Service| {
        let ports: Vec<String> = service
            .ports
            .iter()
            .map(|port| {
                port.published.as_ref().map_or_else(|| port.container.to_string(), |outside| format!("{outside}:{}", port.container))
            })
            .collect();
        let runs =
            service.image.clone().or_else(|| service.build.as_ref().map(|folder| format!("built from {folder}"))).unwrap_or_default();
        vec![code(&service.name), text(&service.platform), code(&runs), codes(&ports), codes(&service.depends_on)]
    };
    table(&["Service", "On", "Runs", "Ports", "Waits for"], &services.iter().map(row).collect::<Vec<_>>())
}

fn variables(variables: &[EnvVar]) -> String {
    let row = |variable: &EnvVar| {
        let needed = if variable.required { "yes" } else { "no" };
        let readers = variable.read_by.first().map(place).unwrap_or_default();
        let default = variable.default.as_deref().map(code).unwrap_or_default();
        vec![code(&variable.name), needed.to_owned(), default, readers]
    };
    table(&["Variable", "Required", "Default", "Read in"], &variables.iter().take(LIST_CAP).map(row).collect::<Vec<_>>())
}
