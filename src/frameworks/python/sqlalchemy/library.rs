//! Columns that base classes of other libraries bring along: advanced-alchemy's bases and mixins, fastapi-users' tables.

use super::column::{Column, Reference};
use super::naming::Naming;
use super::types::SqlType;
use crate::base::Name;
use crate::facts::database::{Action, Generated, ObjectName};

/// Whether a library's class is a declarative base that names tables in snake_case.
#[must_use]
pub fn is_base(path: &str) -> bool {
    let (module, name) = path.rsplit_once('.').unwrap_or(("", path));
    is_advanced(module) && (name.ends_with("Base") || name == "CommonTableAttributes") && name != "SQLQueryBase"
}

fn is_advanced(module: &str) -> bool {
    let root = module.split('.').next().unwrap_or_default();
    root == "advanced_alchemy" || (root == "litestar" && module.contains("sqlalchemy"))
}

/// The names that advanced-alchemy's metadata gives to constraints.
#[must_use]
pub fn naming(outside: &[Name]) -> Option<Naming> {
    outside.iter().any(|base| is_base(base)).then(|| {
        Naming::from_pairs(&[
            ("uq", "uq_%(table_name)s_%(column_0_name)s"),
            ("ck", "ck_%(table_name)s_%(constraint_name)s"),
            ("fk", "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s"),
            ("pk", "pk_%(table_name)s"),
        ])
    })
}

/// Whether the library's base maps `datetime` and `dict` to types of its own.
#[must_use]
pub fn has_annotation_map(outside: &[Name]) -> bool {
    outside.iter().any(|base| is_base(base))
}

/// A table name that a library's base says.
#[must_use]
pub fn table_name(outside: &[Name]) -> Option<&'static str> {
    outside.iter().find_map(|base| {
        let name = base.strip_prefix("fastapi_users_db_sqlalchemy.")?.rsplit('.').next()?;
        Some(match name {
            "SQLAlchemyBaseUserTable" | "SQLAlchemyBaseUserTableUUID" => "user",
            "SQLAlchemyBaseOAuthAccountTable" | "SQLAlchemyBaseOAuthAccountTableUUID" => "oauth_account",
            "SQLAlchemyBaseAccessTokenTable" | "SQLAlchemyBaseAccessTokenTableUUID" => "accesstoken",
            _ => return None,
        })
    })
}

/// The columns of the libraries' bases: attribute and column.
#[must_use]
pub fn columns(outside: &[Name]) -> Vec<(&'static str, Column)> {
    let mut found = Vec::new();
    for base in outside {
        let (module, name) = base.rsplit_once('.').unwrap_or(("", base));
        if is_advanced(module) {
            advanced(name, &mut found);
        } else if module.starts_with("fastapi_users_db_sqlalchemy") {
            users(name, &mut found);
        }
    }
    found
}

fn of(ty: &str) -> Column {
    Column { ty: Some(SqlType::of(ty)), nullable: Some(false), ..Column::default() }
}

fn advanced(name: &str, found: &mut Vec<(&'static str, Column)>) {
    let given_key = |ty: &str| Column { is_key: true, is_given: true, ..of(ty) };
    let has_sentinel = name.starts_with("UUID") || name.starts_with("NanoID");
    if name.starts_with("UUID") {
        found.push(("id", given_key("uuid")));
    } else if name.starts_with("NanoID") {
        found.push(("id", given_key("character varying")));
    } else if name.starts_with("BigInt") {
        found.push(("id", given_key("bigint")));
    } else if name.starts_with("Identity") {
        found.push(("id", Column { generated: Some(Generated::IdentityByDefault), ..given_key("bigint") }));
    } else if name == "SlugKey" {
        found.push(("slug", Column { unique: true, ..of("character varying(100)") }));
    }
    if has_sentinel {
        let sentinel = Column { name: Some("sa_orm_sentinel".into()), nullable: Some(true), ..of("integer") };
        found.push(("_sentinel", sentinel));
    }
    if name.contains("Audit") {
        found.push(("created_at", of("timestamp with time zone")));
        found.push(("updated_at", of("timestamp with time zone")));
    }
}

fn users(name: &str, found: &mut Vec<(&'static str, Column)>) {
    let key = |ty: &str| Column { is_key: true, is_given: true, ..of(ty) };
    let owner = || {
        let reference = Reference {
            table: ObjectName::new("user"),
            column: Some("id".into()),
            on_delete: Some(Action::Cascade),
            ..Reference::default()
        };
        Column { references: vec![reference], ..of("uuid") }
    };
    let is_uuid = name.ends_with("UUID");
    if name.starts_with("SQLAlchemyBaseUserTable") {
        if is_uuid {
            found.push(("id", key("uuid")));
        }
        found.push(("email", Column { unique: true, index: true, ..of("character varying(320)") }));
        found.push(("hashed_password", of("character varying(1024)")));
        for flag in ["is_active", "is_superuser", "is_verified"] {
            found.push((flag, of("boolean")));
        }
    } else if name.starts_with("SQLAlchemyBaseOAuthAccountTable") {
        if is_uuid {
            found.push(("id", key("uuid")));
            found.push(("user_id", owner()));
        }
        found.push(("oauth_name", Column { index: true, ..of("character varying(100)") }));
        found.push(("access_token", of("character varying(1024)")));
        found.push(("expires_at", Column { nullable: Some(true), ..of("integer") }));
        found.push(("refresh_token", Column { nullable: Some(true), ..of("character varying(1024)") }));
        found.push(("account_id", Column { index: true, ..of("character varying(320)") }));
        found.push(("account_email", of("character varying(320)")));
    } else if name.starts_with("SQLAlchemyBaseAccessTokenTable") {
        if is_uuid {
            found.push(("user_id", owner()));
        }
        found.push(("token", key("character varying(43)")));
        found.push(("created_at", Column { index: true, ..of("timestamp with time zone") }));
    }
}
