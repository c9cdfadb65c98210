//! Models of Django's `contrib` packages and of known libraries: tables that keys point to, and the fields that library bases bring.
//!
//! A line is `name: type` with words behind it: `null`, `key`, `unique`, `index`, `positive`, `auto`; `name -> label.model` is a key of
//! another model, `name => label.model` are many of them.

use super::project::Project;
use super::state::{Field, Foreign, Kind, Many, Model, Options, Plain};
use crate::base::Name;

/// A library's model that has a table.
struct Known {
    key: &'static str,
    table: &'static str,
    fields: &'static str,
    together: &'static [&'static [&'static str]],
}

const fn known(key: &'static str, table: &'static str, fields: &'static str, together: &'static [&'static [&'static str]]) -> Known {
    Known { key, table, fields, together }
}

const CONCRETE: &[Known] = &[
    known(
        "contenttypes.ContentType",
        "django_content_type",
        "id: integer auto; app_label: character varying(100); model: character varying(100)",
        &[&["app_label", "model"]],
    ),
    known(
        "auth.Permission",
        "auth_permission",
        "id: integer auto; name: character varying(255); content_type -> contenttypes.contenttype; codename: character varying(100)",
        &[&["content_type", "codename"]],
    ),
    known("auth.Group", "auth_group", "id: integer auto; name: character varying(150) unique; permissions => auth.permission", &[]),
    known("auth.User", "auth_user", USER, &[]),
    known("sites.Site", "django_site", "id: integer auto; domain: character varying(100) unique; name: character varying(50)", &[]),
    known(
        "sessions.Session",
        "django_session",
        "session_key: character varying(40) key; session_data: text; expire_date: timestamp with time zone index",
        &[],
    ),
    known(
        "flatpages.FlatPage",
        "django_flatpage",
        "id: integer auto; url: character varying(100) index; title: character varying(100); content: text; enable_comments: boolean; \
         template_name: character varying(70); registration_required: boolean",
        &[],
    ),
    known("taggit.Tag", "taggit_tag", "id: integer auto; name: character varying(100) unique; slug: character varying(100) unique", &[]),
    known(
        "authtoken.Token",
        "authtoken_token",
        "key: character varying(40) key; created: timestamp with time zone; user -> auth.user unique",
        &[],
    ),
];

const USER: &str = "id: integer auto; password: character varying(128); last_login: timestamp with time zone null; is_superuser: boolean; \
    username: character varying(150) unique; first_name: character varying(150); last_name: character varying(150); \
    email: character varying(254); is_staff: boolean; is_active: boolean; date_joined: timestamp with time zone; \
    groups => auth.group; user_permissions => auth.permission";

/// Abstract models of libraries: the module's beginning (empty: any), the class's name, the fields.
const ABSTRACT: &[(&str, &str, &str)] = &[
    (
        "django.contrib.auth",
        "AbstractUser",
        "password: character varying(128); last_login: timestamp with time zone null; is_superuser: boolean; \
         username: character varying(150) unique; first_name: character varying(150); last_name: character varying(150); \
         email: character varying(254); is_staff: boolean; is_active: boolean; date_joined: timestamp with time zone; \
         groups => auth.group; user_permissions => auth.permission",
    ),
    ("django.contrib.auth", "AbstractBaseUser", "password: character varying(128); last_login: timestamp with time zone null"),
    ("django.contrib.auth", "PermissionsMixin", "is_superuser: boolean; groups => auth.group; user_permissions => auth.permission"),
    (
        "django.contrib.sessions",
        "AbstractBaseSession",
        "session_key: character varying(40) key; session_data: text; expire_date: timestamp with time zone index",
    ),
    ("model_utils", "TimeStampedModel", "created: timestamp with time zone; modified: timestamp with time zone"),
    ("model_utils", "TimeFramedModel", "start: timestamp with time zone null; end: timestamp with time zone null"),
    ("model_utils", "StatusModel", "status: character varying(100); status_changed: timestamp with time zone"),
    ("model_utils", "SoftDeletableModel", "is_removed: boolean"),
    ("model_utils", "UUIDModel", "id: uuid key"),
    ("django_extensions", "TimeStampedModel", "created: timestamp with time zone; modified: timestamp with time zone"),
    ("django_extensions", "TitleDescriptionModel", "title: character varying(255); description: text null"),
    (
        "django_extensions",
        "TitleSlugDescriptionModel",
        "title: character varying(255); description: text null; slug: character varying(50) index",
    ),
    (
        "django_extensions",
        "ActivatorModel",
        "status: integer; activate_date: timestamp with time zone null; deactivate_date: timestamp with time zone null",
    ),
    ("mptt", "MPTTModel", "lft: integer positive; rght: integer positive; tree_id: integer positive index; level: integer positive"),
    ("treebeard", "MP_Node", "path: character varying(255) unique; depth: integer positive; numchild: integer positive"),
    (
        "treebeard",
        "NS_Node",
        "lft: integer positive index; rgt: integer positive index; tree_id: integer positive index; depth: integer positive index",
    ),
    ("treebeard", "AL_Node", ""),
    ("polymorphic", "PolymorphicModel", "polymorphic_ctype -> contenttypes.contenttype null"),
    ("taggit", "TagBase", "name: character varying(100) unique; slug: character varying(100) unique"),
    ("taggit", "ItemBase", ""),
    ("taggit", "TaggedItemBase", "tag -> taggit.tag"),
    ("taggit", "CommonGenericTaggedItemBase", "content_type -> contenttypes.contenttype"),
    ("taggit", "GenericTaggedItemBase", "content_type -> contenttypes.contenttype; object_id: integer index"),
    ("taggit", "GenericUUIDTaggedItemBase", "content_type -> contenttypes.contenttype; object_id: uuid index"),
    ("ordered_model", "OrderedModel", "order: integer positive index"),
    ("ordered_model", "OrderedModelBase", ""),
    ("safedelete", "SafeDeleteModel", "deleted: timestamp with time zone null index; deleted_by_cascade: boolean"),
    ("django_tenants", "TenantMixin", "schema_name: character varying(63) unique"),
    ("tenant_schemas", "TenantMixin", "domain_url: character varying(128) unique; schema_name: character varying(63) unique"),
    (
        "rest_framework_api_key",
        "AbstractAPIKey",
        "id: character varying(150) key; prefix: character varying(8) unique; hashed_key: character varying(150); \
         created: timestamp with time zone index; name: character varying(50); revoked: boolean; expiry_date: timestamp with time zone null",
    ),
    ("wagtail", "Orderable", "sort_order: integer null"),
    ("modelcluster", "ClusterableModel", ""),
    ("solo", "SingletonModel", ""),
    ("rules", "RulesModel", ""),
    ("django_lifecycle", "LifecycleModel", ""),
    ("dirtyfields", "DirtyFieldsMixin", ""),
    ("django_prometheus", "ExportModelOperationsMixin", ""),
    ("parler", "TranslatableModel", ""),
    ("hvad", "TranslatableModel", ""),
    ("computedfields", "ComputedFieldsModel", ""),
    ("django.contrib.gis", "Model", ""),
    ("django.db.models", "Model", ""),
    ("django_cte", "", ""),
];

/// What a library's base is to a model.
pub enum Base {
    /// Abstract, with these fields.
    Abstract(Vec<Field>),
    /// A model with a table of its own, by key.
    Concrete(Name),
    /// A model of a library, not known further.
    Unknown,
    /// No model.
    Plain,
}

/// What a library's class is to a model that extends it.
#[must_use]
pub fn base(path: &str) -> Base {
    let (module, name) = path.rsplit_once('.').unwrap_or(("", path));
    if let Some((.., fields)) = ABSTRACT.iter().find(|(start, class, _)| *class == name && module.starts_with(start)) {
        return Base::Abstract(fields_of(fields));
    }
    let key = super::fields::outside_key(path);
    if CONCRETE.iter().any(|model| model.key.to_lowercase() == key) && module.ends_with("models") {
        return Base::Concrete(key);
    }
    let is_model =
        module.contains("models") && !module.starts_with("django.db.models") && !name.ends_with("Mixin") && !name.ends_with("Choices");
    if is_model { Base::Unknown } else { Base::Plain }
}

/// A library's model by key.
#[must_use]
pub fn model(project: &Project<'_>, key: &str) -> Option<Model> {
    let known = CONCRETE.iter().find(|model| model.key.eq_ignore_ascii_case(key))?;
    let (label, name) = known.key.split_once('.')?;
    let mut fields = fields_of(known.fields);
    for field in &mut fields {
        if let Kind::Foreign(foreign) = &mut field.kind
            && foreign.to == "auth.user"
        {
            foreign.to = project.user.clone();
        }
    }
    let together = known.together.iter().map(|names| names.iter().map(|name| Name::from(*name)).collect()).collect();
    let options = Options { table: Some(known.table.into()), unique_together: together, ..Options::default() };
    Some(Model { label: label.into(), name: name.into(), fields, options, ..Model::default() })
}

fn fields_of(lines: &str) -> Vec<Field> {
    lines.split(';').filter_map(field_of).collect()
}

fn field_of(line: &str) -> Option<Field> {
    let line = line.trim();
    let mut field = if let Some((name, rest)) = line.split_once(" => ") {
        let to = rest.split(' ').next()?;
        Field::of(name, Kind::Many(Many { to: to.into(), has_constraint: true, ..Many::default() }))
    } else if let Some((name, rest)) = line.split_once(" -> ") {
        let to = rest.split(' ').next()?;
        Field { indexed: true, ..Field::of(name, Kind::Foreign(Foreign { to: to.into(), has_constraint: true, ..Foreign::default() })) }
    } else {
        let (name, rest) = line.split_once(": ")?;
        const WORDS: &[&str] = &["null", "key", "unique", "index", "positive", "auto"];
        let ty: Vec<&str> = rest.split(' ').filter(|word| !WORDS.contains(word)).collect();
        let says = |word: &str| rest.split(' ').any(|said| said == word);
        Field::of(name, Kind::Plain(Plain { ty: ty.join(" ").into(), is_identity: says("auto"), is_positive: says("positive") }))
    };
    let says = |word: &str| line.split(' ').any(|said| said == word);
    field.null = says("null");
    field.is_key = says("key") || says("auto");
    field.unique = says("unique");
    field.indexed |= says("index");
    Some(field)
}
