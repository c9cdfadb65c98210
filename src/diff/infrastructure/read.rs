//! Infrastructure documents as the contract model has them. What an item does not say has its usual value.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::contract::model::infrastructure::Infrastructure;

/// Reads an infrastructure document, JSON.
///
/// # Errors
/// When the bytes are no such document: why.
pub fn read(bytes: &[u8]) -> Result<Value, String> {
    let document: Value = serde_json::from_slice(bytes).map_err(|error| format!("cannot read the infrastructure document: {error}"))?;
    let schema = document.get("$schema").and_then(Value::as_str).unwrap_or_default();
    if schema.contains("infrastructure_contract") {
        return Ok(document);
    }
    Err("it is no infrastructure document: its `$schema` names none".to_owned())
}

/// What a document says.
pub fn model_of(document: Option<&Value>) -> Infrastructure {
    let Some(document) = document else { return Infrastructure::default() };
    let mut all = Infrastructure {
        services: section(document, "services"),
        images: section(document, "images"),
        env_vars: section(document, "env_vars"),
        cloud_resources: section(document, "cloud_resources"),
        variables: section(document, "variables"),
        functions: section(document, "functions"),
        schedules: section(document, "schedules"),
        pipelines: section(document, "pipelines"),
        ..Infrastructure::default()
    };
    let names: Vec<&str> = Infrastructure::default().needed().iter().map(|(name, _)| *name).collect();
    for (name, list) in names.into_iter().zip(all.needed_mut()) {
        *list = section(document, name);
    }
    all
}

fn section<T: Default + Serialize + DeserializeOwned>(document: &Value, name: &str) -> Vec<T> {
    let usual = serde_json::to_value(T::default()).unwrap_or_default();
    let items = document.get(name).and_then(Value::as_array).into_iter().flatten();
    let whole = items.filter_map(|item| {
        let mut whole = usual.as_object()?.clone();
        whole.extend(item.as_object()?.clone());
        serde_json::from_value(Value::Object(whole)).ok()
    });
    whole.collect()
}
