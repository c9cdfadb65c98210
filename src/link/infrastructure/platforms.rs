//! Files that one platform reads: what runs there, with what variables, stores and schedules.

use super::{containers, engines, paths, secret, set};
use crate::facts::infrastructure::{
    Content, Format, Function, Infrastructure, Platform, Port, Schedule, Section, Service, Source, Spot, Thing,
};
use crate::facts::tree::Node;

/// Reads all files of platforms.
pub fn read(sources: &[Source]) -> Infrastructure {
    let mut found = Infrastructure::default();
    for source in sources {
        match (&source.format, &source.content) {
            (Format::Procfile, Content::Text(text)) => procfile(&source.file, text, &mut found),
            (Format::Platform(platform), Content::Trees(trees)) => {
                let Some(root) = trees.first() else { continue };
                let mut file = File { path: &source.file, root, found: &mut found };
                file.read(*platform);
            }
            _ => {}
        }
    }
    found
}

/// `web: gunicorn app:app`.
fn procfile(path: &str, text: &str, found: &mut Infrastructure) {
    for (number, line) in (1_u32..).zip(text.lines()) {
        let Some((name, command)) = line.split_once(':').filter(|(name, _)| !name.starts_with('#')) else { continue };
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        if is_name {
            found.services.push(Service {
                name: name.to_owned(),
                platform: "procfile",
                command: secret::command(command.trim()),
                spots: vec![Spot::new(path, name, number)],
                ..Service::default()
            });
        }
    }
}

struct File<'a> {
    path: &'a str,
    root: &'a Node,
    found: &'a mut Infrastructure,
}

impl File<'_> {
    fn read(&mut self, platform: Platform) {
        match platform {
            Platform::Fly => self.fly(),
            Platform::Vercel => self.vercel(),
            Platform::Netlify => self.netlify(),
            Platform::Render => self.render(),
            Platform::Heroku => self.heroku(),
            Platform::Railway => self.railway(),
            Platform::Cloudflare => self.cloudflare(),
            Platform::AppEngine => self.app_engine(),
            Platform::DigitalOcean => self.digital_ocean(),
            Platform::Skaffold => self.skaffold(),
            Platform::Firebase => self.firebase(),
        }
    }

    fn spot(&self, symbol: &str) -> Spot {
        Spot::new(self.path, symbol, 0)
    }

    fn folder(&self) -> &str {
        paths::parent(self.path)
    }

    fn target(&mut self, name: &str) {
        let spot = self.spot("");
        self.found.things.push(Thing::new(Section::DeployTarget, name, "", spot));
    }

    fn thing(&mut self, section: Section, name: &str, kind: &str) {
        let spot = self.spot(name);
        self.found.things.push(Thing::new(section, name, kind, spot));
    }

    fn store(&mut self, word: &str, service: Option<&str>) {
        let engine = engines::of_word(word);
        let spot = self.spot(service.unwrap_or_default());
        let mut thing = Thing::new(Section::Datastore, engine.map_or(word, |engine| engine.name), "", spot);
        thing.aliases.extend(engine.filter(|engine| !engine.alias.is_empty()).map(|engine| engine.alias.to_owned()));
        thing.service = service.map(str::to_owned);
        self.found.things.push(thing);
    }

    /// A map of variables and their values.
    fn variables(&mut self, node: Option<&Node>, symbol: &str) {
        let spot = self.spot(symbol);
        for (name, value) in node.map_or(&[][..], Node::entries) {
            self.found.env.push(set(name, value.text().map(str::to_owned), &spot));
        }
    }

    fn schedule(&mut self, name: &str, when: &str, target: Option<&str>) {
        let spots = vec![self.spot(name)];
        let (target, aliases) = (target.map(str::to_owned), Vec::new());
        self.found.schedules.push(Schedule { name: name.to_owned(), schedule: when.to_owned(), target, aliases, spots });
    }

    fn service(&self, name: &str, platform: &'static str) -> Service {
        Service { name: name.to_owned(), platform, spots: vec![self.spot(name)], ..Service::default() }
    }

    /// `fly.toml`.
    fn fly(&mut self) {
        let root = self.root;
        self.target("fly");
        let app = root.text_of("app").unwrap_or("app");
        let mut ports: Vec<Port> = Vec::new();
        let services = root.get("services").map_or(&[][..], Node::one_or_many).iter();
        for service in root.get("http_service").into_iter().chain(services) {
            ports.extend(
                service.text_of("internal_port").and_then(|port| port.parse().ok()).map(|container| Port { container, ..Port::default() }),
            );
        }
        let mounts = root.get("mounts").or_else(|| root.get("mount")).map_or(&[][..], Node::one_or_many);
        for volume in mounts.iter().filter_map(|mount| mount.text_of("source")) {
            self.thing(Section::Volume, volume, "");
        }
        let image = root.text_at(&["build", "image"]);
        let dockerfile = root.text_at(&["build", "dockerfile"]).and_then(|file| paths::joined(self.folder(), file));
        if let Some(image) = image {
            let spot = self.spot(app);
            containers::image(image, image, &spot, Some(app), self.found);
        }
        let processes = root.entries_at(&["processes"]);
        let mut service = self.service(app, "fly");
        service.image = image.map(str::to_owned);
        service.build = Some(self.folder().to_owned());
        service.dockerfile = dockerfile;
        service.ports = ports;
        self.found.services.push(service);
        for (name, command) in processes.iter().filter(|(name, _)| name != "app") {
            let mut process = self.service(name, "fly");
            process.command = command.text().and_then(secret::command);
            self.found.services.push(process);
        }
        self.variables(root.get("env"), app);
    }

    /// `vercel.json`.
    fn vercel(&mut self) {
        let root = self.root;
        self.target("vercel");
        for cron in root.items_at(&["crons"]) {
            if let (Some(path), Some(when)) = (cron.text_of("path"), cron.text_of("schedule")) {
                self.schedule(path, when, Some(path));
            }
        }
        for node in [root.get("env"), root.at(&["build", "env"])] {
            self.variables(node, "");
        }
        for (pattern, node) in root.entries_at(&["functions"]) {
            let function = Function {
                name: pattern.to_string(),
                runtime: node.text_of("runtime").map(str::to_owned),
                spots: vec![self.spot(pattern)],
                ..Function::default()
            };
            self.found.functions.push(function);
        }
        for host in root.items_at(&["alias"]).iter().filter_map(Node::text) {
            self.thing(Section::IngressHost, host, "");
        }
    }

    /// `netlify.toml`.
    fn netlify(&mut self) {
        let root = self.root;
        self.target("netlify");
        self.variables(root.at(&["build", "environment"]), "build");
        for (context, node) in root.entries_at(&["context"]) {
            self.variables(node.get("environment"), context);
            self.thing(Section::Environment, context, "");
        }
        for (name, node) in root.entries_at(&["functions"]) {
            if let Some(when) = node.text_of("schedule") {
                self.schedule(name, when, Some(name));
            }
        }
    }

    /// `render.yaml`.
    fn render(&mut self) {
        let root = self.root;
        self.target("render");
        for node in root.items_at(&["services"]) {
            let Some(name) = node.text_of("name") else { continue };
            let kind = node.text_of("type").unwrap_or_default();
            if matches!(kind, "redis" | "keyvalue") {
                self.store("redis", Some(name));
                continue;
            }
            let command = node.text_of("startCommand").or_else(|| node.text_of("dockerCommand"));
            if let Some(when) = node.text_of("schedule") {
                self.schedule(name, when, command);
            }
            let mut service = self.service(name, "render");
            service.workload = kind.to_owned();
            service.image = node.text_at(&["image", "url"]).map(str::to_owned);
            service.build = node.text_of("rootDir").and_then(|folder| paths::joined(self.folder(), folder));
            service.dockerfile = node.text_of("dockerfilePath").and_then(|path| paths::joined(self.folder(), path));
            service.command = command.and_then(secret::command);
            service.replicas = node.text_of("numInstances").map(str::to_owned);
            if let Some(image) = &service.image {
                let spot = self.spot(name);
                containers::image(image, image, &spot, Some(name), self.found);
            }
            self.found.services.push(service);
            if let Some(disk) = node.text_at(&["disk", "name"]) {
                self.thing(Section::Volume, disk, "");
            }
            for host in node.items_at(&["domains"]).iter().filter_map(Node::text) {
                self.thing(Section::IngressHost, host, "");
            }
            self.listed_variables(node.items_at(&["envVars"]), name, "key");
        }
        for database in root.items_at(&["databases"]) {
            self.store("postgres", database.text_of("name"));
        }
        for group in root.items_at(&["envVarGroups"]) {
            self.listed_variables(group.items_at(&["envVars"]), group.text_of("name").unwrap_or_default(), "key");
        }
    }

    /// Variables as a list of entries.
    fn listed_variables(&mut self, items: &[Node], symbol: &str, key: &str) {
        let spot = self.spot(symbol);
        for item in items {
            let Some(name) = item.text_of(key) else { continue };
            let is_secret = item.text_of("type").is_some_and(|kind| kind == "SECRET") || item.get("generateValue").is_some();
            let value = item.text_of("value").filter(|text| !is_secret && !text.contains("${")).map(str::to_owned);
            self.found.env.push(set(name, value, &spot));
        }
    }

    /// `app.json`, `heroku.yml`.
    fn heroku(&mut self) {
        let root = self.root;
        self.target("heroku");
        for (name, node) in root.entries_at(&["env"]) {
            let value = node.text().or_else(|| node.text_of("value")).map(str::to_owned);
            let spot = self.spot("env");
            self.found.env.push(set(name, value, &spot));
        }
        for addon in root.items_at(&["addons"]).iter().chain(root.items_at(&["setup", "addons"])) {
            let Some(plan) = addon.text().or_else(|| addon.text_of("plan")) else { continue };
            let word = plan.split(':').next().unwrap_or(plan);
            let engine = match word {
                "heroku-postgresql" => "postgres",
                "heroku-redis" | "rediscloud" | "redistogo" | "upstash-redis" => "redis",
                "cloudamqp" => "rabbitmq",
                "heroku-kafka" => "kafka",
                "mongolab" | "ormongo" | "mongodb-atlas" => "mongodb",
                "jawsdb" | "cleardb" => "mysql",
                "bonsai" => "elasticsearch",
                "memcachier" | "memcachedcloud" => "memcached",
                _ => {
                    self.thing(Section::ThirdParty, word, "add-on");
                    continue;
                }
            };
            self.store(engine, None);
        }
        for (name, node) in root.entries_at(&["formation"]).iter().chain(root.entries_at(&["run"])) {
            let mut service = self.service(name, "heroku");
            service.replicas = node.text_of("quantity").map(str::to_owned);
            service.command = node.text().or_else(|| node.text_of("command")).and_then(secret::command);
            self.found.services.push(service);
        }
    }

    /// `railway.json`, `railway.toml`.
    fn railway(&mut self) {
        let root = self.root;
        self.target("railway");
        if let Some(when) = root.text_at(&["deploy", "cronSchedule"]) {
            self.schedule("deploy", when, root.text_at(&["deploy", "startCommand"]));
        }
    }

    /// `wrangler.toml`, `wrangler.json`.
    fn cloudflare(&mut self) {
        let root = self.root;
        self.target("cloudflare-workers");
        let name = root.text_of("name").unwrap_or("worker");
        let handler = root.text_of("main");
        let code = handler.and_then(|main| paths::joined(self.folder(), main));
        let function = Function {
            name: name.to_owned(),
            runtime: Some("workers".into()),
            handler: handler.map(str::to_owned),
            code,
            spots: vec![self.spot(name)],
            ..Function::default()
        };
        self.found.functions.push(function);
        for when in root.items_at(&["triggers", "crons"]).iter().filter_map(Node::text) {
            self.schedule(when, when, Some(name));
        }
        for (environment, _) in root.entries_at(&["env"]) {
            self.thing(Section::Environment, environment, "");
        }
        self.bindings(root, name);
        for (_, node) in root.entries_at(&["env"]) {
            self.bindings(node, name);
        }
    }

    /// What a worker is bound to, at the top or in one environment.
    fn bindings(&mut self, node: &Node, name: &str) {
        self.variables(node.get("vars"), name);
        for binding in node.items_at(&["kv_namespaces"]) {
            self.store("workers-kv", binding.text_of("binding"));
        }
        for binding in node.items_at(&["d1_databases"]) {
            self.store("d1", binding.text_of("database_name").or_else(|| binding.text_of("binding")));
        }
        for binding in node.items_at(&["hyperdrive"]) {
            self.store("hyperdrive", binding.text_of("binding"));
        }
        for bucket in node.items_at(&["r2_buckets"]).iter().filter_map(|binding| binding.text_of("bucket_name")) {
            self.thing(Section::Bucket, bucket, "r2");
        }
        let queues = ["producers", "consumers"].iter().flat_map(|side| node.items_at(&["queues", side]));
        for queue in queues.filter_map(|binding| binding.text_of("queue")) {
            self.thing(Section::Queue, queue, "cloudflare queue");
        }
        let routes = node.items_at(&["routes"]).iter().chain(node.get("route"));
        for pattern in routes.filter_map(|route| route.text().or_else(|| route.text_of("pattern"))) {
            let host = pattern.trim_start_matches("https://").split('/').next().unwrap_or_default().trim_start_matches("*.");
            self.thing(Section::IngressHost, host, "");
        }
    }

    /// `app.yaml` of App Engine.
    fn app_engine(&mut self) {
        let root = self.root;
        self.target("app-engine");
        let name = root.text_of("service").unwrap_or("default");
        let mut service = self.service(name, "app-engine");
        service.workload = root.text_of("runtime").unwrap_or_default().to_owned();
        service.command = root.text_of("entrypoint").and_then(secret::command);
        self.found.services.push(service);
        self.variables(root.get("env_variables"), name);
    }

    /// `.do/app.yaml`.
    fn digital_ocean(&mut self) {
        let root = self.root;
        self.target("digitalocean");
        self.listed_variables(root.items_at(&["envs"]), "", "key");
        for (list, kind) in [("services", "service"), ("workers", "worker"), ("jobs", "job"), ("static_sites", "static site")] {
            for node in root.items_at(&[list]) {
                let Some(name) = node.text_of("name") else { continue };
                let mut service = self.service(name, "digitalocean");
                service.workload = kind.to_owned();
                service.build = node.text_of("source_dir").and_then(|folder| paths::joined(self.folder(), folder.trim_start_matches('/')));
                service.command = node.text_of("run_command").and_then(secret::command);
                service.ports.extend(
                    node.text_of("http_port").and_then(|port| port.parse().ok()).map(|container| Port { container, ..Port::default() }),
                );
                self.found.services.push(service);
                self.listed_variables(node.items_at(&["envs"]), name, "key");
            }
        }
        for database in root.items_at(&["databases"]) {
            let engine = database.text_of("engine").unwrap_or("PG").to_lowercase();
            self.store(if engine == "pg" { "postgres" } else { &engine }, database.text_of("name"));
        }
        for host in root.items_at(&["domains"]).iter().filter_map(|domain| domain.text_of("domain")) {
            self.thing(Section::IngressHost, host, "");
        }
    }

    /// `skaffold.yaml`: the images that are built here.
    fn skaffold(&mut self) {
        for artifact in self.root.items_at(&["build", "artifacts"]) {
            let Some(image) = artifact.text_of("image") else { continue };
            let spot = self.spot("build");
            containers::image(image, image, &spot, None, self.found);
        }
    }

    /// `firebase.json`.
    fn firebase(&mut self) {
        self.target("firebase");
        if self.root.get("firestore").is_some() {
            self.store("firestore", None);
        }
        if self.root.get("database").is_some() {
            self.store("firebase-realtime-database", None);
        }
    }
}
