package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestEnsureSSHKeyUnderEveryFault applies every fault to the n-th request of Ensure, once and to all later requests too, with several
// lags, for a key that exists, that does not exist, and that another program adds between the lookup and the create.
func TestEnsureSSHKeyUnderEveryFault(t *testing.T) {
	t.Parallel()
	cells := 0
	virtualtime.Test(t, func(t *testing.T) {
		for _, exists := range []string{"", "desktop", raceName} {
			for _, lag := range []time.Duration{0, 8 * time.Second, 45 * time.Second} {
				clean := ensureKeyCell{exists: exists, lag: lag}
				clean.run(t)
				require.Positive(t, clean.requests)
				for name, f := range requestFaults() {
					for n := int32(1); n <= clean.requests; n++ {
						for _, forever := range []bool{false, true} {
							if forever && name == shortDelay {
								continue // the call waits as long as its context allows
							}
							cells++
							cell := ensureKeyCell{exists: exists, lag: lag, name: name, fault: f, n: n, forever: forever}
							cell.run(t)
						}
					}
				}
			}
		}
	})
	t.Logf("%d cells", cells)
}

// raceName is the name of a key that another program adds just before the create arrives.
const raceName = "race"

type ensureKeyCell struct {
	exists   string // the name of the key before the call
	lag      time.Duration
	name     string
	fault    requestFault
	n        int32
	forever  bool
	requests int32
}

func (c *ensureKeyCell) run(t *testing.T) {
	t.Helper()
	lagging := &laggingKeys{api: dropletstest.New(), lag: c.lag}
	api := lagging.api
	api.AddSSHKey("other", ecdsaKey)
	var add sync.Once
	if c.exists == "desktop" {
		add.Do(func() { api.AddSSHKey(c.exists, sampleKey+" me@desktop") })
	}
	race := roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPost && c.exists == raceName {
			add.Do(func() { api.AddSSHKey(c.exists, sampleKey) })
		}
		return lagging.RoundTrip(r)
	})
	transport := &faultyTransport{api: race, fault: c.fault, n: c.n, forever: c.forever}
	client := api.Client(droplets.WithHTTPClient(&http.Client{Transport: transport}))
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	transport.cancel = cancel
	key, created, err := client.SSHKeys.Ensure(ctx, keyRequest())
	c.requests = transport.count.Load()
	transport.fault = nil
	c.check(t, api, key, created, err)
	if err == nil {
		return
	}
	key, created, err = client.SSHKeys.Ensure(t.Context(), keyRequest())
	if err != nil {
		c.fail(t, "the next call fails: %v", err)
	}
	c.check(t, api, key, created, err)
}

func (c *ensureKeyCell) fail(t *testing.T, format string, args ...any) {
	t.Helper()
	t.Errorf("%s at request %d, later requests %t, lag %s, key %q: %s", c.name, c.n, c.forever, c.lag, c.exists, fmt.Sprintf(format, args...))
}

func (c *ensureKeyCell) check(t *testing.T, api *dropletstest.API, key *droplets.SSHKey, created bool, err error) {
	t.Helper()
	var ours []droplets.SSHKey
	for _, k := range keysOf(t, api) {
		if k.Fingerprint == sampleFingerprint {
			ours = append(ours, k)
		}
	}
	switch {
	case len(ours) > 1:
		c.fail(t, "the key exists %d times", len(ours))
	case (err == nil) != (key != nil):
		c.fail(t, "the key %v and the error %v", key, err)
	case err == nil && (len(ours) == 0 || *key != ours[0]):
		c.fail(t, "%v was returned and the account has %v", key, ours)
	case created && c.exists != "" && ours[0].Name == c.exists:
		c.fail(t, "it reports that it created the key of another program")
	case err != nil && created:
		c.fail(t, "created and the error %v", err)
	case err != nil && len(ours) == 1 && ours[0].Name == "laptop" && !errors.Is(err, droplets.ErrMaybeApplied):
		c.fail(t, "the key was added, and the error is %v", err)
	}
}
