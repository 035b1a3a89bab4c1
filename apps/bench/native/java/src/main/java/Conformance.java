import com.google.gson.Gson;
import com.zerodhatech.kiteconnect.kitehttp.exceptions.KiteException;
import com.zerodhatech.models.Depth;
import com.zerodhatech.models.Tick;
import com.zerodhatech.ticker.KiteTicker;
import com.zerodhatech.ticker.OnError;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The adapter for `npx @kite/simulator conformance`, set up as the client's own sample is. */
final class Conformance {
  private static final Gson GSON = new Gson();

  static void main() throws KiteException {
    Map<String, ArrayList<Long>> byMode = new HashMap<>();
    for (String one : System.getenv("KITE_SUBSCRIPTIONS").split(",")) {
      String[] parts = one.split(":");
      byMode.computeIfAbsent(parts[1], mode -> new ArrayList<>()).add(Long.valueOf(parts[0]));
    }
    KiteTicker ticker = new KiteTicker(System.getenv("KITE_ACCESS_TOKEN"), System.getenv("KITE_API_KEY"));
    ticker.setOnConnectedListener(
        () ->
            byMode.forEach(
                (mode, tokens) -> {
                  ticker.subscribe(tokens);
                  ticker.setMode(tokens, mode);
                }));
    ticker.setOnTickerArrivalListener(ticks -> print(ticks.stream().map(Conformance::named).toList()));
    ticker.setOnOrderUpdateListener(order -> print(Map.of("type", "order", "order", order)));
    ticker.setOnErrorListener(new Errors());
    ticker.setTryReconnection(true);
    ticker.setMaximumRetries(10);
    ticker.setMaximumRetryInterval(30);
    ticker.connect();
  }

  private static void print(Object line) {
    System.out.println(GSON.toJson(line));
  }

  /** A tick under Kite's names. */
  private static Map<String, Object> named(Tick tick) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("mode", tick.getMode());
    all.put("instrument_token", tick.getInstrumentToken());
    all.put("last_price", tick.getLastTradedPrice());
    all.put("last_traded_quantity", tick.getLastTradedQuantity());
    all.put("average_traded_price", tick.getAverageTradePrice());
    all.put("volume_traded", tick.getVolumeTradedToday());
    all.put("total_buy_quantity", tick.getTotalBuyQuantity());
    all.put("total_sell_quantity", tick.getTotalSellQuantity());
    all.put(
        "ohlc",
        Map.of(
            "open", tick.getOpenPrice(),
            "high", tick.getHighPrice(),
            "low", tick.getLowPrice(),
            "close", tick.getClosePrice()));
    all.put("change", tick.getChange());
    all.put("oi", tick.getOi());
    all.put("oi_day_high", tick.getOpenInterestDayHigh());
    all.put("oi_day_low", tick.getOpenInterestDayLow());
    all.put("last_trade_time", millis(tick.getLastTradedTime()));
    all.put("exchange_timestamp", millis(tick.getTickTimestamp()));
    Map<String, ArrayList<Depth>> depth = tick.getMarketDepth();
    if (depth != null) all.put("depth", Map.of("buy", levels(depth.get("buy")), "sell", levels(depth.get("sell"))));
    return all;
  }

  private static List<Map<String, Object>> levels(List<Depth> side) {
    return side.stream()
        .map(
            level ->
                Map.<String, Object>of(
                    "quantity", level.getQuantity(), "price", level.getPrice(), "orders", level.getOrders()))
        .toList();
  }

  private static Long millis(Date date) {
    return date == null ? null : date.getTime();
  }

  private static final class Errors implements OnError {
    @Override
    public void onError(Exception exception) {
      onError(String.valueOf(exception.getMessage()));
    }

    @Override
    public void onError(KiteException exception) {
      onError(exception.message);
    }

    @Override
    public void onError(String message) {
      print(Map.of("type", "error", "message", String.valueOf(message)));
    }
  }
}
