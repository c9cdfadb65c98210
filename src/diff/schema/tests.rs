mod hostile;

use serde_json::{Value, json};

use super::{Comparer, Direction, Place, SchemaChange};
use crate::diff::catalogue::{self, Pair, Rule};
use crate::diff::change::Level;

/// All changes from one schema, or document of named schemas, to another.
fn changes(before: &Value, after: &Value, direction: Direction, place: Place) -> Vec<SchemaChange> {
    let mut comparer = Comparer::new(before, after);
    let mut changes = comparer.compare(before, after, direction, place);
    if before.get("components").is_some() {
        changes.extend(comparer.components());
    }
    changes
}

fn rules() -> Vec<&'static Rule> {
    let rules: Vec<_> = catalogue::rules().filter(|rule| rule.domain == "schema").collect();
    assert!(rules.len() > 250);
    rules
}

fn direction(rule: &Rule) -> Direction {
    if rule.direction.as_deref() == Some("output") { Direction::Output } else { Direction::Input }
}

fn told(rule: &Rule, pair: &Pair) -> Vec<SchemaChange> {
    changes(&pair.before, &pair.after, direction(rule), Place::Body)
}

/// `rule path level` of every change, for plain comparison.
fn check(direction: Direction, before: &Value, after: &Value, expected: &[&str]) {
    check_at(Place::Body, direction, before, after, expected);
}

fn check_at(place: Place, direction: Direction, before: &Value, after: &Value, expected: &[&str]) {
    let told: Vec<String> = changes(before, after, direction, place)
        .iter()
        .map(|change| format!("{} {} {:?}", change.rule, change.path, change.level).to_lowercase())
        .collect();
    assert_eq!(told, expected, "{before} → {after}");
}

#[test]
fn every_rule_fires_on_its_example_at_its_level() {
    let mut missing = Vec::new();
    for rule in rules() {
        let Some(example) = &rule.example else {
            missing.push(format!("{}: no example", rule.id));
            continue;
        };
        let told = told(rule, example);
        if !told.iter().any(|change| change.rule == rule.id && change.level == rule.level) {
            missing.push(format!("{}: {told:?}", rule.id));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn an_example_tells_one_thing() {
    let mut more = Vec::new();
    for rule in rules() {
        let Some(example) = &rule.example else { continue };
        let told = told(rule, example);
        // A schema cannot become recursive without another change.
        if told.len() != 1 && !rule.id.ends_with("recursion-changed") {
            more.push(format!("{}: {:?}", rule.id, told.iter().map(|change| &change.rule).collect::<Vec<_>>()));
        }
    }
    assert!(more.is_empty(), "{}", more.join("\n"));
}

#[test]
fn no_rule_fires_on_its_near_miss() {
    for rule in rules() {
        let Some(quiet) = &rule.quiet else { panic!("{}: no near miss", rule.id) };
        let told = told(rule, quiet);
        assert!(told.iter().all(|change| change.rule != rule.id), "{}: {told:?}", rule.id);
    }
}

#[test]
fn a_swapped_example_fires_the_inverse() {
    for rule in rules() {
        let (Some(example), Some(inverse)) = (&rule.example, &rule.inverse) else { continue };
        let swapped = Pair { before: example.after.clone(), after: example.before.clone() };
        let told = told(rule, &swapped);
        assert!(told.iter().any(|change| change.rule == *inverse), "{}: {told:?}", rule.id);
    }
}

#[test]
fn nothing_changes_from_a_schema_to_itself() {
    for rule in rules() {
        let pairs = rule.example.iter().chain(&rule.quiet).flat_map(|pair| [&pair.before, &pair.after]);
        for schema in pairs {
            for direction in [Direction::Input, Direction::Output] {
                let other = schema.clone();
                assert_eq!(changes(schema, &other, direction, Place::Body), [], "{}: {schema}", rule.id);
            }
        }
    }
}

#[test]
fn what_a_direction_does_not_use_breaks_nothing() {
    for rule in rules() {
        let mark = match (rule.direction.as_deref(), rule.level_when.iter().any(|when| when.when.starts_with("property is "))) {
            (Some("input"), true) => "readOnly",
            (Some("output"), true) => "writeOnly",
            _ => continue,
        };
        let Some(example) = &rule.example else { continue };
        let within = |schema: &Value| {
            let mut member = schema.clone();
            let inner = member.as_object_mut().expect("examples are objects");
            let definitions = inner.remove("$defs").unwrap_or_default();
            inner.insert(mark.to_owned(), json!(true));
            json!({"type": "object", "properties": {"member": member}, "$defs": definitions})
        };
        let (before, after) = (within(&example.before), within(&example.after));
        let told = changes(&before, &after, direction(rule), Place::Body);
        assert!(told.iter().any(|change| change.rule == rule.id), "{}: {told:?}", rule.id);
        assert!(told.iter().all(|change| change.level == Level::Info), "{}: {told:?}", rule.id);
    }
}

const IN: Direction = Direction::Input;
const OUT: Direction = Direction::Output;

fn document(schemas: &Value) -> Value {
    json!({"$ref": "#/components/schemas/Root", "components": {"schemas": schemas}})
}

#[test]
fn references_compositions_and_order_are_no_change() {
    let item = json!({"type": "object", "properties": {"id": {"type": "string"}, "price": {"type": "number", "minimum": 0}}, "required": ["id", "price"]});
    let split = json!({"type": "object", "required": ["price"], "properties": {"price": {"minimum": 0, "type": "number"}}});
    let inline = json!({"type": "object", "properties": {"items": {"type": "array", "items": item.clone()}}});
    let referred = document(&json!({
        "Root": {"properties": {"items": {"items": {"allOf": [{"$ref": "#/components/schemas/Item"}], "description": "one"}, "type": "array"}}, "type": "object"},
        "Item": {"allOf": [split, {"$ref": "#/components/schemas/Id"}]},
        "Id": {"type": "object", "required": ["id"], "properties": {"id": {"type": ["string"]}}}
    }));
    for direction in [IN, OUT] {
        let told = Comparer::new(&inline, &referred).compare(&inline, &referred, direction, Place::Body);
        assert_eq!(told, []);
        let told = Comparer::new(&referred, &inline).compare(&referred, &inline, direction, Place::Body);
        assert_eq!(told, []);
    }
}

#[test]
fn a_change_of_a_shared_schema_is_told_once_where_it_stands() {
    let with = |price: Value| {
        document(&json!({
            "Root": {"type": "object", "properties": {"first": {"$ref": "#/components/schemas/Item"}, "items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}}},
            "Item": {"type": "object", "properties": {"lines": {"type": "array", "items": {"type": "object", "properties": {"price": price}}}}}
        }))
    };
    let (before, after) = (with(json!({"type": "number"})), with(json!({"type": "string"})));
    let told = Comparer::new(&before, &after).compare(&before, &after, OUT, Place::Body);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].path, "first.lines[].price");
    assert_eq!(told[0].shared.as_deref(), Some("Item.lines[].price"));
    assert_eq!((told[0].before.clone(), told[0].after.clone()), (Some(json!("number")), Some(json!("string"))));
}

#[test]
fn a_change_in_a_base_schema_stands_in_the_base_schema() {
    let with = |required: Value| {
        document(&json!({
            "Root": {"type": "object", "properties": {"dog": {"$ref": "#/components/schemas/Dog"}, "cat": {"$ref": "#/components/schemas/Cat"}}},
            "Dog": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"properties": {"bark": {"type": "string"}}}]},
            "Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"properties": {"purr": {"type": "string"}}}]},
            "Pet": {"type": "object", "properties": {"name": {"type": "string"}}, "required": required}
        }))
    };
    let (before, after) = (with(json!([])), with(json!(["name"])));
    let told = Comparer::new(&before, &after).compare(&before, &after, IN, Place::Body);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].shared.as_deref(), Some("Pet.name"));
}

#[test]
fn null_is_the_same_however_it_is_written() {
    let forms = [
        json!({"type": ["string", "null"], "maxLength": 3}),
        json!({"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]}),
        json!({"oneOf": [{"type": "null"}, {"$ref": "#/$defs/Short"}], "$defs": {"Short": {"type": "string", "maxLength": 3}}}),
        json!({"type": "string", "nullable": true, "maxLength": 3}),
    ];
    for before in &forms {
        for after in &forms {
            check(IN, before, after, &[]);
            check(OUT, before, after, &[]);
        }
        let plain = json!({"type": "string", "maxLength": 3});
        check(IN, before, &plain, &["input-became-not-nullable  breaking"]);
        check(OUT, &plain, before, &["output-became-nullable  breaking"]);
    }
    let listed = |values: Value| json!({"type": ["string", "null"], "enum": values});
    check(OUT, &listed(json!(["a"])), &listed(json!(["a", null])), &["output-became-nullable  breaking"]);
    let union = |kinds: Value| json!({"anyOf": kinds});
    let (two, three) = (json!([{"$ref": "#/a"}, {"$ref": "#/b"}]), json!([{"$ref": "#/a"}, {"$ref": "#/b"}, {"type": "null"}]));
    check(IN, &union(two), &union(three), &["input-became-nullable  info", "input-type-changed  breaking"][..1]);
}

#[test]
fn types_lie_within_types() {
    let ty = |name: Value| json!({"type": name});
    check(IN, &ty(json!("integer")), &ty(json!(["number", "string"])), &["input-type-widened  info"]);
    check(
        IN,
        &json!({"type": "integer", "format": "int32"}),
        &json!({"type": "number", "format": "double"}),
        &["input-type-widened  info"],
    );
    check(
        IN,
        &json!({"type": "integer", "format": "int64"}),
        &json!({"type": "integer", "format": "int32"}),
        &["input-type-narrowed  breaking"],
    );
    check(
        OUT,
        &json!({"type": "string", "format": "date"}),
        &json!({"type": "string", "format": "date-time"}),
        &["output-type-changed  breaking"],
    );
    check(OUT, &ty(json!("object")), &json!({}), &["output-type-widened  breaking"]);
    check(IN, &json!({}), &ty(json!("object")), &["input-type-narrowed  breaking"]);
    check(IN, &json!({"enum": ["a"]}), &json!({"type": "string", "enum": ["a"]}), &[]);
    check(IN, &json!(true), &json!({}), &[]);
    check(IN, &json!({"const": "x"}), &json!({"allOf": [{"const": "x"}, {"enum": ["y"]}]}), &["input-const-changed  breaking"]);
    check(OUT, &json!({"enum": [null]}), &json!({}), &["output-type-widened  breaking"]);
    check(IN, &json!({"type": "string"}), &json!({"type": "null"}), &["input-type-changed  breaking"]);
    check(OUT, &json!({"anyOf": [{"type": "string"}, {"type": "integer"}]}), &json!({}), &["output-type-widened  breaking"]);
    check(IN, &ty(json!("string")), &json!(false), &["input-type-narrowed  breaking"]);
    check(IN, &json!({"anyOf": [{"type": "string"}, {"type": "integer"}]}), &ty(json!(["integer", "string"])), &[]);
}

#[test]
fn text_holds_numbers_where_values_travel_as_text() {
    let (number, text) = (json!({"type": "integer", "maximum": 9}), json!({"type": "string"}));
    check_at(Place::Parameter, IN, &number, &text, &["input-type-widened  info"]);
    check_at(Place::Parameter, IN, &text, &number, &["input-type-narrowed  breaking"]);
    check_at(Place::Header, OUT, &text, &number, &["output-type-narrowed  info"]);
    check_at(Place::Body, IN, &number, &text, &["input-type-changed  breaking"]);
    check_at(Place::Text, IN, &number, &text, &["input-type-widened  info"]);
    check_at(Place::Parameter, IN, &text, &json!({"type": "array", "items": {"type": "string"}}), &["input-type-widened  info"]);
    check_at(
        Place::Parameter,
        IN,
        &text,
        &json!({"type": "array", "items": {"type": "string", "pattern": "^a"}}),
        &["input-type-changed  breaking"],
    );
    check_at(
        Place::Parameter,
        IN,
        &text,
        &json!({"type": "array", "minItems": 2, "items": {"type": "string"}}),
        &["input-type-changed  breaking"],
    );
}

#[test]
fn limits_are_compared_as_numbers() {
    let of = |keyword: &str, value: Value| json!({"type": "number", keyword: value});
    check(IN, &of("maximum", json!(10)), &of("exclusiveMaximum", json!(10)), &["input-maximum-decreased  breaking"]);
    check(
        IN,
        &of("maximum", json!(9_007_199_254_740_993_i64)),
        &of("maximum", json!(9_007_199_254_740_992_i64)),
        &["input-maximum-decreased  breaking"],
    );
    check(OUT, &of("minimum", json!(1)), &of("minimum", json!(1.0)), &[]);
    check(IN, &json!({"type": "integer", "maximum": 9}), &json!({"type": "integer", "exclusiveMaximum": 10}), &[]);
    check(
        IN,
        &json!({"type": "integer", "maximum": 9}),
        &json!({"type": "integer", "maximum": 9, "exclusiveMaximum": true}),
        &["input-maximum-decreased  breaking"],
    );
    check(IN, &of("multipleOf", json!(4)), &of("multipleOf", json!(2)), &["input-multiple-of-changed  info"]);
    check(OUT, &of("multipleOf", json!(4)), &of("multipleOf", json!(2)), &["output-multiple-of-changed  breaking"]);
}

#[test]
fn contexts_have_levels_of_their_own() {
    let member = |member: Value| json!({"type": "object", "properties": {"id": {"type": "string"}, "old": member}});
    let gone = json!({"type": "object", "properties": {"id": {"type": "string"}}});
    let closed = json!({"type": "object", "properties": {"id": {"type": "string"}}, "additionalProperties": false});
    let mut was_closed = member(json!({"type": "string"}));
    was_closed["additionalProperties"] = json!(false);
    check(IN, &member(json!({"type": "string"})), &gone, &["input-property-removed old warning"]);
    check(IN, &was_closed, &closed, &["input-property-removed old breaking"]);
    check(IN, &member(json!({"type": "string", "deprecated": true})), &gone, &["input-property-removed old info"]);
    check(OUT, &closed, &was_closed, &["output-optional-property-added old warning"]);
    let mut needed = was_closed.clone();
    needed["required"] = json!(["old"]);
    check(OUT, &closed, &needed, &["output-required-property-added old warning"]);
    let flag = |flags: Value| json!({"type": "object", "properties": {"id": flags}, "required": ["id"]});
    check(IN, &flag(json!({"readOnly": true})), &flag(json!({})), &["input-property-became-not-read-only id breaking"]);
    let listed = |values: Value| json!({"type": "string", "enum": values, "x-extensible-enum": true});
    check(OUT, &listed(json!(["a"])), &listed(json!(["a", "b"])), &["output-enum-value-added  info"]);
    let default = |value: Value| json!({"type": "integer", "default": value});
    check_at(Place::Parameter, IN, &default(json!(1)), &default(json!(2)), &["input-default-changed  breaking"]);
    check_at(Place::Parameter, IN, &json!({"type": "integer"}), &default(json!(2)), &["input-default-added  breaking"]);
    check_at(Place::Parameter, IN, &default(json!(1)), &json!({"type": "integer"}), &["input-default-removed  breaking"]);
    let pet = json!({"type": "object", "title": "Pet"});
    let nullable = json!({"oneOf": [pet, {"type": "null"}]});
    check(IN, &pet, &nullable, &["input-became-nullable  info"]);
    check(OUT, &pet, &nullable, &["output-became-nullable  breaking"]);
}

#[test]
fn what_only_reads_or_writes_is_told_as_information_below_it_too() {
    let with = |limit: u64| json!({"type": "object", "properties": {"meta": {"type": "object", "readOnly": true, "properties": {"tag": {"type": "string", "maxLength": limit}}}}});
    check(IN, &with(9), &with(3), &["input-max-length-decreased meta.tag info"]);
    check(OUT, &with(3), &with(9), &["output-max-length-increased meta.tag breaking"]);
}

#[test]
fn alternatives_are_matched_by_name_tag_title_and_what_they_accept() {
    let tagged = |tag: &str, limit: u64| json!({"type": "object", "properties": {"kind": {"const": tag}, "text": {"type": "string", "maxLength": limit}}, "required": ["kind"]});
    let union = |alternatives: Value| json!({"oneOf": alternatives});
    let before = union(json!([tagged("a", 9), tagged("b", 9)]));
    check(IN, &before, &union(json!([tagged("b", 9), tagged("a", 5)])), &["input-max-length-decreased text breaking"]);
    check(IN, &before, &union(json!([tagged("a", 9), tagged("b", 9), tagged("c", 9)])), &["input-one-of-branch-added  info"]);
    check(OUT, &before, &union(json!([tagged("a", 9), tagged("b", 9), tagged("c", 9)])), &["output-one-of-branch-added  breaking"]);
    let wide = json!({"type": "string", "format": "uuid"});
    let (narrow, number) = (json!({"type": "string", "maxLength": 3}), json!({"type": "integer", "minimum": 1}));
    check(
        IN,
        &union(json!([wide, number])),
        &union(json!([number, narrow])),
        &["input-format-removed  info", "input-max-length-added  breaking"],
    );
    // What one alternative accepted, another one accepts now.
    check(
        IN,
        &json!({"anyOf": [narrow, number, {"type": "string", "maxLength": 9}]}),
        &json!({"anyOf": [number, {"type": "string", "maxLength": 9}]}),
        &[],
    );
    // An alternative that stands beside members is compared together with them.
    let beside =
        json!({"type": "object", "properties": {"id": {"type": "string"}}, "oneOf": [{"required": ["id"]}, {"required": ["name"]}]});
    let within = json!({"oneOf": [
        {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
        {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["name"]}]});
    check(IN, &beside, &within, &[]);
    check(OUT, &within, &beside, &[]);
}

#[test]
fn an_alternative_of_one_of_that_takes_what_another_takes_refuses_it() {
    let (id, number, any) = (json!({"type": "string", "format": "uuid"}), json!({"type": "integer"}), json!({"type": "string"}));
    let with = |keyword: &str, alternatives: Value, tag: Option<&str>| match tag {
        None => json!({keyword: alternatives}),
        Some(tag) => json!({keyword: alternatives, "discriminator": {"propertyName": tag}}),
    };
    let (two, three) = (json!([id, number]), json!([id, number, any]));
    let one_of = |alternatives: &Value| with("oneOf", alternatives.clone(), None);
    check(IN, &one_of(&two), &one_of(&three), &["input-one-of-branch-added  breaking"]);
    check(IN, &one_of(&two), &one_of(&json!([id, number, {"type": "boolean"}])), &["input-one-of-branch-added  info"]);
    let any_of = |alternatives: &Value| with("anyOf", alternatives.clone(), None);
    check(IN, &any_of(&two), &any_of(&three), &["input-any-of-branch-added  info"]);
    let told_apart = |alternatives: &Value| with("oneOf", alternatives.clone(), Some("kind"));
    check(IN, &told_apart(&two), &told_apart(&three), &["input-one-of-branch-added  info"]);
}

#[test]
fn several_types_are_alternatives() {
    let item = json!({"type": "object", "required": ["a"]});
    let union = |kind: &str, alternatives: Value| json!({kind: alternatives});
    let listed = json!({"type": ["string", "integer"]});
    for kind in ["oneOf", "anyOf"] {
        let noun = if kind == "oneOf" { "one-of" } else { "any-of" };
        let two = union(kind, json!([{"type": "string"}, {"type": "integer"}]));
        let three = union(kind, json!([{"type": "integer"}, item, {"type": "string"}]));
        let other = union(kind, json!([{"type": "integer"}, item]));
        for before in [&listed, &two] {
            check(IN, before, &three, &[&format!("input-{noun}-branch-added  info")]);
            check(OUT, &three, before, &[&format!("output-{noun}-branch-removed  info")]);
            check(IN, before, &other, &[&format!("input-{noun}-branch-added  info"), &format!("input-{noun}-branch-removed  breaking")]);
        }
    }
}

#[test]
fn a_named_alternative_stands_for_itself() {
    let union = |names: [&str; 2], schemas: [&str; 3]| {
        let refs: Vec<Value> = names.iter().map(|name| json!({"$ref": format!("#/$defs/{name}")})).collect();
        let schemas: serde_json::Map<_, _> = schemas
            .iter()
            .map(|name| ((*name).to_owned(), json!({"type": "object", "properties": {"name": {"type": "string"}}})))
            .collect();
        json!({"anyOf": refs, "$defs": schemas})
    };
    let before = union(["Dog", "Cat"], ["Dog", "Cat", "Hare"]);
    // Another schema of the document took its place.
    let told = ["input-any-of-branch-added  info", "input-any-of-branch-removed  breaking"];
    check(IN, &before, &union(["Dog", "Hare"], ["Dog", "Cat", "Hare"]), &told);
    // It has another name.
    check(IN, &before, &union(["Dog", "Tom"], ["Dog", "Tom", "Hare"]), &[]);
}

#[test]
fn alternatives_come_from_and_become_plain_schemas() {
    let (text, number) = (json!({"type": "string", "format": "uuid"}), json!({"type": "integer", "minimum": 1}));
    let any = json!({"anyOf": [text, number]});
    check(IN, &text, &any, &["input-any-of-branch-added  info"]);
    check(OUT, &text, &any, &["output-any-of-branch-added  warning"]);
    check(IN, &any, &text, &["input-any-of-branch-removed  breaking"]);
    check(OUT, &any, &text, &["output-any-of-branch-removed  info"]);
    check(IN, &json!({"type": "boolean"}), &any, &["input-type-changed  breaking"]);
    check(IN, &any, &json!({}), &["input-type-widened  info"]);
    check(OUT, &any, &json!({}), &["output-type-widened  breaking"]);
    let pet = json!({"type": "object", "properties": {"name": {"type": "string"}}});
    let limited =
        json!({"type": "object", "properties": {"name": {"type": "string"}}, "anyOf": [{"required": ["name"]}, {"required": ["id"]}]});
    check(IN, &pet, &limited, &["input-all-of-branch-added  breaking"]);
    check(OUT, &pet, &limited, &["output-all-of-branch-added  info"]);
}

#[test]
fn members_may_be_described_by_patterns_or_by_the_rest() {
    let named = json!({"type": "object", "properties": {"x-a": {"type": "string", "maxLength": 3}}});
    let pattern = json!({"type": "object", "patternProperties": {"^x-": {"type": "string"}}});
    check(IN, &named, &pattern, &["input-pattern-property-added  breaking", "input-max-length-removed x-a info"]);
    let map = |schema: Value| json!({"type": "object", "additionalProperties": schema});
    check(IN, &map(json!({"type": "string"})), &map(json!({"type": "string", "maxLength": 3})), &["input-max-length-added * breaking"]);
    check(OUT, &map(json!({"type": "string"})), &map(json!(true)), &["output-additional-properties-closed-removed  breaking"]);
    check(IN, &map(json!({"type": "string"})), &map(json!({})), &["input-additional-properties-closed-removed  info"]);
}

#[test]
fn what_is_required_counts_even_where_it_is_not_described() {
    let needs = |names: Value| json!({"type": "object", "required": names});
    check(IN, &needs(json!([])), &needs(json!(["id"])), &["input-property-became-required id breaking"]);
    check(OUT, &needs(json!(["id"])), &needs(json!([])), &["output-property-became-optional id breaking"]);
    check(OUT, &needs(json!(["id", ""])), &needs(json!(["id"])), &[]);
    let described = json!({"type": "object", "properties": {"id": {"type": "string"}}});
    check(OUT, &needs(json!(["id"])), &described, &["output-property-became-optional id breaking", "output-type-narrowed id info"]);
    check(IN, &described, &needs(json!(["id"])), &["input-property-became-required id breaking", "input-type-widened id info"]);
}

#[test]
fn references_that_lead_nowhere_are_compared_by_name() {
    let to = |name: &str| json!({"$ref": name});
    check(IN, &to("other.json#/Pet"), &to("other.json#/Pet"), &[]);
    check(IN, &to("other.json#/Pet"), &to("other.json#/Dog"), &["input-type-changed  breaking"]);
}

#[test]
fn older_dialects_are_understood() {
    let before = json!({"type": "array", "items": [{"type": "string"}], "additionalItems": {"type": "integer"}});
    let after = json!({"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}});
    check(IN, &before, &after, &[]);
    let before = json!({"type": "object", "dependencies": {"a": ["b"], "c": {"required": ["d"]}}});
    let after = json!({"type": "object", "dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}});
    check(OUT, &before, &after, &[]);
}
