//! Django and Django REST framework.
//!
//! - [`urls`]: the lists of `urlpatterns`.
//! - [`routers`]: routers and what is registered on them.
//! - [`views`]: views, functions and classes: which methods they answer.
//! - [`viewsets`]: the actions of viewsets.
//! - [`settings`]: what settings say.
//! - [`drf`], [`described`], [`permissions`], [`filters`]: what one operation of Django REST framework takes and gives.
//! - [`serializers`], [`models`]: the types of bodies.
//! - [`database`]: tables and migrations.
//!
//! Read from Django 4.2 to 5.2 and Django REST framework 3.14 to 3.16. The admin, static files and what libraries' URL modules hold are
//! left out on purpose.

mod database;
mod described;
mod drf;
mod filters;
mod methods;
pub mod models;
mod permissions;
mod requests;
mod responses;
mod routers;
mod serializers;
mod settings;
mod urls;
mod views;
mod viewsets;

use crate::base::language::Language;
use crate::facts::finding::Findings;
use crate::facts::framework::{Framework, Tells};
use crate::facts::program::{FileId, Program};

/// Django and Django REST framework.
pub const FRAMEWORK: Framework = Framework {
    id: "python/django",
    label: "Django, Django REST framework",
    languages: &[Language::Python],
    modules: &["django", "rest_framework"],
    tells: &[Tells::Http, Tells::Types, Tells::Tables, Tells::Migrations],
    read: Some(read),
    types: Some(&serializers::Reader),
};

fn read(program: &dyn Program, file: FileId, findings: &mut Findings) {
    urls::read(program, file, findings);
    routers::read(program, file, findings);
    database::read(program, file, findings);
}
