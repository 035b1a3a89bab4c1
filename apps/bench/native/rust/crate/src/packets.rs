/// The bodies of a frame's packets, walked as the crate walks them.
pub fn packets(frame: &[u8]) -> impl Iterator<Item = &[u8]> {
    let count = u16::from_be_bytes([frame[0], frame[1]]) as usize;
    let mut at = 2;
    (0..count).map(move |_| {
        let length = u16::from_be_bytes([frame[at], frame[at + 1]]) as usize;
        let body = &frame[at + 2..at + 2 + length];
        at += 2 + length;
        body
    })
}
