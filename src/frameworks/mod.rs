//! What frameworks look like, one file each, read by one interpreter.

pub mod embedded;
pub mod graphql;
pub mod interpret;
pub mod messages;
pub mod python;
pub mod rust;
pub mod script;
pub mod specs;
pub mod table;

use crate::facts::framework::Framework;

/// Every framework that is read, sorted by id.
#[rustfmt::skip]
pub const ALL: &[&Framework] = &[
    &python::aiohttp::FRAMEWORK,
    &python::alembic::FRAMEWORK,
    &python::bottle::FRAMEWORK,
    &python::celery::FRAMEWORK,
    &python::cherrypy::FRAMEWORK,
    &python::connexion::FRAMEWORK,
    &python::django::FRAMEWORK,
    &python::falcon::FRAMEWORK,
    &python::fastapi::FRAMEWORK,
    &python::faust::FRAMEWORK,
    &python::flask::FRAMEWORK,
    &python::graphene::FRAMEWORK,
    &python::http_server::FRAMEWORK,
    &python::kafka::FRAMEWORK,
    &python::litestar::FRAMEWORK,
    &python::marshmallow::FRAMEWORK,
    &python::msgspec::FRAMEWORK,
    &python::ninja::FRAMEWORK,
    &python::pydantic::FRAMEWORK,
    &python::pyramid::FRAMEWORK,
    &python::robyn::FRAMEWORK,
    &python::sanic::FRAMEWORK,
    &python::sql::FRAMEWORK,
    &python::sqlalchemy::FRAMEWORK,
    &python::sqlmodel::FRAMEWORK,
    &python::strawberry::FRAMEWORK,
    &python::tornado::FRAMEWORK,
    &rust::actix::FRAMEWORK,
    &rust::axum::FRAMEWORK,
    &rust::diesel::FRAMEWORK,
    &rust::dropshot::FRAMEWORK,
    &rust::gotham::FRAMEWORK,
    &rust::loco::FRAMEWORK,
    &rust::poem::FRAMEWORK,
    &rust::postgres::FRAMEWORK,
    &rust::rocket::FRAMEWORK,
    &rust::rusqlite::FRAMEWORK,
    &rust::salvo::FRAMEWORK,
    &rust::seaorm::FRAMEWORK,
    &rust::serde::FRAMEWORK,
    &rust::sqlx::FRAMEWORK,
    &rust::tide::FRAMEWORK,
    &rust::warp::FRAMEWORK,
    &script::astro::FRAMEWORK,
    &script::class_validator::FRAMEWORK,
    &script::drizzle::FRAMEWORK,
    &script::elysia::FRAMEWORK,
    &script::express::FRAMEWORK,
    &script::fastify::FRAMEWORK,
    &script::hapi::FRAMEWORK,
    &script::hono::FRAMEWORK,
    &script::schemas::joi::FRAMEWORK,
    &script::knex::FRAMEWORK,
    &script::koa::FRAMEWORK,
    &script::nest::FRAMEWORK,
    &script::nextjs::FRAMEWORK,
    &script::nuxt::FRAMEWORK,
    &script::oak::FRAMEWORK,
    &script::remix::FRAMEWORK,
    &script::restify::FRAMEWORK,
    &script::sails::FRAMEWORK,
    &script::sequelize::FRAMEWORK,
    &script::sql::FRAMEWORK,
    &script::sveltekit::FRAMEWORK,
    &script::trpc::FRAMEWORK,
    &script::tsoa::FRAMEWORK,
    &script::schemas::typebox::FRAMEWORK,
    &script::typeorm::FRAMEWORK,
    &script::schemas::valibot::FRAMEWORK,
    &script::schemas::yup::FRAMEWORK,
    &script::zod::FRAMEWORK,
];
