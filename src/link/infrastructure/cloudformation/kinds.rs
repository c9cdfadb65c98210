//! What types of resources are for, and which property names them.

use crate::facts::infrastructure::Section;

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its section.
    pub section: Section,
    /// The property that names it; of a datastore the one that names the engine, or empty.
    pub property: &'static str,
    /// The engine, when the type says it.
    pub engine: &'static str,
}

const fn named(section: Section, property: &'static str) -> Kind {
    Kind { section, property, engine: "" }
}

const fn store(property: &'static str, engine: &'static str) -> Kind {
    Kind { section: Section::Datastore, property, engine }
}

const KINDS: &[(&str, Kind)] = &[
    ("AWS::AmazonMQ::Broker", store("EngineType", "")),
    ("AWS::DocDB::DBCluster", store("", "documentdb")),
    ("AWS::DynamoDB::GlobalTable", store("", "dynamodb")),
    ("AWS::DynamoDB::Table", store("", "dynamodb")),
    ("AWS::ElastiCache::CacheCluster", store("Engine", "redis")),
    ("AWS::ElastiCache::ReplicationGroup", store("Engine", "redis")),
    ("AWS::ElastiCache::ServerlessCache", store("Engine", "redis")),
    ("AWS::Elasticsearch::Domain", store("", "elasticsearch")),
    ("AWS::Events::EventBus", named(Section::Topic, "Name")),
    ("AWS::Kinesis::Stream", named(Section::Topic, "Name")),
    ("AWS::KinesisFirehose::DeliveryStream", named(Section::Topic, "DeliveryStreamName")),
    ("AWS::MSK::Cluster", store("", "kafka")),
    ("AWS::MSK::ServerlessCluster", store("", "kafka")),
    ("AWS::MemoryDB::Cluster", store("", "redis")),
    ("AWS::Neptune::DBCluster", store("", "neptune")),
    ("AWS::OpenSearchService::Domain", store("", "opensearch")),
    ("AWS::RDS::DBCluster", store("Engine", "")),
    ("AWS::RDS::DBInstance", store("Engine", "")),
    ("AWS::Redshift::Cluster", store("", "redshift")),
    ("AWS::S3::Bucket", named(Section::Bucket, "BucketName")),
    ("AWS::SNS::Topic", named(Section::Topic, "TopicName")),
    ("AWS::SQS::Queue", named(Section::Queue, "QueueName")),
    ("AWS::SecretsManager::Secret", named(Section::Secret, "Name")),
    ("AWS::Serverless::SimpleTable", store("", "dynamodb")),
    ("AWS::Timestream::Database", store("", "timestream")),
];

/// What a type of resource is for.
pub fn of(kind: &str) -> Option<Kind> {
    KINDS.iter().find(|(name, _)| *name == kind).map(|(_, kind)| *kind)
}
