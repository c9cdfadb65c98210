//! Frameworks and libraries of TypeScript and JavaScript.

pub mod hono;
pub mod literals;
pub mod zod;
