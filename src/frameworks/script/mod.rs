//! Frameworks and libraries of TypeScript and JavaScript.

pub mod express;
pub mod functions;
pub mod handler;
pub mod hono;
pub mod literals;
pub mod statuses;
pub mod trpc;
pub mod zod;
