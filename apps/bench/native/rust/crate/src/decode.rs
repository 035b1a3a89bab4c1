//! Prints what the crate makes of each frame of stdin, in the crate's own JSON.

use kite_bench_measure::line_by_frame;
use kiteticker_async_manager::Tick;

use crate::packets::packets;

pub fn main() {
    line_by_frame(|frame| {
        // Its own frame path is private: the parse of each packet is not.
        let ticks: Vec<Tick> = packets(frame).filter_map(|body| Tick::try_from(body).ok()).collect();
        serde_json::to_string(&ticks).expect("ticks of numbers")
    });
}
