//! Who sends webhooks, and how a program makes sure that they did.

/// Functions that check a webhook's signature, as their libraries have them, and whose webhooks they check; empty when anybody's.
/// Steps that only unwrap a result are left out of the paths.
const CHECKS: &[(&str, &str)] = &[
    ("stripe.Webhook.construct_event", "stripe"),
    ("stripe.webhook.Webhook.construct_event", "stripe"),
    ("stripe.StripeClient().construct_event", "stripe"),
    ("stripe.StripeClient().parse_event_notification", "stripe"),
    ("stripe.WebhookSignature.verify_header", "stripe"),
    ("stripe.webhooks.constructEvent", "stripe"),
    ("stripe.webhooks.constructEventAsync", "stripe"),
    ("stripe().webhooks.constructEvent", "stripe"),
    ("stripe().webhooks.constructEventAsync", "stripe"),
    ("stripe.Stripe().webhooks.constructEvent", "stripe"),
    ("stripe.Stripe().webhooks.constructEventAsync", "stripe"),
    ("stripe_webhook.Webhook.construct_event", "stripe"),
    ("async_stripe.Webhook.construct_event", "stripe"),
    ("svix.Webhook().verify", ""),
    ("svix.webhooks.Webhook().verify", ""),
    ("svix.webhooks.Webhook.new().verify", ""),
    ("standardwebhooks.Webhook().verify", ""),
    ("standardwebhooks.webhooks.Webhook().verify", ""),
    ("standardwebhooks.Webhook.new().verify", ""),
    ("standard_webhooks.Webhook.new().verify", ""),
    ("gidgethub.sansio.Event.from_http", "github"),
    ("@octokit/webhooks.Webhooks().verify", "github"),
    ("@octokit/webhooks.Webhooks().verifyAndReceive", "github"),
    ("@octokit/webhooks-methods.verify", "github"),
    ("octocrab.models.webhook_events.WebhookEvent.try_from_header_and_body", "github"),
    ("@clerk/backend/webhooks.verifyWebhook", "clerk"),
    ("@clerk/nextjs/webhooks.verifyWebhook", "clerk"),
    ("@clerk/express/webhooks.verifyWebhook", "clerk"),
    ("@clerk/fastify/webhooks.verifyWebhook", "clerk"),
    ("@clerk/astro/webhooks.verifyWebhook", "clerk"),
    ("@polar-sh/sdk/webhooks.validateEvent", "polar"),
    ("polar_sdk.webhooks.validate_event", "polar"),
    ("@paddle/paddle-node-sdk.Paddle().webhooks.unmarshal", "paddle"),
    ("@workos-inc/node.WorkOS().webhooks.constructEvent", "workos"),
    ("workos.WorkOSClient().webhooks.verify_event", "workos"),
    ("resend.Resend().webhooks.verify", "resend"),
    ("openai().webhooks.unwrap", "openai"),
    ("openai.OpenAI().webhooks.unwrap", "openai"),
    ("@shopify/shopify-api.shopifyApi().webhooks.process", "shopify"),
    ("@shopify/shopify-api.shopifyApi().webhooks.validate", "shopify"),
    ("@shopify/shopify-app-remix/server.shopifyApp().authenticate.webhook", "shopify"),
    ("twilio.validateRequest", "twilio"),
    ("twilio.validateExpressRequest", "twilio"),
    ("twilio.webhook", "twilio"),
    ("twilio.request_validator.RequestValidator().validate", "twilio"),
    ("slack_sdk.signature.SignatureVerifier().is_valid", "slack"),
    ("slack_sdk.signature.SignatureVerifier().is_valid_request", "slack"),
    ("linebot.WebhookHandler().handle", "line"),
    ("linebot.v3.WebhookHandler().handle", "line"),
    ("linebot.v3.webhook.WebhookHandler().handle", "line"),
    ("@line/bot-sdk.validateSignature", "line"),
    ("@sendgrid/eventwebhook.EventWebhook().verifySignature", "sendgrid"),
    ("sendgrid.helpers.eventwebhook.EventWebhook().verify_signature", "sendgrid"),
    ("razorpay.Client().utility.verify_webhook_signature", "razorpay"),
    ("razorpay.validateWebhookSignature", "razorpay"),
    ("gocardless_pro.webhooks.parse", "gocardless"),
    ("paypalrestsdk.WebhookEvent.verify", "paypal"),
    ("square.utilities.webhooks_helper.is_valid_webhook_event_signature", "square"),
];

/// The last names of all checks, sorted.
const LAST_NAMES: &[&str] = &[
    "constructEvent",
    "constructEventAsync",
    "construct_event",
    "from_http",
    "handle",
    "is_valid",
    "is_valid_request",
    "is_valid_webhook_event_signature",
    "parse",
    "parse_event_notification",
    "process",
    "try_from_header_and_body",
    "unmarshal",
    "unwrap",
    "validate",
    "validateEvent",
    "validateExpressRequest",
    "validateRequest",
    "validateSignature",
    "validateWebhookSignature",
    "validate_event",
    "verify",
    "verifyAndReceive",
    "verifySignature",
    "verifyWebhook",
    "verify_event",
    "verify_header",
    "verify_signature",
    "verify_webhook_signature",
    "webhook",
];

/// Whether a function of this name may be a check: cheap, before anything is resolved.
#[must_use]
pub fn may_check(name: &str) -> bool {
    LAST_NAMES.binary_search(&name).is_ok()
}

/// Whose webhooks a library's function checks.
#[must_use]
pub fn provider_of_check(path: &str) -> Option<&'static str> {
    let unwrapped = |path: String, name: &&str| path.replace(&format!(".{name}()"), "");
    let plain = ["unwrap", "expect", "map_err"].iter().fold(path.replace(".default", ""), unwrapped);
    CHECKS.iter().find(|(check, _)| *check == plain).map(|(_, provider)| *provider)
}

/// Headers that carry a provider's signature or token, in lower case, and who sends them; empty when anybody does.
const SIGNATURES: &[(&str, &str)] = &[
    ("x-hub-signature", ""),
    ("x-hub-signature-256", ""),
    ("x-github-event", "github"),
    ("x-gitlab-token", "gitlab"),
    ("x-gitlab-event", "gitlab"),
    ("x-gitea-signature", "gitea"),
    ("x-gitea-event", "gitea"),
    ("x-event-key", "bitbucket"),
    ("stripe-signature", "stripe"),
    ("svix-signature", ""),
    ("webhook-signature", ""),
    ("x-webhook-signature", ""),
    ("x-shopify-hmac-sha256", "shopify"),
    ("x-shopify-topic", "shopify"),
    ("x-wc-webhook-signature", "woocommerce"),
    ("x-twilio-signature", "twilio"),
    ("x-twilio-email-event-webhook-signature", "sendgrid"),
    ("x-slack-signature", "slack"),
    ("paypal-transmission-sig", "paypal"),
    ("x-square-hmacsha256-signature", "square"),
    ("x-razorpay-signature", "razorpay"),
    ("paddle-signature", "paddle"),
    ("linear-signature", "linear"),
    ("x-line-signature", "line"),
    ("x-zm-signature", "zoom"),
    ("typeform-signature", "typeform"),
    ("calendly-webhook-signature", "calendly"),
    ("x-cal-signature-256", "cal.com"),
    ("x-docusign-signature-1", "docusign"),
    ("x-telegram-bot-api-secret-token", "telegram"),
    ("sentry-hook-signature", "sentry"),
    ("x-contentful-webhook-name", "contentful"),
    ("x-vercel-signature", "vercel"),
    ("x-adyen-hmac-signature", "adyen"),
];

/// Headers that name the event beside the signature, in lower case.
const EVENT_HEADERS: &[&str] =
    &["x-github-event", "x-gitlab-event", "x-gitea-event", "x-event-key", "x-shopify-topic", "x-wc-webhook-topic", "sentry-hook-resource"];

/// Whose webhooks carry a header, written as a header, as a variable of WSGI or as a parameter.
#[must_use]
pub fn provider_of_header(name: &str) -> Option<&'static str> {
    let plain = plain_header(name)?;
    SIGNATURES.iter().find(|(header, _)| *header == plain).map(|(_, provider)| *provider)
}

/// Whether a header names the event.
#[must_use]
pub fn is_event_header(name: &str) -> bool {
    plain_header(name).is_some_and(|plain| EVENT_HEADERS.contains(&plain.as_str()))
}

fn plain_header(name: &str) -> Option<String> {
    if name.len() > 64 {
        return None;
    }
    let lower = name.to_ascii_lowercase().replace('_', "-");
    Some(lower.strip_prefix("http-").map_or(lower.clone(), str::to_owned))
}

/// Whether a header goes along with a webhook that a program sends: its signature, its id, the event it tells.
#[must_use]
pub fn is_sent_with_webhooks(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    matches!(lower.as_str(), "webhook-id" | "webhook-signature" | "svix-id" | "svix-signature" | "x-hub-signature" | "x-hub-signature-256")
        || lower.starts_with("x-webhook-")
        || lower.strip_prefix("x-").is_some_and(|rest| rest.ends_with("-webhook-signature") || rest.ends_with("-webhook-event"))
}

#[cfg(test)]
mod tests {
    use super::{CHECKS, LAST_NAMES};

    #[test]
    fn every_check_is_looked_for() {
        let mut names: Vec<&str> = CHECKS.iter().filter_map(|(path, _)| path.rsplit('.').next()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names, LAST_NAMES);
    }
}
