//! The adapter of the official Rust client for `npx @kite/simulator conformance`.

use kite_bench_measure::{environment, subscriptions};
use kiteconnect::{AccessToken, KiteConnect, Mode, Tick, TickerEvent};
use serde_json::{json, Value};

#[tokio::main]
pub async fn main() {
    let kite = KiteConnect::builder(environment("KITE_API_KEY"))
        .access_token(AccessToken::new(environment("KITE_ACCESS_TOKEN")).expect("a token"))
        .build()
        .expect("a client");
    let url = url::Url::parse(&environment("KITE_URL")).expect("a URL");
    let (ticker, mut events) = kite.ticker().url(url).spawn().expect("a ticker");
    for (mode, tokens) in subscriptions() {
        let mode = match mode.as_str() {
            "full" => Mode::Full,
            "quote" => Mode::Quote,
            _ => Mode::Ltp,
        };
        ticker.subscribe(&tokens, mode).expect("subscriptions");
    }
    while let Some(event) = events.recv().await {
        match event {
            TickerEvent::Ticks(ticks) => println!("{}", json!(ticks.iter().map(named).collect::<Vec<Value>>())),
            TickerEvent::OrderUpdate(order) => println!("{}", json!({ "type": "order", "order": order })),
            TickerEvent::InvalidOrderUpdate { error, .. } => tell(&error),
            TickerEvent::Reconnecting { reason, .. } => tell(&reason),
            TickerEvent::Closed(reason) => {
                tell(&reason.to_string());
                std::process::exit(1);
            }
            _ => {}
        }
    }
}

fn tell(message: &str) {
    println!("{}", json!({ "type": "error", "message": message }));
}

/// A tick under Kite's names. Its mode shows in what it has; the change in percent is not among that.
fn named(tick: &Tick) -> Value {
    let mode = match tick {
        Tick { exchange_time: Some(_), .. } => "full",
        Tick { close: Some(_), .. } => "quote",
        _ => "ltp",
    };
    json!({
        "mode": mode,
        "instrument_token": tick.instrument_token,
        "last_price": tick.last_price,
        "last_traded_quantity": tick.last_quantity,
        "average_traded_price": tick.average_price,
        "volume_traded": tick.volume,
        "total_buy_quantity": tick.buy_quantity,
        "total_sell_quantity": tick.sell_quantity,
        "ohlc": { "open": tick.open, "high": tick.high, "low": tick.low, "close": tick.close },
        "depth": tick.depth,
        "oi": tick.oi,
        "oi_day_high": tick.oi_day_high,
        "oi_day_low": tick.oi_day_low,
        "last_trade_time": tick.last_trade_time,
        "exchange_timestamp": tick.exchange_time,
    })
}
