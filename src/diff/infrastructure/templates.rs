//! Templates and modules: what goes in, what comes out, whose resources they are.

use super::images;
use super::resources::is_region;
use super::told::{Sides, Told};
use crate::contract::model::infrastructure::{Infrastructure, Needed, Variable};

/// Compares inputs, outputs and providers.
pub fn compare(told: &mut Told, before: &Infrastructure, after: &Infrastructure) {
    variables(told, &before.variables, &after.variables);
    outputs(told, &before.outputs, &after.outputs);
    providers(told, &before.providers, &after.providers);
}

fn variables(told: &mut Told, before: &[Variable], after: &[Variable]) {
    let sides = Sides::of(before, after, |variable| (variable.name.clone(), folder_of(variable)));
    let subject = |variable: &Variable| format!("variable {}", variable.name);
    for variable in &sides.gone {
        told.tell("infra-variable-removed", subject(variable), "");
    }
    for variable in sides.new.iter().filter(|variable| variable.required) {
        told.tell("infra-variable-required-added", subject(variable), "");
    }
    for (old, new) in &sides.both {
        if new.required && !old.required {
            told.differs("infra-variable-required-added", (&subject(new), "default"), old.default.as_deref(), None);
        } else if old.default != new.default && !old.required {
            let rule = if is_region(&new.name) { "infra-region-changed" } else { "infra-variable-default-changed" };
            told.differs(rule, (&subject(new), "default"), old.default.as_deref(), new.default.as_deref());
        }
    }
}

/// The folder of a module: inputs of one name in different folders are different.
fn folder_of(variable: &Variable) -> String {
    let file = variable.evidence.iter().map(|evidence| evidence.file.as_str()).min().unwrap_or_default();
    file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}

fn outputs(told: &mut Told, before: &[Needed], after: &[Needed]) {
    let sides = Sides::of(before, after, |output| output.name.clone());
    for output in &sides.gone {
        told.tell("infra-output-removed", format!("output {}", output.name), "");
    }
    for (old, new) in &sides.both {
        if old.kind != new.kind || old.service != new.service {
            let said = |output: &Needed| output.service.clone().unwrap_or_else(|| output.kind.clone());
            told.differs("infra-output-changed", (&format!("output {}", new.name), ""), Some(&said(old)), Some(&said(new)));
        }
    }
}

fn providers(told: &mut Told, before: &[Needed], after: &[Needed]) {
    let sides = Sides::of(before, after, |provider| (provider.name.clone(), provider.kind.clone()));
    for (old, new) in &sides.both {
        if let (Some(left), Some(right)) = (&old.version, &new.version)
            && images::major_of("", left) != images::major_of("", right)
        {
            told.differs("infra-provider-major-changed", (&format!("provider {}", new.name), "version"), Some(left), Some(right));
        }
    }
}
