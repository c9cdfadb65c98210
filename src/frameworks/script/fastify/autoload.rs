//! `app.register(autoload, { dir: path.join(__dirname, "routes"), options: { prefix } })`: every file of the folder is a plugin,
//! mounted where its folder lies.

use super::{FRAMEWORK, TABLE};
use crate::base::Name;
use crate::base::code::{CallId, ExportTarget, Expr};
use crate::facts::finding::{Findings, Mount, OwnerKey, PathText, Place, Traits};
use crate::facts::program::{CallRef, FileId, FuncRef, Program, Site, Text};
use crate::frameworks::interpret::{handler_function, owners_of};

/// Reads the folders that a file loads.
pub fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    for (id, call) in (0u32..).zip(&program.file(file).outline.calls) {
        let Some((receiver, name)) = call.method() else { continue };
        let site = Site::of_call(file, call);
        if name != "register"
            || !call.positional(0).is_some_and(|plugin| {
                program.resolve(&site, plugin).is_any(&["@fastify/autoload", "@fastify/autoload.default", "fastify-autoload"])
            })
        {
            continue;
        }
        let call = program.call(CallRef { file, id: CallId(id) });
        let options = call.positional(1).and_then(|options| program.entries(&site, options)).unwrap_or_default();
        let entry = |key: &str| options.iter().find(|(name, ..)| name == key);
        let Some(folder) = entry("dir").and_then(|(_, dir, at)| folder(program, at, dir)) else { continue };
        let given = entry("options").and_then(|(_, inner, at)| program.entries(at, inner)).unwrap_or_default();
        let prefix = given.iter().find(|(name, ..)| name == "prefix").map(|(_, prefix, at)| program.text(at, prefix)).unwrap_or_default();
        let with_folders = !entry("dirNameRoutePrefix").is_some_and(|(_, value, _)| **value == Expr::Bool(false));
        for parent in owners_of(&TABLE, program, &site, receiver) {
            for plugin in plugins(program, &folder) {
                let own = plugin.prefix(program, with_folders);
                findings.mounts.push(Mount {
                    framework: FRAMEWORK.id,
                    parent: parent.clone(),
                    children: vec![OwnerKey::from(plugin.function)],
                    prefix: PathText::new(prefix.clone().then(own), TABLE.syntax),
                    replaces_prefix: false,
                    traits: Traits::default(),
                    place: Place { file, symbol: Name::default(), line: call.at.line },
                });
            }
        }
    }
}

/// The folder that `path.join(__dirname, "routes")` or `new URL("./routes", import.meta.url)` names.
fn folder(program: &dyn Program, site: &Site, dir: &Expr) -> Option<String> {
    let meaning = program.resolve(site, dir);
    let (call, at) = meaning.call()?;
    let mut parts: Vec<String> = program.path(at.file).split('/').map(str::to_owned).collect();
    parts.pop();
    let made = program.call(call);
    let mut said = made.args.iter().filter_map(|arg| program.text(at, &arg.value).plain()).peekable();
    said.peek()?;
    for text in said {
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                part => parts.push(part.to_owned()),
            }
        }
    }
    Some(parts.join("/"))
}

struct Plugin {
    file: FileId,
    function: FuncRef,
    /// Folders between the loaded one and the file.
    below: String,
}

impl Plugin {
    fn prefix(&self, program: &dyn Program, with_folders: bool) -> Text {
        let outline = &program.file(self.file).outline;
        let said = outline.exports.iter().find(|export| export.name == "autoPrefix");
        if let Some(export) = said {
            let site = Site::module(self.file);
            return match &export.target {
                ExportTarget::Local(name) => program.text(&site, &Expr::Ref(name.clone())),
                ExportTarget::Value(value) => program.text(&site, value),
                ExportTarget::From(..) => Text::default(),
            };
        }
        if !with_folders || self.below.is_empty() {
            return Text::default();
        }
        let parts: Vec<String> =
            self.below.split('/').map(|part| part.strip_prefix('_').map_or_else(|| part.to_owned(), |name| format!(":{name}"))).collect();
        Text::known(&format!("/{}", parts.join("/")))
    }
}

/// The files below a folder that export a plugin.
fn plugins(program: &dyn Program, folder: &str) -> Vec<Plugin> {
    let mut found = Vec::new();
    for file in (0..program.file_count()).map(FileId) {
        let path = program.path(file);
        let Some(rest) = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) else { continue };
        let is_test = [".test.", ".spec.", ".d.ts"].iter().any(|part| rest.contains(part));
        if is_test || !program.file(file).language.is_script() {
            continue;
        }
        if let Some(function) = exported(program, file) {
            let below = rest.rsplit_once('/').map(|(below, _)| below.to_owned()).unwrap_or_default();
            found.push(Plugin { file, function, below });
        }
    }
    found
}

/// The plugin a file exports.
fn exported(program: &dyn Program, file: FileId) -> Option<FuncRef> {
    let outline = &program.file(file).outline;
    let site = Site::module(file);
    let export = outline.exports.iter().rev().find(|export| export.name == "default" || export.name == "=")?;
    match &export.target {
        ExportTarget::Local(name) => handler_function(program, &site, &Expr::Ref(name.clone())),
        ExportTarget::Value(value) => handler_function(program, &site, value),
        ExportTarget::From(..) => None,
    }
}
