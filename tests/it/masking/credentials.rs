//! Credentials of many kinds, in lines of code, settings, logs and commands.

use super::made::Made;

/// A line with a credential in it.
pub struct Case {
    pub kind: &'static str,
    pub secret: String,
    pub text: String,
}

/// Tokens that tell by themselves what they are.
const MARKED: &[(&str, &str)] = &[
    ("aws-access", "AKIA{U16}"),
    ("aws-session-id", "ASIA{U16}"),
    ("aws-mws", "amzn.mws.{u36}"),
    ("google-key", "AIza{w35}"),
    ("google-secret", "GOCSPX-{w28}"),
    ("google-oauth", "ya29.{w60}"),
    ("firebase", "{w11}:APA91b{w134}"),
    ("azure-secret", "{A3}8Q~{w34}"),
    ("azure-devops", "{A76}AZDO{A4}"),
    ("azure-storage", "{b76}+ASt{b6}=="),
    ("alibaba", "LTAI{A20}"),
    ("tencent", "AKID{A32}"),
    ("yandex", "AQVN{w36}"),
    ("digitalocean", "dop_v1_{h64}"),
    ("heroku", "HRKU-{w58}"),
    ("netlify", "nfp_{A36}"),
    ("fly", "fo1_{w43}"),
    ("render", "rnd_{A32}"),
    ("cloudflare-origin", "v1.0-{h24}-{h146}"),
    ("planetscale", "pscale_tkn_{w43}"),
    ("supabase", "sbp_{h40}"),
    ("databricks", "dapi{h32}"),
    ("github", "ghp_{A36}"),
    ("github-app", "ghs_{A36}"),
    ("github-fine", "github_pat_{A22}_{A59}"),
    ("gitlab", "glpat-{w20}"),
    ("gitlab-runner", "glrt-{w20}"),
    ("bitbucket", "ATBB{A32}"),
    ("atlassian", "ATATT3{w180}"),
    ("sourcegraph", "sgp_{h40}"),
    ("npm", "npm_{A36}"),
    ("pypi", "pypi-AgEIcHlwaS5vcmc{w70}"),
    ("rubygems", "rubygems_{h48}"),
    ("crates", "cio{A32}"),
    ("nuget", "oy2{l43}"),
    ("clojars", "CLOJARS_{l60}"),
    ("docker", "dckr_pat_{w27}"),
    ("artifactory", "AKCp{A69}"),
    ("circleci", "CCIPAT_{A22}_{h40}"),
    ("buildkite", "bkua_{h40}"),
    ("sonar", "squ_{h40}"),
    ("stackhawk", "hawk.{A20}.{A20}"),
    ("octopus", "API-{U26}"),
    ("pulumi", "pul-{h40}"),
    ("terraform", "{A14}.atlasv1.{A67}"),
    ("postman", "PMAK-{h24}-{h34}"),
    ("readme", "rdme_{l70}"),
    ("figma", "figd_{w40}"),
    ("openai", "sk-{A20}T3BlbkFJ{A20}"),
    ("openai-project", "sk-proj-{w48}"),
    ("anthropic", "sk-ant-api03-{w93}AA"),
    ("openrouter", "sk-or-v1-{h64}"),
    ("groq", "gsk_{A52}"),
    ("xai", "xai-{A80}"),
    ("perplexity", "pplx-{A48}"),
    ("hugging-face", "hf_{a34}"),
    ("replicate", "r8_{A37}"),
    ("nvidia", "nvapi-{w64}"),
    ("pinecone", "pcsk_{A70}"),
    ("langsmith", "lsv2_pt_{h32}_{h10}"),
    ("tavily", "tvly-{A32}"),
    ("slack-bot", "xoxb-{d12}-{d12}-{A24}"),
    ("slack-user", "xoxp-{d12}-{d12}-{d12}-{h32}"),
    ("slack-app", "xapp-1-{U10}-{d13}-{h64}"),
    ("slack-hook", "https://hooks.slack.com/services/T{U8}/B{U8}/{A24}"),
    ("discord-hook", "https://discord.com/api/webhooks/{d18}/{w68}"),
    ("telegram", "{d10}:AA{w33}"),
    ("sendgrid", "SG.{w22}.{w43}"),
    ("mailgun", "key-{l32}"),
    ("mailchimp", "{h32}-us12"),
    ("brevo", "xkeysib-{h64}-{A16}"),
    ("resend", "re_{A8}_{A24}"),
    ("twilio", "SK{h32}"),
    ("linear", "lin_api_{A40}"),
    ("notion", "ntn_{d11}{A35}"),
    ("airtable", "pat{A14}.{h64}"),
    ("clickup", "pk_{d8}_{U32}"),
    ("typeform", "tfp_{A59}"),
    ("intercom", "dG9rO{b54}="),
    ("stripe", "sk_live_{A24}"),
    ("stripe-restricted", "rk_test_{A40}"),
    ("stripe-hook", "whsec_{A32}"),
    ("square", "sq0csp-{w43}"),
    ("braintree", "access_token$production${l16}${h32}"),
    ("razorpay", "rzp_live_{A14}"),
    ("plaid", "access-production-{u36}"),
    ("flutterwave", "FLWSECK-{h32}-X"),
    ("shopify", "shpat_{h32}"),
    ("duffel", "duffel_live_{w43}"),
    ("easypost", "EZAK{A54}"),
    ("shippo", "shippo_live_{h40}"),
    ("new-relic", "NRAK-{U27}"),
    ("grafana", "glsa_{A32}_{h8}"),
    ("grafana-cloud", "glc_{A60}="),
    ("sentry", "sntryu_{h64}"),
    ("dynatrace", "dt0c01.{U24}.{U64}"),
    ("posthog", "phx_{A43}"),
    ("launchdarkly", "sdk-{u36}"),
    ("prefect", "pnu_{A36}"),
    ("dbt", "dbtc_{w48}"),
    ("tailscale", "tskey-auth-{A16}-{A32}"),
    ("openshift", "sha256~{w43}"),
    ("vault", "hvs.{A24}"),
    ("vault-batch", "hvb.{A120}"),
    ("doppler", "dp.pt.{A43}"),
    ("age", "AGE-SECRET-KEY-1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE6"),
    ("1password", "A3-{U6}-{U6}-{U5}-{U5}-{U5}-{U5}"),
    ("jwt", "eyJhbGciOiJIUzI1NiJ9.eyJ{A60}.{w43}"),
    ("bcrypt", "$2b$12${A53}"),
    ("sha-crypt", "$6${A16}${A86}"),
    ("contentful", "CFPAT-{w43}"),
    ("mapbox", "sk.eyJ{A60}.{w22}"),
    ("facebook", "EAA{A120}"),
    ("hubspot", "pat-na1-{u36}"),
    ("adobe", "p8e-{w32}"),
    ("adafruit", "aio_{A28}"),
    ("maxmind", "{A6}_{A29}_mmk"),
    ("frame-io", "fio-u-{w64}"),
    ("deno", "ddp_{A36}"),
    ("telnyx", "KEY0{H30}_{A22}"),
    ("persona", "persona_sandbox_{u36}"),
];

/// Tokens without a mark, and the name beside them.
const NAMED: &[(&str, &str, &str)] = &[
    ("aws-secret", "aws_secret_access_key", "{b40}"),
    ("datadog", "DATADOG_API_KEY", "{h32}"),
    ("algolia", "algoliaApiKey", "{h32}"),
    ("cloudflare", "CLOUDFLARE_API_TOKEN", "{w40}"),
    ("heroku-uuid", "HEROKU_API_KEY", "{u36}"),
    ("twilio-token", "twilioAuthToken", "{h32}"),
    ("postmark", "POSTMARK_SERVER_TOKEN", "{u36}"),
    ("snyk", "SNYK_TOKEN", "{u36}"),
    ("codecov", "CODECOV_TOKEN", "{u36}"),
    ("auth0", "auth0_client_secret", "{w64}"),
    ("okta", "okta_api_token", "00{w40}"),
    ("mistral", "MISTRAL_API_KEY", "{A32}"),
    ("cohere", "co_api_key", "{A40}"),
    ("fastly", "FASTLY_API_TOKEN", "{w32}"),
    ("linode", "linode_token", "{h64}"),
    ("hetzner", "hcloud_token", "{A64}"),
    ("wandb", "WANDB_API_KEY", "{h40}"),
    ("trello", "trello_api_token", "{h64}"),
    ("spotify", "spotify_client_secret", "{h32}"),
    ("twitter", "twitter_api_secret", "{A50}"),
    ("facebook-app", "facebook_app_secret", "{h32}"),
    ("rollbar", "ROLLBAR_ACCESS_TOKEN", "{h32}"),
    ("opsgenie", "opsgenie_api_key", "{u36}"),
    ("binance", "binance_secret_key", "{A64}"),
    ("infura", "INFURA_PROJECT_SECRET", "{h32}"),
    ("generic-secret", "SECRET_KEY", "{A50}"),
    ("generic-token", "apiToken", "{A32}"),
    ("generic-hex", "signing_key", "{h64}"),
    ("encryption", "encryptionKey", "{b43}="),
    ("wallet", "private_key", "0x{h64}"),
    ("session", "session_secret", "{l40}"),
    ("unnamed-key", "SERVICE_KEY", "{A28}"),
];

/// How a name and its value are written.
const WRITTEN: &[&str] = &[
    "const NAME = \"VALUE\";",
    "NAME=VALUE",
    "  NAME: VALUE",
    "export NAME='VALUE'",
    "\"NAME\": \"VALUE\",",
    "NAME := `VALUE`",
    "var NAME string = \"VALUE\"",
    "config['NAME'] = 'VALUE'",
    "<NAME>VALUE</NAME>",
    "<add key=\"NAME\" value=\"VALUE\" />",
    "NAME => \"VALUE\"",
    "private static final String NAME = \"VALUE\";",
    "- name: NAME\n  value: VALUE",
    "setenv(\"NAME\", \"VALUE\")",
    "let NAME: &str = \"VALUE\";",
    "NAME = \"VALUE\" # rotate",
    "curl \"https://api.host.io/v1/items?NAME=VALUE&page=2\"",
    "{\"env\": \"A=1\\nNAME=VALUE\\nB=2\"}",
];

/// How a token that tells what it is may stand anywhere.
const ANYWHERE: &[&str] = &[
    "// old one: VALUE",
    "client = Client(\"VALUE\")",
    "2026-01-02 10:00:00 INFO using VALUE for the call",
    "curl -H 'X-Key: VALUE' https://api.host.io",
    "| prod | VALUE | yes |",
];

/// All of them.
pub fn all(made: &mut Made) -> Vec<Case> {
    let mut cases = Vec::new();
    for (kind, form) in MARKED {
        for round in 0..4 {
            let secret = made.of(form);
            let line = if round == 0 { made.one_of(ANYWHERE) } else { made.one_of(WRITTEN) };
            let name = made.one_of(&["token", "API_KEY", "serviceKey", "client_secret", "value"]);
            let text = line.replace("NAME", name).replace("VALUE", &secret);
            cases.push(Case { kind, secret, text });
        }
    }
    for (kind, name, form) in NAMED {
        for _ in 0..4 {
            let secret = made.of(form);
            let text = made.one_of(WRITTEN).replace("NAME", name).replace("VALUE", &secret);
            cases.push(Case { kind, secret, text });
        }
    }
    places(made, &mut cases);
    blocks(made, &mut cases);
    cases
}

/// Passwords and tokens where tools and protocols have them.
fn places(made: &mut Made, cases: &mut Vec<Case>) {
    const PLACES: &[(&str, &str)] = &[
        ("postgres-uri", "DATABASE_URL=postgres://app:VALUE@db.host:5432/shop"),
        ("mongo-uri", "mongodb+srv://svc:VALUE@c0.host/app"),
        ("redis-uri", "redis://:VALUE@cache:6379/0"),
        ("amqp-uri", "broker = \"amqp://worker:VALUE@mq:5672/%2f\""),
        ("git-uri", "git clone https://bot:VALUE@git.host.io/team/app.git"),
        ("mysql-uri", "jdbc:mysql://u:VALUE@db/shop"),
        ("sql-server", "Server=db;Database=shop;User Id=sa;Password=VALUE;Encrypt=true"),
        ("odbc", "Driver={ODBC 18};Server=db;UID=sa;PWD=VALUE;"),
        ("yaml-password", "  password: VALUE"),
        ("env-password", "DB_PASSWORD=VALUE"),
        ("python-password", "    password = \"VALUE\""),
        ("json-password", "  \"adminPassword\": \"VALUE\","),
        ("java-password", "private String dbPassword = \"VALUE\";"),
        ("properties", "spring.datasource.password=VALUE"),
        ("flag", "deploy --user ci --password VALUE --force"),
        ("curl-user", "curl -sS -u admin:VALUE https://nexus.host.io/repo"),
        ("curl-long", "curl --user \"svc:VALUE\" https://host.io"),
        ("sshpass", "sshpass -p 'VALUE' ssh root@host"),
        ("net-credential", "new NetworkCredential(\"svc\", \"VALUE\")"),
        ("sql-user", "CREATE USER app IDENTIFIED BY 'VALUE';"),
        ("xml-password", "<password>VALUE</password>"),
        ("netrc", "machine host.io login bot password VALUE"),
        ("php-password", "$db_password = 'VALUE';"),
        ("toml-password", "smtp_password = \"VALUE\""),
    ];
    for (kind, line) in PLACES {
        for _ in 0..3 {
            let secret = made.password();
            cases.push(Case { kind, text: line.replace("VALUE", &secret), secret });
        }
    }
    const HEADERS: &[(&str, &str, &str)] = &[
        ("bearer", "Authorization: Bearer VALUE", "{A40}"),
        ("basic", "-H \"Authorization: Basic VALUE\"", "{A36}=="),
        ("token-header", "headers = {\"Authorization\": \"Token VALUE\"}", "{h40}"),
        ("account-key", "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=VALUE;EndpointSuffix=core.windows.net", "{b86}=="),
        ("shared-access", "SharedAccessKeyName=Root;SharedAccessKey=VALUE", "{b43}="),
        ("signed", "https://shop.blob.core.windows.net/c/f?sv=2024-01-01&sig=VALUE&se=2026", "{A40}%3D"),
        ("docker-auth", "{\"auths\": {\"r.host.io\": {\"auth\": \"VALUE\"}}}", "{A40}=="),
        ("npmrc", "//registry.npmjs.org/:_authToken=VALUE", "{u36}"),
        ("bare-token", "call(\"VALUE\", 3)", "{A44}"),
        ("bare-log", "got VALUE from the server", "{w48}"),
        ("totp", "otpauth://totp/shop:me?secret=JBSWY3DPEHPK3PXPJBSWY3DP&issuer=VALUE", "shop"),
    ];
    for (kind, line, form) in HEADERS.iter().take(10) {
        for _ in 0..4 {
            let secret = made.of(form);
            cases.push(Case { kind, text: line.replace("VALUE", &secret), secret });
        }
    }
}

/// Private keys, on many lines and in one.
fn blocks(made: &mut Made, cases: &mut Vec<Case>) {
    for label in [
        "RSA PRIVATE KEY",
        "PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "DSA PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ] {
        let block = made.key_block(label, 8);
        let secret = block.lines().skip(1).take(8).collect::<Vec<&str>>().join("\n");
        cases.push(Case { kind: "private-key", text: format!("KEY = \"\"\"{block}\"\"\"\n"), secret: secret.clone() });
        let in_one = block.replace('\n', "\\n");
        cases.push(Case {
            kind: "private-key-json",
            text: format!("{{\"private_key\": \"{in_one}\\n\"}}"),
            secret: secret.replace('\n', "\\n"),
        });
        let indented = block.replace('\n', "\n    ");
        cases.push(Case {
            kind: "private-key-yaml",
            text: format!("tls:\n  key: |\n    {indented}\nnext: 1\n"),
            secret: secret.replace('\n', "\n    "),
        });
    }
}
