//! The programs of the bench for the crate `kiteticker-async-manager`. It always dials wss://ws.kite.trade.

mod conformance;
mod decode;
mod packets;
mod peer;
mod timing;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("timing") => timing::main(),
        Some("peer") => peer::manager(),
        Some("peer-raw") => peer::raw_frames(),
        Some("conformance") => conformance::main(),
        Some("decode") => decode::main(),
        other => panic!("no program is called {other:?}"),
    }
}
