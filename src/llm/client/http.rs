//! Requests over the network: no redirects, bounded answers, and words for what goes wrong on the way.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::llm::provider::{Headers, Request, Response};
use crate::llm::routing::{Provider, Routing};

/// The largest answer that is read. Answers are kilobytes.
const LARGEST: usize = 4 << 20;

/// A request and where it goes.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The service, by its name in the table.
    pub service: &'a str,
    /// Where it is.
    pub provider: &'a Provider,
    /// The request.
    pub request: &'a Request,
    /// The key.
    pub key: Option<&'a SecretString>,
}

/// No response came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// In plain words.
    pub words: String,
    /// How far it got.
    pub how: How,
}

/// How far a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It never left.
    Unsent,
    /// It may have been answered; nobody knows.
    OnTheWay,
    /// An answer came that will not be read.
    Unread,
}

/// Sends requests.
pub trait Sends: Send + Sync {
    /// Sends one and waits for its response.
    fn send(&self, out: Outgoing<'_>) -> impl Future<Output = Result<Response, Lost>> + Send;
}

/// Sends requests over the network.
pub struct Http {
    clients: BTreeMap<String, reqwest::Client>,
}

impl Http {
    /// For the services of a table.
    ///
    /// # Errors
    /// When connections cannot be encrypted on this machine, or the proxy's address is none.
    pub fn new(routing: &Routing) -> Result<Self, String> {
        // Another part of the program may have chosen already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut clients = BTreeMap::new();
        for (name, provider) in &routing.providers {
            let mut builder = reqwest::Client::builder()
                .user_agent(concat!("contract-agent/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .connect_timeout(provider.connect_timeout())
                .timeout(provider.request_timeout());
            // What is on this machine needs no proxy to be reached.
            builder = if provider.base_url.is_loopback() { builder.no_proxy() } else { builder.https_only(true) };
            let client = builder.build().map_err(|error| format!("no connections can be made: {}", causes(&error)))?;
            clients.insert(name.clone(), client);
        }
        Ok(Self { clients })
    }

    async fn exchange(&self, out: Outgoing<'_>) -> Result<Response, Lost> {
        let Some(client) = self.clients.get(out.service) else {
            return Err(Lost { words: format!("there is no service `{}`", out.service), how: How::Unsent });
        };
        let lost = |error: reqwest::Error| explained(error, out.provider);
        let url = out.provider.base_url.join(out.request.path);
        let request = match &out.request.body {
            Some(body) => client.post(url).body(body.clone()),
            None => client.get(url),
        };
        let mut response = request.headers(headers(out)?).send().await.map_err(lost)?;
        let too_large = || Lost { words: format!("the answer is larger than {} MB", LARGEST >> 20), how: How::Unread };
        if response.content_length().is_some_and(|length| length > LARGEST as u64) {
            return Err(too_large());
        }
        let pairs = response.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let headers = Headers::of(pairs);
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, headers, body })
    }
}

impl Sends for Http {
    fn send(&self, out: Outgoing<'_>) -> impl Future<Output = Result<Response, Lost>> + Send {
        self.exchange(out)
    }
}

fn headers(out: Outgoing<'_>) -> Result<HeaderMap, Lost> {
    let unsent = |words: &str| Lost { words: words.to_owned(), how: How::Unsent };
    let mut headers = HeaderMap::new();
    for (name, value) in &out.request.headers {
        let value = HeaderValue::from_str(value).map_err(|_| unsent("`api_version` holds what no header can"))?;
        headers.insert(HeaderName::from_static(name), value);
    }
    if let Some(key) = out.key {
        let (name, before) = out.request.key_header;
        let text = SecretString::from(format!("{before}{}", key.expose_secret()));
        let mut value = HeaderValue::from_str(text.expose_secret()).map_err(|_| unsent("the key holds what no key does"))?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

/// What went wrong, in words that tell how to go on.
fn explained(error: reqwest::Error, provider: &Provider) -> Lost {
    let host = provider.base_url.host();
    let how = if error.is_connect() || error.is_builder() { How::Unsent } else { How::OnTheWay };
    let is_timeout = error.is_timeout();
    // The address of a proxy may hold a password.
    let why = causes(&error.without_url());
    let told = why.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| told.contains(word));
    let secs = |duration: Duration| duration.as_secs();
    let words = match how {
        How::Unsent if is_timeout => format!(
            "no connection to {host} within {} s: is there a network, or a proxy to go through (HTTPS_PROXY)?",
            secs(provider.connect_timeout())
        ),
        _ if is_timeout => format!("no answer from {host} within {} s (`request_timeout_s`)", secs(provider.request_timeout())),
        _ if has(&["certificate", "unknownissuer", "invalid peer"]) => {
            format!(
                "the certificate of {host} is not trusted; where a proxy signs connections anew, name its certificate in SSL_CERT_FILE: {why}"
            )
        }
        _ if has(&["corrupt message", "handshake", "tls"]) => format!("{host} speaks no encryption that is known: {why}"),
        _ if has(&["proxy", "tunnel"]) => format!("the proxy does not let {host} through; see HTTPS_PROXY and NO_PROXY: {why}"),
        _ if has(&["dns", "lookup", "resolve", "not known"]) => format!("{host} is not found: is there a network?"),
        How::Unsent if has(&["refused"]) && provider.base_url.is_loopback() => format!("nobody listens at {host}"),
        How::Unsent if has(&["refused"]) => format!("nobody listens at {host}, or at the proxy on the way (HTTPS_PROXY)"),
        How::Unsent => format!("no connection to {host}: {why}"),
        _ => format!("the connection to {host} broke: {why}"),
    };
    Lost { words, how }
}

/// The causes of an error, without what only repeats another.
fn causes(error: &reqwest::Error) -> String {
    let mut last = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        last = cause.to_string();
        next = cause.source();
    }
    last.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::{header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    fn routing(url: &str) -> Routing {
        let url = format!("{url}/openai/v1");
        let table = "[providers.groq]\nconnect_timeout_s = 1\nrequest_timeout_s = 1\n";
        let routing = Routing::with(table).expect("the table is in order");
        routing.redirected(&|name| (name == "GROQ_BASE_URL").then(|| url.clone())).expect("a loopback address")
    }

    async fn send(url: &str) -> Result<Response, Lost> {
        let routing = routing(url);
        let http = Http::new(&routing).expect("connections can be made");
        let request = Request {
            path: "/chat/completions",
            key_header: ("authorization", "Bearer "),
            headers: vec![("content-type", "application/json".to_owned())],
            body: Some("{}".to_owned()),
        };
        let key = SecretString::from("made-up");
        http.send(Outgoing { service: "groq", provider: &routing.providers["groq"], request: &request, key: Some(&key) }).await
    }

    async fn served(template: ResponseTemplate) -> Result<Response, Lost> {
        let server = MockServer::start().await;
        let asked = Mock::given(method("POST")).and(path("/openai/v1/chat/completions"));
        let asked = asked.and(header("authorization", "Bearer made-up")).and(header("content-type", "application/json"));
        asked.respond_with(template).expect(1).mount(&server).await;
        send(&server.uri()).await
    }

    #[tokio::test]
    async fn responses_come_with_status_headers_and_body() {
        let template = ResponseTemplate::new(429).insert_header("Retry-After", "7").set_body_string("{\"a\":1}");
        let response = served(template).await.expect("a response");
        assert_eq!((response.status, response.headers.get("retry-after"), response.body.as_slice()), (429, Some("7"), &b"{\"a\":1}"[..]));
    }

    #[tokio::test]
    async fn nobody_is_sent_elsewhere() {
        let template = ResponseTemplate::new(307).insert_header("location", "/openai/v1/elsewhere");
        assert_eq!(served(template).await.expect("a response").status, 307);
    }

    #[tokio::test]
    async fn large_answers_are_not_read() {
        let lost = served(ResponseTemplate::new(200).set_body_bytes(vec![b' '; 10 << 20])).await.expect_err("10 MB");
        assert_eq!((lost.words.as_str(), lost.how), ("the answer is larger than 4 MB", How::Unread));
    }

    #[tokio::test]
    async fn what_goes_wrong_is_told_in_words() {
        let late = served(ResponseTemplate::new(200).set_delay(Duration::from_secs(5))).await.expect_err("late");
        assert!(late.words.ends_with("within 1 s (`request_timeout_s`)"), "{}", late.words);
        assert_eq!(late.how, How::OnTheWay);
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port");
        let nobody = send(&format!("http://{free}")).await.expect_err("nobody");
        assert_eq!((nobody.words, nobody.how), (format!("nobody listens at {free}"), How::Unsent));
    }

    #[tokio::test]
    async fn what_speaks_no_http_is_told() {
        use tokio::io::AsyncWriteExt;
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = socket.local_addr().expect("it is bound");
        let speaker = tokio::spawn(async move {
            let (mut stream, _) = socket.accept().await.expect("somebody comes");
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"cut\"").await.expect("it is heard");
        });
        let lost = send(&format!("http://{address}")).await.expect_err("it is cut");
        speaker.await.expect("it ends");
        assert!(lost.words.starts_with("the connection to 127.0.0.1"), "{}", lost.words);
        assert_eq!(lost.how, How::OnTheWay);
    }
}
