//! Libraries of messages of Rust.

pub mod aws;
pub mod broadcast;
pub mod lapin;
pub mod nats;
pub mod rdkafka;
pub mod redis;
pub mod rumqttc;
