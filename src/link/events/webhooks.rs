//! Webhooks that come in over HTTP, joined with the routes they come in by.

use crate::base::Name;
use crate::facts::event::{Direction, EventFinding, Protocol};
use crate::facts::finding::{Method, Place};
use crate::facts::program::Text;
use crate::facts::shape::Shape;
use crate::link::http::Served;

/// Services that send webhooks, by the names that routes call them by.
const PROVIDERS: &[&str] = &[
    "adyen",
    "airtable",
    "asana",
    "auth0",
    "bitbucket",
    "calendly",
    "clerk",
    "contentful",
    "discord",
    "docusign",
    "facebook",
    "gitea",
    "github",
    "gitlab",
    "gocardless",
    "hubspot",
    "intercom",
    "jira",
    "lemonsqueezy",
    "linear",
    "mailchimp",
    "mailgun",
    "mollie",
    "mux",
    "paddle",
    "paypal",
    "paystack",
    "plaid",
    "polar",
    "postmark",
    "razorpay",
    "resend",
    "salesforce",
    "segment",
    "sendgrid",
    "sentry",
    "shopify",
    "slack",
    "square",
    "stripe",
    "svix",
    "telegram",
    "trello",
    "twilio",
    "typeform",
    "vercel",
    "whatsapp",
    "woocommerce",
    "xendit",
    "zendesk",
    "zoom",
];
/// The binding that names who sends a webhook.
const PROVIDER: &str = "provider";

/// Gives webhooks the routes they come in by, and adds those that only their route shows: `POST /webhooks/stripe`.
pub fn join(events: &mut Vec<EventFinding>, served: &[Served]) {
    let mut taken: Vec<&Place> = Vec::new();
    for event in events.iter_mut().filter(|event| event.protocol == Protocol::Http && event.direction == Direction::Receive) {
        let route = route_of(event, served);
        taken.extend(route.map(|route| &route.place));
        let provider = event.bindings.iter().find(|(name, _)| name == PROVIDER).and_then(|(_, text)| text.plain());
        let names: Vec<String> = route.map(|route| route.path.clone()).into_iter().chain(provider).collect();
        if let Some(name) = names.first().filter(|_| event.channel.is_empty()) {
            event.channel = Text::known(name);
        }
        event.aliases.extend(names.iter().map(|name| Name::from(name.as_str())));
        if let Some(route) = route {
            event.bindings.push(("path".into(), Text::known(&route.path)));
            event.payload = event.payload.take().or_else(|| body_of(route));
        }
    }
    // A check that nobody's route leads to is a library's own.
    events.retain(|event| event.protocol != Protocol::Http || !event.channel.is_empty());
    let untaken = served.iter().filter(|route| route.method == Method::Post && !taken.contains(&&route.place));
    let by_path: Vec<EventFinding> = untaken.filter_map(told_by_path).collect();
    events.extend(by_path);
}

/// The route that calls the function which hears, else the only one of its file that speaks of webhooks.
fn route_of<'s>(event: &EventFinding, served: &'s [Served]) -> Option<&'s Served> {
    let handler = event.handler?;
    let is_named = |route: &Served| {
        let symbol = &event.place.symbol;
        !symbol.is_empty() && (route.place.symbol == *symbol || route.place.symbol.ends_with(&format!(".{symbol}")))
    };
    let direct = served.iter().find(|route| route.handler == Some(handler));
    let direct = direct.or_else(|| served.iter().find(|route| route.place.file == event.place.file && is_named(route)));
    direct.or_else(|| {
        let here = |route: &&Served| route.place.file == event.place.file || route.place.file == handler.file;
        let mut near = served.iter().filter(|route| route.method == Method::Post).filter(here).filter(|route| is_for_webhooks(&route.path));
        near.next().filter(|_| near.next().is_none())
    })
}

fn is_for_webhooks(path: &str) -> bool {
    segments(path).any(|segment| is_webhook(&segment) || PROVIDERS.contains(&segment.as_str()))
}

fn segments(path: &str) -> impl Iterator<Item = String> + '_ {
    path.split('/').filter(|segment| !segment.is_empty()).map(str::to_ascii_lowercase)
}

fn is_webhook(segment: &str) -> bool {
    matches!(segment, "webhook" | "webhooks" | "hooks" | "web-hook" | "web-hooks" | "web_hook" | "web_hooks")
}

/// `POST /webhooks/stripe`, `POST /stripe/webhook`: nobody else calls it.
fn told_by_path(route: &Served) -> Option<EventFinding> {
    let segments: Vec<String> = segments(&route.path).collect();
    let [.., before, last] = segments.as_slice() else { return None };
    let provider = match (before.as_str(), last.as_str()) {
        (hook, provider) if is_webhook(hook) && PROVIDERS.contains(&provider) => provider,
        (provider, hook) if is_webhook(hook) && PROVIDERS.contains(&provider) => provider,
        _ => return None,
    };
    Some(EventFinding {
        framework: route.framework,
        direction: Direction::Receive,
        protocol: Protocol::Http,
        channel: Text::known(&route.path),
        aliases: vec![provider.into()],
        bindings: vec![("path".into(), Text::known(&route.path)), (PROVIDER.into(), Text::known(provider))],
        payload: body_of(route),
        place: route.place.clone(),
        is_implied: true,
        ..EventFinding::default()
    })
}

fn body_of(route: &Served) -> Option<Shape> {
    let (_, shape) = route.body.as_ref()?.contents.first()?;
    (!shape.is_any()).then(|| shape.clone())
}
