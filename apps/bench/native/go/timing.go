package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"sort"
	"time"

	"github.com/zerodha/gokiteconnect/v4/models"
	kiteticker "github.com/zerodha/gokiteconnect/v4/ticker"
)

const (
	rounds   = 9
	sample   = 8 * time.Millisecond
	warmUp   = 50 * time.Millisecond
	byteUnit = 4
)

var escaped float64

// How long the decoder takes for the frames of a file, as JSON on stdout.
//
// The file: for each frame its length (u32, big-endian) and its bytes.
func timeDecoder(path string) {
	file, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	var frames [][]byte
	for len(file) >= byteUnit {
		length := int(binary.BigEndian.Uint32(file))
		frames = append(frames, file[byteUnit:byteUnit+length])
		file = file[byteUnit+length:]
	}
	ticks := 0
	for _, frame := range frames {
		ticks += int(binary.BigEndian.Uint16(frame))
	}
	fmt.Printf("{\"frame light\":%f,\"frame heavy\":%f}\n", nsPerTick(frames, ticks, light), nsPerTick(frames, ticks, heavy))
}

func pass(frames [][]byte, read func(*models.Tick) float64) {
	ticker := kiteticker.New("key", "token")
	for _, frame := range frames {
		ticks, err := parseBinary(ticker, frame)
		if err != nil {
			panic(err)
		}
		for i := range ticks {
			escaped += read(&ticks[i])
		}
	}
}

func nsPerTick(frames [][]byte, ticks int, read func(*models.Tick) float64) float64 {
	passes := 0
	start := time.Now()
	for time.Since(start) < warmUp {
		pass(frames, read)
		passes++
	}
	repeat := max(1, int(int64(sample)*int64(passes)/int64(time.Since(start))))
	measured := make([]float64, rounds)
	for round := range measured {
		start := time.Now()
		for range repeat {
			pass(frames, read)
		}
		measured[round] = float64(time.Since(start).Nanoseconds()) / float64(repeat*ticks)
	}
	sort.Float64s(measured)
	return measured[rounds/2]
}

func light(tick *models.Tick) float64 {
	return float64(tick.InstrumentToken) + tick.LastPrice
}

func heavy(tick *models.Tick) float64 {
	sum := light(tick) + tick.OHLC.Open + tick.OHLC.High + tick.OHLC.Low + tick.OHLC.Close + tick.NetChange
	sum += float64(tick.LastTradedQuantity) + tick.AverageTradePrice + float64(tick.VolumeTraded)
	sum += float64(tick.TotalBuyQuantity) + float64(tick.TotalSellQuantity)
	sum += float64(tick.Timestamp.Unix()) + float64(tick.LastTradeTime.Unix())
	sum += float64(tick.OI) + float64(tick.OIDayHigh) + float64(tick.OIDayLow)
	for i := range tick.Depth.Buy {
		sum += float64(tick.Depth.Buy[i].Quantity) + tick.Depth.Buy[i].Price + float64(tick.Depth.Buy[i].Orders)
		sum += float64(tick.Depth.Sell[i].Quantity) + tick.Depth.Sell[i].Price + float64(tick.Depth.Sell[i].Orders)
	}
	return sum
}
