//! A Django project: its applications and their labels, the user's model, the kind of keys that nobody declares.
//!
//! A repository may hold several projects: each folder with a `manage.py` is one, what lies under none belongs to the one there is.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::super::settings;
use super::state;
use crate::base::Name;
use crate::base::code::{ClassId, Expr};
use crate::base::language::Language;
use crate::facts::program::{ClassRef, FileId, Meaning, Program, Site};
use crate::frameworks::python::literals::texts;
use crate::frameworks::python::marshmallow::nested_class;

/// A project.
pub struct Project<'p> {
    /// The program.
    pub program: &'p dyn Program,
    /// Its folder; empty for the repository's root.
    pub root: String,
    /// Its Python files.
    pub files: Vec<FileId>,
    /// Applications by folder.
    apps: BTreeMap<String, App>,
    /// `AUTH_USER_MODEL`, as a key.
    pub user: Name,
    /// `DEFAULT_AUTO_FIELD`: the class's name.
    pub auto: Name,
    /// Classes that were asked about: whether they are models.
    pub known: RefCell<BTreeMap<ClassRef, bool>>,
    /// Collations that a migration makes for texts that are equal without being the same.
    pub loose: RefCell<BTreeSet<Name>>,
    /// Settings that were asked for.
    settings: RefCell<BTreeMap<String, Option<String>>>,
    /// `MIGRATION_MODULES`: label and module.
    moved: Vec<(Name, String)>,
}

/// An application.
struct App {
    label: Name,
    auto: Option<Name>,
    /// An `AppConfig` says so.
    is_declared: bool,
}

/// The projects of a program, by folder.
#[must_use]
pub fn projects(program: &dyn Program) -> Vec<Project<'_>> {
    let python: Vec<FileId> =
        (0..program.file_count()).map(FileId).filter(|file| program.file(*file).language == Language::Python).collect();
    let mut roots: Vec<&str> = python.iter().filter_map(|file| folder_with(program.path(*file), "manage.py")).collect();
    roots.sort_by_key(|root| std::cmp::Reverse(root.len()));
    if roots.len() == 1 {
        roots = vec![""];
    } else if !roots.contains(&"") {
        roots.push("");
    }
    let mut members: BTreeMap<&str, Vec<FileId>> = BTreeMap::new();
    for file in python {
        let root = roots.iter().find(|root| is_under(program.path(file), root)).copied().unwrap_or_default();
        members.entry(root).or_default().push(file);
    }
    members.into_iter().map(|(root, files)| Project::new(program, root, files)).collect()
}

fn folder_with<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let folder = path.strip_suffix(name)?;
    if folder.is_empty() { Some("") } else { folder.strip_suffix('/') }
}

fn is_under(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The folder of a file.
#[must_use]
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

impl<'p> Project<'p> {
    fn new(program: &'p dyn Program, root: &str, files: Vec<FileId>) -> Self {
        let mut project = Self {
            program,
            root: root.to_owned(),
            files,
            apps: BTreeMap::new(),
            user: "auth.user".into(),
            auto: "AutoField".into(),
            known: RefCell::default(),
            loose: RefCell::default(),
            settings: RefCell::default(),
            moved: Vec::new(),
        };
        project.apps = project.find_apps();
        project.moved = project.moved_migrations();
        if let Some(user) = project.setting("AUTH_USER_MODEL")
            && let Some((label, name)) = user.split_once('.')
        {
            project.user = state::key(label, name);
        }
        if let Some(auto) = project.setting("DEFAULT_AUTO_FIELD") {
            project.auto = auto.rsplit('.').next().unwrap_or(&auto).into();
        }
        project
    }

    /// A setting's text: the last one that is known, tests' settings left out.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<String> {
        if let Some(known) = self.settings.borrow().get(name) {
            return known.clone();
        }
        let found = self.read_setting(name);
        self.settings.borrow_mut().insert(name.to_owned(), found.clone());
        found
    }

    fn read_setting(&self, name: &str) -> Option<String> {
        let program = self.program;
        let plain = settings::values(program, name);
        let of_modules =
            plain.iter().filter(|(_, at)| self.has_settings(at.file)).filter_map(|(value, at)| program.text(at, value).plain()).next_back();
        of_modules.or_else(|| self.setting_of_class(name))
    }

    fn has_settings(&self, file: FileId) -> bool {
        let path = self.program.path(file);
        is_under(path, &self.root) && !settings::is_test(path) && !last_part(path).starts_with("test")
    }

    /// django-configurations: `class Common(Configuration): AUTH_USER_MODEL = "…"`.
    fn setting_of_class(&self, name: &str) -> Option<String> {
        let program = self.program;
        let named = self.files.iter().filter(|file| {
            let path = program.path(**file);
            self.has_settings(**file) && (path.contains("settings") || path.contains("config"))
        });
        named
            .flat_map(|file| {
                let classes = (0u32..).zip(&program.file(*file).outline.classes);
                classes.map(|(id, _)| ClassRef { file: *file, id: ClassId(id) })
            })
            .find_map(|class| {
                let field = program.class(class).fields.iter().rev().find(|field| field.name == name)?;
                program.text(&program.inside_class(class), field.default.as_ref()?).plain()
            })
    }

    fn find_apps(&self) -> BTreeMap<String, App> {
        let program = self.program;
        let mut apps = BTreeMap::new();
        let mut implied: BTreeSet<String> = BTreeSet::new();
        for file in &self.files {
            let path = program.path(*file);
            let folder = folder_of(path);
            match last_part(path) {
                "models.py" => implied.insert(folder.to_owned()),
                "__init__.py" if matches!(last_part(folder), "models" | "migrations") => implied.insert(folder_of(folder).to_owned()),
                _ => false,
            };
            if matches!(last_part(path), "apps.py" | "__init__.py" | "app.py" | "config.py" | "apps_config.py") {
                self.configs_of(*file, &mut apps);
            }
        }
        let installed = self.installed();
        for folder in implied {
            let is_nested = apps.keys().any(|app: &String| is_under(&folder, app) && folder != *app);
            let dotted = folder.replace('/', ".");
            let is_installed = installed.iter().any(|name| *name == dotted || dotted.ends_with(&format!(".{name}")));
            if !is_nested || is_installed || self.has_migrations(&folder) {
                let label = last_part(&folder).into();
                apps.entry(folder).or_insert(App { label, auto: None, is_declared: false });
            }
        }
        apps
    }

    fn has_migrations(&self, folder: &str) -> bool {
        let path = if folder.is_empty() { "migrations/__init__.py".to_owned() } else { format!("{folder}/migrations/__init__.py") };
        self.program.file_at(&path).is_some()
    }

    fn installed(&self) -> BTreeSet<Name> {
        let lists = ["INSTALLED_APPS", "LOCAL_APPS", "PROJECT_APPS", "SHARED_APPS", "TENANT_APPS"];
        let values = lists.iter().flat_map(|name| settings::values(self.program, name));
        values.filter(|(_, at)| self.has_settings(at.file)).flat_map(|(value, at)| texts(self.program, &at, value)).collect()
    }

    /// `class AccountsConfig(AppConfig): name = "accounts"; label = "people"`.
    fn configs_of(&self, file: FileId, apps: &mut BTreeMap<String, App>) {
        let program = self.program;
        for (id, declared) in (0u32..).zip(&program.file(file).outline.classes) {
            let class = ClassRef { file, id: ClassId(id) };
            if declared.bases.is_empty() || !is_config(program, class) {
                continue;
            }
            let text = |name: &str| program.class_attribute(class, name).and_then(|(value, at)| program.text(&at, value).plain());
            let own = folder_of(program.path(file)).to_owned();
            let Some(name) = text("name") else { continue };
            let folder = self.folder_named(file, &name, &own);
            let label = text("label").unwrap_or_else(|| name.rsplit('.').next().unwrap_or(&name).to_owned());
            let auto = text("default_auto_field").map(|path| Name::from(path.rsplit('.').next().unwrap_or(&path)));
            let is_default = program.class_attribute(class, "default").is_some_and(|(value, _)| *value == Expr::Bool(true));
            let app = App { label: label.into(), auto, is_declared: true };
            match apps.get(&folder) {
                Some(known) if known.is_declared && !is_default => {}
                _ => {
                    apps.insert(folder, app);
                }
            }
        }
    }

    /// The folder of an application that is named `shop.orders`, as seen from a file.
    fn folder_named(&self, file: FileId, name: &str, own: &str) -> String {
        let path = name.replace('.', "/");
        if own == path || own.ends_with(&format!("/{path}")) || path.ends_with(&format!("/{own}")) {
            return own.to_owned();
        }
        match self.program.named(file, name) {
            Meaning::Module(module, _) => match folder_with(self.program.path(module), "__init__.py") {
                Some(folder) => folder.to_owned(),
                None => own.to_owned(),
            },
            _ => own.to_owned(),
        }
    }

    fn app_of(&self, path: &str) -> Option<&App> {
        let mut folder = folder_of(path);
        loop {
            if let Some(app) = self.apps.get(folder) {
                return Some(app);
            }
            if folder.is_empty() {
                return None;
            }
            folder = folder_of(folder);
        }
    }

    /// The label of the application that a file belongs to.
    #[must_use]
    pub fn label_of(&self, file: FileId) -> Name {
        let path = self.program.path(file);
        match self.app_of(path) {
            Some(app) => app.label.clone(),
            None => last_part(folder_of(path)).into(),
        }
    }

    /// The label of the application that owns a folder of migrations.
    #[must_use]
    pub fn label_of_migrations(&self, file: FileId) -> Name {
        let folder = folder_of(self.program.path(file));
        let dotted = folder.replace('/', ".");
        let moved = self.moved.iter().find(|(_, module)| dotted == *module || dotted.ends_with(&format!(".{module}")));
        moved.map_or_else(|| self.label_of(file), |(label, _)| label.clone())
    }

    /// `MIGRATION_MODULES = {"label": "path.to.migrations"}`.
    fn moved_migrations(&self) -> Vec<(Name, String)> {
        let program = self.program;
        let values = settings::values(program, "MIGRATION_MODULES");
        let known = values.into_iter().filter(|(_, at)| self.has_settings(at.file));
        known
            .flat_map(|(value, at)| program.entries(&at, value).unwrap_or_default())
            .filter_map(|(label, value, at)| Some((label, program.text(&at, value).plain()?)))
            .collect()
    }

    /// The kind of key that models of an application get when they declare none.
    #[must_use]
    pub fn auto_of(&self, label: &str) -> Name {
        self.apps.values().find(|app| app.label == label).and_then(|app| app.auto.clone()).unwrap_or_else(|| self.auto.clone())
    }

    /// The key of a model's class.
    #[must_use]
    pub fn key_of(&self, class: ClassRef) -> Name {
        let label = nested_class(self.program, class, "Meta")
            .and_then(|meta| self.program.class_attribute(meta, "app_label"))
            .and_then(|(value, at)| self.program.text(&at, value).plain())
            .map_or_else(|| self.label_of(class.file), Name::from);
        state::key(&label, &self.program.class(class).name)
    }

    /// Whether a site reads the user's model: `settings.AUTH_USER_MODEL`, `get_user_model()`.
    #[must_use]
    pub fn is_user(&self, site: &Site, expr: &Expr) -> bool {
        if expr.last_name().is_some_and(|name| name == "AUTH_USER_MODEL") {
            return true;
        }
        match self.program.resolve(site, expr) {
            Meaning::Value(Expr::Call(id), at) => {
                let call = self.program.file(at.file).outline.call(*id);
                call.callee.last_name().is_some_and(|name| name == "get_user_model")
            }
            _ => false,
        }
    }
}

fn is_config(program: &dyn Program, class: ClassRef) -> bool {
    let bases = program.outside_bases(class);
    bases.iter().any(|base| base.rsplit('.').next().is_some_and(|last| last.ends_with("AppConfig") || last == "PluginConfig"))
        && !bases.is_empty()
}
