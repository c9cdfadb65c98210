//! Several questions at once, answers in the order of the questions.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// Drives futures, at most `width` of them at once, and gives what they come to in their order.
pub async fn all<T>(width: usize, futures: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut waiting = futures.into_iter().peekable();
    let mut running: Vec<(usize, Pin<Box<_>>)> = Vec::new();
    let mut done: Vec<Option<T>> = Vec::new();
    poll_fn(|context| {
        loop {
            while running.len() < width.max(1) {
                let Some(next) = waiting.next() else { break };
                running.push((done.len(), Box::pin(next)));
                done.push(None);
            }
            let before = running.len();
            running.retain_mut(|(index, future)| match future.as_mut().poll(context) {
                Poll::Ready(value) => {
                    if let Some(slot) = done.get_mut(*index) {
                        *slot = Some(value);
                    }
                    false
                }
                Poll::Pending => true,
            });
            if running.is_empty() && waiting.peek().is_none() {
                return Poll::Ready(());
            }
            // Room for others, which must be polled once before anybody wakes this.
            if running.len() == before {
                return Poll::Pending;
            }
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::all;

    #[tokio::test(start_paused = true)]
    async fn answers_keep_the_order_and_the_width_is_kept() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = (0_u64..40).map(|number| {
            let (now, most) = (&now, &most);
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(number * 7 % 13)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                number
            }
        });
        let work: Vec<_> = work.collect();
        assert_eq!(all(4, work).await, (0..40).collect::<Vec<_>>());
        assert_eq!(most.load(Ordering::SeqCst), 4);
        assert_eq!(all(4, Vec::<std::future::Ready<()>>::new()).await.len(), 0);
    }
}
