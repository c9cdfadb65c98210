//! Frameworks and libraries of TypeScript and JavaScript.

pub mod astro;
pub mod class_validator;
pub mod decorators;
pub mod elysia;
pub mod express;
pub mod fastify;
pub mod folders;
pub mod functions;
pub mod guards;
pub mod handler;
pub mod hono;
pub mod inherited;
pub mod koa;
pub mod literals;
pub mod nest;
pub mod nextjs;
pub mod nuxt;
pub mod remix;
pub mod restify;
pub mod schemas;
pub mod statuses;
pub mod sveltekit;
pub mod trpc;
pub mod tsoa;
pub mod web;
pub mod zod;
