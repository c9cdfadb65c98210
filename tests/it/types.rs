//! Types and values of small programs as JSON Schema. A case is a folder under `fixtures/types/<language>/` with `input/` and
//! `expected.json`; everything at the top of `input/main.*` is asked for: classes both ways, functions, and values.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use contract_agent::base::code::{Expr, Outline, Pattern, ScopeId, Type};
use contract_agent::base::language::Language;
use contract_agent::facts::file::FileFacts;
use contract_agent::facts::program::{ClassRef, FileId, FuncRef, Mode, Program, Site};
use contract_agent::facts::shape::Shape;
use contract_agent::link::schema::SchemaBook;
use contract_agent::link::system::{LinkedFile, System};
use contract_agent::outline::outline;
use serde_json::{Map, Value, json};

fn files_under(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files_under(&path, found) } else { found.push(path) }
    }
}

fn program(input: &Path) -> System {
    let mut paths = Vec::new();
    files_under(input, &mut paths);
    let mut files: Vec<LinkedFile> = Vec::new();
    let mut manifests: Vec<(String, String)> = Vec::new();
    for path in paths {
        let name = path.strip_prefix(input).expect("it was found there").to_string_lossy().replace('\\', "/");
        let bytes = fs::read(&path).expect("a readable fixture");
        match path.extension().and_then(|extension| Language::of_extension(&extension.to_string_lossy())) {
            Some(language) => files.push(LinkedFile { path: name, facts: FileFacts::new(language, outline(language, &bytes).outline) }),
            None => manifests.push((name, String::from_utf8_lossy(&bytes).into_owned())),
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    System::new(files, &manifests, Vec::new())
}

/// Shapes asked for, by what they are called in `expected.json`.
fn asked(program: &System) -> BTreeMap<String, Shape> {
    let file = (0..program.file_count())
        .map(FileId)
        .find(|file| program.path(*file).rsplit('/').next().is_some_and(|name| name.starts_with("main.")));
    let file = file.expect("a case has a file named main");
    let outline = &program.file(file).outline;
    let mut asked = BTreeMap::new();
    for (index, class) in (0u32..).zip(&outline.classes).filter(|(_, class)| class.scope == ScopeId(0) && class.type_params.is_empty()) {
        let class_ref = ClassRef { file, id: contract_agent::base::code::ClassId(index) };
        for (way, mode) in [("get", Mode::Write), ("send", Mode::Read)] {
            asked.insert(format!("{way} {}", class.name), program.shape_of_class(class_ref, Vec::new(), mode));
        }
    }
    functions(program, file, outline, &mut asked);
    for assign in outline.assigns.iter().filter(|assign| assign.scope == ScopeId(0)) {
        if let Pattern::Name(name) = &assign.target
            && !matches!(assign.value, Expr::Func(_))
        {
            let shape = program.shape_of_value(&Site::module(file), &Expr::Ref(name.clone()), Mode::Write);
            asked.insert(format!("value {name}"), shape);
        }
    }
    asked
}

fn functions(program: &System, file: FileId, outline: &Outline, asked: &mut BTreeMap<String, Shape>) {
    let program: &dyn Program = program;
    for (index, function) in
        (0u32..).zip(&outline.functions).filter(|(_, function)| function.scope == ScopeId(0) && !function.name.is_empty())
    {
        let function_ref = FuncRef { file, id: contract_agent::base::code::FuncId(index) };
        if function.returns != Type::Unknown {
            let shape = program.shape_of_type(&program.around(function_ref), &function.returns, Mode::Write);
            asked.insert(format!("{} gives", function.name), shape);
        }
        let returns = program.file(file).returns_of(function_ref.id).iter().map(|index| &outline.returns[*index as usize]);
        for (position, returned) in returns.enumerate() {
            let site = Site { file, scope: returned.scope, offset: returned.at.offset, env: None };
            asked.insert(format!("{} returns {position}", function.name), program.shape_of_value(&site, &returned.value, Mode::Write));
        }
    }
}

fn schemas(program: &System, asked: &BTreeMap<String, Shape>, is_backwards: bool) -> Value {
    let mut book = SchemaBook::new(program);
    let mut shapes: Vec<&Shape> = asked.values().collect();
    if is_backwards {
        shapes.reverse();
    }
    shapes.into_iter().for_each(|shape| book.collect(shape));
    let schemas = book.settle();
    let asked: Map<String, Value> = asked.iter().map(|(name, shape)| (name.clone(), schemas.schema(shape))).collect();
    json!({"asked": asked, "components": schemas.components()})
}

/// The schemas of one case, told apart from those asked for in another order.
#[track_caller]
fn check(case: &Path) {
    let linked = program(&case.join("input"));
    let found = schemas(&linked, &asked(&linked), false);
    let again = program(&case.join("input"));
    assert_eq!(found, schemas(&again, &asked(&again), true), "{} depends on the order of asking", case.display());
    let text = format!("{found:#}\n");
    let path = case.join("expected.json");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &text).expect("a writable fixture");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == text, "{} differs; run UPDATE_EXPECT=1 cargo test and read the difference\n{text}", path.display());
}

fn check_all(language: &str) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/types").join(language);
    let mut cases: Vec<PathBuf> = fs::read_dir(&dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {}", dir.display());
    cases.iter().for_each(|case| check(case));
}

#[test]
fn python() {
    check_all("python");
}

#[test]
fn typescript() {
    check_all("typescript");
}

#[test]
fn rust() {
    check_all("rust");
}
