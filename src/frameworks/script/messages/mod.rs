//! Libraries of messages of TypeScript and JavaScript.

pub mod amqplib;
pub mod aws;
pub mod bullmq;
pub mod clouds;
pub mod kafkajs;
pub mod mqtt;
pub mod nats;
pub mod nest;
pub mod redis;
pub mod workflows;
