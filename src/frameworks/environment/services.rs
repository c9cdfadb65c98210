//! Services of others and stores, by the libraries that are made for them.

use std::sync::LazyLock;

use super::Reader;
use crate::base::code::{Expr, Import, Imported};
use crate::base::hash::FastSet;
use crate::base::language::Language;
use crate::facts::infrastructure::{Infrastructure, Section, Spot, Thing};
use crate::facts::program::{Meaning, Site};

/// A module (and all below it) and the service it is made for.
type Known = (&'static str, &'static str);

/// Packages of Python.
#[rustfmt::skip]
const PYTHON: &[Known] = &[
    ("airtable", "airtable"), ("algoliasearch", "algolia"), ("amplitude", "amplitude"), ("anthropic", "anthropic"),
    ("analytics", "segment"), ("segment.analytics", "segment"), ("auth0", "auth0"), ("bugsnag", "bugsnag"),
    ("braintree", "braintree"), ("checkout_sdk", "checkout"), ("clerk_backend_api", "clerk"), ("cloudinary", "cloudinary"),
    ("cohere", "cohere"), ("datadog", "datadog"), ("ddtrace", "datadog"), ("deepgram", "deepgram"), ("discord", "discord"),
    ("docusign_esign", "docusign"), ("dropbox", "dropbox"), ("elevenlabs", "elevenlabs"), ("facebook_business", "facebook"),
    ("firebase_admin", "firebase"), ("github", "github"), ("gitlab", "gitlab"), ("gocardless_pro", "gocardless"),
    ("google.generativeai", "google-gemini"), ("google.genai", "google-gemini"), ("googlemaps", "google-maps"), ("groq", "groq"),
    ("honeybadger", "honeybadger"), ("hubspot", "hubspot"), ("huggingface_hub", "huggingface"), ("intercom", "intercom"),
    ("jira", "jira"), ("klaviyo_api", "klaviyo"), ("langfuse", "langfuse"), ("langsmith", "langsmith"), ("launchdarkly", "launchdarkly"),
    ("ldclient", "launchdarkly"), ("logfire", "logfire"), ("mailchimp_marketing", "mailchimp"), ("mailchimp_transactional", "mailchimp"),
    ("mailjet_rest", "mailjet"), ("mercadopago", "mercadopago"), ("mistralai", "mistral"), ("mixpanel", "mixpanel"),
    ("mollie", "mollie"), ("newrelic", "newrelic"), ("notion_client", "notion"), ("openai", "openai"), ("opsgenie_sdk", "opsgenie"),
    ("paypalrestsdk", "paypal"), ("paypalserversdk", "paypal"), ("pdpyras", "pagerduty"), ("pinecone", "pinecone"), ("plaid", "plaid"),
    ("posthog", "posthog"), ("postmarker", "postmark"), ("pusher", "pusher"), ("razorpay", "razorpay"), ("recurly", "recurly"),
    ("replicate", "replicate"), ("resend", "resend"), ("rollbar", "rollbar"), ("sendgrid", "sendgrid"), ("sentry_sdk", "sentry"),
    ("shippo", "shippo"), ("shopify", "shopify"), ("simple_salesforce", "salesforce"), ("slack_sdk", "slack"), ("slack_bolt", "slack"),
    ("slack", "slack"), ("snowflake.connector", "snowflake"), ("square", "square"), ("statsig", "statsig"), ("stripe", "stripe"),
    ("supabase", "supabase"), ("telegram", "telegram"), ("aiogram", "telegram"), ("telebot", "telegram"), ("together", "together"),
    ("trello", "trello"), ("tweepy", "twitter"), ("twilio", "twilio"), ("typeform", "typeform"), ("vonage", "vonage"),
    ("workos", "workos"), ("xero_python", "xero"), ("zenpy", "zendesk"), ("adyen", "adyen"), ("Adyen", "adyen"), ("chargebee", "chargebee"),
    ("novu", "novu"), ("onesignal", "onesignal"), ("svix", "svix"), ("easypost", "easypost"), ("mapbox", "mapbox"), ("pyairtable", "airtable"),
    ("scaleapi", "scale"), ("databricks", "databricks"), ("wandb", "wandb"), ("spotipy", "spotify"), ("hvac", "vault"),
];

/// Packages of npm.
#[rustfmt::skip]
const SCRIPT: &[Known] = &[
    ("@adyen/api-library", "adyen"), ("@algolia", "algolia"), ("algoliasearch", "algolia"), ("@amplitude", "amplitude"),
    ("@anthropic-ai/sdk", "anthropic"), ("@ai-sdk/openai", "openai"), ("@ai-sdk/anthropic", "anthropic"), ("@ai-sdk/google", "google-gemini"),
    ("@auth0", "auth0"), ("auth0", "auth0"), ("airtable", "airtable"), ("@bugsnag", "bugsnag"), ("braintree", "braintree"),
    ("chargebee", "chargebee"), ("@clerk", "clerk"), ("cloudinary", "cloudinary"), ("cohere-ai", "cohere"), ("contentful", "contentful"),
    ("dd-trace", "datadog"), ("@datadog", "datadog"), ("@deepgram/sdk", "deepgram"), ("discord.js", "discord"), ("docusign-esign", "docusign"),
    ("dropbox", "dropbox"), ("elevenlabs", "elevenlabs"), ("@elevenlabs", "elevenlabs"), ("firebase", "firebase"),
    ("firebase-admin", "firebase"), ("@google/generative-ai", "google-gemini"), ("@google/genai", "google-gemini"),
    ("@googlemaps", "google-maps"), ("groq-sdk", "groq"), ("@honeybadger-io", "honeybadger"), ("@hubspot", "hubspot"),
    ("intercom-client", "intercom"), ("@launchdarkly", "launchdarkly"), ("launchdarkly-node-server-sdk", "launchdarkly"),
    ("@lemonsqueezy", "lemonsqueezy"), ("@linear/sdk", "linear"), ("@liveblocks", "liveblocks"), ("livekit-server-sdk", "livekit"),
    ("@logtail", "logtail"), ("@mailchimp", "mailchimp"), ("mailgun.js", "mailgun"), ("mailgun-js", "mailgun"), ("node-mailjet", "mailjet"),
    ("@mapbox", "mapbox"), ("mapbox-gl", "mapbox"), ("mercadopago", "mercadopago"), ("@mistralai", "mistral"), ("mixpanel", "mixpanel"),
    ("mixpanel-browser", "mixpanel"), ("@mollie", "mollie"), ("@mux/mux-node", "mux"), ("newrelic", "newrelic"), ("@notionhq/client", "notion"),
    ("@novu/node", "novu"), ("@octokit", "github"), ("octokit", "github"), ("@okta", "okta"), ("@onesignal", "onesignal"), ("openai", "openai"),
    ("@paddle/paddle-node-sdk", "paddle"), ("@paypal", "paypal"), ("@pinecone-database/pinecone", "pinecone"), ("plaid", "plaid"),
    ("@planetscale/database", "planetscale"), ("posthog-js", "posthog"), ("posthog-node", "posthog"), ("postmark", "postmark"),
    ("pusher", "pusher"), ("pusher-js", "pusher"), ("razorpay", "razorpay"), ("replicate", "replicate"), ("resend", "resend"),
    ("rollbar", "rollbar"), ("@sanity", "sanity"), ("@segment", "segment"), ("analytics-node", "segment"), ("@sendgrid", "sendgrid"),
    ("@sentry", "sentry"), ("@shopify/shopify-api", "shopify"), ("@shopify/admin-api-client", "shopify"), ("@slack", "slack"), ("square", "square"), ("@statsig", "statsig"), ("statsig-node", "statsig"),
    ("stripe", "stripe"), ("@stripe", "stripe"), ("@supabase", "supabase"), ("svix", "svix"), ("telegraf", "telegram"), ("grammy", "telegram"),
    ("node-telegram-bot-api", "telegram"), ("together-ai", "together"), ("@trigger.dev/sdk", "trigger.dev"), ("inngest", "inngest"),
    ("twilio", "twilio"), ("twitter-api-v2", "twitter"), ("uploadthing", "uploadthing"), ("@upstash", "upstash"), ("@vercel/blob", "vercel-blob"),
    ("@vercel/kv", "vercel-kv"), ("@vercel/postgres", "vercel-postgres"), ("@vercel/analytics", "vercel-analytics"), ("@vonage", "vonage"),
    ("@workos-inc/node", "workos"), ("snowflake-sdk", "snowflake"), ("node-vault", "vault"), ("googleapis", "google-apis"),
    ("klaviyo-api", "klaviyo"), ("@neondatabase/serverless", "neon"), ("@pagerduty", "pagerduty"), ("jsforce", "salesforce"),
];

/// Crates.
#[rustfmt::skip]
const RUST: &[Known] = &[
    ("stripe", "stripe"), ("async_stripe", "stripe"), ("stripe_rust", "stripe"), ("sentry", "sentry"), ("sendgrid", "sendgrid"),
    ("async_openai", "openai"), ("openai_api_rust", "openai"), ("openai", "openai"), ("octocrab", "github"), ("teloxide", "telegram"),
    ("serenity", "discord"), ("twilight_http", "discord"), ("slack_morphism", "slack"), ("posthog_rs", "posthog"), ("twilio", "twilio"),
    ("resend_rs", "resend"), ("lettre_mailgun", "mailgun"), ("mailgun_rs", "mailgun"), ("postmark", "postmark"), ("vaultrs", "vault"),
    ("clerk_rs", "clerk"), ("rollbar_rs", "rollbar"), ("rusoto_core", "aws"), ("meilisearch_sdk_cloud", "meilisearch"),
    ("launchdarkly_server_sdk", "launchdarkly"), ("paypal_rs", "paypal"), ("plaid", "plaid"), ("pinecone_sdk", "pinecone"),
    ("firebase_rs", "firebase"), ("algoliasearch", "algolia"), ("cloudinary", "cloudinary"), ("dogstatsd", "datadog"),
];

/// Libraries of one store each.
#[rustfmt::skip]
const STORES_PYTHON: &[Known] = &[
    ("asyncpg", "postgres"), ("psycopg", "postgres"), ("psycopg2", "postgres"), ("aiopg", "postgres"), ("pymysql", "mysql"),
    ("MySQLdb", "mysql"), ("mysql.connector", "mysql"), ("aiomysql", "mysql"), ("asyncmy", "mysql"), ("pymongo", "mongodb"),
    ("motor", "mongodb"), ("mongoengine", "mongodb"), ("beanie", "mongodb"), ("redis", "redis"), ("aioredis", "redis"),
    ("elasticsearch", "elasticsearch"), ("opensearchpy", "opensearch"), ("clickhouse_connect", "clickhouse"), ("clickhouse_driver", "clickhouse"),
    ("cassandra", "cassandra"), ("neo4j", "neo4j"), ("pymemcache", "memcached"), ("pylibmc", "memcached"), ("influxdb_client", "influxdb"),
    ("qdrant_client", "qdrant"), ("weaviate", "weaviate"), ("pymilvus", "milvus"), ("chromadb", "chroma"), ("meilisearch", "meilisearch"),
    ("pymssql", "mssql"), ("oracledb", "oracle"), ("minio", "minio"), ("aiokafka", "kafka"), ("confluent_kafka", "kafka"), ("kafka", "kafka"),
    ("pika", "rabbitmq"), ("aio_pika", "rabbitmq"), ("nats", "nats"), ("pulsar", "pulsar"), ("etcd3", "etcd"),
];
#[rustfmt::skip]
const STORES_SCRIPT: &[Known] = &[
    ("pg", "postgres"), ("postgres", "postgres"), ("pg-promise", "postgres"), ("slonik", "postgres"), ("mysql", "mysql"), ("mysql2", "mysql"),
    ("mariadb", "mariadb"), ("mongodb", "mongodb"), ("mongoose", "mongodb"), ("redis", "redis"), ("ioredis", "redis"),
    ("@elastic/elasticsearch", "elasticsearch"), ("@opensearch-project/opensearch", "opensearch"), ("@clickhouse/client", "clickhouse"),
    ("cassandra-driver", "cassandra"), ("neo4j-driver", "neo4j"), ("memjs", "memcached"), ("memcached", "memcached"),
    ("@influxdata/influxdb-client", "influxdb"), ("@qdrant/js-client-rest", "qdrant"), ("weaviate-client", "weaviate"), ("meilisearch", "meilisearch"),
    ("typesense", "typesense"), ("mssql", "mssql"), ("tedious", "mssql"), ("oracledb", "oracle"), ("minio", "minio"), ("kafkajs", "kafka"),
    ("amqplib", "rabbitmq"), ("nats", "nats"), ("chromadb", "chroma"),
];
#[rustfmt::skip]
const STORES_RUST: &[Known] = &[
    ("tokio_postgres", "postgres"), ("postgres", "postgres"), ("deadpool_postgres", "postgres"), ("mysql", "mysql"), ("mysql_async", "mysql"),
    ("mongodb", "mongodb"), ("redis", "redis"), ("fred", "redis"), ("deadpool_redis", "redis"), ("elasticsearch", "elasticsearch"),
    ("opensearch", "opensearch"), ("clickhouse", "clickhouse"), ("scylla", "scylladb"), ("neo4rs", "neo4j"), ("qdrant_client", "qdrant"),
    ("meilisearch_sdk", "meilisearch"), ("tiberius", "mssql"), ("lapin", "rabbitmq"), ("rdkafka", "kafka"), ("async_nats", "nats"),
    ("influxdb", "influxdb"), ("memcache", "memcached"), ("etcd_client", "etcd"),
];

/// The first segments of all that is known: most imports are of none of them.
static FIRSTS: LazyLock<FastSet<&str>> = LazyLock::new(|| {
    let tables = [PYTHON, SCRIPT, RUST, STORES_PYTHON, STORES_SCRIPT, STORES_RUST];
    let fronts = tables.into_iter().flatten().map(|(front, _)| first_of(front));
    fronts.chain(["@aws-sdk", "aws-sdk", "@google-cloud", "google", "@azure", "azure"]).collect()
});

/// Whether a module may be of some service or store.
fn may_be_known(module: &str) -> bool {
    module.starts_with("aws_sdk_") || FIRSTS.contains(first_of(module))
}

fn first_of(module: &str) -> &str {
    module.split(['.', '/', ':']).next().unwrap_or_default()
}

/// Looks at what a file imports.
pub fn look(reader: &mut Reader) {
    let facts = reader.program.file(reader.file);
    let (services, stores) = match facts.language {
        Language::Python => (PYTHON, STORES_PYTHON),
        Language::Rust => (RUST, STORES_RUST),
        _ => (SCRIPT, STORES_SCRIPT),
    };
    for import in facts.outline.imports.iter().filter(|import| !import.type_only) {
        if let Some(module) = module_of(import, facts.language) {
            let service = known(services, &module).map(str::to_owned).or_else(|| of_cloud(&module));
            let store = known(stores, &module);
            let found = service.map(|name| (Section::ThirdParty, name)).or(store.map(|name| (Section::Datastore, name.to_owned())));
            let Some((section, name)) = found.filter(|_| is_outside(reader, import)) else { continue };
            let spot = reader.spot(import.scope, import.at);
            reader.thing(section, &name, Vec::new(), spot);
        }
    }
    if facts.language == Language::Python {
        clients(reader);
    }
    if facts.language == Language::Rust {
        crates(reader);
    }
}

/// The services that a manifest declares libraries for, when no code was seen to import them.
pub fn declared<'d>(language: Language, manifest: &str, dependencies: impl Iterator<Item = &'d str>, found: &mut Infrastructure) {
    let table = match language {
        Language::Python => PYTHON,
        Language::Rust => RUST,
        _ => SCRIPT,
    };
    for dependency in dependencies {
        let module = if language.is_script() { dependency.to_owned() } else { dependency.replace('-', "_") };
        let Some(name) = known(table, &module).map(str::to_owned).or_else(|| of_cloud(&module)) else { continue };
        let is_known = found.things.iter().any(|thing| thing.section == Section::ThirdParty && thing.name == name);
        if !is_known {
            let thing = Thing::new(Section::ThirdParty, name, "", Spot::new(manifest, "", 0));
            found.things.push(Thing { is_implied: true, ..thing });
        }
    }
}

/// The module of an import, when it may be known, and with Python the name taken from it: `from google.cloud import storage`.
fn module_of(import: &Import, language: Language) -> Option<String> {
    let module = match &import.what {
        Imported::Name(name) if import.module.is_empty() && language != Language::Python => name,
        _ => &import.module,
    };
    may_be_known(module).then(|| match &import.what {
        Imported::Name(name) if language == Language::Python => format!("{module}.{name}"),
        _ => module.to_string(),
    })
}

/// Whether an import leads out of the program.
fn is_outside(reader: &Reader, import: &Import) -> bool {
    if import.module.starts_with(['.', '/']) {
        return false;
    }
    if import.local.is_empty() {
        return true;
    }
    let local = Expr::Ref(import.local.clone());
    let site = Site::of_scope(reader.file, import.scope);
    matches!(reader.program.resolve(&site, &local), Meaning::Outside(_))
}

fn known(table: &[Known], module: &str) -> Option<&'static str> {
    let first = *module.as_bytes().first()?;
    let is_of = |front: &str| {
        front.as_bytes().first() == Some(&first)
            && module.strip_prefix(front).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/', ':']))
    };
    table.iter().find(|(front, _)| is_of(front)).map(|(_, name)| *name)
}

/// Libraries of the large clouds name the service: `@aws-sdk/client-s3`, `google.cloud.storage`, `azure.storage.blob`.
fn of_cloud(module: &str) -> Option<String> {
    let first = |rest: &str| rest.split(['.', '/', ':']).next().unwrap_or_default().replace('_', "-");
    if let Some(rest) = module.strip_prefix("@aws-sdk/client-").or_else(|| module.strip_prefix("aws_sdk_")) {
        return Some(format!("aws-{}", first(rest)));
    }
    match module {
        "@aws-sdk/lib-dynamodb" => return Some("aws-dynamodb".into()),
        "@aws-sdk/lib-storage" | "@aws-sdk/s3-request-presigner" => return Some("aws-s3".into()),
        _ => {}
    }
    if let Some(rest) = module.strip_prefix("@google-cloud/").or_else(|| module.strip_prefix("google.cloud.")) {
        return Some(format!("google-cloud-{}", first(rest)))
            .filter(|_| !matches!(first(rest).as_str(), "functions-framework" | "exceptions"));
    }
    if let Some(rest) =
        module.strip_prefix("@azure/").filter(|rest| !rest.starts_with("core-") && *rest != "identity" && *rest != "functions")
    {
        return Some(format!("azure-{}", first(rest)));
    }
    if let Some(rest) = module
        .strip_prefix("azure.")
        .filter(|rest| !rest.starts_with("core") && !rest.starts_with("identity") && !rest.starts_with("functions"))
    {
        let parts: Vec<&str> = rest.split('.').take_while(|part| part.starts_with(char::is_lowercase)).take(2).collect();
        return Some(format!("azure-{}", parts.join("-")));
    }
    (module == "aws-sdk" || module.starts_with("aws-sdk/clients/")).then(|| match module.strip_prefix("aws-sdk/clients/") {
        Some(client) => format!("aws-{client}"),
        None => "aws".into(),
    })
}

/// `boto3.client("s3")` and its like name the service.
fn clients(reader: &mut Reader) {
    let outline = &reader.program.file(reader.file).outline;
    let fronts = ["boto3", "aioboto3", "aiobotocore", "botocore"];
    if !outline.imports.iter().any(|import| fronts.contains(&import.module.split('.').next().unwrap_or_default())) {
        return;
    }
    for call in &outline.calls {
        let is_client = call.callee.last_name().is_some_and(|name| matches!(name.as_str(), "client" | "resource" | "create_client"));
        let Some(name) = call.positional(0).filter(|_| is_client).and_then(Expr::as_str) else { continue };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            continue;
        }
        let spot = reader.spot(call.scope, call.at);
        reader.thing(Section::ThirdParty, &format!("aws-{name}"), Vec::new(), spot);
    }
}

/// Crates are mostly named where they are used: `aws_sdk_s3::Client::new(…)`.
fn crates(reader: &mut Reader) {
    let outline = &reader.program.file(reader.file).outline;
    for call in &outline.calls {
        let mut root = &call.callee;
        let mut depth = 0;
        while let Expr::Member(base, _) = root {
            root = base;
            depth += 1;
            if depth > 16 {
                break;
            }
        }
        let Expr::Ref(name) = root else { continue };
        if !may_be_known(name) {
            continue;
        }
        // A value is called like this too; a crate's path has a type or function behind it.
        let service = name.strip_prefix("aws_sdk_").map(|_| of_cloud(name)).unwrap_or_else(|| known(RUST, name).map(str::to_owned));
        let Some(service) = service.filter(|_| depth > 0) else { continue };
        let site = Site::of_call(reader.file, call);
        if matches!(reader.program.resolve(&site, root), Meaning::Outside(path) if path == *name || path.strip_prefix("builtins.") == Some(name))
        {
            let spot = reader.spot(call.scope, call.at);
            reader.thing(Section::ThirdParty, &service, Vec::new(), spot);
        }
    }
}
