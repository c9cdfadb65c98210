//! What types of resources are for, and where in them the name stands.

use crate::facts::infrastructure::Section;

/// What a resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its section.
    pub section: Section,
    /// The attribute that names it; of a datastore the one that names the engine, or empty.
    pub attribute: &'static str,
    /// The engine, when the type says it.
    pub engine: &'static str,
}

const fn named(section: Section, attribute: &'static str) -> Kind {
    Kind { section, attribute, engine: "" }
}

const fn store(engine: &'static str) -> Kind {
    Kind { section: Section::Datastore, attribute: "", engine }
}

const fn engine(attribute: &'static str, engine: &'static str) -> Kind {
    Kind { section: Section::Datastore, attribute, engine }
}

const KINDS: &[(&str, Kind)] = &[
    ("aws_cloudwatch_event_bus", named(Section::Topic, "name")),
    ("aws_db_instance", engine("engine", "")),
    ("aws_docdb_cluster", store("documentdb")),
    ("aws_dynamodb_table", store("dynamodb")),
    ("aws_elasticache_cluster", engine("engine", "redis")),
    ("aws_elasticache_replication_group", engine("engine", "redis")),
    ("aws_elasticache_serverless_cache", engine("engine", "redis")),
    ("aws_elasticsearch_domain", store("elasticsearch")),
    ("aws_keyspaces_table", store("cassandra")),
    ("aws_kinesis_firehose_delivery_stream", named(Section::Topic, "name")),
    ("aws_kinesis_stream", named(Section::Topic, "name")),
    ("aws_memorydb_cluster", store("redis")),
    ("aws_mq_broker", engine("engine_type", "")),
    ("aws_msk_cluster", store("kafka")),
    ("aws_msk_serverless_cluster", store("kafka")),
    ("aws_neptune_cluster", store("neptune")),
    ("aws_opensearch_domain", store("opensearch")),
    ("aws_rds_cluster", engine("engine", "")),
    ("aws_redshift_cluster", store("redshift")),
    ("aws_redshiftserverless_workgroup", store("redshift")),
    ("aws_s3_bucket", named(Section::Bucket, "bucket")),
    ("aws_s3_directory_bucket", named(Section::Bucket, "bucket")),
    ("aws_secretsmanager_secret", named(Section::Secret, "name")),
    ("aws_sns_topic", named(Section::Topic, "name")),
    ("aws_sqs_queue", named(Section::Queue, "name")),
    ("aws_timestreamwrite_database", store("timestream")),
    ("azurerm_cosmosdb_account", store("cosmosdb")),
    ("azurerm_eventgrid_topic", named(Section::Topic, "name")),
    ("azurerm_eventhub", named(Section::Topic, "name")),
    ("azurerm_key_vault_secret", named(Section::Secret, "name")),
    ("azurerm_mssql_server", store("mssql")),
    ("azurerm_mysql_flexible_server", store("mysql")),
    ("azurerm_mysql_server", store("mysql")),
    ("azurerm_postgresql_flexible_server", store("postgres")),
    ("azurerm_postgresql_server", store("postgres")),
    ("azurerm_redis_cache", store("redis")),
    ("azurerm_servicebus_queue", named(Section::Queue, "name")),
    ("azurerm_servicebus_topic", named(Section::Topic, "name")),
    ("azurerm_storage_container", named(Section::Bucket, "name")),
    ("azurerm_storage_queue", named(Section::Queue, "name")),
    ("cloudflare_d1_database", store("d1")),
    ("cloudflare_queue", named(Section::Queue, "name")),
    ("cloudflare_r2_bucket", named(Section::Bucket, "name")),
    ("cloudflare_workers_kv_namespace", store("workers-kv")),
    ("confluent_kafka_cluster", store("kafka")),
    ("confluent_kafka_topic", named(Section::Topic, "topic_name")),
    ("digitalocean_database_cluster", engine("engine", "")),
    ("digitalocean_spaces_bucket", named(Section::Bucket, "name")),
    ("github_actions_secret", named(Section::Secret, "secret_name")),
    ("google_alloydb_cluster", store("postgres")),
    ("google_bigquery_dataset", store("bigquery")),
    ("google_bigtable_instance", store("bigtable")),
    ("google_cloud_tasks_queue", named(Section::Queue, "name")),
    ("google_firestore_database", store("firestore")),
    ("google_memcache_instance", store("memcached")),
    ("google_pubsub_topic", named(Section::Topic, "name")),
    ("google_redis_instance", store("redis")),
    ("google_secret_manager_secret", named(Section::Secret, "secret_id")),
    ("google_spanner_instance", store("spanner")),
    ("google_sql_database_instance", engine("database_version", "")),
    ("google_storage_bucket", named(Section::Bucket, "name")),
    ("kafka_topic", named(Section::Topic, "name")),
    ("kubernetes_secret", named(Section::Secret, "metadata.name")),
    ("kubernetes_secret_v1", named(Section::Secret, "metadata.name")),
    ("minio_s3_bucket", named(Section::Bucket, "bucket")),
    ("mongodbatlas_cluster", store("mongodb")),
    ("mongodbatlas_advanced_cluster", store("mongodb")),
    ("rabbitmq_queue", named(Section::Queue, "name")),
    ("rediscloud_subscription", store("redis")),
    ("upstash_redis_database", store("redis")),
];

/// What a type of resource is for.
pub fn of(kind: &str) -> Option<Kind> {
    KINDS.iter().find(|(name, _)| *name == kind).map(|(_, kind)| *kind)
}
