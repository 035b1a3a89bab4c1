//! How long the crate `kiteticker-async-manager` takes for the frames of a file, in three ways, as JSON on stdout:
//! its public parse looped over a frame's packets into a Vec, gathered as its private frame path does, the parse of one
//! packet by itself, and its raw views.
//!
//! The file: for each frame its length (u32, big-endian) and its bytes.

use std::{env, fs, hint::black_box, time::Instant};

use kiteticker_async_manager::{as_tick_raw, Tick};
use smallvec::SmallVec;

use crate::packets::packets;

const ROUNDS: usize = 9;
const SAMPLE_NS: u128 = 8_000_000;
const WARM_UP_NS: u128 = 50_000_000;

pub fn main() {
    let file = fs::read(env::args().nth(2).expect("a file of frames")).expect("a file that can be read");
    let frames = frames(&file);
    let ticks: usize = frames.iter().map(|frame| packets(frame).count()).sum();
    let measured = [
        ("frame light", ns_per_tick(ticks, || frames.iter().map(|frame| sum(frame, light)).sum())),
        ("frame heavy", ns_per_tick(ticks, || frames.iter().map(|frame| sum(frame, heavy)).sum())),
        ("packet light", ns_per_tick(ticks, || {
            frames.iter().flat_map(|frame| packets(frame)).map(|body| light(&tick(body))).sum()
        })),
        ("packet heavy", ns_per_tick(ticks, || {
            frames.iter().flat_map(|frame| packets(frame)).map(|body| heavy(&tick(body))).sum()
        })),
        ("raw light", ns_per_tick(ticks, || frames.iter().flat_map(|frame| packets(frame)).map(raw_light).sum())),
        ("raw heavy", ns_per_tick(ticks, || frames.iter().flat_map(|frame| packets(frame)).map(raw_heavy).sum())),
    ];
    let entries: Vec<String> = measured.iter().map(|(name, ns)| format!("\"{name}\":{ns}")).collect();
    println!("{{{}}}", entries.join(","));
}

fn frames(file: &[u8]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    let mut rest = file;
    while rest.len() >= 4 {
        let (length, tail) = rest.split_at(4);
        let (frame, tail) = tail.split_at(u32::from_be_bytes(length.try_into().unwrap()) as usize);
        frames.push(frame);
        rest = tail;
    }
    frames
}

fn tick(body: &[u8]) -> Tick {
    Tick::try_from(body).expect("a packet of known length")
}

/// What the crate hands to its user for a packet.
struct Message {
    _instrument_token: u32,
    tick: Tick,
}

/// A frame's ticks as the crate's private frame path gathers them: up to 32 in place, then moved to the heap.
#[inline(never)]
fn messages(frame: &[u8]) -> Option<Vec<Message>> {
    let count = u16::from_be_bytes([frame[0], frame[1]]) as usize;
    let mut messages: SmallVec<[Message; 32]> = SmallVec::with_capacity(count.min(32));
    for body in packets(frame) {
        if let Ok(tick) = Tick::try_from(body) {
            messages.push(Message { _instrument_token: tick.instrument_token, tick });
        }
    }
    (!messages.is_empty()).then(|| messages.into_vec())
}

fn sum(frame: &[u8], read: fn(&Tick) -> f64) -> f64 {
    let messages = messages(frame).expect("a frame with ticks");
    black_box(&messages).iter().map(|message| read(&message.tick)).sum()
}

fn light(tick: &Tick) -> f64 {
    tick.instrument_token as f64 + tick.last_price.unwrap_or(0.0)
}

fn heavy(tick: &Tick) -> f64 {
    let mut sum = light(tick);
    if let Some(ohlc) = &tick.ohlc {
        sum += ohlc.open + ohlc.high + ohlc.low + ohlc.close + tick.net_change.unwrap_or(0.0);
    }
    sum += tick.last_traded_qty.unwrap_or(0) as f64 + tick.avg_traded_price.unwrap_or(0.0);
    sum += tick.volume_traded.unwrap_or(0) as f64;
    sum += tick.total_buy_qty.unwrap_or(0) as f64 + tick.total_sell_qty.unwrap_or(0) as f64;
    sum += tick.exchange_timestamp.map_or(0.0, |time| time.as_secs_f64());
    sum += tick.last_traded_timestamp.map_or(0.0, |time| time.as_secs_f64());
    sum += tick.oi.unwrap_or(0) as f64 + tick.oi_day_high.unwrap_or(0) as f64 + tick.oi_day_low.unwrap_or(0) as f64;
    if let Some(depth) = &tick.depth {
        for level in depth.buy.iter().chain(&depth.sell) {
            sum += level.qty as f64 + level.price + level.orders as f64;
        }
    }
    sum
}

fn raw_light(body: &[u8]) -> f64 {
    as_tick_raw(body).map_or(0.0, |view| {
        view.header.instrument_token.get() as f64 + view.header.last_price.get() as f64
    })
}

fn raw_heavy(body: &[u8]) -> f64 {
    let Some(view) = as_tick_raw(body) else { return 0.0 };
    let header = &view.header;
    let mut sum = raw_light(body);
    for word in header.ohlc_be.chunks_exact(4) {
        sum += i32::from_be_bytes(word.try_into().unwrap()) as f64;
    }
    sum += header.last_traded_qty.get() as f64 + header.avg_traded_price.get() as f64;
    sum += header.volume_traded.get() as f64 + header.total_buy_qty.get() as f64;
    sum += header.total_sell_qty.get() as f64 + header.last_traded_ts.get() as f64 + header.oi.get() as f64;
    sum += header.oi_day_high.get() as f64 + header.oi_day_low.get() as f64 + header.exchange_ts.get() as f64;
    for level in view.depth.buy.iter().chain(&view.depth.sell) {
        sum += level.qty.get() as f64 + level.price.get() as f64 + level.orders.get() as f64;
    }
    sum
}

/// The median over rounds, after a warm-up; the sum escapes.
fn ns_per_tick(ticks: usize, mut pass: impl FnMut() -> f64) -> f64 {
    let mut passes = 0u128;
    let start = Instant::now();
    while start.elapsed().as_nanos() < WARM_UP_NS {
        black_box(pass());
        passes += 1;
    }
    let repeat = (SAMPLE_NS * passes / start.elapsed().as_nanos()).max(1);
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..repeat {
                black_box(pass());
            }
            start.elapsed().as_nanos() as f64 / (repeat as f64 * ticks as f64)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}
