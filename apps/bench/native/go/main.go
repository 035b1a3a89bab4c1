// The programs of the bench for the official Go client.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	_ "unsafe" // for go:linkname

	"github.com/zerodha/gokiteconnect/v4/models"
	kiteticker "github.com/zerodha/gokiteconnect/v4/ticker"
)

// The client's own decoder of a frame, which it does not export: a method that uses no field of its ticker.
//
//go:linkname parseBinary github.com/zerodha/gokiteconnect/v4/ticker.(*Ticker).parseBinary
func parseBinary(ticker *kiteticker.Ticker, frame []byte) ([]models.Tick, error)

func main() {
	switch program := os.Args[1]; program {
	case "timing":
		timeDecoder(os.Args[2])
	case "peer":
		receive(os.Args[2:])
	case "conformance":
		conform()
	case "decode":
		decode()
	default:
		panic("no program is called " + program)
	}
}

// Prints what the client makes of each frame of stdin as JSON. A frame comes after its length (u32, big-endian).
func decode() {
	input := bufio.NewReaderSize(os.Stdin, 1<<16)
	output := bufio.NewWriterSize(os.Stdout, 1<<16)
	defer output.Flush()
	encoder := json.NewEncoder(output)
	ticker := kiteticker.New("key", "token")
	var length [4]byte
	for {
		if _, err := io.ReadFull(input, length[:]); err != nil {
			return
		}
		frame := make([]byte, binary.BigEndian.Uint32(length[:]))
		if _, err := io.ReadFull(input, frame); err != nil {
			panic(err)
		}
		ticks, err := parseBinary(ticker, frame)
		if err != nil {
			panic(err)
		}
		all := make([]fields, len(ticks))
		for i, tick := range ticks {
			all[i] = named(tick)
			all[i]["tradable"] = tick.IsTradable
			all[i]["net_change"] = tick.NetChange
		}
		if err := encoder.Encode(all); err != nil {
			panic(err)
		}
	}
}
