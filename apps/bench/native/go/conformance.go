package main

import (
	"encoding/json"
	"net/url"
	"os"
	"strconv"
	"strings"

	kiteconnect "github.com/zerodha/gokiteconnect/v4"
	"github.com/zerodha/gokiteconnect/v4/models"
	kiteticker "github.com/zerodha/gokiteconnect/v4/ticker"
)

type fields map[string]any

var out = json.NewEncoder(os.Stdout)

// The adapter for `npx @kite/simulator conformance`.
func conform() {
	root, err := url.Parse(os.Getenv("KITE_URL"))
	if err != nil {
		panic(err)
	}
	byMode := map[kiteticker.Mode][]uint32{}
	for _, one := range strings.Split(os.Getenv("KITE_SUBSCRIPTIONS"), ",") {
		token, mode, _ := strings.Cut(one, ":")
		number, err := strconv.ParseUint(token, 10, 32)
		if err != nil {
			panic(err)
		}
		byMode[kiteticker.Mode(mode)] = append(byMode[kiteticker.Mode(mode)], uint32(number))
	}
	ticker := kiteticker.New(os.Getenv("KITE_API_KEY"), os.Getenv("KITE_ACCESS_TOKEN"))
	ticker.SetRootURL(*root)
	ticker.OnConnect(func() {
		for mode, tokens := range byMode {
			ticker.Subscribe(tokens)
			ticker.SetMode(mode, tokens)
		}
	})
	ticker.OnTick(func(tick models.Tick) { out.Encode(named(tick)) })
	ticker.OnOrderUpdate(func(order kiteconnect.Order) { out.Encode(fields{"type": "order", "order": order}) })
	ticker.OnError(func(err error) { out.Encode(fields{"type": "error", "message": err.Error()}) })
	ticker.Serve()
}

// A tick under Kite's names. The change in percent is not among what the client has.
func named(tick models.Tick) fields {
	return fields{
		"mode":                 tick.Mode,
		"instrument_token":     tick.InstrumentToken,
		"last_price":           tick.LastPrice,
		"last_traded_quantity": tick.LastTradedQuantity,
		"average_traded_price": tick.AverageTradePrice,
		"volume_traded":        tick.VolumeTraded,
		"total_buy_quantity":   tick.TotalBuyQuantity,
		"total_sell_quantity":  tick.TotalSellQuantity,
		"ohlc":                 tick.OHLC,
		"depth":                tick.Depth,
		"oi":                   tick.OI,
		"oi_day_high":          tick.OIDayHigh,
		"oi_day_low":           tick.OIDayLow,
		"last_trade_time":      seconds(tick.LastTradeTime),
		"exchange_timestamp":   seconds(tick.Timestamp),
	}
}

// The client has no other word for an absent time than the year 1.
func seconds(time models.Time) int64 {
	if time.IsZero() {
		return 0
	}
	return time.Unix()
}
