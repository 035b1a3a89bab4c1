package main

import (
	"encoding/json"
	"net/url"
	"os"
	"sort"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/zerodha/gokiteconnect/v4/models"
	kiteticker "github.com/zerodha/gokiteconnect/v4/ticker"
)

const quiet = 2 * time.Second

// The clock that all processes of the machine share, as 32 bits of microseconds.
func sharedMicros() uint32 {
	var now syscall.Timespec
	const monotonic = 1
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, monotonic, uintptr(unsafe.Pointer(&now)), 0)
	return uint32(now.Sec*1_000_000 + now.Nsec/1000)
}

func usage() (micros int64, maxRssKb int64) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	micros = used.Utime.Sec*1_000_000 + used.Utime.Usec + used.Stime.Sec*1_000_000 + used.Stime.Usec
	return micros, used.Maxrss
}

// Receives from a server until nothing comes any more, and prints what it measured as JSON.
//
// Arguments: the URL, whether frames are stamped (true or false), ticks a frame, and the warm-up in milliseconds.
func receive(arguments []string) {
	root, err := url.Parse(arguments[0])
	if err != nil {
		panic(err)
	}
	isStamped := arguments[1] == "true"
	ticksPerFrame, _ := strconv.ParseUint(arguments[2], 10, 64)
	warmUpMs, _ := strconv.Atoi(arguments[3])

	var ticks atomic.Uint64
	var isMeasuring atomic.Bool
	// Written by the client's one goroutine, and read when nothing comes any more.
	latencies := make([]float64, 0, 1<<20)
	ticker := kiteticker.New("key", "token")
	ticker.SetRootURL(*root)
	ticker.OnTick(func(tick models.Tick) {
		// The first of a frame has the stamp in place of its volume.
		if (ticks.Add(1)-1)%ticksPerFrame == 0 && isStamped && isMeasuring.Load() {
			latencies = append(latencies, float64(sharedMicros()-tick.VolumeTraded)/1000)
		}
	})
	go ticker.Serve()
	for ticks.Load() == 0 {
		time.Sleep(20 * time.Millisecond)
	}
	time.Sleep(time.Duration(warmUpMs) * time.Millisecond)
	warmTicks := ticks.Load()
	warm, _ := usage()
	isMeasuring.Store(true)
	used, rss := usage()
	for before, since := uint64(0), time.Now(); time.Since(since) < quiet; time.Sleep(50 * time.Millisecond) {
		if now := ticks.Load(); now != before {
			before, since = now, time.Now()
			used, rss = usage()
		}
	}
	sort.Float64s(latencies)
	at := func(share float64) *float64 {
		if len(latencies) == 0 {
			return nil
		}
		return &latencies[min(len(latencies)-1, int(float64(len(latencies))*share))]
	}
	sample := map[string]any{
		"ticks":     ticks.Load(),
		"dropped":   0,
		"cpuMicros": float64(used-warm) / float64(ticks.Load()-warmTicks),
		"latency":   map[string]any{"p50": at(0.5), "p99": at(0.99), "p999": at(0.999)},
		"memoryMb":  float64(rss) / 1024,
	}
	if err := json.NewEncoder(os.Stdout).Encode(sample); err != nil {
		panic(err)
	}
}
