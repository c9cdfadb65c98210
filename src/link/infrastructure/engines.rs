//! Which images are databases, caches, brokers and stores that everybody knows.

/// What an image is known to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engine {
    /// The engine, as people name it.
    pub name: &'static str,
    /// Another name it goes by; empty when there is none.
    pub alias: &'static str,
}

/// Names of images (the last part of their path) and their engines.
const ENGINES: &[(&str, &str, &str)] = &[
    ("postgres", "postgres", "postgresql"),
    ("postgresql", "postgres", "postgresql"),
    ("postgresql-repmgr", "postgres", "postgresql"),
    ("postgis", "postgres", "postgresql"),
    ("pgvector", "postgres", "postgresql"),
    ("timescaledb", "postgres", "timescaledb"),
    ("timescaledb-ha", "postgres", "timescaledb"),
    ("spilo", "postgres", "postgresql"),
    ("supabase-postgres", "postgres", "postgresql"),
    ("mysql", "mysql", ""),
    ("mysql-server", "mysql", ""),
    ("percona", "mysql", "percona"),
    ("percona-server", "mysql", "percona"),
    ("mariadb", "mariadb", "mysql"),
    ("mssql", "mssql", "sqlserver"),
    ("azure-sql-edge", "mssql", "sqlserver"),
    ("oracle-xe", "oracle", ""),
    ("oracle-free", "oracle", ""),
    ("mongo", "mongodb", "mongo"),
    ("mongodb", "mongodb", "mongo"),
    ("mongodb-community-server", "mongodb", "mongo"),
    ("redis", "redis", ""),
    ("redis-stack", "redis", "redis-stack"),
    ("redis-stack-server", "redis", "redis-stack"),
    ("redis-cluster", "redis", ""),
    ("redis-sentinel", "redis", ""),
    ("valkey", "valkey", "redis"),
    ("keydb", "keydb", "redis"),
    ("dragonfly", "dragonfly", "redis"),
    ("memcached", "memcached", ""),
    ("elasticsearch", "elasticsearch", ""),
    ("opensearch", "opensearch", ""),
    ("meilisearch", "meilisearch", ""),
    ("typesense", "typesense", ""),
    ("solr", "solr", ""),
    ("zinc", "zincsearch", ""),
    ("clickhouse-server", "clickhouse", ""),
    ("clickhouse", "clickhouse", ""),
    ("cassandra", "cassandra", ""),
    ("scylla", "scylladb", "cassandra"),
    ("cockroach", "cockroachdb", "postgres"),
    ("influxdb", "influxdb", ""),
    ("questdb", "questdb", ""),
    ("neo4j", "neo4j", ""),
    ("arangodb", "arangodb", ""),
    ("couchdb", "couchdb", ""),
    ("couchbase", "couchbase", ""),
    ("dynamodb-local", "dynamodb", ""),
    ("surrealdb", "surrealdb", ""),
    ("qdrant", "qdrant", ""),
    ("weaviate", "weaviate", ""),
    ("milvus", "milvus", ""),
    ("chroma", "chroma", "chromadb"),
    ("etcd", "etcd", ""),
    ("rabbitmq", "rabbitmq", "amqp"),
    ("kafka", "kafka", ""),
    ("cp-kafka", "kafka", ""),
    ("cp-server", "kafka", ""),
    ("kafka-native", "kafka", ""),
    ("redpanda", "redpanda", "kafka"),
    ("nats", "nats", ""),
    ("nats-streaming", "nats", ""),
    ("eclipse-mosquitto", "mosquitto", "mqtt"),
    ("emqx", "emqx", "mqtt"),
    ("activemq", "activemq", ""),
    ("activemq-artemis", "activemq", ""),
    ("artemis", "activemq", ""),
    ("pulsar", "pulsar", ""),
    ("nsqd", "nsq", ""),
    ("minio", "minio", "s3"),
    ("localstack", "localstack", "aws"),
    ("azurite", "azurite", "azure-storage"),
    ("fake-gcs-server", "gcs", ""),
    ("seaweedfs", "seaweedfs", "s3"),
];

/// The engine of an image, when it is a known one.
#[must_use]
pub fn of_image(image: &str) -> Option<Engine> {
    let (path, _) = split(image);
    if path.starts_with("mcr.microsoft.com/mssql/") {
        return Some(Engine { name: "mssql", alias: "sqlserver" });
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    ENGINES.iter().find(|(known, ..)| *known == name).map(|(_, name, alias)| Engine { name, alias })
}

/// The engine of a word that names one: of `engine = "postgres"`, `aurora-postgresql`.
#[must_use]
pub fn of_word(word: &str) -> Option<Engine> {
    let word = word.to_ascii_lowercase();
    let word = word.strip_prefix("aurora-").unwrap_or(&word);
    let word = match word {
        "sqlserver-ex" | "sqlserver-se" | "sqlserver-ee" | "sqlserver-web" | "sqlserver" => "mssql",
        "oracle-ee" | "oracle-se2" => "oracle-xe",
        "aurora" => "mysql",
        "docdb" => "mongodb",
        other => other,
    };
    ENGINES.iter().find(|(known, ..)| *known == word).map(|(_, name, alias)| Engine { name, alias })
}

/// The path of an image and its tag, without a digest: `quay.io/minio/minio`, `latest`.
#[must_use]
pub fn split(image: &str) -> (&str, Option<&str>) {
    let image = image.split('@').next().unwrap_or(image);
    let name_at = image.rfind('/').map_or(0, |at| at + 1);
    match image[name_at..].find(':') {
        Some(at) => (&image[..name_at + at], Some(&image[name_at + at + 1..])),
        None => (image, None),
    }
}

/// The version that a tag asks for: `16` of `16-alpine`; nothing of `latest`.
#[must_use]
pub fn version_of(image: &str) -> Option<String> {
    let tag = split(image).1?;
    let version: String = tag.trim_start_matches('v').chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let version = version.trim_end_matches('.');
    (!version.is_empty()).then(|| version.to_owned())
}
