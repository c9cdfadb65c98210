//! Settings of an application: its broker, which queue a task goes to, what runs by itself.

use super::tasks::Tasks;
use super::{ID, imports, python_files};
use crate::base::Name;
use crate::base::code::{Call, Expr, Pattern};
use crate::facts::event::{BrokerFinding, EventFinding, Protocol};
use crate::facts::finding::Place;
use crate::facts::program::{CallRef, FileId, Meaning, Program, Site, Text};

/// What the settings say.
pub struct Config {
    /// How messages travel.
    pub protocol: Protocol,
    broker: Option<(Text, Place)>,
    /// Pattern of task names → queue, in order.
    routes: Vec<(String, Name)>,
    default_queue: Option<Name>,
    scheduled: Vec<Scheduled>,
}

/// A task that runs by itself.
struct Scheduled {
    task: Name,
    schedule: String,
    queue: Option<Name>,
    place: Place,
}

/// The name of a setting as Celery has it: `CELERY_TASK_ROUTES`, `task_routes` and the older `CELERY_ROUTES` are the same.
fn setting(name: &str) -> &str {
    match name.trim_start_matches("CELERY_").to_ascii_lowercase().as_str() {
        "task_routes" | "routes" => "task_routes",
        "broker_url" | "broker" => "broker_url",
        "task_default_queue" | "default_queue" => "task_default_queue",
        "beat_schedule" | "beatschedule" => "beat_schedule",
        "schedule" if name == "CELERYBEAT_SCHEDULE" => "beat_schedule",
        "celerybeat_schedule" => "beat_schedule",
        _ => "",
    }
}

impl Config {
    pub fn of(program: &dyn Program) -> Self {
        let mut config = Self { protocol: Protocol::Amqp, broker: None, routes: Vec::new(), default_queue: None, scheduled: Vec::new() };
        for file in python_files(program) {
            config.of_file(program, file);
        }
        config.protocol = config.broker.as_ref().map_or(Protocol::Amqp, |(url, place)| protocol_of(program, url, place.file));
        config
    }

    fn of_file(&mut self, program: &dyn Program, file: FileId) {
        let outline = &program.file(file).outline;
        let knows_celery = imports(program, file);
        for assign in &outline.assigns {
            let site = Site { file, scope: assign.scope, offset: assign.at.offset, env: None };
            let name = match &assign.target {
                // `app.conf.task_routes = …`
                Pattern::Place(Expr::Member(of, name)) if of.last_name().is_some_and(|of| of == "conf") => name,
                // A module of settings: `CELERY_TASK_ROUTES = …`, or `celeryconfig.py`.
                Pattern::Name(name) if name.starts_with("CELERY") || is_settings(program.path(file)) => name,
                _ => continue,
            };
            self.put(program, setting(name), &site, &assign.value);
        }
        for (id, call) in (0u32..).zip(&outline.calls).filter(|_| knows_celery) {
            let site = Site::of_call(file, call);
            let is_app = matches!(program.callee(CallRef { file, id: crate::base::code::CallId(id) }), Meaning::Outside(path) if path == "celery.Celery" || path == "celery.app.base.Celery");
            if is_app {
                for (name, key) in [("broker", "broker_url"), ("broker_url", "broker_url"), ("task_routes", "task_routes")] {
                    call.keyword(name).into_iter().for_each(|value| self.put(program, key, &site, value));
                }
            }
            if call.method().is_some_and(|(of, name)| name == "update" && of.last_name().is_some_and(|of| of == "conf")) {
                self.update(program, call, &site);
            }
        }
    }

    /// `app.conf.update(task_routes=…)`, `app.conf.update({…})`.
    fn update(&mut self, program: &dyn Program, call: &Call, site: &Site) {
        for arg in &call.args {
            match &arg.name {
                Some(name) => self.put(program, setting(name), site, &arg.value),
                None => {
                    for (name, value, at) in program.entries(site, &arg.value).unwrap_or_default() {
                        self.put(program, setting(&name), &at, value);
                    }
                }
            }
        }
    }

    fn put(&mut self, program: &dyn Program, setting: &str, site: &Site, value: &Expr) {
        match setting {
            "broker_url" if self.broker.is_none() => {
                let place = Place { file: site.file, symbol: Name::default(), line: 0 };
                self.broker = Some((program.text(site, value), place));
            }
            "task_default_queue" => self.default_queue = program.text(site, value).plain().map(Into::into),
            "task_routes" => {
                let maps = program.items(site, value).unwrap_or_else(|| vec![(value, site.clone())]);
                for (map, at) in maps {
                    for (pattern, target, at) in program.entries(&at, map).unwrap_or_default() {
                        let queue = match program.entries(&at, target) {
                            Some(entries) => {
                                entries.into_iter().find(|(name, ..)| name == "queue").map(|(_, value, at)| program.text(&at, value))
                            }
                            None => Some(program.text(&at, target)),
                        };
                        self.routes.extend(queue.and_then(|queue| queue.plain()).map(|queue| (pattern.to_string(), queue.into())));
                    }
                }
            }
            "beat_schedule" => {
                for (_, entry, at) in program.entries(site, value).unwrap_or_default() {
                    self.scheduled.extend(scheduled(program, entry, &at));
                }
            }
            _ => {}
        }
    }

    /// The queue a task is routed to.
    pub fn queue_of(&self, task: &str) -> Option<Name> {
        let routed = self.routes.iter().find(|(pattern, _)| fits(pattern, task)).map(|(_, queue)| queue.clone());
        routed.or_else(|| self.default_queue.clone())
    }

    /// What is sent by itself.
    pub fn scheduled(&self, program: &dyn Program, tasks: &Tasks) -> Vec<EventFinding> {
        let event = |entry: &Scheduled| {
            let known = match tasks.named(&entry.task) {
                Some(task) => task.event(program, self, entry.queue.clone()),
                None => self.unknown(&entry.task, entry.queue.clone()),
            };
            EventFinding { place: entry.place.clone(), schedule: Some(entry.schedule.as_str().into()), ..known }
        };
        self.scheduled.iter().map(event).collect()
    }

    /// A message of a task that is defined elsewhere.
    pub fn unknown(&self, name: &str, queue: Option<Name>) -> EventFinding {
        let queue = queue.or_else(|| self.queue_of(name));
        EventFinding {
            framework: ID,
            protocol: self.protocol,
            kind: crate::facts::event::ChannelKind::Job,
            channel: Text::known(name),
            bindings: queue.iter().map(|queue| ("queue".into(), Text::known(queue))).collect(),
            aliases: queue.into_iter().collect(),
            ..EventFinding::default()
        }
    }

    /// The broker, without user and password.
    pub fn broker(&self) -> Option<BrokerFinding> {
        let (url, place) = self.broker.as_ref()?;
        let host = crate::frameworks::messages::host_of(url.clone());
        Some(BrokerFinding { framework: ID, protocol: self.protocol, host, place: place.clone() })
    }
}

/// Whether a module is one of settings by its name.
fn is_settings(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "celeryconfig.py" | "celery_config.py" | "celery_settings.py")
}

fn protocol_of(program: &dyn Program, url: &Text, file: FileId) -> Protocol {
    let (text, _) = url.template();
    let scheme = text.split([':', '+']).next().unwrap_or_default();
    match scheme {
        "redis" | "rediss" | "sentinel" => Protocol::Redis,
        "amqp" | "amqps" | "pyamqp" => Protocol::Amqp,
        "sqs" => Protocol::Sqs,
        "kafka" | "confluentkafka" => Protocol::Kafka,
        "gcpubsub" => Protocol::GooglePubSub,
        "azureservicebus" => Protocol::ServiceBus,
        // Settings say it: the driver that is installed tells.
        _ if program.package_with(file, "redis").is_some() => Protocol::Redis,
        _ => Protocol::Amqp,
    }
}

/// Celery's globs: `*` is any text.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut last = None;
    for part in parts {
        last = Some(part);
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    match last {
        None => rest.is_empty(),
        Some("") => true,
        Some(part) => rest.is_empty() || name.ends_with(part),
    }
}

fn scheduled(program: &dyn Program, entry: &Expr, site: &Site) -> Option<Scheduled> {
    let entries = program.entries(site, entry)?;
    let find = |wanted: &str| entries.iter().find(|(name, ..)| name == wanted);
    let (_, task, at) = find("task")?;
    let queue = find("options").and_then(|(_, options, at)| {
        let options = program.entries(at, options)?;
        let (_, queue, at) = options.into_iter().find(|(name, ..)| name == "queue")?;
        program.text(&at, queue).plain().map(Name::from)
    });
    Some(Scheduled {
        task: program.text(at, task).plain()?.into(),
        schedule: find("schedule").map(|(_, value, at)| spelled(program, at, value)).unwrap_or_default(),
        queue,
        place: Place { file: site.file, symbol: "beat_schedule".into(), line: 0 },
    })
}

/// `crontab(hour=3, minute=0)`, `3600`.
fn spelled(program: &dyn Program, site: &Site, value: &Expr) -> String {
    if let Expr::Float(number) = value {
        return number.trim_end_matches(".0").to_owned();
    }
    let Expr::Call(id) = value else { return program.text(site, value).template().0 };
    let call = program.call(CallRef { file: site.file, id: *id });
    let args: Vec<String> = call
        .args
        .iter()
        .map(|arg| {
            let value = program.text(site, &arg.value).template().0;
            arg.name.as_ref().map_or(value.clone(), |name| format!("{name}={value}"))
        })
        .collect();
    format!("{}({})", call.callee.last_name().map_or("", Name::as_str), args.join(", "))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn globs_fit_names() {
        assert!(fits("shop.tasks.*", "shop.tasks.send"));
        assert!(fits("*", "x"));
        assert!(fits("a.b", "a.b"));
        assert!(fits("*.send", "shop.tasks.send"));
        assert!(!fits("a.b", "a.b.c"));
        assert!(!fits("shop.*", "other.tasks"));
    }
}
