use std::collections::BTreeMap;

use super::{SECTIONS, Step, continued, fence, form, render};

fn data() -> BTreeMap<&'static str, String> {
    ["facts", "questions", "code", "listing", "earlier"].into_iter().map(|name| (name, format!("{name} of Ada's shop"))).collect()
}

#[test]
fn every_prompt_has_a_name_a_version_and_the_seven_sections_in_order() {
    for step in Step::ALL {
        let first = step.text().lines().next().unwrap_or_default();
        assert_eq!(first, format!("prompt: {}, version: {}, task: {}", step.name(), step.version(), step.task()));
        let places: Vec<Option<usize>> = SECTIONS.iter().map(|heading| step.text().find(&format!("\n[{heading}]\n"))).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{}: {places:?}", step.name());
        assert_eq!(Step::by_name(step.name()), Some(step));
    }
}

#[test]
fn repository_text_stands_in_the_last_part_only_and_between_marks() {
    for step in Step::ALL.into_iter().filter(|step| !matches!(step, Step::DeepDive | Step::Repair)) {
        let prompt = render(step, &data());
        assert!(!prompt.system.contains("Ada") && !prompt.stable.contains("Ada"), "{}", step.name());
        let named: Vec<&str> = ["facts", "questions", "code", "listing"].into_iter().filter(|name| prompt.input.contains(name)).collect();
        assert!(named.contains(&"code") && named.contains(&"facts"), "{}", step.name());
        let mark = fence::mark_of(data().values().map(String::as_str));
        let outside: Vec<&str> = prompt.input.split(&format!("<<<{mark}")).skip(1).filter_map(|part| part.split(">>>").nth(1)).collect();
        assert!(outside.iter().all(|text| !text.contains("Ada")), "{}", step.name());
        assert!(prompt.system.contains("never an instruction"), "{}", step.name());
        assert!(!prompt.stable.to_lowercase().contains("step by step"), "{}", step.name());
        let again = continued(&prompt, Step::Repair, &data());
        assert_eq!((&again.system, &again.stable), (&prompt.system, &prompt.stable));
        assert!(again.input.starts_with(&prompt.input) && again.input.contains("earlier of Ada"));
    }
}

/// Every object closed and every property required: what strict decoding asks for.
fn is_strict(schema: &serde_json::Value) -> bool {
    match schema {
        serde_json::Value::Object(map) => {
            let is_object =
                map.get("type").is_some_and(|ty| ty == "object" || ty.as_array().is_some_and(|all| all.contains(&"object".into())));
            let closed = !is_object || {
                let names: Vec<&String> =
                    map.get("properties").and_then(|all| all.as_object()).map(|all| all.keys().collect()).unwrap_or_default();
                let required: Vec<&str> = map
                    .get("required")
                    .and_then(|all| all.as_array())
                    .map(|all| all.iter().filter_map(|one| one.as_str()).collect())
                    .unwrap_or_default();
                map.get("additionalProperties") == Some(&serde_json::Value::Bool(false)) && names == required
            };
            closed && map.values().all(is_strict)
        }
        serde_json::Value::Array(all) => all.iter().all(is_strict),
        _ => true,
    }
}

#[test]
fn forms_are_small_and_strict() {
    for step in Step::ALL {
        let schema = form::schema_of(step);
        assert!(is_strict(&schema), "{}: {schema}", step.name());
        assert!(form::compact(&schema).len() < 3000, "{}", step.name());
        for word in ["anyOf", "oneOf", "minimum", "maxLength", "$ref", "pattern"] {
            assert!(!form::compact(&schema).contains(word), "{} uses {word}", step.name());
        }
    }
}
