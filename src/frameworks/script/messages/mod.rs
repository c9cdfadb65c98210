//! Libraries of messages of TypeScript and JavaScript.

pub mod amqplib;
pub mod bullmq;
pub mod kafkajs;
pub mod nest;
