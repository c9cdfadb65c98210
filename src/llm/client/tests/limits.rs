//! Services that count what they are asked, in virtual time.

use super::*;

/// How a service counts what it is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Counting {
    /// What is left grows steadily.
    Steadily,
    /// Each minute of the clock is new.
    Minutes,
    /// No 60 seconds hold more than the limit.
    Sliding,
}

/// What a service takes off for an answer before it is there.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ahead {
    Nothing,
    /// As much as it may have; what it has not is given back.
    GivenBack,
    /// As much as it may have.
    Kept,
}

/// A service with limits of 30 requests and 8,000 tokens a minute.
struct Limited {
    counting: Counting,
    has_headers: bool,
    ahead: Ahead,
    start: Instant,
    log: Mutex<Vec<(Instant, u64)>>,
    refused: AtomicU64,
}

impl Limited {
    const LIMITS: [u64; 2] = [30, 8000];
    const OUTPUT: u64 = 100;

    fn new(counting: Counting, has_headers: bool, ahead: Ahead) -> Self {
        let log = Mutex::default();
        Self { counting, has_headers, ahead, start: Instant::now(), log, refused: AtomicU64::new(0) }
    }

    /// What is left of requests and tokens, and when all of it is back.
    fn left(&self, log: &[(Instant, u64)], now: Instant) -> [(f64, f64); 2] {
        let minute = Duration::from_secs(60);
        let since = match self.counting {
            Counting::Minutes => now - Duration::from_secs_f64((now - self.start).as_secs_f64() % 60.0),
            _ => now.checked_sub(minute).unwrap_or(now),
        };
        let amount = |at: usize, tokens: u64| if at == 0 { 1.0 } else { tokens as f64 };
        [0, 1].map(|at| {
            let limit = Self::LIMITS[at] as f64;
            if self.counting == Counting::Steadily {
                let (mut level, mut last) = (limit, self.start);
                for (when, tokens) in log {
                    level = (level + (*when - last).as_secs_f64() * limit / 60.0).min(limit) - amount(at, *tokens);
                    last = *when;
                }
                level = (level + (now - last).as_secs_f64() * limit / 60.0).min(limit);
                return (level, (limit - level) * 60.0 / limit);
            }
            let recent = log.iter().filter(|(when, _)| *when >= since && (self.counting != Counting::Sliding || *when + minute > now));
            let used: f64 = recent.clone().map(|(_, tokens)| amount(at, *tokens)).sum();
            let reset = match self.counting {
                Counting::Minutes => 60.0 - (now - since).as_secs_f64(),
                _ => recent.map(|(when, _)| (*when + minute - now).as_secs_f64()).fold(0.0, f64::max),
            };
            (limit - used, reset)
        })
    }

    fn headers(&self, left: [(f64, f64); 2]) -> Headers {
        let name = |at: usize| ["requests", "tokens"][at];
        let pairs = [0, 1].into_iter().flat_map(|at| {
            let (remaining, reset) = left[at];
            [
                (format!("x-ratelimit-limit-{}", name(at)), Self::LIMITS[at].to_string()),
                (format!("x-ratelimit-remaining-{}", name(at)), (remaining.max(0.0) as u64).to_string()),
                (format!("x-ratelimit-reset-{}", name(at)), format!("{reset:.3}s")),
            ]
        });
        Headers::of(pairs.filter(|_| self.has_headers))
    }
}

impl Sends for &Limited {
    async fn send(&self, out: Outgoing<'_>) -> Result<Response, Lost> {
        tokio::time::sleep(Duration::from_millis(50 + fastrand::u64(..100))).await;
        let text = out.request.body.clone().unwrap_or_default();
        let body: Value = serde_json::from_str(&text).expect("it is there");
        let question = text.len() as u64 / 4;
        let most = body["max_completion_tokens"].as_u64().expect("it is there");
        let ahead = if self.ahead == Ahead::Nothing { Limited::OUTPUT } else { most };
        let now = Instant::now();
        let at = {
            let mut log = self.log.lock().expect("nobody panics while holding it");
            let left = self.left(&log, now);
            if left[0].0 < 1.0 || left[1].0 < (question + ahead) as f64 {
                self.refused.fetch_add(1, Ordering::Relaxed);
                let headers = self.headers(left);
                return Ok(Response { status: 429, headers, body: b"{}".to_vec() });
            }
            log.push((now, question + ahead));
            log.len() - 1
        };
        tokio::time::sleep(Duration::from_millis(400 + fastrand::u64(..1200))).await;
        let mut log = self.log.lock().expect("nobody panics while holding it");
        log[at].1 = question + if self.ahead == Ahead::Kept { most } else { Limited::OUTPUT };
        let headers = self.headers(self.left(&log, Instant::now()));
        let usage = json!({"prompt_tokens": question, "completion_tokens": Limited::OUTPUT});
        let body = json!({"choices": [{"message": {"content": "{\"a\": 1}"}, "finish_reason": "stop"}], "usage": usage});
        Ok(Response { status: 200, headers, body: body.to_string().into_bytes() })
    }
}

/// Asks questions all at once, and tells how much of the limit that binds was used in the whole minutes of the run.
async fn used(server: &Limited, most: u64, limits: &str, questions: usize, bytes: usize) -> f64 {
    let table = format!(
        "[models.gpt-oss-120b]\nlimits = {limits}\n[routes.api_contract]\nchain = [\"gpt-oss-120b\"]\nmax_output_tokens = {most}\n"
    );
    let client = Client::over(setup(&table, &Arc::default()), server);
    let calls: Vec<Call> = (0..questions).map(|number| call(&format!("{number} {}", "x".repeat(bytes)))).collect();
    let mut pending: Vec<_> = calls.iter().map(|call| Box::pin(client.ask(call))).collect();
    while !pending.is_empty() {
        let ready = std::future::poll_fn(|context| {
            let done = pending.iter_mut().position(|one| one.as_mut().poll(context).is_ready());
            done.map_or(std::task::Poll::Pending, std::task::Poll::Ready)
        });
        let at = ready.await;
        drop(pending.swap_remove(at));
    }
    let log = server.log.lock().expect("nobody panics while holding it");
    assert_eq!(log.len(), questions, "each is answered once");
    let minutes = (log[log.len() - 1].0 - log[0].0).as_secs() / 60;
    let whole: Vec<u64> =
        log.iter().filter(|(when, _)| *when < log[0].0 + Duration::from_secs(60 * minutes)).map(|(_, tokens)| *tokens).collect();
    let most = Limited::LIMITS.map(|limit| (limit * minutes) as f64);
    (whole.len() as f64 / most[0]).max(whole.iter().sum::<u64>() as f64 / most[1])
}

async fn check_use(server: Limited, limits: &str, bytes: usize, refused: u64) {
    check_use_of(server, 400, limits, bytes, refused).await;
}

async fn check_use_of(server: Limited, most: u64, limits: &str, bytes: usize, refused: u64) {
    let share = used(&server, most, limits, 100, bytes).await;
    let counted = server.refused.load(Ordering::Relaxed);
    let told = format!(
        "{:?}, headers {}, {:?}, {bytes} bytes: {:.1} %, {counted} refused",
        server.counting,
        server.has_headers,
        server.ahead,
        share * 100.0
    );
    // Where a service tells nothing its limit is learnt by one refusal, and not to the last token.
    let least = if refused == 0 { 0.9 } else { 0.8 };
    assert!(share >= least && counted <= refused, "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_limited_service_is_used_to_its_limit_and_not_beyond() {
    fastrand::seed(7);
    for counting in [Counting::Steadily, Counting::Minutes, Counting::Sliding] {
        for (has_headers, ahead) in [(true, Ahead::Nothing), (true, Ahead::GivenBack), (false, Ahead::Nothing), (false, Ahead::GivenBack)] {
            for bytes in [100, 2500] {
                check_use(Limited::new(counting, has_headers, ahead), "{ rpm = 30, tpm = 8000 }", bytes, 0).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_answers_may_have_and_have_not_does_not_stand_in_the_way() {
    fastrand::seed(7);
    for counting in [Counting::Steadily, Counting::Minutes, Counting::Sliding] {
        for (has_headers, ahead) in [(true, Ahead::GivenBack), (false, Ahead::Nothing)] {
            check_use_of(Limited::new(counting, has_headers, ahead), 4096, "{ rpm = 30, tpm = 8000 }", 800, 0).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_cut_short_is_asked_for_at_length() {
    let long = |finish: &str| {
        let usage = json!({"prompt_tokens": 100, "completion_tokens": 300});
        Ok(response(200, &[], &json!({"choices": [{"message": {"content": "{\"a\": 1}"}, "finish_reason": finish}], "usage": usage})))
    };
    let script = Script::of(vec![(GPT, vec![fine(), fine(), fine(), long("length"), long("stop")])]);
    let client = Client::over(setup("", &Arc::default()), &script);
    for input in ["a", "b", "c", "d"] {
        assert_eq!(client.ask(&call(input)).await.expect("somebody answers").model, "gpt-oss-120b");
    }
    assert_eq!((client.taken().requests, client.taken().output), (5, 660));
}

#[tokio::test(start_paused = true)]
async fn limits_that_the_table_does_not_know_are_learnt() {
    fastrand::seed(7);
    for counting in [Counting::Steadily, Counting::Minutes, Counting::Sliding] {
        check_use(Limited::new(counting, true, Ahead::Nothing), "{ rpm = 1000, tpm = 250000 }", 100, 0).await;
        check_use(Limited::new(counting, true, Ahead::Kept), "{ rpm = 30, tpm = 8000 }", 100, 0).await;
        check_use(Limited::new(counting, false, Ahead::Nothing), "{ rpm = 1000, tpm = 250000 }", 100, 8).await;
        check_use(Limited::new(counting, false, Ahead::Kept), "{ rpm = 30, tpm = 8000 }", 100, 8).await;
    }
}
