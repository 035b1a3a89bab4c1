//! The adapter of the crate for `npx @kite/simulator conformance`: one connection of its manager.

use kite_bench_measure::{environment, subscriptions};
use kiteticker_async_manager::{
    ChannelId, Depth, DepthItem, KiteTickerManagerBuilder, Mode, Tick, TickerMessage,
};
use serde_json::{json, Value};
use tokio::sync::broadcast::error::RecvError;

#[tokio::main]
pub async fn main() {
    if let Err(message) = run().await {
        println!("{}", json!({ "type": "error", "message": message }));
        std::process::exit(1);
    }
}

async fn run() -> Result<(), String> {
    let mut manager =
        KiteTickerManagerBuilder::new(environment("KITE_API_KEY"), environment("KITE_ACCESS_TOKEN"))
            .max_connections(1)
            .build();
    manager.start().await?;
    let mut channel = manager.get_channel(ChannelId::Connection1).ok_or("no channel")?;
    for (mode, tokens) in subscriptions() {
        let mode = match mode.as_str() {
            "full" => Mode::Full,
            "quote" => Mode::Quote,
            _ => Mode::LTP,
        };
        manager.subscribe_symbols(&tokens, Some(mode)).await?;
    }
    loop {
        match channel.recv().await {
            Ok(TickerMessage::Ticks(ticks)) => {
                let ticks: Vec<Value> = ticks.iter().map(|message| named(&message.content)).collect();
                println!("{}", json!(ticks));
            }
            Ok(TickerMessage::OrderPostback(Ok(order))) => println!("{}", json!({ "type": "order", "order": order })),
            Ok(TickerMessage::OrderPostback(Err(message)) | TickerMessage::Error(message)) => {
                println!("{}", json!({ "type": "error", "message": message }));
            }
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return Err("the channel is closed".to_string()),
        }
    }
}

/// A tick under Kite's names. Its change is the difference of the prices: the change in percent is not among what it has.
fn named(tick: &Tick) -> Value {
    json!({
        "mode": tick.mode.to_websocket_string(),
        "instrument_token": tick.instrument_token,
        "last_price": tick.last_price,
        "last_traded_quantity": tick.last_traded_qty,
        "average_traded_price": tick.avg_traded_price,
        "volume_traded": tick.volume_traded,
        "total_buy_quantity": tick.total_buy_qty,
        "total_sell_quantity": tick.total_sell_qty,
        "ohlc": tick.ohlc,
        "depth": tick.depth.as_ref().map(depth),
        "oi": tick.oi,
        "oi_day_high": tick.oi_day_high,
        "oi_day_low": tick.oi_day_low,
        "last_trade_time": tick.last_traded_timestamp.map(|time| time.as_secs()),
        "exchange_timestamp": tick.exchange_timestamp.map(|time| time.as_secs()),
    })
}

fn depth(depth: &Depth) -> Value {
    let side = |levels: &[DepthItem]| -> Vec<Value> {
        levels
            .iter()
            .map(|level| json!({ "quantity": level.qty, "price": level.price, "orders": level.orders }))
            .collect()
    };
    json!({ "buy": side(&depth.buy), "sell": side(&depth.sell) })
}
