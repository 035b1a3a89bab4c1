//! The programs of the bench for the official Rust client `kiteconnect`.

mod conformance;
mod peer;

use kite_bench_measure::line_by_frame;
use kiteconnect::parse_binary;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("peer") => peer::main(),
        Some("conformance") => conformance::main(),
        // What the client makes of each frame of stdin, in its own JSON.
        Some("decode") => {
            line_by_frame(|frame| serde_json::to_string(&parse_binary(frame)).expect("ticks of numbers"));
        }
        other => panic!("no program is called {other:?}"),
    }
}
