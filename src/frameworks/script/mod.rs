//! Frameworks and libraries of TypeScript and JavaScript.

pub mod literals;
pub mod zod;
