//! Receives by the crate's manager until nothing comes any more, and prints what it measured: parsed, and as raw frames.

use std::sync::Arc;

use kite_bench_measure::{Job, Meter};
use kiteticker_async_manager::{as_tick_raw, KiteTickerManager, KiteTickerManagerBuilder, Mode, TickerMessage};
use tokio::{runtime::Runtime, sync::broadcast::error::RecvError, sync::broadcast::Receiver};

use crate::packets::packets;

pub fn manager() {
    run(false, |manager, meter, ticks_per_frame| {
        for (_, channel) in manager.get_all_channels() {
            consume(channel, Arc::clone(meter), ticks_per_frame, |message, meter| {
                if let TickerMessage::Ticks(ticks) = message {
                    meter.frame(ticks.len(), ticks[0].content.volume_traded.unwrap_or(0));
                }
            });
        }
    });
}

pub fn raw_frames() {
    run(true, |manager, meter, ticks_per_frame| {
        for (_, channel) in manager.get_all_raw_frame_channels() {
            consume(channel, Arc::clone(meter), ticks_per_frame, |frame, meter| {
                if frame.len() < 2 {
                    return;
                }
                let (mut ticks, mut stamp, mut sum) = (0, 0, 0.0);
                for body in packets(&frame) {
                    let Some(view) = as_tick_raw(body) else { continue };
                    if ticks == 0 {
                        stamp = view.header.volume_traded.get();
                    }
                    ticks += 1;
                    sum += view.header.instrument_token.get() as f64 + view.header.last_price.get() as f64;
                }
                std::hint::black_box(sum);
                meter.frame(ticks, stamp);
            });
        }
    });
}

fn run(raw_only: bool, listen: impl FnOnce(&mut KiteTickerManager, &Arc<Meter>, u64)) {
    let job = Job::from_arguments();
    let meter = Meter::new(&job);
    let runtime = Runtime::new().expect("a runtime");
    let _manager = runtime.block_on(async {
        let mut manager = KiteTickerManagerBuilder::new("key", "token")
            .max_connections(job.connections)
            .raw_only(raw_only)
            .build();
        manager.start().await.expect("connections");
        listen(&mut manager, &meter, job.ticks_per_frame);
        // One for each connection: the server sends when all have asked.
        let tokens: Vec<u32> = (1..=job.connections as u32).map(|number| number << 8 | 1).collect();
        manager.subscribe_symbols(&tokens, Some(Mode::Full)).await.expect("subscriptions");
        manager
    });
    meter.finish(job.warm_up);
}

/// A consumer in a task of its own, as in the crate's examples. What the channel says it has lost is counted as frames.
fn consume<Item: Clone + Send + 'static>(
    mut channel: Receiver<Item>,
    meter: Arc<Meter>,
    ticks_per_frame: u64,
    read: impl Fn(Item, &Meter) + Send + 'static,
) {
    tokio::spawn(async move {
        loop {
            match channel.recv().await {
                Ok(item) => read(item, &meter),
                Err(RecvError::Lagged(frames)) => meter.dropped(frames * ticks_per_frame),
                Err(RecvError::Closed) => return,
            }
        }
    });
}
