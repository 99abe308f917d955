package droplets_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// The user data of a template is in requests and in responses. No printed value and no error contains it.
func TestUserDataOfPoolsIsHidden(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		req := poolRequest()
		req.DropletTemplate.UserData = secretUserData
		pool := droplets.AutoscalePool{ID: poolID, Name: "web", DropletTemplate: req.DropletTemplate}
		body, err := json.Marshal(map[string]any{"autoscale_pool": pool})
		require.NoError(t, err)
		require.Contains(t, string(body), "the password", "encoding/json encodes the whole pool")
		quoted, err := json.Marshal(secretUserData)
		require.NoError(t, err)
		list := strings.Replace(string(body), `"autoscale_pool":`, `"autoscale_pools":[`, 1)

		for name, value := range map[string]any{"request": req, "request pointer": &req, "template": req.DropletTemplate,
			"template pointer": &req.DropletTemplate, "pool": pool, "pool pointer": &pool,
			"page":   droplets.Page[droplets.AutoscalePool]{Items: []droplets.AutoscalePool{pool}},
			"nested": struct{ Pool *droplets.AutoscalePool }{&pool}} {
			requireNoSecret(t, name, value, false)
			assert.Contains(t, fmt.Sprint(value), "nyc3", name)
		}
		for name, value := range map[string]any{"request": req, "template": &req.DropletTemplate, "pool": pool} {
			var js bytes.Buffer
			slog.New(slog.NewJSONHandler(&js, nil)).Info("m", "value", value)
			assert.NotContains(t, js.String(), "the password", name)
			assert.Contains(t, js.String(), "REDACTED (", name)
		}

		for name, handle := range map[string]func() (*http.Response, error){
			"truncated": respond(200, string(body[:len(body)-1])), "truncated list": respond(200, list),
			"wrong type": respond(200, strings.Replace(string(body), `"status":""`, `"status":7`, 1)),
			"no ID":      respond(200, strings.Replace(string(body), poolID, "", 1)),
			"rejected":   respond(422, string(body)), "failed": respond(502, string(body)), "broken": failWith(errReset),
			"an error of the API": respond(422, `{"id":"x","message":`+string(quoted)+`}`),
		} {
			var log bytes.Buffer
			_, c := newAPI(t, sequence(handle), droplets.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			errs := map[string]error{
				"create": second(c.AutoscalePools.Create(t.Context(), req)), "update": second(c.AutoscalePools.Update(t.Context(), poolID, req)),
			}
			if strings.HasPrefix(name, "truncated") || name == "wrong type" || name == "no ID" { // the client knows the secret from the response alone
				errs["get"] = second(c.AutoscalePools.Get(t.Context(), poolID))
				errs["list"] = second(c.AutoscalePools.List(t.Context(), nil))
			}
			for method, err := range errs {
				require.Error(t, err, "%s: %s", name, method)
				requireNoSecret(t, name+" "+method, err, true)
				if e := new(droplets.Error); errors.As(err, &e) {
					assert.NotContains(t, string(e.Body), "the password", "%s: %s", name, method)
				}
			}
			assert.NotContains(t, log.String(), "the password", name)
		}
	})
}
