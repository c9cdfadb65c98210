//! pydantic, and what is made with it: SQLModel, Beanie, Ninja's schemas.
//!
//! - [`model`]: the members of a model.
//! - [`config`]: aliases and extra members, as a model's configuration says.
//! - [`types`]: the library's own types.
//! - [`calls`]: types that calls make: `constr(…)`, `create_model(…)`.
//!
//! Validators are not read: what they reject is not known.

mod calls;
mod config;
mod model;
mod types;

pub use model::{is_ellipsis, shape};

use crate::base::code::{Expr, Type};
use crate::base::language::Language;
use crate::facts::framework::{Framework, Tells, TypeReader};
use crate::facts::program::{ClassRef, Mode, Program, Site};
use crate::facts::shape::Shape;

/// pydantic.
pub const FRAMEWORK: Framework = Framework {
    id: "python/pydantic",
    label: "pydantic",
    languages: &[Language::Python],
    modules: &["pydantic", "sqlmodel", "beanie", "odmantic", "pydantic_extra_types"],
    tells: &[Tells::Types],
    read: None,
    types: Some(&Reader),
};

/// Classes of libraries whose subclasses are models.
const MODELS: &[&str] = &[
    "pydantic.BaseModel",
    "pydantic.main.BaseModel",
    "pydantic.v1.BaseModel",
    "pydantic.generics.GenericModel",
    "pydantic.v1.generics.GenericModel",
    "pydantic.RootModel",
    "pydantic.root_model.RootModel",
    "sqlmodel.SQLModel",
    "sqlmodel.main.SQLModel",
    "beanie.Document",
    "beanie.odm.documents.Document",
    "odmantic.Model",
    "odmantic.EmbeddedModel",
    "ninja.Schema",
    "ninja.schema.Schema",
    "ninja_schema.Schema",
    "fastapi_camelcase.CamelModel",
    "fastapi_utils.api_model.APIModel",
    "fastapi_restful.api_model.APIModel",
    "fastapi_users.schemas.BaseUser",
    "fastapi_users.schemas.BaseUserCreate",
    "fastapi_users.schemas.BaseUserUpdate",
    "fastapi_users.schemas.CreateUpdateDictModel",
    "aws_lambda_powertools.utilities.parser.BaseModel",
];

/// Whether a class is a model.
#[must_use]
pub fn is_model(program: &dyn Program, class: ClassRef) -> bool {
    program.outside_bases(class).iter().any(|base| MODELS.contains(&base.as_str())) || is_dataclass(program, class)
}

/// `@pydantic.dataclasses.dataclass`.
fn is_dataclass(program: &dyn Program, class: ClassRef) -> bool {
    let at = program.around_class(class);
    program.class(class).decorators.iter().any(|decorator| {
        let callee = match decorator {
            Expr::Call(id) => program.callee(crate::facts::program::CallRef { file: class.file, id: *id }),
            other => program.resolve(&at, other),
        };
        callee.is_any(&["pydantic.dataclasses.dataclass", "pydantic.v1.dataclasses.dataclass"])
    })
}

struct Reader;

impl TypeReader for Reader {
    fn class(&self, program: &dyn Program, class: ClassRef, _args: &[Shape], mode: Mode) -> Option<Shape> {
        is_model(program, class).then(|| shape(program, class, mode))
    }

    fn outside(&self, program: &dyn Program, path: &str, args: &[Type], site: &Site, mode: Mode) -> Option<Shape> {
        types::shape(program, path, args, site, mode)
    }

    fn value(&self, program: &dyn Program, expr: &Expr, site: &Site, mode: Mode) -> Option<Shape> {
        calls::shape(program, expr, site, mode)
    }
}
