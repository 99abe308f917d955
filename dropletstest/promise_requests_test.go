package dropletstest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestRequestDurations: the duration of a request is by the clock of the fake and not in real time.
func TestRequestDurations(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		clock := dropletstest.NewManualClock(clockStart)
		api := dropletstest.New(dropletstest.WithClock(clock))
		api.Respond(1, dropletstest.Match{}, dropletstest.Fault{Delay: time.Hour})
		go sendRequest(t, api, http.MethodGet, "/v2/account", "")
		synctest.Wait()
		sleep(time.Minute)
		clock.Advance(time.Hour)
		synctest.Wait()
		assert.Equal(t, time.Hour, api.Requests()[0].Duration)
	})
}
