//! What imports name, over small trees written as one text: `== path` begins a file.

use contract_agent::base::code::ScopeId;
use contract_agent::base::language::Language;
use contract_agent::facts::file::FileFacts;
use contract_agent::facts::program::FileId;
use contract_agent::link::modules::{ModuleRef, Modules};
use contract_agent::outline::outline;

struct Tree {
    files: Vec<(String, FileFacts)>,
    modules: Modules,
}

impl Tree {
    fn new(text: &str) -> Self {
        let (mut files, mut manifests) = (Vec::new(), Vec::new());
        for part in text.split("== ").skip(1) {
            let (path, body) = part.split_once('\n').unwrap_or((part, ""));
            let path = path.trim().to_owned();
            let is_manifest = path.contains("config.") && path.ends_with(".json");
            match path.rsplit_once('.').and_then(|(_, extension)| Language::of_extension(extension)) {
                Some(language) if !is_manifest => {
                    let facts = FileFacts::new(language, outline(language, body.as_bytes()).outline);
                    files.push((path, facts));
                }
                _ => manifests.push((path, body.to_owned())),
            }
        }
        files.sort_by(|left, right| left.0.cmp(&right.0));
        let code: Vec<(&str, Language, &FileFacts)> = files.iter().map(|(path, facts)| (path.as_str(), facts.language, facts)).collect();
        let texts: Vec<(&str, &str)> = manifests.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let modules = Modules::new(&code, &texts);
        Self { files, modules }
    }

    fn id(&self, path: &str) -> FileId {
        let index = self.files.iter().position(|(known, _)| known == path);
        FileId(index.unwrap_or_else(|| panic!("no file {path}")) as u32)
    }

    fn show(&self, found: &ModuleRef) -> String {
        match found {
            ModuleRef::File(file) => self.files[file.index()].0.clone(),
            ModuleRef::Namespace(dir) => format!("{dir}/"),
            ModuleRef::Inline(file, scope) => format!("{}#{}", self.files[file.index()].0, scope.0),
            ModuleRef::Outside(name) => format!("library {name}"),
            ModuleRef::Missing(name) => format!("missing {name}"),
        }
    }

    fn resolve(&self, from: &str, module: &str) -> String {
        let id = self.id(from);
        let (found, rest) = self.modules.walk(id, ScopeId(0), self.files[id.index()].1.language, module);
        let rest: String = rest.iter().map(|name| format!(" + {name}")).collect();
        self.show(&found) + &rest
    }
}

/// Each line of `expected`: the importing file, the module as written, and what it names.
#[track_caller]
fn check(tree: &str, expected: &str) {
    let tree = Tree::new(tree);
    let mut actual = String::new();
    for line in expected.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (question, _) = line.split_once(" -> ").unwrap_or((line, ""));
        let (from, module) = question.split_once(' ').unwrap_or((question, ""));
        actual += &format!("{question} -> {}\n", tree.resolve(from, module));
    }
    let expected: String = expected.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect();
    assert_eq!(actual, expected);
}

#[test]
fn python_packages_and_relative_imports() {
    check(
        "== app/__init__.py
== app/main.py
== app/api/__init__.py
== app/api/users.py
== app/api.py
== app/stubs.pyi
== app/plain/deep/x.py
",
        "app/main.py app.api.users -> app/api/users.py
         app/main.py app.api -> app/api/__init__.py
         app/main.py .api -> app/api/__init__.py
         app/main.py . -> app/__init__.py
         app/api/users.py .. -> app/__init__.py
         app/api/users.py ..main -> app/main.py
         app/api/users.py ...app.main -> app/main.py
         app/api/users.py .... -> missing ....
         app/main.py .nothing -> missing .nothing
         app/main.py app.generated -> missing app.generated
         app/main.py app.stubs -> app/stubs.pyi
         app/main.py app.plain.deep -> app/plain/deep/
         app/main.py os.path -> library os.path
         app/main.py fastapi.routing -> library fastapi.routing",
    );
}

#[test]
fn python_roots_of_monorepos() {
    check(
        "== backend/app/main.py
== backend/app/core/config.py
== backend/tests/test_main.py
== other/app/main.py
== lib/pyproject.toml
[project]
name = \"shared-lib\"
dependencies = [\"redis>=4\"]
[tool.setuptools.packages.find]
where = [\"python\"]
== lib/python/shared_lib/__init__.py
== lib/src/second/__init__.py
== scripts/run.py
== scripts/step.py
",
        "backend/app/main.py app.core.config -> backend/app/core/config.py
         backend/tests/test_main.py app.main -> backend/app/main.py
         other/app/main.py app.main -> other/app/main.py
         backend/app/main.py shared_lib -> lib/python/shared_lib/__init__.py
         backend/app/main.py second -> lib/src/second/__init__.py
         scripts/run.py step -> scripts/step.py
         backend/app/main.py step -> library step",
    );
}

#[test]
fn python_libraries_are_not_hidden_by_folders() {
    check(
        "== requirements.txt
stripe
== app/main.py
== app/redis/client.py
== app/stripe/__init__.py
== app/celery.py
== app/calendar.py
== test/helpers.py
== examples/boto3/__init__.py
",
        "app/redis/client.py redis -> library redis
         app/main.py redis -> library redis
         app/main.py stripe -> library stripe
         app/celery.py celery -> library celery
         app/main.py calendar -> library calendar
         app/main.py test.helpers -> test/helpers.py
         app/main.py boto3 -> library boto3",
    );
}

#[test]
fn script_files_and_endings() {
    check(
        "== src/main.ts
== src/a.ts
== src/a.d.ts
== src/b.tsx
== src/c/index.js
== src/d.service.ts
== src/e/package.json
{\"main\": \"./lib/start.js\"}
== src/e/lib/start.js
== src/f.mjs
== src/types.d.ts
",
        "src/main.ts ./a -> src/a.ts
         src/main.ts ./a.js -> src/a.ts
         src/main.ts ./b.jsx -> src/b.tsx
         src/main.ts ./c -> src/c/index.js
         src/c/index.js .. -> missing ..
         src/main.ts ./d.service -> src/d.service.ts
         src/main.ts ./e -> src/e/lib/start.js
         src/main.ts ./f.mjs -> src/f.mjs
         src/main.ts ./types -> src/types.d.ts
         src/main.ts ./logo.svg -> missing ./logo.svg
         src/main.ts ../../outside -> missing ../../outside
         src/main.ts node:fs/promises -> library fs/promises
         src/main.ts https://deno.land/x/oak@v12/mod.ts -> library oak
         src/main.ts jsr:@oak/oak@1 -> library @oak/oak
         src/main.ts npm:hono@4/cors -> library hono/cors
         src/main.ts express -> library express",
    );
}

#[test]
fn script_aliases_of_configurations() {
    check(
        "== tsconfig.base.json
{
  // shared
  \"compilerOptions\": { \"baseUrl\": \".\", \"paths\": { \"@org/core\": [\"libs/core/src/index.ts\"], \"@org/core/*\": [\"libs/core/src/lib/*\"], }, },
}
== libs/core/src/index.ts
== libs/core/src/lib/one.ts
== apps/api/tsconfig.json
{\"extends\": \"../../tsconfig.base.json\"}
== apps/api/src/main.ts
== web/tsconfig.json
{\"files\": [], \"references\": [{\"path\": \"./tsconfig.app.json\"}]}
== web/tsconfig.app.json
{\"compilerOptions\": {\"paths\": {\"@/*\": [\"./src/*\"]}}}
== web/src/page.tsx
== web/src/lib/api.ts
== old/jsconfig.json
{\"compilerOptions\": {\"baseUrl\": \"src\"}}
== old/src/store/index.js
== old/src/main.js
== svelte/package.json
{}
== svelte/src/lib/db.ts
== svelte/src/routes/+server.ts
",
        "apps/api/src/main.ts @org/core -> libs/core/src/index.ts
         apps/api/src/main.ts @org/core/one -> libs/core/src/lib/one.ts
         apps/api/src/main.ts @org/other -> library @org/other
         web/src/page.tsx @/lib/api -> web/src/lib/api.ts
         web/src/page.tsx @/lib/api/ -> missing @/lib/api/
         web/src/page.tsx @/lib/page -> missing @/lib/page
         web/src/page.tsx @/lib/gone -> missing @/lib/gone
         old/src/main.js store -> old/src/store/index.js
         svelte/src/routes/+server.ts $lib/db -> svelte/src/lib/db.ts",
    );
}

#[test]
fn script_workspaces() {
    check(
        "== pnpm-workspace.yaml
packages:
  - packages/*
  - '!packages/left'
== packages/app/package.json
{\"name\": \"app\", \"dependencies\": {\"@org/db\": \"workspace:*\", \"fast\": \"npm:fastify@4\"}, \"imports\": {\"#env\": {\"node\": \"./src/env.js\"}}}
== packages/app/src/main.ts
== packages/app/src/env.ts
== packages/db/package.json
{\"name\": \"@org/db\", \"exports\": {\".\": {\"types\": \"./dist/index.d.ts\", \"default\": \"./dist/index.js\"}, \"./models/*\": \"./dist/models/*.js\"}}
== packages/db/src/index.ts
== packages/db/src/models/user.ts
== packages/left/package.json
{\"name\": \"express\"}
== packages/left/index.js
== packages/ui/package.json
{\"name\": \"@org/ui\", \"main\": \"build/cjs/index.js\"}
== packages/ui/src/index.tsx
",
        "packages/app/src/main.ts @org/db -> packages/db/src/index.ts
         packages/app/src/main.ts @org/db/models/user -> packages/db/src/models/user.ts
         packages/app/src/main.ts @org/db/models//user -> packages/db/src/models/user.ts
         packages/app/src/main.ts @org/ui//index -> packages/ui/src/index.tsx
         packages/app/src/main.ts @org/db/gone -> missing @org/db/gone
         packages/app/src/main.ts @org/ui -> packages/ui/src/index.tsx
         packages/app/src/main.ts #env -> packages/app/src/env.ts
         packages/app/src/main.ts fast/types -> library fastify/types",
    );
}

#[test]

fn rust_crates_and_modules() {
    check(
        "== Cargo.toml
[workspace]
members = [\"crates/*\"]
[workspace.dependencies]
my-core = { path = \"crates/core\" }
== crates/core/Cargo.toml
[package]
name = \"my-core\"
[lib]
name = \"core_lib\"
== crates/core/src/lib.rs
pub mod models;
pub mod inline { pub mod deep; pub mod deeper { } }
== crates/core/src/models/mod.rs
mod user;
== crates/core/src/models/user.rs
== crates/core/src/inline/deep.rs
== crates/core/src/orphan.rs
== crates/server/Cargo.toml
[package]
name = \"my-server\"
[dependencies]
my-core = { workspace = true }
web = { package = \"actix-web\", version = \"4\" }
serde-json = \"1\"
== crates/server/src/lib.rs
pub mod api;
== crates/server/src/api.rs
#[path = \"odd/place.rs\"]
mod odd;
== crates/server/src/odd/place.rs
== crates/server/src/main.rs
mod cli;
== crates/server/src/cli.rs
== crates/server/tests/it.rs
",
        "crates/core/src/models/user.rs crate::models -> crates/core/src/models/mod.rs
         crates/core/src/models/user.rs super::super::inline::deep -> crates/core/src/inline/deep.rs
         crates/core/src/models/user.rs crate::inline::deeper -> crates/core/src/lib.rs#2
         crates/core/src/models/user.rs crate::models::user::User -> crates/core/src/models/user.rs + User
         crates/core/src/orphan.rs super::models -> crates/core/src/models/mod.rs
         crates/server/src/main.rs my_server::api -> crates/server/src/api.rs
         crates/server/src/main.rs crate::cli -> crates/server/src/cli.rs
         crates/server/src/cli.rs core_lib::models -> crates/core/src/models/mod.rs
         crates/server/src/api.rs self::odd -> crates/server/src/odd/place.rs
         crates/server/src/api.rs web::dev -> library actix_web.dev
         crates/server/src/api.rs std::sync -> library std.sync
         crates/server/tests/it.rs my_server::api::X -> crates/server/src/api.rs + X
         crates/server/src/api.rs axum::routing -> library axum.routing",
    );
}

#[test]
fn script_configurations_that_extend_one_another_in_a_circle() {
    check(
        "== tsconfig.json
{\"extends\": [\"./tsconfig.one.json\", \"./tsconfig.two.json\"], \"compilerOptions\": {\"paths\": {\"~own/*\": [\"./src/*\"]}}}
== tsconfig.one.json
{\"extends\": [\"./tsconfig.two.json\", \"./tsconfig.json\", \"./tsconfig.one.json\"]}
== tsconfig.two.json
{\"extends\": [\"./tsconfig.one.json\", \"./tsconfig.json\", \"./tsconfig.two.json\"]}
== src/a.ts
== src/b.ts
",
        "src/a.ts ~own/b -> src/b.ts",
    );
}
