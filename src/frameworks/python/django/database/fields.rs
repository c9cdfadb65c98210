//! Field calls as fields: Django's own, those of known libraries, and classes of the program that extend them.

use super::arguments::Arguments;
use super::expressions::term;
use super::kinds::{self, Traits, Type};
use super::project::Project;
use super::state::{self, Field, Foreign, Kind, Many, Plain};
use super::terms::Term;
use crate::base::Name;
use crate::base::code::Expr;
use crate::facts::database::Action;
use crate::facts::program::{CallRef, ClassRef, Meaning, Program, Site};

/// Whose field it is.
pub struct Owner<'a> {
    /// The label of its application.
    pub label: &'a str,
    /// The model's name.
    pub model: &'a str,
}

/// What a field's class is.
struct Class {
    /// The nearest library class's name.
    name: Name,
    /// Where that lies.
    path: Name,
    /// The program's own classes before it, nearest first.
    own: Vec<ClassRef>,
}

const FOREIGN: &[&str] = &[
    "ForeignKey",
    "OneToOneField",
    "TreeForeignKey",
    "TreeOneToOneField",
    "ParentalKey",
    "AutoOneToOneField",
    "ChainedForeignKey",
    "GroupedForeignKey",
    "SelfForeignKey",
    "TranslationsForeignKey",
];
const MANY: &[&str] =
    &["ManyToManyField", "ParentalManyToManyField", "TreeManyToManyField", "SortedManyToManyField", "ChainedManyToManyField"];
const FOREIGN_TO: &[(&str, &str)] =
    &[("FilerImageField", "filer.image"), ("FilerFileField", "filer.file"), ("FilerFolderField", "filer.folder")];

/// The fields that a value given to a name makes: mostly one; none when it is no field.
#[must_use]
pub fn read(project: &Project<'_>, owner: &Owner<'_>, name: &Name, site: &Site, value: &Expr) -> Vec<Field> {
    read_at(project, owner, name, site, value, 0)
}

fn read_at(project: &Project<'_>, owner: &Owner<'_>, name: &Name, site: &Site, value: &Expr, depth: u32) -> Vec<Field> {
    let program = project.program;
    let Some((call, at)) = call_of(program, site, value) else { return Vec::new() };
    let Some(class) = class_of(program, call) else { return Vec::new() };
    let made = program.call(call);
    let site = at.moved(call.file, made.scope, made.at.offset);
    let arguments = Arguments::new(program, call, site, &class.own);
    let is_one = matches!(class.name.as_str(), "OneToOneField" | "TreeOneToOneField" | "AutoOneToOneField");
    let (kind, traits) = if FOREIGN.contains(&class.name.as_str()) {
        (Some(foreign(project, owner, &arguments)), Traits { indexed: true, unique: is_one, ..Traits::default() })
    } else if let Some((_, to)) = FOREIGN_TO.iter().find(|(known, _)| *known == class.name) {
        (
            Some(Kind::Foreign(Foreign { to: (*to).into(), has_constraint: true, ..Foreign::default() })),
            Traits { indexed: true, ..Traits::default() },
        )
    } else if class.name.ends_with("UserField") && class.path.contains("user") {
        let foreign = Foreign { to: project.user.clone(), has_constraint: true, ..Foreign::default() };
        (Some(Kind::Foreign(foreign)), Traits { indexed: true, null: true, ..Traits::default() })
    } else if MANY.contains(&class.name.as_str()) {
        (Some(many(project, owner, &arguments, &class)), Traits::default())
    } else {
        plain(project, owner, &arguments, &class, depth)
    };
    let Some(kind) = kind else { return Vec::new() };
    let field = with_options(program, Field::of(name.clone(), kind), &arguments, traits);
    let currency = (class.name == "MoneyField" && class.path.contains("djmoney")).then(|| currency(&field));
    currency.into_iter().chain([field]).collect()
}

/// The call behind a value, through names and functions of the program that return one.
fn call_of(program: &dyn Program, site: &Site, value: &Expr) -> Option<(CallRef, Site)> {
    if let Expr::Call(id) = value {
        let call = CallRef { file: site.file, id: *id };
        match program.callee(call) {
            Meaning::Outside(_) | Meaning::Class(_) => return Some((call, site.clone())),
            Meaning::Function(..) => {}
            _ => return None,
        }
    }
    program.produce(site, value).call().map(|(call, at)| (call, at.clone()))
}

fn class_of(program: &dyn Program, call: CallRef) -> Option<Class> {
    let named = |path: &str, own| Class { name: path.rsplit('.').next().unwrap_or(path).into(), path: path.into(), own };
    match program.callee(call) {
        Meaning::Outside(path) => Some(named(&path, Vec::new())),
        Meaning::Class(class) => {
            let bases = program.outside_bases(class);
            let is_known = |base: &&Name| {
                let last = base.rsplit('.').next().unwrap_or(base);
                FOREIGN.contains(&last) || MANY.contains(&last) || last == "ArrayField" || last == "Field" || kinds::kind(last).is_some()
            };
            let base = bases.iter().find(|base| is_known(base) && !base.ends_with(".Field")).or_else(|| bases.iter().find(is_known))?;
            Some(named(base, program.lineage(class)))
        }
        _ => None,
    }
}

fn foreign(project: &Project<'_>, owner: &Owner<'_>, arguments: &Arguments<'_>) -> Kind {
    let to = arguments.at(0, "to").map(|(expr, at)| target(project, owner, &at, expr)).unwrap_or_default();
    let on_delete = arguments.at(1, "on_delete").and_then(|(expr, _)| Action::of(expr.last_name()?.strip_prefix("DB_")?));
    Kind::Foreign(Foreign {
        to,
        to_field: arguments.text("to_field"),
        has_constraint: arguments.truth("db_constraint") != Some(false),
        is_parent_link: arguments.truth("parent_link") == Some(true),
        on_delete,
    })
}

fn many(project: &Project<'_>, owner: &Owner<'_>, arguments: &Arguments<'_>, class: &Class) -> Kind {
    let to = arguments.at(0, "to").map(|(expr, at)| target(project, owner, &at, expr)).unwrap_or_default();
    let sorted = class.name == "SortedManyToManyField" && arguments.truth("sorted") != Some(false);
    Kind::Many(Many {
        to,
        has_through: arguments.named("through").is_some_and(|(expr, _)| !matches!(expr, Expr::Null)),
        table: arguments.text("db_table"),
        has_constraint: arguments.truth("db_constraint") != Some(false),
        sorted_by: sorted.then(|| arguments.text("sort_value_field_name").unwrap_or_else(|| "sort_value".into())),
    })
}

/// The key of the model that a relation names: a class, `"self"`, `"Order"`, `"shop.Order"`, the user's model.
#[must_use]
pub fn target(project: &Project<'_>, owner: &Owner<'_>, site: &Site, expr: &Expr) -> Name {
    let program = project.program;
    if project.is_user(site, expr) {
        return project.user.clone();
    }
    match program.resolve(site, expr) {
        Meaning::Class(class) => return project.key_of(class),
        Meaning::Outside(path) => {
            return match path.strip_prefix("django.conf.settings.") {
                Some(setting) => project.setting(setting).map(|text| text.to_lowercase().into()).unwrap_or_default(),
                None => outside_key(&path),
            };
        }
        _ => {}
    }
    let Some(text) = program.text(site, expr).plain() else {
        let setting = expr.last_name().filter(|name| name.chars().all(|c| c.is_uppercase() || c == '_'));
        return setting.and_then(|name| project.setting(name)).map(|text| text.to_lowercase().into()).unwrap_or_default();
    };
    match text.rsplit_once('.') {
        None if text == "self" => state::key(owner.label, owner.model),
        None => state::key(owner.label, &text),
        Some((label, name)) => state::key(label.rsplit('.').next().unwrap_or(label), name),
    }
}

/// `django.contrib.auth.models.User` as `auth.user`.
#[must_use]
pub fn outside_key(path: &str) -> Name {
    const LABELS: &[(&str, &str)] =
        &[("wagtail.images", "wagtailimages"), ("wagtail.documents", "wagtaildocs"), ("wagtail", "wagtailcore")];
    let Some((module, name)) = path.rsplit_once('.') else { return Name::default() };
    let package = module.split(".models").next().unwrap_or(module);
    let label = LABELS.iter().find(|(prefix, _)| package == *prefix || package.strip_suffix(".core") == Some(prefix));
    state::key(label.map_or_else(|| package.rsplit('.').next().unwrap_or(package), |(_, label)| label), name)
}

fn plain(project: &Project<'_>, owner: &Owner<'_>, arguments: &Arguments<'_>, class: &Class, depth: u32) -> (Option<Kind>, Traits) {
    let program = project.program;
    let none = (None, Traits::default());
    if let Some(ty) = own_type(program, class, arguments) {
        return (Some(column(ty)), Traits::default());
    }
    let inner = |keyword: &str| -> Option<Field> {
        let (expr, at) = arguments.at(0, keyword)?;
        (depth < 6).then(|| read_at(project, owner, &Name::default(), &at, expr, depth + 1))?.pop()
    };
    match class.name.as_str() {
        "ArrayField" => {
            let base = inner("base_field").and_then(|field| if let Kind::Plain(plain) = field.kind { Some(plain.ty) } else { None });
            let ty = base.map(|ty| format!("{ty}[]")).unwrap_or_default();
            (Some(column(ty)), Traits::default())
        }
        "GeneratedField" => {
            let ty = match arguments.named("output_field").map(|(expr, at)| read_at(project, owner, &Name::default(), &at, expr, depth + 1))
            {
                Some(fields) if depth < 6 => {
                    fields.into_iter().next().and_then(|field| if let Kind::Plain(plain) = field.kind { Some(plain.ty) } else { None })
                }
                _ => None,
            };
            let said = arguments.named("expression").map_or(Term::Unknown, |(expr, at)| term(program, &at, expr));
            (Some(Kind::Generated(ty.unwrap_or_default(), said)), Traits { null: true, ..Traits::default() })
        }
        "CompositePrimaryKey" => {
            let names = arguments.positionals();
            (Some(Kind::Composite(names)), Traits { is_key: true, ..Traits::default() })
        }
        name => match kinds::kind(name) {
            Some((ty, traits)) => (Some(Kind::Plain(typed(arguments, ty))), traits),
            None if name.ends_with("Field") && is_stored(name) && arguments.number(9, "max_length").is_some() => {
                (Some(Kind::Plain(typed(arguments, Type::Text(0)))), Traits::default())
            }
            None if name.ends_with("Field") && is_stored(name) && class.path.contains("field") => {
                (Some(column(String::new())), Traits::default())
            }
            None => none,
        },
    }
}

/// Fields without a column, and serializers' and forms' fields that are no model's.
fn is_stored(name: &str) -> bool {
    !matches!(name, "GenericRelation" | "ImageSpecField" | "VirtualField" | "Field" | "PropertyField")
}

fn column(ty: impl Into<Name>) -> Kind {
    Kind::Plain(Plain { ty: ty.into(), ..Plain::default() })
}

fn typed(arguments: &Arguments<'_>, ty: Type) -> Plain {
    let ty = match ty {
        Type::Is(ty) => ty.to_owned(),
        Type::Auto(ty) => return Plain { ty: ty.into(), is_identity: true, is_positive: false },
        Type::Positive(ty) => return Plain { ty: ty.into(), is_identity: false, is_positive: true },
        Type::Text(length) => match arguments.number(9, "max_length").or(Some(u64::from(length)).filter(|length| *length > 0)) {
            Some(length) => format!("character varying({length})"),
            None => "character varying".to_owned(),
        },
        Type::Number(digits, places) => {
            let or = |said: Option<u64>, usual: u16| said.or(Some(u64::from(usual)).filter(|usual| *usual > 0));
            match (or(arguments.number(2, "max_digits"), digits), or(arguments.number(3, "decimal_places"), places)) {
                (Some(digits), Some(places)) => format!("numeric({digits},{places})"),
                _ => "numeric".to_owned(),
            }
        }
        Type::Geometry(sort) => geometry(arguments, sort),
    };
    Plain { ty: ty.into(), ..Plain::default() }
}

fn geometry(arguments: &Arguments<'_>, sort: &str) -> String {
    let srid = arguments.number(9, "srid").unwrap_or(4326);
    let dimension = if arguments.number(9, "dim") == Some(3) { "Z" } else { "" };
    let of = if arguments.truth("geography") == Some(true) { "geography" } else { "geometry" };
    format!("{of}({sort}{dimension},{srid})")
}

/// `def db_type(self, connection): return "varchar(25)"`.
fn own_type(program: &dyn Program, class: &Class, arguments: &Arguments<'_>) -> Option<String> {
    let method = class.own.iter().find_map(|class| {
        let outline = &program.file(class.file).outline;
        let id = program.class(*class).methods.iter().find(|id| outline.function(**id).name == "db_type")?;
        Some((class.file, *id))
    });
    let (file, id) = method?;
    let facts = program.file(file);
    let at = Site::of_scope(file, facts.outline.function(id).inner);
    let returned = facts.returns_of(id).iter().map(|index| &facts.outline.returns[*index as usize]).filter(|leave| !leave.is_raise);
    let texts: Vec<String> = returned.filter_map(|leave| said_type(program, &at, &leave.value, arguments)).collect();
    texts.into_iter().next_back().map(|ty| printed(&ty))
}

/// A type's text; `self.max_length` is the argument's.
fn said_type(program: &dyn Program, at: &Site, value: &Expr, arguments: &Arguments<'_>) -> Option<String> {
    let (text, holes) = program.text(at, value).template();
    holes.into_iter().try_fold(text, |text, hole| {
        let name = hole.rsplit('.').next().unwrap_or(&hole).to_owned();
        let number = arguments.number(9, &name)?;
        Some(text.replace(&format!("{{{name}}}"), &number.to_string()))
    })
}

/// A type as PostgreSQL prints it.
fn printed(ty: &str) -> String {
    let (base, rest) = ty.find('(').map_or((ty, ""), |at| ty.split_at(at));
    let base = base.trim().to_ascii_lowercase();
    let base = match base.as_str() {
        "varchar" => "character varying",
        "char" => "character",
        "int" | "int4" => "integer",
        "int8" => "bigint",
        "int2" => "smallint",
        "bool" => "boolean",
        "timestamptz" => "timestamp with time zone",
        "timestamp" => "timestamp without time zone",
        "float8" => "double precision",
        "decimal" => "numeric",
        other => other,
    };
    format!("{base}{}", rest.replace(' ', ""))
}

fn with_options(program: &dyn Program, mut field: Field, arguments: &Arguments<'_>, traits: Traits) -> Field {
    let says = |keyword: &str| arguments.truth(keyword);
    field.null = says("null").unwrap_or(traits.null);
    field.is_key = says("primary_key").unwrap_or(traits.is_key);
    field.unique = says("unique").unwrap_or(false) || traits.unique;
    field.indexed = says("db_index").or_else(|| says("spatial_index").filter(|_| traits.indexed)).unwrap_or(traits.indexed);
    field.column = arguments.text("db_column");
    field.collation = arguments.text("db_collation");
    field.comment = arguments.text("db_comment");
    field.default = arguments.named("db_default").map(|(expr, at)| term(program, &at, expr));
    field
}

/// The column that django-money keeps a currency in.
fn currency(amount: &Field) -> Field {
    Field::plain(format!("{}_currency", amount.name), "character varying(3)")
}
