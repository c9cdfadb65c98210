//! Libraries of messages of TypeScript and JavaScript.

pub mod amqplib;
pub mod aws;
pub mod bullmq;
pub mod clouds;
pub mod connections;
pub mod emitter;
pub mod jobs;
pub mod kafkajs;
pub mod moleculer;
pub mod mqtt;
pub mod nats;
pub mod nest;
pub mod redis;
pub mod socketio;
pub mod workflows;
pub mod ws;
