package dropletstest_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

func TestErrorResponses(t *testing.T) {
	api := dropletstest.New(dropletstest.WithToken("secret"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example/v2/droplets", http.NoBody)
	require.NoError(t, err)
	resp := roundTrip(t, api, req)
	assert.Equal(t, 401, resp.StatusCode)
	assert.JSONEq(t, `{"id":"unauthorized","message":"Unable to authenticate you","request_id":"`+resp.Header.Get("X-Request-Id")+`"}`, resp.body)
	assert.Equal(t, "application/json; charset=utf-8", resp.Header.Get("Content-Type"))
	assert.NotEmpty(t, resp.Header.Get("Ratelimit-Reset"))

	req.Header.Set("Authorization", "Bearer secret")
	assert.Equal(t, 200, roundTrip(t, api, req).StatusCode)
	api = dropletstest.New()
	for _, path := range []string{"/v2/droplets/1", "/v2/droplets/x", "/v2/droplets/1/actions", "/v2/droplets/99999999999999999999", "/v2/actions/1"} {
		resp := sendRequest(t, api, http.MethodGet, path, "")
		assert.Equal(t, 404, resp.StatusCode, path)
		assert.Contains(t, resp.body, "The resource you were accessing could not be found.")
	}
	requireRejections(t, api, []rejection{
		{"method", http.MethodPatch, "/v2/droplets", "", 405, "The method is not allowed"},
		{"delete without a tag", http.MethodDelete, "/v2/droplets", "", 422, "tag_name is required"},
	})
	_, err = dropletstest.New().Client().Droplets.Get(t.Context(), 1)
	require.ErrorIs(t, err, droplets.ErrNotFound)
}

func TestTokens(t *testing.T) {
	status := func(api *dropletstest.API, authorization string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example/v2/droplets", http.NoBody)
		require.NoError(t, err)
		if authorization != "" {
			req.Header.Set("Authorization", authorization)
		}
		return roundTrip(t, api, req).StatusCode
	}
	open, closed := dropletstest.New(), dropletstest.New(dropletstest.WithToken("secret"))
	for authorization, want := range map[string][2]int{"": {401, 401}, "Bearer": {401, 401},
		"Bearer ": {401, 401}, "Basic c2VjcmV0": {401, 401}, "secret": {401, 401},
		"Bearer secret": {200, 200}, "bearer secret": {200, 200}, "Bearer dop_v1_other": {200, 401}, "Bearer secret2": {200, 401}} {
		assert.Equal(t, want, [2]int{status(open, authorization), status(closed, authorization)}, "%q", authorization)
	}
	for _, api := range []*dropletstest.API{open, closed, dropletstest.New(dropletstest.WithToken(""))} {
		_, err := api.Client().Droplets.List(t.Context(), nil)
		require.NoError(t, err)
	}
}

// TestUnknownPathsAre501 checks the response for paths that the fake does not implement. A 404 would look like a resource that does not
// exist.
func TestUnknownPathsAre501(t *testing.T) {
	api := dropletstest.New()
	for _, path := range []string{"/", "/v2", "/v2/load_balancers", "/v2/tags/web/other", "/v3/droplets", "/v2/droplets/1/%3Cunknown%3E"} {
		resp := sendRequest(t, api, http.MethodPost, path, "")
		assert.Equal(t, http.StatusNotImplemented, resp.StatusCode, path)
		var body struct {
			ID, Message string
			RequestID   string `json:"request_id"`
		}
		resp.decode(t, &body)
		assert.Equal(t, "not_implemented", body.ID)
		assert.Contains(t, body.Message, "POST "+path)
		assert.Equal(t, resp.Header.Get("X-Request-Id"), body.RequestID)
	}
	req, err := api.Client().NewRequest(t.Context(), http.MethodGet, "v2/load_balancers", nil)
	require.NoError(t, err)
	_, err = api.Client().Do(req, nil)
	var apiErr *droplets.Error
	require.ErrorAs(t, err, &apiErr)
	require.NotErrorIs(t, err, droplets.ErrNotFound)
	assert.Contains(t, apiErr.Message, "GET /v2/load_balancers")
}

// TestLenientRequests sends requests in forms that programs use although the OpenAPI document does not describe them.
func TestLenientRequests(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(0))
		resp := sendRequest(t, api, http.MethodPost, "//v2/droplets/", `{"name":"a","names":null,"region":null,"size":"s-1vcpu-1gb",
			"image":"155133621","ssh_keys":null,"backups":true,"backup_policy":{"plan":"daily","weekday":"","hour":0},"ipv6":null,
			"tags":null,"user_data":null,"vpc_uuid":null,"volumes":null,"private_networking":null,"with_droplet_agent":null,
			"public_networking":null,"unknown":[1]}`)
		require.Equal(t, http.StatusAccepted, resp.StatusCode, resp.body)
		d := api.Droplets()[0]
		assert.Equal(t, "ubuntu-24-04-x64", d.Image.Slug)
		assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, "/v2/droplets/", `{"a":1}`).StatusCode)
		assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, "/v2//droplets?page=&per_page=", "").StatusCode)
		c := api.Client()
		_, err := c.DropletActions.Initiate(t.Context(), d.ID, droplets.CustomActionRequest{Type: "rebuild", Attributes: map[string]any{
			"image": "112929454", "size": nil, "disk": nil, "backup_policy": nil}})
		require.NoError(t, err)
		assert.Equal(t, int64(112929454), getDroplet(t, c, d.ID).Image.ID)
	})
}

func TestInvalidBodies(t *testing.T) {
	api := dropletstest.New()
	assert.Equal(t, http.StatusRequestEntityTooLarge, sendRequest(t, api, http.MethodPost, "/v2/tags", strings.Repeat(" ", 3<<20)).StatusCode)
	resp := sendRequest(t, api, http.MethodPost, "/v2/tags", `"web"`)
	assert.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode)
	assert.Contains(t, resp.body, "must be a JSON object")
}

// TestBodiesThatCannotBeRead checks that a request whose body ends with an error gets no response, as with net/http, and changes nothing.
func TestBodiesThatCannotBeRead(t *testing.T) {
	api := dropletstest.New()
	broken := errors.New("the disk is gone")
	newRequest := func(url string) *http.Request {
		body := io.MultiReader(strings.NewReader(`{"name":"a"}`), iotest.ErrReader(broken))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v2/tags", body)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer any")
		return req
	}
	srv := httptest.NewServer(api)
	defer srv.Close()
	for name, tr := range map[string]http.RoundTripper{"in process": api.Transport(), "socket": http.DefaultTransport} {
		resp, err := tr.RoundTrip(newRequest(srv.URL))
		if err == nil {
			assert.NoError(t, resp.Body.Close())
		}
		require.ErrorIs(t, err, broken, name)
	}
	assert.PanicsWithError(t, http.ErrAbortHandler.Error(), func() { api.ServeHTTP(httptest.NewRecorder(), newRequest(srv.URL)) },
		"the server closes the connection")
	assert.Empty(t, api.Requests())
	assert.Equal(t, 404, sendRequest(t, api, http.MethodGet, "/v2/tags/a", "").StatusCode)
}

// TestOverSocket checks that links have the address of the server, and that a client can follow them.
func TestOverSocket(t *testing.T) {
	api := dropletstest.New(dropletstest.WithDroplets(45))
	srv := httptest.NewServer(api)
	defer srv.Close()
	c, err := droplets.NewClient(dropletstest.Token, droplets.WithBaseURL(srv.URL))
	require.NoError(t, err)
	assert.Len(t, collect(t, c.Droplets.All(t.Context(), &droplets.DropletListOptions{ListOptions: droplets.ListOptions{PerPage: 10}})), 45)
	created, err := c.Droplets.Create(t.Context(), createRequest("a"))
	require.NoError(t, err)
	assert.Contains(t, created.Actions[0].HREF, srv.URL+"/v2/actions/")
	require.NoError(t, c.Droplets.Delete(t.Context(), created.Droplet.ID))
}

func TestConcurrentUse(t *testing.T) {
	api := dropletstest.New(dropletstest.WithActionDuration(0), dropletstest.WithDroplets(50))
	c := api.Client()
	done := make(chan error)
	for i := range 16 {
		go func() {
			created, err := c.Droplets.Create(t.Context(), createRequest(fmt.Sprintf("d%d", i)))
			if err == nil {
				_, err = c.Droplets.List(t.Context(), nil)
				api.Droplets()
				api.Requests()
			}
			if err == nil {
				err = c.Droplets.Delete(t.Context(), created.Droplet.ID)
			}
			done <- err
		}()
	}
	for range 16 {
		require.NoError(t, <-done)
	}
	assert.Len(t, api.Droplets(), 50)
	assert.Len(t, api.Ledger(), 32)
}

func TestClientPanicsOnInvalidOptions(t *testing.T) {
	assertPanics(t, "dropletstest: ", "HTTPClient must not be nil", func() { dropletstest.New().Client(droplets.WithHTTPClient(nil)) })
}
