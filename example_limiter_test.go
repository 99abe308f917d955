package droplets_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// pace allows one request per tick. A *rate.Limiter of golang.org/x/time/rate implements the interface too and allows
// bursts.
type pace struct{ tick *time.Ticker }

func (p pace) Wait(ctx context.Context) error {
	select {
	case <-p.tick.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Two clients of one account share a limiter. The limiter delays every attempt, including retries.
func ExampleWithRateLimiter() {
	ctx := context.Background()
	began := time.Now()
	limit := pace{tick: time.NewTicker(2 * time.Millisecond)} // it never stops, because it is for the whole program
	api := dropletstest.New()
	first := api.Client(droplets.WithRateLimiter(limit))
	second := api.Client(droplets.WithRateLimiter(limit))

	for range 5 {
		for _, client := range []*droplets.Client{first, second} {
			if _, err := client.Droplets.List(ctx, nil); err != nil {
				log.Fatal(err)
			}
		}
	}
	fmt.Println("ten requests in no less than 20 ms:", time.Since(began) >= 20*time.Millisecond)
	// Output: ten requests in no less than 20 ms: true
}
