import com.sun.management.OperatingSystemMXBean;
import com.zerodhatech.ticker.KiteTicker;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/** Receives from a server until nothing comes any more, and prints what it measured as JSON. */
final class Peer {
  private static final long QUIET_NS = 2_000_000_000L;

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /** Arguments after the first: the URL, whether frames are stamped, ticks a frame, the warm-up in milliseconds. */
  static void main(String[] arguments) throws Exception {
    boolean isStamped = arguments[2].equals("true");
    int warmUpMs = Integer.parseInt(arguments[4]);
    AtomicLong ticks = new AtomicLong();
    Latencies latencies = new Latencies();
    KiteTicker ticker = new KiteTicker("token", "key");
    ticker.setOnTickerArrivalListener(
        arrived -> {
          // A heartbeat comes as an empty list.
          if (arrived.isEmpty()) return;
          if (isStamped) latencies.add((int) arrived.get(0).getVolumeTradedToday());
          ticks.addAndGet(arrived.size());
        });
    ticker.connect();
    while (ticks.get() == 0) Thread.sleep(20);
    Thread.sleep(warmUpMs);
    long warmTicks = ticks.get();
    long warm = SYSTEM.getProcessCpuTime();
    latencies.isMeasuring = true;
    long before = 0;
    long used = warm;
    for (long since = System.nanoTime(); System.nanoTime() - since < QUIET_NS; Thread.sleep(50)) {
      long now = ticks.get();
      if (now == before) continue;
      before = now;
      since = System.nanoTime();
      used = SYSTEM.getProcessCpuTime();
    }
    double cpuMicros = (used - warm) / 1000.0 / Math.max(1, ticks.get() - warmTicks);
    System.out.printf(
        "{\"ticks\":%d,\"dropped\":0,\"cpuMicros\":%s,\"latency\":%s,\"memoryMb\":%s}%n",
        ticks.get(), cpuMicros, latencies, memoryKb() / 1024.0);
    System.exit(0);
  }

  /** The most memory that the process had, as Linux tells it. */
  private static long memoryKb() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) return Long.parseLong(line.replaceAll("\\D", ""));
    }
    return 0;
  }

  /** Written by the client's one thread, and read when nothing comes any more. */
  private static final class Latencies {
    volatile boolean isMeasuring;
    private double[] values = new double[1 << 16];
    private int count;

    void add(int stamp) {
      if (!isMeasuring) return;
      if (count == values.length) values = Arrays.copyOf(values, 2 * count);
      // The clock that all processes of the machine share, as 32 bits of microseconds.
      int now = (int) (System.nanoTime() / 1000);
      values[count++] = Integer.toUnsignedLong(now - stamp) / 1000.0;
    }

    @Override
    public String toString() {
      double[] sorted = Arrays.copyOf(values, count);
      Arrays.sort(sorted);
      return String.format(
          "{\"p50\":%s,\"p99\":%s,\"p999\":%s}", at(sorted, 0.5), at(sorted, 0.99), at(sorted, 0.999));
    }

    private static String at(double[] sorted, double share) {
      if (sorted.length == 0) return "null";
      return String.valueOf(sorted[Math.min(sorted.length - 1, (int) (sorted.length * share))]);
    }
  }
}
