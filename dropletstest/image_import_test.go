package dropletstest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

const customImage = `{"name":"mine","url":"https://images.example/mine.img.gz","region":"nyc3","distribution":"Ubuntu","description":"d","tags":["base","base"]}`

// readImage returns the image in the response to GET /v2/images/{id}.
func readImage(t *testing.T, api *dropletstest.API, id int64) droplets.Image {
	t.Helper()
	resp := sendRequest(t, api, http.MethodGet, fmt.Sprintf("/v2/images/%d", id), "")
	require.Equal(t, http.StatusOK, resp.StatusCode, resp.body)
	var root struct{ Image droplets.Image }
	resp.decode(t, &root)
	return root.Image
}

// importImage starts the import of customImage and returns the image.
func importImage(t *testing.T, api *dropletstest.API) droplets.Image {
	t.Helper()
	resp := sendRequest(t, api, http.MethodPost, "/v2/images", customImage)
	require.Equal(t, http.StatusAccepted, resp.StatusCode, resp.body)
	var root struct{ Image droplets.Image }
	resp.decode(t, &root)
	return root.Image
}

func TestCustomImage(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithActionDuration(10*time.Minute, dropletstest.ActionTypeImport))
		c := api.Client()
		image := importImage(t, api)
		assert.Equal(t, droplets.Image{ID: image.ID, Name: "mine", Type: droplets.ImageTypeCustom, Distribution: "Ubuntu", Regions: []string{},
			CreatedAt: time.Now().UTC(), Description: "d", Tags: []string{"base"}, Status: droplets.ImageStatusNew}, image)
		req := createRequest("a")
		req.Image = droplets.ImageID(image.ID)
		_, err := c.Droplets.Create(t.Context(), req)
		requireUnprocessable(t, err, "not available in region")

		sleep(5*time.Minute - 1)
		assert.Equal(t, droplets.ImageStatusNew, readImage(t, api, image.ID).Status)
		sleep(1)
		assert.Equal(t, droplets.ImageStatusPending, readImage(t, api, image.ID).Status)
		assert.Empty(t, readImage(t, api, image.ID).Regions)
		api = requireReloadable(t, api, dropletstest.WithActionDuration(time.Minute))
		sleep(5 * time.Minute)
		image = readImage(t, api, image.ID)
		assert.Equal(t, droplets.ImageStatusAvailable, image.Status)
		assert.Equal(t, []string{"nyc3"}, image.Regions)
		assert.Positive(t, image.MinDiskSize)
		assert.Positive(t, image.SizeGigabytes)
		assert.Equal(t, droplets.ImageTypeCustom, createActive(t, api.Client(), req).Image.Type)
	})
}

func TestCustomImageFails(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		api.FailNextAction()
		assert.Equal(t, droplets.ImageStatusNew, importImage(t, api).Status)
		sleep(time.Second)
		other := importImage(t, api)
		api.FailNextAction(dropletstest.ActionTypeImport)
		image := importImage(t, api)
		api = requireReloadable(t, api)
		sleep(time.Second)
		assert.Equal(t, droplets.ImageStatusAvailable, readImage(t, api, other.ID).Status, "an import is not an action")
		image = readImage(t, api, image.ID)
		assert.Equal(t, droplets.ImageStatusDeleted, image.Status)
		assert.NotEmpty(t, image.ErrorMessage)
		assert.Empty(t, image.Regions)
		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, fmt.Sprintf("/v2/images/%d", image.ID), "").StatusCode)
	})
}

func TestDeleteOfAnImageDuringItsImport(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		image := importImage(t, api)
		assert.Equal(t, 204, sendRequest(t, api, http.MethodDelete, fmt.Sprintf("/v2/images/%d", image.ID), "").StatusCode)
		sleep(time.Minute)
		assert.Equal(t, 404, sendRequest(t, api, http.MethodGet, fmt.Sprintf("/v2/images/%d", image.ID), "").StatusCode)
		requireReloadable(t, api)
	})
}

func TestInvalidCustomImages(t *testing.T) {
	api := dropletstest.New()
	for body, message := range map[string]string{
		`{"url":"https://a.example/i","region":"nyc3"}`:                             "Name",
		`{"name":"a","region":"nyc3"}`:                                              "URL can't be blank",
		`{"name":"a","url":"/i.img","region":"nyc3"}`:                               "URL is invalid",
		`{"name":"a","url":"https:///i.img","region":"nyc3"}`:                       "URL is invalid",
		`{"name":"a","url":"https://a.example:x/i","region":"nyc3"}`:                "URL is invalid",
		`{"name":"a","url":"file:///i.img","region":"nyc3"}`:                        "URL is invalid",
		`{"name":"a","url":"https://a.example/i"}`:                                  "Region",
		`{"name":"a","url":"https://a.example/i","region":"mars1"}`:                 "mars1",
		`{"name":"a","url":"https://a.example/i","region":"nyc3","tags":["no no"]}`: "no no",
	} {
		resp := sendRequest(t, api, http.MethodPost, "/v2/images", body)
		assert.Equal(t, http.StatusUnprocessableEntity, resp.StatusCode, body)
		assert.Contains(t, resp.body, message)
	}
}

func TestCustomImageWithLag(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Visibility: 5 * time.Second}))
		path := fmt.Sprintf("/v2/images/%d", importImage(t, api).ID)
		assert.Equal(t, 404, sendRequest(t, api, http.MethodGet, path, "").StatusCode)
		assert.Equal(t, 404, sendRequest(t, api, http.MethodDelete, path, "").StatusCode)
		assert.NotContains(t, sendRequest(t, api, http.MethodGet, "/v2/images", "").body, `"mine"`)
		assert.NotContains(t, sendRequest(t, api, http.MethodGet, "/v2/images?tag_name=base", "").body, `"mine"`)
		api = requireReloadable(t, api)
		sleep(5 * time.Second)
		assert.Equal(t, 200, sendRequest(t, api, http.MethodGet, path, "").StatusCode)
		assert.Contains(t, sendRequest(t, api, http.MethodGet, "/v2/images", "").body, `"mine"`)
	})
}
