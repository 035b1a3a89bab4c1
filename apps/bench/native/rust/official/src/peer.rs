//! Receives by the official Rust client until nothing comes any more, and prints what it measured.

use std::sync::Arc;

use kite_bench_measure::{Job, Meter};
use kiteconnect::{AccessToken, KiteConnect, KiteTicker, TickerEvent};
use tokio::runtime::Runtime;

pub fn main() {
    let job = Job::from_arguments();
    let meter = Meter::new(&job);
    let runtime = Runtime::new().expect("a runtime");
    let _tickers: Vec<KiteTicker> = runtime.block_on(async {
        (0..job.connections).map(|_| connect(&job.url, Arc::clone(&meter))).collect()
    });
    meter.finish(job.warm_up);
}

fn connect(url: &str, meter: Arc<Meter>) -> KiteTicker {
    let kite = KiteConnect::builder("key")
        .access_token(AccessToken::new("token").expect("a token"))
        .build()
        .expect("a client");
    let url = url::Url::parse(url).expect("a URL");
    let (ticker, mut events) = kite.ticker().url(url).spawn().expect("a ticker");
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if let TickerEvent::Ticks(ticks) = event {
                meter.frame(ticks.len(), ticks[0].volume.unwrap_or(0) as u32);
            }
        }
    });
    ticker
}
