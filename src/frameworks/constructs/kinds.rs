//! What services and classes of cloud libraries are for.

use crate::facts::infrastructure::Section;

/// What a class makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its section.
    pub section: Section,
    /// Properties that name it.
    pub names: &'static [&'static str],
    /// The engine, of a datastore.
    pub engine: &'static str,
}

const fn named(section: Section, names: &'static [&'static str]) -> Kind {
    Kind { section, names, engine: "" }
}

const fn store(engine: &'static str, names: &'static [&'static str]) -> Kind {
    Kind { section: Section::Datastore, names, engine }
}

/// What a class of a service makes. CDK's first layer (`CfnQueue`) counts as what it is for.
pub fn of(service: &str, class: &str) -> Option<Kind> {
    let class = class.strip_prefix("Cfn").unwrap_or(class);
    Some(match (service, class) {
        ("sqs", "Queue") => named(Section::Queue, &["queueName", "name"]),
        ("cloudtasks", "Queue") => named(Section::Queue, &["name"]),
        ("servicebus", "Queue") => named(Section::Queue, &["queueName", "name"]),
        ("sns" | "pubsub" | "servicebus" | "eventgrid", "Topic") => named(Section::Topic, &["topicName", "name"]),
        ("kinesis", "Stream") => named(Section::Topic, &["streamName", "name"]),
        ("events" | "cloudwatch", "EventBus") => named(Section::Topic, &["eventBusName", "name"]),
        ("eventhub", "EventHub") => named(Section::Topic, &["eventHubName", "name"]),
        ("s3", "Bucket" | "BucketV2") => named(Section::Bucket, &["bucketName", "bucket"]),
        ("storage", "Bucket") => named(Section::Bucket, &["name"]),
        ("storage", "BlobContainer" | "Container") => named(Section::Bucket, &["containerName", "name"]),
        ("secretsmanager", "Secret") => named(Section::Secret, &["secretName", "name"]),
        ("secretmanager", "Secret") => named(Section::Secret, &["secretId"]),
        ("keyvault", "Secret") => named(Section::Secret, &["secretName", "name"]),
        ("dynamodb", "Table" | "TableV2" | "GlobalTable") => store("dynamodb", &["tableName", "name"]),
        (
            "rds",
            "DatabaseInstance"
            | "DatabaseCluster"
            | "ServerlessCluster"
            | "DatabaseInstanceFromSnapshot"
            | "Instance"
            | "Cluster"
            | "DBInstance"
            | "DBCluster",
        ) => store("rds", &["databaseName", "dbName"]),
        ("docdb", "DatabaseCluster" | "Cluster") => store("documentdb", &["dbClusterName"]),
        ("elasticache", "CacheCluster" | "ReplicationGroup" | "Cluster" | "ServerlessCache") => {
            store("redis", &["clusterName", "replicationGroupId"])
        }
        ("memorydb", "Cluster") => store("redis", &["clusterName", "name"]),
        ("opensearchservice" | "opensearch", "Domain") => store("opensearch", &["domainName"]),
        ("elasticsearch", "Domain") => store("elasticsearch", &["domainName"]),
        ("redshift", "Cluster") => store("redshift", &["clusterName"]),
        ("msk", "Cluster" | "ServerlessCluster") => store("kafka", &["clusterName"]),
        ("neptune", "DatabaseCluster" | "Cluster") => store("neptune", &["dbClusterName"]),
        ("amazonmq", "Broker") => store("rabbitmq", &["brokerName"]),
        ("sql", "DatabaseInstance") => store("cloudsql", &["name"]),
        ("redis", "Instance" | "Redis") => store("redis", &["name"]),
        ("firestore", "Database") => store("firestore", &["name"]),
        ("bigquery", "Dataset") => store("bigquery", &["datasetId"]),
        ("spanner", "Instance") => store("spanner", &["name"]),
        ("dbforpostgresql", "Server" | "FlexibleServer") => store("postgres", &["serverName"]),
        ("dbformysql", "Server" | "FlexibleServer") => store("mysql", &["serverName"]),
        ("documentdb" | "cosmosdb", "DatabaseAccount" | "Account") => store("cosmosdb", &["accountName"]),
        ("cache", "Redis") => store("redis", &["name"]),
        _ => return None,
    })
}

/// Whether a class makes a function.
pub fn is_function(service: &str, class: &str) -> bool {
    matches!(
        (service, class),
        ("lambda" | "lambda_", "Function" | "DockerImageFunction" | "CallbackFunction" | "CfnFunction" | "SingletonFunction")
            | ("lambda-nodejs" | "lambda_nodejs", "NodejsFunction")
            | ("lambda-python-alpha" | "lambda_python_alpha" | "lambda-python", "PythonFunction")
            | ("cloudfunctions" | "cloudfunctionsv2", "Function")
            | ("web" | "appservice", "WebApp" | "FunctionApp")
    )
}

/// Whether a class makes something that runs.
pub fn is_service(service: &str, class: &str) -> bool {
    match service {
        "ecs" => matches!(class, "FargateService" | "Ec2Service" | "ExternalService" | "Service" | "CfnService"),
        "ecs-patterns" | "ecs_patterns" => class.ends_with("Service") || class.ends_with("Task"),
        "apprunner" => class == "Service",
        "cloudrun" | "cloudrunv2" => matches!(class, "Service" | "Job"),
        "apps" => matches!(class, "Deployment" | "StatefulSet" | "DaemonSet"),
        "app" => class == "ContainerApp",
        _ => false,
    }
}
