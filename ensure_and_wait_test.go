package droplets_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestEnsureAndWait(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(visibility(8*time.Second), dropletstest.WithActionDuration(30*time.Second))
		c := api.Client()
		var wg sync.WaitGroup
		var creates atomic.Int32 // calls that report that they created it
		for range 4 {
			wg.Go(func() {
				d, created, err := c.Droplets.EnsureAndWait(t.Context(), createRequest())
				if !assert.NoError(t, err) {
					return
				}
				assert.True(t, droplets.HasPublicIPv4(d) && droplets.IsActive(d))
				if created {
					creates.Add(1)
				}
			})
		}
		wg.Go(func() { // an earlier run of the program
			<-time.After(10 * time.Second)
			d, created, err := api.Client().Droplets.EnsureAndWait(t.Context(), createRequest())
			if !assert.NoError(t, err) {
				return
			}
			assert.False(t, created)
			assert.True(t, droplets.HasPublicIPv4(d) && droplets.IsActive(d))
		})
		wg.Wait()
		assert.Len(t, api.Droplets(), 1)
		assert.EqualValues(t, 1, creates.Load())

		before := len(api.Requests())
		_, _, err := c.Droplets.EnsureAndWait(t.Context(), createRequest())
		require.NoError(t, err)
		assert.Equal(t, 2, len(api.Requests())-before, "the list shows that it can be used")
	})
}

func TestEnsureAndWaitOfADropletThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithDroplets(1))
		turnOff(api)
		req := createRequest()
		req.Name = api.Droplets()[0].Name
		d, created, err := api.Client().Droplets.EnsureAndWait(t.Context(), req)
		require.Error(t, err)
		assert.False(t, created)
		require.Len(t, stepErrors(err), 1)
		assert.Equal(t, sampleID, d.ID)
		assert.Contains(t, err.Error(), "last seen off")
	})
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		req := createRequest()
		req.PublicNetworking = new(false)
		_, err := c.Droplets.CreateAndWait(t.Context(), req)
		require.NoError(t, err)
		<-time.After(11 * time.Minute)
		_, created, err := c.Droplets.EnsureAndWait(t.Context(), createRequest())
		require.NoError(t, err, "it has the addresses that it will have")
		assert.False(t, created)

		api.FailNextAction(droplets.ActionTypeCreate)
		req.Name = "web-2"
		d, created, err := c.Droplets.EnsureAndWait(t.Context(), req)
		require.ErrorIs(t, err, droplets.ErrActionFailed)
		assert.True(t, created)
		step := stepErrors(err)[d.ID]
		require.NotNil(t, step)
		assert.NotNil(t, step.Action)
	})
}

// TestADropletWithoutAnAddress: a Droplet of more than ten minutes can be used without one. A younger one gets its address later.
func TestADropletWithoutAnAddress(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		age    time.Duration
		status string
		waits  bool
	}{
		"a day old":                      {24 * time.Hour, "active", false},
		"ten minutes old":                {10 * time.Minute, "active", true},
		"a nanosecond more":              {10*time.Minute + time.Second, "active", false},
		"a minute old":                   {time.Minute, "active", true},
		"a day old, but not created yet": {24 * time.Hour, "new", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				born, start := time.Now().Add(-tt.age).UTC().Format(time.RFC3339), time.Now()
				droplet := func() string {
					networks, status := "", tt.status
					if time.Since(start) >= 30*time.Second {
						networks, status = `{"ip_address":"203.0.113.1","type":"public"}`, "active"
					}
					return fmt.Sprintf(`{"id":1,"name":"web-1","status":%q,"created_at":%q,"networks":{"v4":[%s]}}`, status, born, networks)
				}
				_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
					switch {
					case strings.HasSuffix(r.URL.Path, "/droplets/1"):
						return respond(200, `{"droplet":`+droplet()+`}`)()
					case r.URL.Query().Get("type") != "":
						return respond(200, listBody(nil, 0, 1, 1))()
					}
					return respond(200, `{"droplets":[`+droplet()+`],"meta":{"total":1}}`)()
				})
				_, created, err := c.Droplets.EnsureAndWait(t.Context(), createRequest())
				require.NoError(t, err)
				assert.False(t, created)
				assert.Equal(t, tt.waits, time.Since(start) >= 30*time.Second, "it took %s", time.Since(start))
			})
		})
	}
}
