//! What names, text and values mean across files. A tree is one text (`== path` begins a file); every `show(x)` in it is answered
//! with the text `x` folds to and what it may be.

use contract_agent::base::code::{CallId, Expr};
use contract_agent::base::language::Language;
use contract_agent::facts::file::FileFacts;
use contract_agent::facts::program::{Meaning, Program, Site, TextPart};
use contract_agent::link::system::{LinkedFile, System};
use contract_agent::outline::outline;
use expect_test::{Expect, expect};

fn system_of(text: &str) -> System {
    let (mut files, mut manifests) = (Vec::new(), Vec::new());
    for part in text.split("== ").skip(1) {
        let (path, body) = part.split_once('\n').unwrap_or((part, ""));
        let path = path.trim().to_owned();
        match path.rsplit_once('.').and_then(|(_, extension)| Language::of_extension(extension)) {
            Some(language) => {
                let facts = FileFacts::new(language, outline(language, body.as_bytes()).outline);
                files.push(LinkedFile { path, facts });
            }
            None => manifests.push((path, body.to_owned())),
        }
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    System::new(files, &manifests, Vec::new())
}

fn spell(program: &dyn Program, meaning: &Meaning) -> String {
    match meaning {
        Meaning::Outside(path) => path.to_string(),
        Meaning::Module(file, scope) if scope.0 == 0 => program.path(*file).to_owned(),
        Meaning::Module(file, scope) => format!("{}#{}", program.path(*file), scope.0),
        Meaning::Namespace(path) => format!("{path}/"),
        Meaning::Function(function, _) => format!("fn {}", program.function(*function).name),
        Meaning::Class(class) => format!("class {}", program.class(*class).name),
        Meaning::Instance(class) => format!("instance of {}", program.class(*class).name),
        Meaning::Value(Expr::Str(text), _) => format!("{text:?}"),
        Meaning::Value(Expr::Call(id), site) => {
            let callee = program.callee(contract_agent::facts::program::CallRef { file: site.file, id: *id });
            format!("{}(){}", spell(program, &callee), if site.env.is_some() { " in a frame" } else { "" })
        }
        Meaning::Value(expr, _) => format!("{expr:?}").chars().take(24).collect(),
        Meaning::Attribute(of, name) => format!("{}.{name}", spell(program, of)),
        Meaning::Param(function, position) => format!("param {position} of {}", program.function(*function).name),
        Meaning::Unknown => "?".to_owned(),
    }
}

fn check(text: &str, expected: &Expect) {
    let system = system_of(text);
    let mut lines = String::new();
    for file in system.file_ids() {
        let outline = &system.file(file).outline;
        for (id, call) in (0u32..).zip(&outline.calls) {
            if !matches!(&call.callee, Expr::Ref(name) if name == "show") {
                continue;
            }
            let _ = CallId(id);
            let arg = &call.args[0].value;
            let site = Site::of_call(file, call);
            for site in system.instances(&site, &[arg]) {
                let text: String = system
                    .text(&site, arg)
                    .0
                    .iter()
                    .map(|part| match part {
                        TextPart::Known(known) => known.to_string(),
                        TextPart::Hole(why) => format!("<{why}>"),
                    })
                    .collect();
                let meanings: Vec<String> = system.produce_all(&site, arg).iter().map(|meaning| spell(&system, meaning)).collect();
                lines.push_str(&format!("{}:{} {text} | {}\n", system.path(file), call.at.line, meanings.join(", ")));
            }
        }
    }
    expected.assert_eq(&lines);
}

#[test]
fn settings_constants_and_reexports() {
    check(
        r#"
== app/core/config.py
from pydantic_settings import BaseSettings
import os
PREFIX = os.getenv("PREFIX", "/env")
class Settings(BaseSettings):
    API_V1_STR: str = "/api/v1"
    NAME = PREFIX + "/name"
def get_settings():
    return Settings()
settings = Settings()
== app/core/__init__.py
from .config import settings as conf, get_settings
== app/__init__.py
== app/main.py
from app.core import conf, get_settings
import app.core.config as c
from enum import Enum
class Kind(str, Enum):
    A = "/kind"
show(conf.API_V1_STR)
show(f"{conf.API_V1_STR}/x")
show(get_settings().NAME)
show(c.PREFIX)
show(Kind.A.value)
show(unknown.thing)
class Api:
    base = "/base"
    def __init__(self):
        self.path = self.base + "/path"
    def run(self):
        show(self.path)
"#,
        &expect![[r#"
            app/main.py:6 /api/v1 | "/api/v1"
            app/main.py:7 /api/v1/x | Template([Expr(Member(Re
            app/main.py:8 /env/name | Template([Expr(Ref("PREF
            app/main.py:9 /env | os.getenv()
            app/main.py:10 /kind | "/kind"
            app/main.py:11 <unknown.thing> | builtins.unknown.thing
            app/main.py:17 /base/path | Template([Expr(Member(Re
        "#]],
    );
}

#[test]
fn factories_loops_and_parameters() {
    check(
        r#"
== app.py
from fastapi import APIRouter, FastAPI
app = FastAPI()
def make(prefix):
    router = APIRouter()
    show(f"{prefix}/items")
    return router
def register(target, routes):
    show(target)
    show(routes)
register(app, make("/a"))
register(make("/b"), None)
a = APIRouter()
for prefix, router in [("/x", a), ("/y", make("/z"))]:
    show(prefix)
    show(router)
for name in ["one", "two"]:
    show("/" + name)
if cond:
    show(a if cond else app)
"#,
        &expect![[r#"
            app.py:5 /a/items | Template([Expr(Ref("pref
            app.py:5 /b/items | Template([Expr(Ref("pref
            app.py:5 /z/items | Template([Expr(Ref("pref
            app.py:8 <target> | fastapi.FastAPI()
            app.py:8 <target> | fastapi.APIRouter() in a frame
            app.py:9 <routes> | fastapi.APIRouter() in a frame
            app.py:9 <routes> | Null
            app.py:14 /x | "/x"
            app.py:14 /y | "/y"
            app.py:15 <router> | fastapi.APIRouter()
            app.py:15 <router> | fastapi.APIRouter() in a frame
            app.py:17 /one | Template([Text("/"), Exp
            app.py:17 /two | Template([Text("/"), Exp
            app.py:19 <app> | fastapi.APIRouter(), fastapi.FastAPI()
        "#]],
    );
}

#[test]
fn script_modules() {
    check(
        r#"
== src/index.ts
import express, { Router } from "express";
import { users as u, PREFIX } from "./routes";
import legacy from "./legacy";
import * as all from "./routes/index.js";
const app = express();
show(u);
show(`${PREFIX}/x`);
show(legacy);
show(all.users);
show(app);
require("./plug")(app, "/p");
[u, legacy].forEach((r) => { show(r); });
show(process.env.BASE || "/base");
class Server { app; constructor() { this.app = express(); } run() { show(this.app); } }
== src/routes/index.ts
export * from "./users";
export const PREFIX = "/api" as const;
== src/routes/users.ts
import { Router } from "express";
export const users = Router();
== src/legacy.js
const express = require("express");
const router = express.Router();
module.exports = router;
== src/plug.js
module.exports = (app, base) => { show(app); show(base + "/y"); };
"#,
        &expect![[r#"
            src/index.ts:6 <u> | express.Router()
            src/index.ts:7 /api/x | Template([Expr(Ref("PREF
            src/index.ts:8 <legacy> | express.Router()
            src/index.ts:9 <all.users> | express.Router()
            src/index.ts:10 <app> | express()
            src/index.ts:12 <r> | express.Router()
            src/index.ts:12 <r> | express.Router()
            src/index.ts:13 /base | builtins.process.env.BASE, "/base"
            src/index.ts:14 <this.app> | express()
            src/plug.js:1 <app> | express()
            src/plug.js:1 /p/y | Template([Expr(Ref("base
        "#]],
    );
}

#[test]
fn rust_paths() {
    check(
        r#"
== Cargo.toml
[package]
name = "shop"
== src/main.rs
mod api;
use axum::{Router, routing::get};
const BASE: &str = "/base";
struct App;
impl App { const PREFIX: &'static str = "/prefix"; fn router() -> Router { Router::new() } }
fn main() {
    show(api::users::routes());
    show(crate::api::users::PATH);
    show(BASE);
    show(get);
    show(App::PREFIX);
    show(App::router());
    let app = Router::new();
    let app = app.route("/x", get(api::users::list));
    show(app);
    show(shop::x);
}
== src/api/mod.rs
pub mod users;
== src/api/users.rs
use super::super::Router;
pub const PATH: &str = concat!("/users", "/x");
pub fn routes() -> Router { Router::new() }
pub async fn list() {}
"#,
        &expect![[r#"
            src/main.rs:7 <api.users.routes()> | axum.Router.new()
            src/main.rs:8 /users/x | "/users/x"
            src/main.rs:9 /base | "/base"
            src/main.rs:10 <get> | axum.routing.get
            src/main.rs:11 /prefix | "/prefix"
            src/main.rs:12 <App.router()> | axum.Router.new()
            src/main.rs:15 <app> | axum.Router.new().route()
            src/main.rs:16 <shop.x> | builtins.shop.x
        "#]],
    );
}
