//! What every Rust client of the bench needs: its job, the clock that all processes share, the sample that is printed, and the
//! frames that come on stdin.

use std::{
    env,
    io::{self, Read, Write},
    mem::MaybeUninit,
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
        Arc, Mutex,
    },
    thread::sleep,
    time::{Duration, Instant},
};

/// Nothing comes for this long: the server has ended.
const QUIET: Duration = Duration::from_secs(2);

/// What the bench tells a client: the URL, whether frames are stamped, ticks a frame, the warm-up in milliseconds, connections.
pub struct Job {
    pub url: String,
    pub is_stamped: bool,
    pub ticks_per_frame: u64,
    pub warm_up: Duration,
    pub connections: usize,
}

impl Job {
    /// From the arguments after the name of the program.
    pub fn from_arguments() -> Job {
        let arguments: Vec<String> = env::args().skip(2).collect();
        let number = |index: usize| arguments[index].parse().expect("a number");
        Job {
            url: arguments[0].clone(),
            is_stamped: arguments[1] == "true",
            ticks_per_frame: number(2),
            warm_up: Duration::from_millis(number(3)),
            connections: number(4) as usize,
        }
    }
}

/// What reached the callback, and when.
#[derive(Default)]
pub struct Meter {
    is_stamped: bool,
    is_measuring: AtomicBool,
    ticks: AtomicU64,
    dropped: AtomicU64,
    latencies: Mutex<Vec<f64>>,
}

impl Meter {
    pub fn new(job: &Job) -> Arc<Meter> {
        Arc::new(Meter { is_stamped: job.is_stamped, ..Meter::default() })
    }

    /// Ticks, and the volume of the first, which is the time of its sending where frames are stamped.
    pub fn frame(&self, ticks: usize, stamp: u32) {
        self.ticks.fetch_add(ticks as u64, Relaxed);
        if self.is_stamped && self.is_measuring.load(Relaxed) {
            let ms = shared_micros().wrapping_sub(stamp) as f64 / 1000.0;
            self.latencies.lock().unwrap().push(ms);
        }
    }

    /// Ticks that the client says it has lost.
    pub fn dropped(&self, ticks: u64) {
        self.dropped.fetch_add(ticks, Relaxed);
    }

    /// Waits until nothing comes any more, and prints the sample as JSON.
    pub fn finish(&self, warm_up: Duration) {
        while self.ticks.load(Relaxed) == 0 {
            sleep(Duration::from_millis(20));
        }
        sleep(warm_up);
        let warm_ticks = self.ticks.load(Relaxed);
        let warm = usage();
        self.is_measuring.store(true, Relaxed);
        let (mut before, mut since, mut used) = (0, Instant::now(), warm);
        while since.elapsed() < QUIET {
            let now = self.ticks.load(Relaxed);
            if now != before {
                (before, since, used) = (now, Instant::now(), usage());
            }
            sleep(Duration::from_millis(50));
        }
        let ticks = self.ticks.load(Relaxed);
        let mut latencies = self.latencies.lock().unwrap();
        latencies.sort_by(f64::total_cmp);
        let at = |share: f64| match latencies.len() {
            0 => "null".to_string(),
            length => latencies[((length as f64 * share) as usize).min(length - 1)].to_string(),
        };
        println!(
            r#"{{"ticks":{ticks},"dropped":{},"cpuMicros":{},"latency":{{"p50":{},"p99":{},"p999":{}}},"memoryMb":{}}}"#,
            self.dropped.load(Relaxed),
            (used.micros - warm.micros) as f64 / (ticks - warm_ticks).max(1) as f64,
            at(0.5),
            at(0.99),
            at(0.999),
            used.memory_kb as f64 / 1024.0,
        );
    }
}

#[derive(Clone, Copy)]
struct Usage {
    micros: i64,
    memory_kb: i64,
}

/// CPU time of all threads, and the most memory so far.
fn usage() -> Usage {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: getrusage fills what it is given.
    let usage = unsafe {
        assert_eq!(libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()), 0);
        usage.assume_init()
    };
    let micros = |time: libc::timeval| time.tv_sec * 1_000_000 + time.tv_usec;
    Usage { micros: micros(usage.ru_utime) + micros(usage.ru_stime), memory_kb: usage.ru_maxrss }
}

/// The clock that all processes of the machine share, as 32 bits of microseconds.
fn shared_micros() -> u32 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: clock_gettime fills what it is given.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
    (now.tv_sec * 1_000_000 + now.tv_nsec / 1000) as u32
}

/// The subscriptions that the conformance suite asks for, as `408065:full,256265:quote`: tokens by mode.
pub fn subscriptions() -> Vec<(String, Vec<u32>)> {
    let mut by_mode: Vec<(String, Vec<u32>)> = Vec::new();
    for one in environment("KITE_SUBSCRIPTIONS").split(',') {
        let (token, mode) = one.split_once(':').expect("a token and a mode");
        let token = token.parse().expect("a token");
        match by_mode.iter_mut().find(|(known, _)| known == mode) {
            Some((_, tokens)) => tokens.push(token),
            None => by_mode.push((mode.to_string(), vec![token])),
        }
    }
    by_mode
}

/// A variable that the conformance suite sets.
pub fn environment(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: the suite sets it"))
}

/// Reads frames from stdin, each after its length (u32, big-endian), and prints a line for each.
pub fn line_by_frame(line: impl Fn(&[u8]) -> String) {
    let mut input = io::BufReader::with_capacity(1 << 16, io::stdin().lock());
    let mut output = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut length = [0; 4];
    let mut frame = Vec::new();
    while input.read_exact(&mut length).is_ok() {
        frame.resize(u32::from_be_bytes(length) as usize, 0);
        input.read_exact(&mut frame).expect("a whole frame");
        writeln!(output, "{}", line(&frame)).expect("a reader");
    }
}
